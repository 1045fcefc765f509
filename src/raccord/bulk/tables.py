"""The tables of imports: what was sent and how far it got, and which lines were refused."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
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

from raccord.kernel.tables import metadata

INSTANT = DateTime(timezone=True)
NOW = text("now()")
ZERO = text("0")

imports = Table(
    "imports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("client_id", Uuid),
    Column("format", Text),
    Column("mapping", Text),
    Column("state", Text, nullable=False),
    Column("lines_read", Integer, nullable=False, server_default=ZERO),
    Column("created_count", Integer, nullable=False, server_default=ZERO),
    Column("updated_count", Integer, nullable=False, server_default=ZERO),
    Column("unchanged_count", Integer, nullable=False, server_default=ZERO),
    Column("rejected_count", Integer, nullable=False, server_default=ZERO),
    Column("payload", LargeBinary),
    Column("payload_sha256", LargeBinary),
    Column("failure_code", Text),
    Column("failure_fr", Text),
    Column("failure_en", Text),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("started_at", INSTANT),
    Column("progressed_at", INSTANT, nullable=False, server_default=NOW),
    Column("finished_at", INSTANT),
    CheckConstraint("state IN ('pending', 'running', 'completed', 'failed')", name="state"),
    Index(None, "client_id", "id"),
    comment="lines_read is also the place from which a stopped import goes on; the payload is dropped at the end.",
)

import_rejections = Table(
    "import_rejections",
    metadata,
    Column("import_id", Uuid, ForeignKey("imports.id", ondelete="CASCADE"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("external_id", Text),
    Column("code", Text, nullable=False),
    Column("pointer", Text),
    Column("message_fr", Text, nullable=False),
    Column("message_en", Text, nullable=False),
    PrimaryKeyConstraint("import_id", "line", "number"),
    comment="Why a line was refused, one row for each field at fault. Never the value.",
)
