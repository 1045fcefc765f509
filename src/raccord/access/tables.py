"""The tables of access."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from raccord.kernel.tables import metadata

_INSTANT = DateTime(timezone=True)

agreements = Table(
    "agreements",
    metadata,
    Column("structure_id", Uuid, primary_key=True),
    Column("signed_on", Date, nullable=False),
    Column("signatory", Text, nullable=False),
    Column("valid_until", _INSTANT, nullable=False),
    comment="Data-processing agreements; also the row that is locked when a structure's links or grants change.",
)

grants = Table(
    "grants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, nullable=False, index=True),
    Column("structure_id", Uuid, nullable=False, index=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("valid_until", _INSTANT, nullable=False),
    Column("created_at", _INSTANT, nullable=False, server_default=text("now()")),
)

links = Table(
    "links",
    metadata,
    Column("via_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("structure_id", Uuid, nullable=False, index=True),
    Column("basis", Text, nullable=False),
    Column("valid_until", _INSTANT, nullable=False),
    PrimaryKeyConstraint("via_id", "record_id", "structure_id", "basis"),
    Index(None, "record_id"),
)

record_heads = Table(
    "record_heads",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
    comment="One row a personal record: what is locked when its access is computed.",
)

record_access = Table(
    "record_access",
    metadata,
    Column("client_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("valid_until", _INSTANT, nullable=False),
    Column("basis", Text, nullable=False),
    PrimaryKeyConstraint("client_id", "record_id"),
    Index(None, "client_id", "kind", "updated_at", "record_id"),
    Index(None, "record_id"),
    Index(None, "valid_until"),
)

consultation_log = Table(
    "consultation_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("at", _INSTANT, nullable=False, server_default=text("now()")),
    Column("client_id", Uuid, nullable=False),
    Column("actor", Text),
    Column("purpose", Text),
    Column("act", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("person_id", Uuid),
    Column("is_allowed", Boolean, nullable=False),
    Column("request_id", Text, nullable=False),
    PrimaryKeyConstraint("at", "id"),
    Index(None, "person_id", "at"),
    postgresql_partition_by="RANGE (at)",
    comment="Who read what about whom, when and why. Insert only.",
)
