"""Search: the tables in which structures, services and job offers are found, and the words they hold."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_search"
down_revision = "20261125_job_offers"
branch_labels = None
depends_on = None

NOTE = "Made from the records by the indexer, which follows the change log; never written otherwise."
# Words are looked at by the index alone: kept out of the row, they leave it narrow, and the rest quick to compare.
STORAGE = """
ALTER TABLE {table} ALTER COLUMN words SET STORAGE EXTENDED, ALTER COLUMN words SET COMPRESSION pglz;
ALTER TABLE {table} SET (toast_tuple_target = 256, autovacuum_analyze_scale_factor = 0.02);
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "search_words",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("search_words_pkey")),
        comment="Every word of the search tables, to complete and to mend what is typed. No personal kind is searched.",
    )
    op.create_index("search_words_prefix", "search_words", ["word"], postgresql_ops={"word": "text_pattern_ops"})
    op.create_index(
        "search_words_trigrams",
        "search_words",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": 128},
    )
    op.create_table(
        "search_head",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("search_head_pkey")),
        comment="Up to where the indexer has followed the change log.",
    )
    # What was written before is indexed from the beginning of the log.
    op.execute("INSERT INTO search_head (position) SELECT oldest_position FROM feed_head")
    _create_search_table("structures", "last_active_day")
    _create_search_table("services")
    _create_search_table("job_offers", "applications", "monthly_pay_eur", "weekly_hours", "experience_months")


def downgrade() -> None:
    for kind in ("job_offers", "services", "structures"):
        op.drop_table(f"search_{kind}")
    op.drop_table("search_head")
    op.drop_table("search_words")
    op.execute("DROP EXTENSION pg_trgm")


def _create_search_table(kind: str, *numbers: str) -> None:
    table = f"search_{kind}"
    op.create_table(
        table,
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visible_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("is_everywhere", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=True) for name in numbers),
        sa.Column("title_words", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("words", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f(f"{table}_pkey")),
        comment=NOTE,
    )
    op.create_index(
        op.f(f"{table}_words_tags_idx"),
        table,
        ["words", "tags"],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 128},
    )
    op.create_index(op.f(f"{table}_published_at_record_id_idx"), table, ["published_at", "record_id"])
    for statement in STORAGE.format(table=table).strip().splitlines():
        op.execute(statement)
