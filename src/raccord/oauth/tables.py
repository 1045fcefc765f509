"""The tables of oauth. Secrets and tokens are stored as digests only."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from raccord.kernel.tables import metadata

_INSTANT = DateTime(timezone=True)
_NOW = text("now()")

oauth_clients = Table(
    "oauth_clients",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("revoked_at", _INSTANT),
    CheckConstraint("source ~ '^[a-z0-9][a-z0-9_-]{0,62}$'", name="source"),
    # A source has one live client; once that one is revoked, another may take its records over.
    Index("oauth_clients_source_key", "source", unique=True, postgresql_where=text("revoked_at IS NULL")),
    comment="Partners' software; the id is the public client_id.",
)

oauth_client_secrets = Table(
    "oauth_client_secrets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("oauth_clients.id"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("expires_at", _INSTANT, nullable=False),
    comment="At most two live secrets a client, so that one replaces the other without an interruption.",
)

oauth_tokens = Table(
    "oauth_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("client_id", Uuid, ForeignKey("oauth_clients.id"), nullable=False, index=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("issued_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("expires_at", _INSTANT, nullable=False, index=True),
    Column("revoked_at", _INSTANT),
    comment="Opaque access tokens.",
)
