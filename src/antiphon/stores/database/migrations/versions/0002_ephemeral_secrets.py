"""Keys of Realtime sockets."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ephemeral_secrets",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_ephemeral_secrets"),
    )
    op.create_index("ix_ephemeral_secrets_expires_at", "ephemeral_secrets", ["expires_at"])
