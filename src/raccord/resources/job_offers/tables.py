"""The tables of likely duplicates: under which keys offers are looked for, which pairs were found, how far it got."""

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

job_offer_blocks = Table(
    "job_offer_blocks",
    metadata,
    Column("block", BigInteger, nullable=False),
    Column("offer_id", Uuid, nullable=False, index=True),
    PrimaryKeyConstraint("block", "offer_id"),
    comment="Digests of employer and postal code: offers that share one may be the same.",
)

job_offer_duplicates = Table(
    "job_offer_duplicates",
    metadata,
    Column("first_id", Uuid, nullable=False),
    Column("second_id", Uuid, nullable=False, index=True),
    Column("score", Double, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("canonical_id", Uuid, nullable=False),
    Column("computed_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("first_id", "second_id"),
    CheckConstraint("first_id < second_id", name="ordered"),
    comment="Pairs of offers of different sources that seem the same; canonical_id is the one to show.",
)

job_offer_comparison = Table(
    "job_offer_comparison",
    metadata,
    Column("only", Boolean, primary_key=True, server_default="true"),
    Column("position", BigInteger, nullable=False),
    comment="The position of the change log up to which offers were compared.",
)
