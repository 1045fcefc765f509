"""Links: which structures have to do with which personal record, as what, and until when.

A link is stated by a record (`via`) about itself or about another one: a prescription links its two structures to
itself and to its person. Access is computed from links and grants in record_access.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from raccord.kernel.database import Transaction


@dataclass(frozen=True)
class Link:
    """One structure's tie to one record.

    Units: `ends_on` is the last day of access, in Europe/Paris; None while nothing ends it.
    """

    kind: str
    record_id: UUID
    structure_id: UUID
    basis: str
    ends_on: date | None = None


async def replace_links(tx: Transaction, via: Sequence[UUID], links: Sequence[tuple[UUID, Link]]) -> set[UUID]:
    """Make the links stated by the records `via` exactly these.

    Shape: returns the ids of the records whose links may have changed.
    """
    removed = await tx.fetch("DELETE FROM links WHERE via_id = ANY($1::uuid[]) RETURNING record_id", list(via))
    if links:
        await tx.fetch(
            """
            INSERT INTO links (via_id, kind, record_id, structure_id, basis, valid_until)
            SELECT via_id, kind, record_id, structure_id, basis,
                   coalesce((ends_on + 1)::timestamp AT TIME ZONE 'Europe/Paris', 'infinity')
            FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::date[])
                 AS stated (via_id, kind, record_id, structure_id, basis, ends_on)
            ON CONFLICT DO NOTHING
            """,
            [via_id for via_id, _ in links],
            [link.kind for _, link in links],
            [link.record_id for _, link in links],
            [link.structure_id for _, link in links],
            [link.basis for _, link in links],
            [link.ends_on for _, link in links],
        )
    return {row["record_id"] for row in removed} | {link.record_id for _, link in links}


async def find_concerned(
    tx: Transaction, via: Collection[UUID], targets: Collection[UUID]
) -> tuple[set[UUID], set[UUID]]:
    """Find what a new statement of the records `via` on the records `targets` concerns, besides itself.

    Shape: the structures that have to do with any of them now; the records on which `via` has stated something.
    """
    present = await tx.fetch(
        "SELECT structure_id, record_id, via_id = ANY($1::uuid[]) AS is_stated FROM links "
        "WHERE via_id = ANY($1::uuid[]) OR record_id = ANY($2::uuid[])",
        list(via),
        list(targets),
    )
    return {row["structure_id"] for row in present}, {row["record_id"] for row in present if row["is_stated"]}


async def remove_links_to_others(tx: Transaction, via: UUID) -> set[UUID]:
    """Remove what the record states about other records; returns their ids."""
    removed = await tx.fetch("DELETE FROM links WHERE via_id = $1 AND record_id <> $1 RETURNING record_id", via)
    return {row["record_id"] for row in removed}
