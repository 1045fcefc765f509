"""Search by levels and zones: terms of titles stand among the words, and the tables are cut by parts of the map.

The entries are made anew by the indexer, which follows the change log from its beginning: some minutes for a country.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "20261125_search_levels"
down_revision = "20261125_sync"
branch_labels = None
depends_on = None

NOTE = "Made from the records by the indexer, which follows the change log; never written otherwise."
NUMBERS = {
    "structures": ("last_active_day",),
    "services": (),
    "job_offers": ("applications", "monthly_pay_eur", "weekly_hours", "experience_months"),
}
Columns = list[sa.Column[object]]
# Zone 0 is all that stands in none of the nine.
ZONES = range(10)


def upgrade() -> None:
    _create_tables(_cut_by_zone, sa.Column("zone", sa.SmallInteger(), nullable=False))


def downgrade() -> None:
    _create_tables(_leave_whole, sa.Column("title_words", sa.ARRAY(sa.Text()), nullable=False))


def _create_tables(make: Callable[[str, Columns], None], own: sa.Column[object]) -> None:
    for kind, numbers in NUMBERS.items():
        table = f"search_{kind}"
        op.drop_table(table)
        columns: Columns = [
            sa.Column("record_id", sa.Uuid(), nullable=False),
            sa.Column(own.name, own.type, nullable=False),
            sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("visible_until", sa.DateTime(timezone=True), nullable=True),
            sa.Column("latitude", sa.Double(), nullable=True),
            sa.Column("longitude", sa.Double(), nullable=True),
            sa.Column("is_everywhere", sa.Boolean(), nullable=False),
            *(sa.Column(name, sa.Double(), nullable=True) for name in numbers),
            sa.Column("words", sa.ARRAY(sa.Text()), nullable=False),
            sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        ]
        make(table, columns)
        op.create_index(
            op.f(f"{table}_words_tags_idx"),
            table,
            ["words", "tags"],
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 128},
        )
        op.create_index(op.f(f"{table}_published_at_record_id_idx"), table, ["published_at", "record_id"])
    op.execute("UPDATE search_head SET position = (SELECT oldest_position FROM feed_head)")


def _cut_by_zone(table: str, columns: Columns) -> None:
    op.create_table(
        table,
        *columns,
        sa.PrimaryKeyConstraint("record_id", "zone", name=op.f(f"{table}_pkey")),
        postgresql_partition_by="LIST (zone)",
        comment=NOTE,
    )
    for zone in ZONES:
        op.execute(
            f"CREATE TABLE {table}_{zone} PARTITION OF {table} FOR VALUES IN ({zone}) "
            "WITH (autovacuum_analyze_scale_factor = 0.02)"
        )


def _leave_whole(table: str, columns: Columns) -> None:
    op.create_table(table, *columns, sa.PrimaryKeyConstraint("record_id", name=op.f(f"{table}_pkey")), comment=NOTE)
    op.execute(f"ALTER TABLE {table} ALTER COLUMN words SET STORAGE EXTENDED, ALTER COLUMN words SET COMPRESSION pglz")
    op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = 256, autovacuum_analyze_scale_factor = 0.02)")
