"""The consultation log: who read what about whom, when and why. Written in the transaction that reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from raccord.access.caller import Caller
from raccord.kernel.database import Transaction

Act = Literal["read", "list", "history", "write"]


async def log_consultation(
    tx: Transaction,
    caller: Caller,
    act: Act,
    kind: str,
    records: Sequence[tuple[UUID, UUID | None]],
    *,
    is_allowed: bool = True,
) -> None:
    """Log that the caller saw the records, or was refused.

    Shape: `records` are pairs of record id and person id. Never any content.
    """
    if not records:
        return
    await tx.fetch(
        """
        INSERT INTO consultation_log
            (client_id, actor, purpose, act, kind, record_id, person_id, is_allowed, request_id)
        SELECT $1, $2, $3, $4, $5, seen.record_id, seen.person_id, $8, $9
        FROM unnest($6::uuid[], $7::uuid[]) AS seen (record_id, person_id)
        """,
        caller.client_id,
        caller.actor,
        caller.purpose,
        act,
        kind,
        [record for record, _ in records],
        [person for _, person in records],
        is_allowed,
        caller.request_id,
    )
