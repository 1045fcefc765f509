"""Search by levels: the terms of a title stand among the words, marked; all entries are made anew from the log."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_search_levels"
down_revision = "20261125_sync"
branch_labels = None
depends_on = None

TABLES = ("search_structures", "search_services", "search_job_offers")
# Entries are found as before while the indexer follows the log once more.
FOLLOW_AGAIN = "UPDATE search_head SET position = (SELECT oldest_position FROM feed_head)"


def upgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "title_words")
    op.execute(FOLLOW_AGAIN)


def downgrade() -> None:
    for table in TABLES:
        op.add_column(
            table, sa.Column("title_words", sa.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'"))
        )
        op.alter_column(table, "title_words", server_default=None)
    op.execute(FOLLOW_AGAIN)
