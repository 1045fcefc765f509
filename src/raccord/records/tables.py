"""The tables that all kinds share, and the columns that every kind's own table begins with."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.types import TypeEngine

from raccord.kernel.tables import JsonText, metadata

INSTANT = DateTime(timezone=True)
NOW = text("now()")


def make_kind_table(name: str, *columns: Column[object], natural_keys: tuple[tuple[str, ...], ...] = ()) -> Table:
    """Describe the table of a kind: the envelope's columns, then the kind's own."""
    table = Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("source", Text, nullable=False),
        Column("external_id", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        Column("updated_at", INSTANT, nullable=False),
        Column("deleted_at", INSTANT),
        Column("shape_version", SmallInteger, nullable=False),
        Column("raw_hash", LargeBinary),
        Column("document", JsonText, nullable=False),
        *columns,
        Index(None, "source", "external_id", unique=True),
        Index(None, "updated_at", "id"),
    )
    for natural_key in natural_keys:
        # One source never holds a thing twice; two sources may both speak of it.
        Index(
            f"{name}_{'_'.join(natural_key)}_key",
            table.c.source,
            *(table.c[column] for column in natural_key),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        )
    return table


def list_own_columns(table: Table) -> dict[str, TypeEngine[object]]:
    """List the kind's own columns, those derived from the document."""
    shared = {
        "id", "source", "external_id", "version", "created_at", "updated_at", "deleted_at", "shape_version",
        "raw_hash", "document",
    }  # fmt: skip
    return {column.name: column.type for column in table.columns if column.name not in shared}


record_versions = Table(
    "record_versions",
    metadata,
    Column("kind", Text, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    Column("replaced_at", INSTANT, nullable=False),
    Column("shape_version", SmallInteger, nullable=False),
    Column("person_id", Uuid, index=True),
    Column("document", JsonText, nullable=False),
    PrimaryKeyConstraint("record_id", "version"),
    comment="Documents that were replaced; the present one stands in its kind's table.",
)

_CHANGE = (
    ("at", INSTANT, False),
    ("kind", Text(), False),
    ("record_id", Uuid(), False),
    ("version", Integer(), False),
    ("type", Text(), False),
    ("changed_fields", ARRAY(Text), False),
    ("source", Text(), False),
    ("origin", Text(), False),
    ("correlation_id", Text(), False),
    ("is_personal", Boolean(), False),
    ("audience", Uuid(), True),
)


def _list_change_columns() -> list[Column[object]]:
    return [Column(name, kind, nullable=is_nullable) for name, kind, is_nullable in _CHANGE]


change_inbox = Table(
    "change_inbox",
    metadata,
    # CACHE 1, PostgreSQL's default: a cached range would break the order of one record's changes.
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *_list_change_columns(),
)

change_log = Table(
    "change_log",
    metadata,
    Column("position", BigInteger, nullable=False, autoincrement=False),
    *_list_change_columns(),
    PrimaryKeyConstraint("position"),
    postgresql_partition_by="RANGE (position)",
)

feed_head = Table(
    "feed_head",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("position", BigInteger, nullable=False),
    Column("oldest_position", BigInteger, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("client_id", Uuid, nullable=False),
    Column("operation", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=NOW, index=True),
    Column("status", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("client_id", "operation", "key"),
    comment="What a keyed request made; its answer is rebuilt from the version, so no personal data is here.",
)
