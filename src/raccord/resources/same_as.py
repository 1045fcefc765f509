"""Links between records of different sources that speak of the same thing: found by rule, decided by people."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from raccord.kernel.tables import metadata
from raccord.records.tables import INSTANT

same_as = Table(
    "same_as",
    metadata,
    Column("kind", Text, nullable=False),
    Column("first_id", Uuid, nullable=False),
    Column("second_id", Uuid, nullable=False, index=True),
    Column("is_same", Boolean, nullable=False),
    Column("is_manual", Boolean, nullable=False),
    Column("score", Double, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("decided_by", Text),
    Column("decided_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("first_id", "second_id"),
    CheckConstraint("first_id < second_id", name="ordered"),
    comment="Pairs of records of different sources: the same thing or not. What a person decided, no rule changes.",
)

same_as_head = Table(
    "same_as_head",
    metadata,
    Column("only", Boolean, primary_key=True, server_default="true"),
    Column("position", BigInteger, nullable=False),
    comment="The position of the change log up to which records were linked.",
)
