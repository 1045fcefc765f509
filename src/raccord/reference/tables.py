"""The tables of the lists that are too long for the code: their entries, and which edition of each is loaded."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from raccord.kernel.tables import JsonText, metadata

reference_editions = Table(
    "reference_editions",
    metadata,
    Column("list", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("valid_from_on", Date),
    Column("entries_count", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("is_shipped", Boolean, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    comment="is_shipped is false for what an operator loaded, which no migration replaces.",
)

reference_entries = Table(
    "reference_entries",
    metadata,
    Column("list", Text, nullable=False),
    # In the order of its bytes, whatever the database's language: lists are served in this order.
    Column("code", Text(collation="C"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("label_fr", Text, nullable=False),
    Column("label_en", Text),
    Column("parent_code", Text(collation="C")),
    Column("valid_from_on", Date),
    Column("valid_until_on", Date),
    Column("crosswalks", JsonText, nullable=False),
    Column("attributes", JsonText, nullable=False),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("precision", Text),
    Column("words", TSVECTOR, nullable=False),
    PrimaryKeyConstraint("list", "code"),
    Index(None, "list", "parent_code", "code"),
    # Loaded all at once: a list of pending words would only make the index twice as large.
    Index(None, "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    comment="rank orders what a search finds; words hold the folded label, the code, and other codes that lead here.",
)
