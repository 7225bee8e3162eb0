"""Organisations, projects and keys; stored completions; repeated requests."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "organizations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
    )
    op.create_table(
        "projects",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_projects_organization_organizations"),
        sa.PrimaryKeyConstraint("organization", "id", name="pk_projects"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_api_keys_organization_organizations"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    _create_completions()
    op.create_table(
        "repeated_requests",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.Float(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("organization", "key", name="pk_repeated_requests"),
    )
    op.create_index("ix_repeated_requests_claimed_at", "repeated_requests", ["claimed_at"])


def _create_completions() -> None:
    op.create_table(
        "stored_completions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("completion", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stored_completions"),
    )
    op.create_index(
        "ix_stored_completions_organization_project_created_at_id",
        "stored_completions",
        ["organization", "project", "created_at", "id"],
    )
    op.create_table(
        "stored_completion_metadata",
        sa.Column("completion", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["completion"],
            ["stored_completions.id"],
            name="fk_stored_completion_metadata_completion_stored_completions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("completion", "key", name="pk_stored_completion_metadata"),
    )
    op.create_index("ix_stored_completion_metadata_key_value", "stored_completion_metadata", ["key", "value"])
