"""Structures of different sources that are one: linked as the change log goes, by SIRET and kind; people may decide.

Linked, never merged: each source keeps its record, and a link that was wrong is undone by saying so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

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

from raccord.kernel.clock import read_now
from raccord.kernel.database import Reader, Row, Transaction
from raccord.kernel.tables import metadata
from raccord.records.tables import INSTANT

WINDOW = 2_000
MIN_SCORE = 0.8
WEIGHTS = {"same_siret": 0.7, "same_kind": 0.25, "kind_unknown": 0.1, "same_name": 0.05}

same_as = Table(
    "same_as",
    metadata,
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
    comment="Pairs of structures of different sources: one, or not. What a person decided, no rule changes.",
)

same_as_head = Table(
    "same_as_head",
    metadata,
    Column("only", Boolean, primary_key=True, server_default="true"),
    Column("position", BigInteger, nullable=False),
    comment="The position of the change log up to which structures were linked.",
)


@dataclass(frozen=True)
class Traits:
    """What is compared of a structure."""

    id: UUID
    source: str
    siret: str
    kind: str | None
    name: str


@dataclass(frozen=True)
class Likeness:
    """How sure it is that two structures are one."""

    score: float
    reasons: tuple[str, ...]


def compare(one: Traits, other: Traits) -> Likeness | None:
    """Compare two structures of one SIRET; None if they are not one: an ACI and an EI share SIRETs and are two."""
    if one.siret != other.siret or (one.kind and other.kind and one.kind != other.kind):
        return None
    reasons = ["same_siret", "same_kind" if one.kind and one.kind == other.kind else "kind_unknown"]
    if _fold(one.name) == _fold(other.name):
        reasons.append("same_name")
    score = round(sum(WEIGHTS[reason] for reason in reasons), 2)
    return Likeness(score, tuple(reasons)) if score >= MIN_SCORE else None


def choose_pairs(known: Sequence[Traits]) -> dict[tuple[UUID, UUID], Likeness]:
    """Choose the pairs to link: each the other's only best of its source; none where two are alike.

    Shape: a structure without a kind may be any of those that share its SIRET.
    """
    chosen: dict[tuple[UUID, UUID], Likeness] = {}
    by_siret: dict[str, list[Traits]] = {}
    for traits in known:
        by_siret.setdefault(traits.siret, []).append(traits)
    for one in known:
        for best, likeness in _find_best(one, by_siret.get(one.siret, ())):
            chosen[one.id, best.id] = likeness
    return {pair: likeness for pair, likeness in chosen.items() if pair[0] < pair[1] and pair[::-1] in chosen}


def _find_best(one: Traits, others: Sequence[Traits]) -> Iterable[tuple[Traits, Likeness]]:
    found: dict[str, list[tuple[Traits, Likeness]]] = {}
    for other in others:
        likeness = compare(one, other) if other.source != one.source else None
        if likeness is not None:
            found.setdefault(other.source, []).append((other, likeness))
    for alike in found.values():
        alike.sort(key=lambda pair: -pair[1].score)
        if len(alike) == 1 or alike[0][1].score > alike[1][1].score:
            yield alike[0]


async def link_changed(tx: Transaction) -> int:
    """Link the structures of the next stretch of the change log; returns how many positions were passed.

    Shape: one at a time holds the position; who comes meanwhile finds nothing to do.
    """
    heads = await tx.fetch("SELECT position FROM same_as_head FOR UPDATE SKIP LOCKED")
    if not heads:
        return 0
    after = heads[0]["position"]
    last = (await tx.fetch("SELECT least($1::bigint, position) AS last FROM feed_head", after + WINDOW))[0]["last"]
    if last <= after:
        return 0
    rows = await tx.fetch(
        "SELECT DISTINCT record_id FROM change_log WHERE position > $1 AND position <= $2 AND kind = 'structures'",
        after,
        last,
    )
    if rows:
        await _link(tx, [row["record_id"] for row in rows])
    await tx.fetch("UPDATE same_as_head SET position = $1", last)
    return int(last - after)


async def _link(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Link these anew, and those that share their SIRET, now or before: what is alike depends on all of them."""
    rows = await tx.fetch(
        """
        WITH concerned AS (
            SELECT unnest($1::uuid[]) AS id
            UNION SELECT second_id FROM same_as WHERE first_id = ANY ($1)
            UNION SELECT first_id FROM same_as WHERE second_id = ANY ($1)
        ), sirets AS (SELECT DISTINCT siret FROM structures JOIN concerned USING (id) WHERE siret IS NOT NULL)
        SELECT id, source, siret, kind, document->>'name' AS name FROM structures
        WHERE siret IN (SELECT siret FROM sirets) AND deleted_at IS NULL ORDER BY id
        """,
        list(ids),
    )
    known = [Traits(row["id"], row["source"], row["siret"], row["kind"], row["name"]) for row in rows]
    concerned = list({*ids, *(traits.id for traits in known)})
    await tx.fetch(
        "DELETE FROM same_as WHERE NOT is_manual AND (first_id = ANY ($1::uuid[]) OR second_id = ANY ($1))", concerned
    )
    await _write_pairs(tx, choose_pairs(known))


async def _write_pairs(tx: Transaction, pairs: Mapping[tuple[UUID, UUID], Likeness]) -> None:
    await tx.fetch(
        """
        INSERT INTO same_as (first_id, second_id, is_same, is_manual, score, reasons, decided_at)
        SELECT first_id, second_id, true, false, score, string_to_array(reasons, ' '), $5
        FROM unnest($1::uuid[], $2::uuid[], $3::float8[], $4::text[]) AS pair (first_id, second_id, score, reasons)
        ON CONFLICT DO NOTHING
        """,
        [one for one, _ in pairs],
        [other for _, other in pairs],
        [likeness.score for likeness in pairs.values()],
        [" ".join(likeness.reasons) for likeness in pairs.values()],
        read_now(),
    )


async def decide_same(tx: Transaction, one: UUID, other: UUID, *, is_same: bool, decided_by: str) -> None:
    """Keep what a person says of two structures; no rule changes it, only a person may."""
    await tx.fetch(
        """
        INSERT INTO same_as (first_id, second_id, is_same, is_manual, score, reasons, decided_by, decided_at)
        VALUES ($1, $2, $3, true, $4, ARRAY['decided_by_hand'], $5, $6)
        ON CONFLICT (first_id, second_id) DO UPDATE SET is_same = excluded.is_same, is_manual = true,
            score = excluded.score, reasons = excluded.reasons, decided_by = excluded.decided_by,
            decided_at = excluded.decided_at
        """,
        min(one, other),
        max(one, other),
        is_same,
        1.0 if is_same else 0.0,
        decided_by,
        read_now(),
    )


async def read_links(reader: Reader, structure_id: UUID) -> Sequence[Row]:
    """Read the structure's live twins, with what links them; the surest first."""
    return await reader.fetch(
        """
        SELECT r.id, r.source, r.shape_version, r.updated_at, r.document::text AS document, p.score, p.reasons,
               p.is_manual, p.decided_at
        FROM (
            SELECT second_id AS other_id, * FROM same_as WHERE first_id = $1
            UNION ALL SELECT first_id, * FROM same_as WHERE second_id = $1
        ) AS p JOIN structures r ON r.id = p.other_id
        WHERE p.is_same AND r.deleted_at IS NULL ORDER BY p.score DESC, r.id LIMIT 50
        """,
        structure_id,
    )


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())
