"""The tables of search: one for each kind that is searched, the words they hold, and how far the log was followed.

What is looked for stands apart from the documents: narrow rows are compared by hundreds, and a page of documents read.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from raccord.kernel.tables import metadata

INSTANT = DateTime(timezone=True)
PENDING_KB = 128
SHARED = (
    "record_id", "zone", "published_at", "updated_at", "visible_until", "latitude", "longitude", "more_points",
    "is_everywhere", "words", "titles", "tags",
)  # fmt: skip


def make_search_table(kind: str, *numbers: str) -> Table:
    """Describe the table by which the kind is searched; `numbers` are the columns compared with bounds."""
    table = Table(
        f"search_{kind}",
        metadata,
        Column("record_id", Uuid, nullable=False),
        Column("zone", SmallInteger, nullable=False),
        Column("published_at", INSTANT, nullable=False),
        Column("updated_at", INSTANT, nullable=False),
        Column("visible_until", INSTANT),
        Column("latitude", Double),
        Column("longitude", Double),
        # Latitudes and longitudes in turn, of those who are in several places.
        Column("more_points", ARRAY(Double)),
        Column("is_everywhere", Boolean, nullable=False),
        *(Column(name, Double) for name in numbers),
        Column("words", ARRAY(Text), nullable=False),
        Column("titles", ARRAY(Text), nullable=False),
        Column("tags", ARRAY(Text), nullable=False),
        PrimaryKeyConstraint("record_id", "zone"),
        postgresql_partition_by="LIST (zone)",
        comment="Made from the records by the indexer, which follows the change log; never written otherwise.",
    )
    # One index for words, titles, filters and cells of the map: PostgreSQL intersects them inside it.
    # What waits to enter it is read by every search: it is kept short.
    Index(
        None,
        table.c.words,
        table.c.titles,
        table.c.tags,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": PENDING_KB},
    )
    Index(None, table.c.published_at, table.c.record_id)
    return table


def make_shelves(kind: str) -> Table:
    """Describe the table that holds the kind's records by narrowed terms of their titles, in the order of time.

    A page of the newest that bear a term is read off its end, however many there are.
    """
    table = Table(
        f"search_{kind}_shelves",
        metadata,
        Column("shelf", BigInteger, nullable=False),
        Column("published_at", INSTANT, nullable=False),
        Column("record_id", Uuid, nullable=False),
        Column("latitude", Double),
        Column("longitude", Double),
        comment="Made from the search table: shelf is a hash of a narrowed term; no point where a record has several.",
    )
    Index(
        None,
        table.c.shelf,
        table.c.published_at,
        table.c.record_id,
        unique=True,
        postgresql_include=["latitude", "longitude"],
    )
    return table


search_words = Table(
    "search_words",
    metadata,
    Column("word", Text, primary_key=True),
    Column("added_at", INSTANT, nullable=False),
    Index("search_words_prefix", "word", postgresql_ops={"word": "text_pattern_ops"}),
    Index(
        "search_words_trigrams",
        "word",
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": PENDING_KB},
    ),
    comment="Every word of the search tables, to complete and to mend what is typed. No personal kind is searched.",
)

search_head = Table(
    "search_head",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("position", BigInteger, nullable=False),
    comment="Up to where the indexer has followed the change log.",
)
