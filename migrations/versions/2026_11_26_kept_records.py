"""Records that a tool has no more and that a person chose to keep."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_kept_records"
down_revision = "20261126_remote_hosts"
branch_labels = None
depends_on = None

HELD = "What each connection's tool holds, and in which walk it was last met."
KEPT = f"{HELD} is_kept: it has it no more, and a person keeps it."


def upgrade() -> None:
    op.add_column("sync_records", sa.Column("is_kept", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table_comment("sync_records", KEPT, existing_comment=HELD)


def downgrade() -> None:
    op.create_table_comment("sync_records", HELD, existing_comment=KEPT)
    op.drop_column("sync_records", "is_kept")
