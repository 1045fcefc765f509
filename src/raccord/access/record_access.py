"""Access as a table: for each client and personal record, until when and on what basis.

Materialised from live links × live grants × signed agreements; read by row-level security as an EXISTS. Locks are
always taken in one order (agreements, then record heads), so that a write and a revocation see each other: without
them, a link written while its grant is revoked would leave an access that nobody takes away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from raccord.access.grants import share_agreements
from raccord.kernel.database import Transaction


@dataclass(frozen=True)
class AccessMove:
    """A client gained or lost its access to a record."""

    client_id: UUID
    kind: str
    record_id: UUID
    move: Literal["access_granted", "access_revoked"]


async def lock_for_links(tx: Transaction, structure_ids: Iterable[UUID], record_ids: Iterable[UUID]) -> None:
    """Lock what a change of links depends on: the structures' agreements, then the records' heads."""
    await share_agreements(tx, structure_ids)
    await lock_heads(tx, record_ids)


async def lock_heads(tx: Transaction, record_ids: Iterable[UUID]) -> None:
    """Lock the heads of the records: people first, so that what follows a move is locked under its person's head."""
    await tx.fetch(
        "SELECT 1 FROM record_heads WHERE record_id = ANY($1::uuid[]) ORDER BY kind <> 'people', record_id FOR UPDATE",
        list(record_ids),
    )


async def touch_heads(tx: Transaction, kind: str, heads: Sequence[tuple[UUID, datetime]]) -> None:
    """Note when the personal records were last written: lists of a client are in that order."""
    ids, instants = [head[0] for head in heads], [head[1] for head in heads]
    await tx.fetch(
        """
        INSERT INTO record_heads (record_id, kind, updated_at)
        SELECT record_id, $2, updated_at
        FROM unnest($1::uuid[], $3::timestamptz[]) AS written (record_id, updated_at) ORDER BY record_id
        ON CONFLICT (record_id) DO UPDATE SET updated_at = excluded.updated_at
        """,
        ids,
        kind,
        instants,
    )
    await tx.fetch(
        """
        UPDATE record_access SET updated_at = written.updated_at
        FROM unnest($1::uuid[], $2::timestamptz[]) AS written (record_id, updated_at)
        WHERE record_access.record_id = written.record_id
        """,
        ids,
        instants,
    )


async def refresh_access(tx: Transaction, record_ids: Iterable[UUID]) -> list[AccessMove]:
    """Recompute who has access to the records, whose heads the caller has locked.

    Shape: returns the gains and losses, for the change log.
    """
    rows = await tx.fetch(_REFRESH, list(record_ids))
    return [AccessMove(row["client_id"], row["kind"], row["record_id"], row["move"]) for row in rows]


async def expire_access(tx: Transaction, limit: int = 1000) -> list[AccessMove]:
    """Take away what has passed its date. Row-level security has refused it since that instant already."""
    rows = await tx.fetch(
        """
        DELETE FROM record_access WHERE (client_id, record_id) IN (
            SELECT client_id, record_id FROM record_access WHERE valid_until <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)
        AND valid_until <= now()
        RETURNING client_id, kind, record_id
        """,
        limit,
    )
    return [AccessMove(row["client_id"], row["kind"], row["record_id"], "access_revoked") for row in rows]


_REFRESH = """
WITH wanted AS (
    SELECT g.client_id, l.kind, l.record_id, h.updated_at,
           max(least(l.valid_until, g.valid_until, a.valid_until)) AS valid_until,
           string_agg(DISTINCT l.basis, ' ' ORDER BY l.basis) AS basis
    FROM links l
    JOIN record_heads h ON h.record_id = l.record_id
    JOIN grants g ON g.structure_id = l.structure_id AND l.kind || ':read' = ANY (g.scopes)
    JOIN agreements a ON a.structure_id = l.structure_id
    WHERE l.record_id = ANY ($1::uuid[]) AND l.valid_until > now()
      AND g.valid_until > now() AND a.valid_until > now()
    GROUP BY g.client_id, l.kind, l.record_id, h.updated_at
), lost AS (
    DELETE FROM record_access r
    WHERE r.record_id = ANY ($1::uuid[]) AND NOT EXISTS (
        SELECT 1 FROM wanted w WHERE w.client_id = r.client_id AND w.record_id = r.record_id)
    RETURNING r.client_id, r.kind, r.record_id
), gained AS (
    SELECT w.client_id, w.kind, w.record_id FROM wanted w
    WHERE NOT EXISTS (
        SELECT 1 FROM record_access r WHERE r.client_id = w.client_id AND r.record_id = w.record_id)
), stored AS (
    INSERT INTO record_access (client_id, kind, record_id, updated_at, valid_until, basis)
    SELECT client_id, kind, record_id, updated_at, valid_until, basis FROM wanted
    ON CONFLICT (client_id, record_id) DO UPDATE
        SET valid_until = excluded.valid_until, basis = excluded.basis, updated_at = excluded.updated_at
        WHERE (record_access.valid_until, record_access.basis) IS DISTINCT FROM (excluded.valid_until, excluded.basis)
)
SELECT client_id, kind, record_id, 'access_revoked' AS move FROM lost
UNION ALL SELECT client_id, kind, record_id, 'access_granted' FROM gained
ORDER BY 3, 1
"""
