"""Remote hosts: call budgets, waits asked for and failures, shared by all processes."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_remote_hosts"
down_revision = "20261125_messages"
branch_labels = None
depends_on = None

# A few rows, each rewritten by every call to its host: room in the page, and no index to follow.
STORAGE = "ALTER TABLE remote_hosts SET (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.0)"


def upgrade() -> None:
    op.create_table(
        "remote_hosts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("per_s", sa.Double(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("block_ends", sa.ARRAY(sa.DateTime(timezone=True)), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("block_counts", sa.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("remote_hosts_pkey")),
        comment="Systems that we call: the budget that holds, the calls of its window by blocks, failures in a row.",
    )
    op.execute(STORAGE)


def downgrade() -> None:
    op.drop_table("remote_hosts")
