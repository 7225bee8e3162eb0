"""The tables. A change here needs a migration; a test compares the two. Times are in seconds since 1970."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

organizations = Table(
    "organizations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    Column("organization", Text, ForeignKey("organizations.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
)

# `digest` is SHA-256 of a secret of 256 random bits: nothing slower is needed, since none can be guessed.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organizations.id"), nullable=False),
    Column("project", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("shown", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),
    UniqueConstraint("digest"),
)

# Keys of Realtime sockets; `key_id` is the key that made them, and `session` JSON.
ephemeral_secrets = Table(
    "ephemeral_secrets",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("key_id", Text),
    Column("session", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)

# `request` and `completion` are the JSON of the wire.
stored_completions = Table(
    "stored_completions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("request", Text, nullable=False),
    Column("completion", Text, nullable=False),
    Index(None, "organization", "project", "created_at", "id"),
)

stored_completion_metadata = Table(
    "stored_completion_metadata",
    metadata,
    Column("completion", Text, ForeignKey("stored_completions.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Index(None, "key", "value"),
)

# A row without `status` is a claim: its request is being carried out.
repeated_requests = Table(
    "repeated_requests",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("claimed_at", Float, nullable=False),
    Column("status", Integer),
    Column("headers", Text),
    Column("body", LargeBinary),
    Index(None, "claimed_at"),
)
