"""Likely duplicates, kept as the change log goes: what changed is compared with its employer's offers at the place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from raccord.kernel.clock import read_now
from raccord.kernel.database import Reader, Row, Transaction
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.records.kind import Kind, Viewing
from raccord.records.rows import write_instant
from raccord.records.visibility import write_visibility
from raccord.resources.job_offers.duplicates import Likeness, Traits, compare, rank, read_traits
from raccord.resources.job_offers.employers import load_employers, read_structure_id

WINDOW = 2_000
# An employer with more offers at one place recruits in bulk: to compare all would tell nothing.
MAX_BLOCK = 500


@dataclass(frozen=True)
class Candidate:
    """An offer to be compared."""

    id: UUID
    document: JsonObject
    traits: Traits

    @property
    def source(self) -> str:
        """The source that the offer belongs to."""
        return str(self.document["source"])


async def compare_changed(tx: Transaction, kind: Kind, *, max_block: int = MAX_BLOCK) -> int:
    """Compare the offers of the next stretch of the change log; returns how many positions were passed.

    Shape: one at a time holds the position; who comes meanwhile finds nothing to do.
    """
    heads = await tx.fetch("SELECT position FROM job_offer_comparison FOR UPDATE SKIP LOCKED")
    if not heads:
        return 0
    after = heads[0]["position"]
    last = (await tx.fetch("SELECT least($1::bigint, position) AS last FROM feed_head", after + WINDOW))[0]["last"]
    if last <= after:
        return 0
    changed = await tx.fetch(
        "SELECT DISTINCT record_id FROM change_log WHERE position > $1 AND position <= $2 AND kind = $3",
        after,
        last,
        kind.name,
    )
    await _compare(tx, kind, [row["record_id"] for row in changed], max_block)
    await tx.fetch("UPDATE job_offer_comparison SET position = $1", last)
    return int(last - after)


async def _compare(tx: Transaction, kind: Kind, ids: Sequence[UUID], max_block: int) -> None:
    if not ids:
        return
    await tx.fetch("DELETE FROM job_offer_duplicates WHERE first_id = ANY ($1::uuid[]) OR second_id = ANY ($1)", ids)
    await tx.fetch("DELETE FROM job_offer_blocks WHERE offer_id = ANY ($1::uuid[])", ids)
    changed = await _load(tx, kind, ids)
    await _write_blocks(tx, list(changed.values()))
    partners = await _find_partners(tx, list(changed), max_block)
    others = await _load(tx, kind, {other for found in partners.values() for other in found} - set(changed))
    known = {**others, **changed}
    pairs: dict[tuple[UUID, UUID], Likeness] = {}
    for record_id, found in partners.items():
        for other_id in found & known.keys():
            one, other = known[record_id], known[other_id]
            likeness = compare(one.traits, other.traits) if one.source != other.source else None
            if likeness is not None:
                pairs[min(record_id, other_id), max(record_id, other_id)] = likeness
    await _write_pairs(tx, known, pairs)


async def _load(tx: Transaction, kind: Kind, ids: Sequence[UUID] | set[UUID]) -> dict[UUID, Candidate]:
    """Load those of the offers that are active."""
    rows = await tx.fetch(
        "SELECT id, shape_version, document::text AS document FROM job_offers "
        "WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL AND status = 'active'",
        list(ids),
    )
    documents: dict[UUID, JsonObject] = {
        row["id"]: kind.upcast(parse_object(row["document"].encode()), row["shape_version"]) for row in rows
    }
    structure_ids = {record_id: read_structure_id(document) for record_id, document in documents.items()}
    employers = await load_employers(tx, [found for found in structure_ids.values() if found is not None])
    loaded: dict[UUID, Candidate] = {}
    for record_id, document in documents.items():
        structure_id = structure_ids[record_id]
        employer = employers.get(structure_id) if structure_id is not None else None
        traits = read_traits(document, employer.document if employer is not None else None)
        loaded[record_id] = Candidate(record_id, document, traits)
    return loaded


async def _write_blocks(tx: Transaction, candidates: Sequence[Candidate]) -> None:
    blocks = [(block, candidate.id) for candidate in candidates for block in candidate.traits.list_blocks()]
    await tx.fetch(
        "INSERT INTO job_offer_blocks (block, offer_id) SELECT * FROM unnest($1::bigint[], $2::uuid[]) "
        "ON CONFLICT DO NOTHING",
        [block for block, _ in blocks],
        [offer_id for _, offer_id in blocks],
    )


async def _find_partners(tx: Transaction, ids: Sequence[UUID], max_block: int) -> Mapping[UUID, set[UUID]]:
    """Find which offers share a block with these; blocks that are too large are left."""
    rows = await tx.fetch(
        """
        SELECT DISTINCT own.offer_id AS id, other.offer_id AS other_id
        FROM job_offer_blocks own
        JOIN LATERAL (
            SELECT b.offer_id, count(*) OVER () AS size
            FROM (SELECT offer_id FROM job_offer_blocks WHERE block = own.block LIMIT $2) b
        ) other ON other.offer_id <> own.offer_id AND other.size < $2
        WHERE own.offer_id = ANY ($1::uuid[])
        """,
        list(ids),
        max_block + 1,
    )
    partners: dict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        partners[row["id"]].add(row["other_id"])
    return partners


async def _write_pairs(
    tx: Transaction, known: Mapping[UUID, Candidate], pairs: Mapping[tuple[UUID, UUID], Likeness]
) -> None:
    if not pairs:
        return
    canonical = [min((known[one], known[other]), key=lambda c: rank(c.document)).id for one, other in pairs]
    await tx.fetch(
        """
        INSERT INTO job_offer_duplicates (first_id, second_id, score, reasons, canonical_id, computed_at)
        SELECT first_id, second_id, score, string_to_array(reasons, ' '), canonical_id, $6
        FROM unnest($1::uuid[], $2::uuid[], $3::float8[], $4::text[], $5::uuid[])
             AS pair (first_id, second_id, score, reasons, canonical_id)
        ON CONFLICT DO NOTHING
        """,
        [one for one, _ in pairs],
        [other for _, other in pairs],
        [likeness.score for likeness in pairs.values()],
        [" ".join(likeness.reasons) for likeness in pairs.values()],
        canonical,
        read_now(),
    )


async def read_duplicates(reader: Reader, document: JsonObject, viewing: Viewing) -> JsonObject:
    """Read the offers that seem the same and that the caller may see, the most alike first."""
    values: list[object] = [UUID(str(document["id"]))]

    def bind(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = " AND ".join(["r.deleted_at IS NULL", *write_visibility(viewing.kind, viewing.caller, bind)])
    rows = await reader.fetch(
        f"""
        SELECT r.id, r.source, p.score, p.reasons, p.canonical_id, p.computed_at
        FROM (
            SELECT second_id AS other_id, score, reasons, canonical_id, computed_at
            FROM job_offer_duplicates WHERE first_id = $1
            UNION ALL
            SELECT first_id, score, reasons, canonical_id, computed_at
            FROM job_offer_duplicates WHERE second_id = $1
        ) AS p
        JOIN job_offers r ON r.id = p.other_id
        WHERE {conditions} ORDER BY p.score DESC, r.id LIMIT {MAX_BLOCK}
        """,  # noqa: S608
        *values,
    )
    links: list[JsonValue] = [_describe_link(row) for row in rows]
    # Preferred over each of those: ranks are of one order, so that this is true of one offer of a group at most.
    return {"is_canonical": all(row["canonical_id"] == values[0] for row in rows), "data": links}


def _describe_link(row: Row) -> JsonObject:
    computed_at: datetime = row["computed_at"]
    return {
        "id": str(row["id"]),
        "source": row["source"],
        "score": row["score"],
        "reasons": [*row["reasons"]],
        "is_canonical": row["canonical_id"] == row["id"],
        "computed_at": write_instant(computed_at),
    }
