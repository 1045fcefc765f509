"""Messages that tools send by themselves, and the runs that take them."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_messages"
down_revision = "20261125_search_levels"
branch_labels = None
depends_on = None

MODES = "'incremental', 'full', 'reconcile', 'dry_run', 'replay'"


def upgrade() -> None:
    op.create_table(
        "sync_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("sync_messages_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sync_messages_pkey")),
        comment="What tools sent by themselves, proven and sealed, until a run has written it.",
    )
    op.create_index(op.f("sync_messages_connection_id_id_idx"), "sync_messages", ["connection_id", "id"], unique=False)
    allow_modes(f"{MODES}, 'receive'")


def downgrade() -> None:
    op.execute("DELETE FROM sync_runs WHERE mode = 'receive'")
    allow_modes(MODES)
    op.drop_table("sync_messages")


def allow_modes(modes: str) -> None:
    op.drop_constraint(op.f("sync_runs_mode_check"), "sync_runs", type_="check")
    op.create_check_constraint(op.f("sync_runs_mode_check"), "sync_runs", f"mode IN ({modes})")
