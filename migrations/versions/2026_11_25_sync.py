"""Synchronisation: connections, runs, what each tool holds, what was refused, deletions, links between sources."""

import sqlalchemy as sa
from alembic import op

from raccord.kernel.tables import JsonText

revision = "20261125_sync"
down_revision = "20261125_search"
branch_labels = None
depends_on = None

# Marks are rewritten by each full walk: room in the page keeps that from growing the table and its index.
STORAGE = "ALTER TABLE sync_records SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05)"


def upgrade() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("settings", JsonText(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("drift_policy", sa.Text(), nullable=False),
        sa.Column("look_back_s", sa.Integer(), nullable=False),
        sa.Column("reconcile_every", sa.Integer(), nullable=False),
        sa.Column("checkpoint", JsonText(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("walk", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("runs_since_full", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("push_position", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("direction IN ('pull', 'push', 'both')", name=op.f("connections_direction_check")),
        sa.CheckConstraint(
            "drift_policy IN ('accept', 'freeze', 'quarantine', 'drop')", name=op.f("connections_drift_policy_check")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'paused', 'credentials_refused', 'broken')", name=op.f("connections_state_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("connections_pkey")),
        comment="Configured uses of adapters. secrets is sealed; checkpoint is where the next incremental walk begins.",
    )
    op.create_index(op.f("connections_next_run_at_idx"), "connections", ["next_run_at"], unique=False)
    op.create_index(op.f("connections_source_name_idx"), "connections", ["source", "name"], unique=True)
    op.create_table(
        "same_as",
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.Column("is_manual", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("same_as_ordered_check")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("same_as_pkey")),
        comment="Pairs of structures of different sources: one, or not. What a person decided, no rule changes.",
    )
    op.create_index(op.f("same_as_second_id_idx"), "same_as", ["second_id"], unique=False)
    op.create_table(
        "same_as_head",
        sa.Column("only", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("same_as_head_pkey")),
        comment="The position of the change log up to which structures were linked.",
    )
    op.create_table(
        "sync_deletions",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("walk", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done')", name=op.f("sync_deletions_state_check")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("sync_deletions_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "kind", "external_id", name=op.f("sync_deletions_pkey")),
        comment="Records that a tool has no more: to be confirmed, or deleted and for some days still to be undone.",
    )
    op.create_table(
        "sync_pushed",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("sync_pushed_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "kind", "record_id", name=op.f("sync_pushed_pkey")),
        comment="Records of other sources that a tool was told: under which id it has them.",
    )
    op.create_index(
        op.f("sync_pushed_connection_id_kind_external_id_idx"),
        "sync_pushed",
        ["connection_id", "kind", "external_id"],
        unique=False,
    )
    op.create_table(
        "sync_records",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("walk", sa.BigInteger(), nullable=False),
        sa.Column("missed", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("sync_records_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "kind", "external_id", name=op.f("sync_records_pkey")),
        comment="What each connection's tool holds, and in which walk it was last met.",
    )
    op.create_table(
        "sync_rejections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=True),
        sa.Column("message_fr", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("sync_rejections_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sync_rejections_pkey")),
        comment="What was set aside, one row for each record, and why. The payload is sealed, and dropped later.",
    )
    op.create_index(
        op.f("sync_rejections_connection_id_id_idx"), "sync_rejections", ["connection_id", "id"], unique=False
    )
    op.create_index(
        "sync_rejections_record_key", "sync_rejections", ["connection_id", "kind", "external_id"], unique=True
    )
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("walk", sa.BigInteger(), nullable=True),
        sa.Column("walk_mode", sa.Text(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("seen_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("deleted_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pushed_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("checkpoint_before", JsonText(), nullable=True),
        sa.Column("progress", JsonText(), nullable=False),
        sa.Column("findings", JsonText(), nullable=True),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("failure_fr", sa.Text(), nullable=True),
        sa.Column("failure_en", sa.Text(), nullable=True),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "mode IN ('incremental', 'full', 'reconcile', 'dry_run', 'replay')", name=op.f("sync_runs_mode_check")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'running', 'waiting', 'asking', 'completed', 'failed')",
            name=op.f("sync_runs_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("sync_runs_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sync_runs_pkey")),
        comment="progress is where the walk stands and what it has proven; holder keeps a second worker off it.",
    )
    op.create_index(op.f("sync_runs_connection_id_id_idx"), "sync_runs", ["connection_id", "id"], unique=False)
    op.create_index(
        "sync_runs_connection_id_key",
        "sync_runs",
        ["connection_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.execute(STORAGE)
    # What was written before is linked from the beginning of the log.
    op.execute("INSERT INTO same_as_head (position) SELECT oldest_position FROM feed_head")


def downgrade() -> None:
    for table in (
        "same_as_head", "same_as", "sync_deletions", "sync_rejections", "sync_pushed", "sync_records", "sync_runs",
        "connections",
    ):  # fmt: skip
        op.drop_table(table)
