"""Grants and agreements: what a structure authorises a client to do for it, and the agreement that it signed.

Changing either changes who sees what: records.entitlements does both in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from raccord.kernel.database import Transaction
from raccord.kernel.identifiers import make_uuid7


@dataclass(frozen=True)
class Grant:
    """A structure's authorisation for a client.

    Units: `valid_until` is UTC; None while no end is set.
    """

    id: UUID
    client_id: UUID
    structure_id: UUID
    scopes: tuple[str, ...]
    valid_until: datetime | None


async def sign_agreement(tx: Transaction, structure_id: UUID, signed_on: date, signatory: str) -> None:
    """Record that the structure signed the data-processing agreement; the last signature counts."""
    await tx.fetch(
        """
        INSERT INTO agreements (structure_id, signed_on, signatory, valid_until) VALUES ($1, $2, $3, 'infinity')
        ON CONFLICT (structure_id) DO UPDATE
            SET signed_on = excluded.signed_on, signatory = excluded.signatory, valid_until = 'infinity'
        """,
        structure_id,
        signed_on,
        signatory,
    )


async def share_agreements(tx: Transaction, structure_ids: Iterable[UUID]) -> None:
    """Keep the structures' grants and agreements from changing until the transaction ends."""
    missing = list(structure_ids)
    for _ in range(2):
        found = await tx.fetch(
            "SELECT structure_id FROM agreements WHERE structure_id = ANY($1::uuid[]) ORDER BY structure_id FOR SHARE",
            missing,
        )
        locked = {row["structure_id"] for row in found}
        missing = sorted(structure_id for structure_id in missing if structure_id not in locked)
        if not missing:
            return
        await _add_unsigned(tx, missing)


async def _add_unsigned(tx: Transaction, structure_ids: Sequence[UUID]) -> None:
    """Add the rows to lock of structures that never signed: an agreement that was never in force."""
    await tx.fetch(
        """
        INSERT INTO agreements (structure_id, signed_on, signatory, valid_until)
        SELECT structure_id, '-infinity', '', '-infinity' FROM unnest($1::uuid[]) AS never (structure_id)
        ON CONFLICT DO NOTHING
        """,
        list(structure_ids),
    )


async def _hold_agreement(tx: Transaction, structure_id: UUID) -> None:
    await _add_unsigned(tx, [structure_id])
    await tx.fetch("SELECT 1 FROM agreements WHERE structure_id = $1 FOR UPDATE", structure_id)


async def end_agreement(tx: Transaction, structure_id: UUID) -> bool:
    """End the structure's agreement now; returns whether there was one."""
    rows = await tx.fetch(
        "UPDATE agreements SET valid_until = now() WHERE structure_id = $1 AND valid_until > now() RETURNING 1",
        structure_id,
    )
    return bool(rows)


async def insert_grant(
    tx: Transaction, client_id: UUID, structure_id: UUID, scopes: Sequence[str], ends_on: date | None
) -> UUID:
    """Insert the grant, holding the structure's agreement so that writes in flight are seen."""
    await _hold_agreement(tx, structure_id)
    grant_id = make_uuid7()
    await tx.fetch(
        """
        INSERT INTO grants (id, client_id, structure_id, scopes, valid_until)
        VALUES ($1, $2, $3, $4, coalesce(($5::date + 1)::timestamp AT TIME ZONE 'Europe/Paris', 'infinity'))
        """,
        grant_id,
        client_id,
        structure_id,
        sorted(set(scopes)),
        ends_on,
    )
    return grant_id


async def revoke_grant(tx: Transaction, grant_id: UUID) -> UUID | None:
    """End the grant now; returns its structure, or None if there was no such live grant."""
    found = await tx.fetch("SELECT structure_id FROM grants WHERE id = $1 AND valid_until > now()", grant_id)
    if not found:
        return None
    structure_id: UUID = found[0]["structure_id"]
    await _hold_agreement(tx, structure_id)
    await tx.fetch("UPDATE grants SET valid_until = now() WHERE id = $1 AND valid_until > now()", grant_id)
    return structure_id


async def list_grants(tx: Transaction, client_id: UUID | None = None) -> list[Grant]:
    """List the live grants, of one client or of all."""
    rows = await tx.fetch(
        """
        SELECT id, client_id, structure_id, scopes, nullif(valid_until, 'infinity') AS valid_until FROM grants
        WHERE valid_until > now() AND ($1::uuid IS NULL OR client_id = $1) ORDER BY client_id, structure_id, id
        """,
        client_id,
    )
    return [
        Grant(row["id"], row["client_id"], row["structure_id"], tuple(row["scopes"]), row["valid_until"])
        for row in rows
    ]
