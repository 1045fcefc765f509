"""Titles apart from the other words of search, with what is asked for most beside them; all places of a record.

The entries are made anew by the indexer, which follows the change log from its beginning: some minutes for a country.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_search_titles"
down_revision = "20261126_kept_records"
branch_labels = None
depends_on = None

KINDS = ("structures", "services", "job_offers")
SHELVED = ("structures", "job_offers")
NOTE = "Made from the search table: shelf is a hash of a narrowed term; no point where a record has several."
# In PL/pgSQL, so that it is no part of each plan: few rows have more points than one.
COSINE = """
CREATE FUNCTION search_cosine(points float8[], sine float8, cosine float8, longitude float8) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
-- The cosine of the arc to the nearest of the points, latitudes and longitudes in turn.
DECLARE nearest float8 := -1;
BEGIN
    FOR i IN 1..cardinality(points) BY 2 LOOP
        nearest := greatest(nearest, sin(radians(points[i])) * sine
            + cos(radians(points[i])) * cosine * cos(radians(points[i + 1] - longitude)));
    END LOOP;
    RETURN nearest;
END $$
"""


def upgrade() -> None:
    _empty()
    op.execute(COSINE)
    for kind in KINDS:
        op.add_column(f"search_{kind}", sa.Column("more_points", sa.ARRAY(sa.Double())))
        op.drop_index(f"search_{kind}_words_tags_idx", f"search_{kind}")
        op.add_column(f"search_{kind}", sa.Column("titles", sa.ARRAY(sa.Text()), nullable=False))
        _create_index(kind, "words", "titles", "tags")
    for kind in SHELVED:
        _create_shelves(f"search_{kind}_shelves")


def downgrade() -> None:
    for kind in SHELVED:
        op.drop_table(f"search_{kind}_shelves")
    _empty()
    for kind in KINDS:
        op.drop_index(f"search_{kind}_words_titles_tags_idx", f"search_{kind}")
        op.drop_column(f"search_{kind}", "titles")
        op.drop_column(f"search_{kind}", "more_points")
        _create_index(kind, "words", "tags")
    op.execute("DROP FUNCTION search_cosine")


def _empty() -> None:
    op.execute(f"TRUNCATE {', '.join(f'search_{kind}' for kind in KINDS)}")
    op.execute("UPDATE search_head SET position = (SELECT oldest_position FROM feed_head)")


def _create_shelves(table: str) -> None:
    op.create_table(
        table,
        sa.Column("shelf", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        comment=NOTE,
    )
    op.create_index(
        op.f(f"{table}_shelf_published_at_record_id_idx"),
        table,
        ["shelf", "published_at", "record_id"],
        unique=True,
        postgresql_include=["latitude", "longitude"],
    )
    # Pages are read off the index alone, where PostgreSQL knows that all see the same.
    often = "autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02"
    op.execute(f"ALTER TABLE {table} SET ({often})")


def _create_index(kind: str, *columns: str) -> None:
    op.create_index(
        op.f(f"search_{kind}_{'_'.join(columns)}_idx"),
        f"search_{kind}",
        [*columns],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 128},
    )
