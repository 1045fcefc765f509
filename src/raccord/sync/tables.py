"""The tables of synchronisation."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from raccord.kernel.tables import JsonText, metadata

INSTANT = DateTime(timezone=True)
NOW = text("now()")
ZERO = text("0")


def _of_connection() -> Column[object]:
    return Column("connection_id", Uuid, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False)


connections = Table(
    "connections",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("client_id", Uuid),
    Column("settings", JsonText, nullable=False),
    Column("secrets", LargeBinary, nullable=False),
    Column("direction", Text, nullable=False),
    Column("schedule", Text),
    Column("drift_policy", Text, nullable=False),
    Column("look_back_s", Integer, nullable=False),
    Column("reconcile_every", Integer, nullable=False),
    Column("checkpoint", JsonText, nullable=False),
    Column("state", Text, nullable=False),
    Column("next_run_at", INSTANT, index=True),
    Column("walk", BigInteger, nullable=False, server_default=ZERO),
    Column("runs_since_full", Integer, nullable=False, server_default=ZERO),
    Column("push_position", BigInteger),
    Column("version", Integer, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    CheckConstraint("direction IN ('pull', 'push', 'both')", name="direction"),
    CheckConstraint("drift_policy IN ('accept', 'freeze', 'quarantine', 'drop')", name="drift_policy"),
    CheckConstraint("state IN ('active', 'paused', 'credentials_refused', 'broken')", name="state"),
    Index(None, "source", "name", unique=True),
    comment="Configured uses of adapters. secrets is sealed; checkpoint is where the next incremental walk begins.",
)

sync_runs = Table(
    "sync_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    _of_connection(),
    Column("mode", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("walk", BigInteger),
    Column("walk_mode", Text),
    Column("total", Integer),
    Column("seen_count", Integer, nullable=False, server_default=ZERO),
    Column("created_count", Integer, nullable=False, server_default=ZERO),
    Column("updated_count", Integer, nullable=False, server_default=ZERO),
    Column("unchanged_count", Integer, nullable=False, server_default=ZERO),
    Column("rejected_count", Integer, nullable=False, server_default=ZERO),
    Column("deleted_count", Integer, nullable=False, server_default=ZERO),
    Column("pushed_count", Integer, nullable=False, server_default=ZERO),
    Column("checkpoint_before", JsonText),
    Column("progress", JsonText, nullable=False),
    Column("findings", JsonText),
    Column("failure_code", Text),
    Column("failure_fr", Text),
    Column("failure_en", Text),
    Column("holder", Uuid),
    Column("held_until", INSTANT),
    Column("resume_at", INSTANT),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("started_at", INSTANT),
    Column("finished_at", INSTANT),
    CheckConstraint("mode IN ('incremental', 'full', 'reconcile', 'dry_run', 'replay', 'receive')", name="mode"),
    CheckConstraint("state IN ('pending', 'running', 'waiting', 'asking', 'completed', 'failed')", name="state"),
    Index(None, "connection_id", "id"),
    Index(
        "sync_runs_connection_id_key",
        "connection_id",
        unique=True,
        postgresql_where=text("finished_at IS NULL"),
    ),
    comment="progress is where the walk stands and what it has proven; holder keeps a second worker off it.",
)

sync_messages = Table(
    "sync_messages",
    metadata,
    Column("id", Uuid, primary_key=True),
    _of_connection(),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", INSTANT, nullable=False, server_default=NOW),
    Index(None, "connection_id", "id"),
    comment="What tools sent by themselves, proven and sealed, until a run has written it.",
)

sync_records = Table(
    "sync_records",
    metadata,
    _of_connection(),
    Column("kind", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("walk", BigInteger, nullable=False),
    Column("missed", SmallInteger, nullable=False, server_default=ZERO),
    Column("is_kept", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("connection_id", "kind", "external_id"),
    comment="What each connection's tool holds, and in which walk it was last met. "
    "is_kept: it has it no more, and a person keeps it.",
)

sync_pushed = Table(
    "sync_pushed",
    metadata,
    _of_connection(),
    Column("kind", Text, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("connection_id", "kind", "record_id"),
    Index(None, "connection_id", "kind", "external_id"),
    comment="Records of other sources that a tool was told: under which id it has them.",
)

sync_rejections = Table(
    "sync_rejections",
    metadata,
    Column("id", Uuid, primary_key=True),
    _of_connection(),
    Column("run_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("is_named", Boolean, nullable=False),
    Column("code", Text, nullable=False),
    Column("pointer", Text),
    Column("message_fr", Text, nullable=False),
    Column("message_en", Text, nullable=False),
    Column("payload", LargeBinary),
    Column("created_at", INSTANT, nullable=False, server_default=NOW),
    Column("seen_at", INSTANT, nullable=False, server_default=NOW),
    Column("resolved_at", INSTANT),
    Index("sync_rejections_record_key", "connection_id", "kind", "external_id", unique=True),
    Index(None, "connection_id", "id"),
    comment="What was set aside, one row for each record, and why. The payload is sealed, and dropped later.",
)

sync_deletions = Table(
    "sync_deletions",
    metadata,
    _of_connection(),
    Column("run_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("walk", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("payload", LargeBinary),
    Column("decided_at", INSTANT),
    PrimaryKeyConstraint("connection_id", "kind", "external_id"),
    CheckConstraint("state IN ('pending', 'done')", name="state"),
    comment="Records that a tool has no more: to be confirmed, or deleted and for some days still to be undone.",
)
