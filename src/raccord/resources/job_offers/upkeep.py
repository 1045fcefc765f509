"""What time does to offers: they expire after their last day, and stop when their employer may recruit no more.

Through the write door, batch by batch, so that versions, changes and rights are those of any other write.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from raccord.kernel.clock import read_today
from raccord.kernel.database import Row, Transaction
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.records.kind import Kind, Move
from raccord.records.store import Put, Writer, put_many
from raccord.reference.job_offer_codes import OfferClosingReason
from raccord.resources.job_offers.lifecycle import EXPIRE, SUSPEND, apply_move

BATCH = 500
RACCORD = "raccord"


async def expire_offers(tx: Transaction, kind: Kind, limit: int = BATCH) -> int:
    """Expire the offers whose last day has passed; returns how many."""
    rows = await tx.fetch(
        f"{_SELECT} WHERE r.expires_on < $1 AND r.deleted_at IS NULL ORDER BY r.expires_on, r.id LIMIT $2 "
        "FOR UPDATE SKIP LOCKED",
        read_today(),
        limit,
    )
    return await _move_all(tx, kind, rows, EXPIRE, {})


async def suspend_orphans(tx: Transaction, kind: Kind, limit: int = BATCH) -> int:
    """Suspend the active offers whose employer was deleted, is active no more, or takes no application."""
    rows = await tx.fetch(
        f"{_SELECT} JOIN structures s ON s.id = r.structure_id "
        "WHERE r.status = 'active' AND r.deleted_at IS NULL AND (s.deleted_at IS NOT NULL "
        "OR s.active_until_on < $1 OR s.document ->> 'has_blocked_applications' = 'true') "
        "ORDER BY r.id LIMIT $2 FOR UPDATE OF r SKIP LOCKED",
        read_today(),
        limit,
    )
    reason: JsonObject = {"closing_reason": OfferClosingReason.STRUCTURE_INACTIVE}
    return await _move_all(tx, kind, rows, SUSPEND, reason)


_SELECT = "SELECT r.source, r.shape_version, r.document::text AS document FROM job_offers r"


async def _move_all(tx: Transaction, kind: Kind, rows: Sequence[Row], move: Move, fields: JsonObject) -> int:
    """Make the system's move on the locked rows, each under its own source; returns how many were moved.

    An offer that the door refuses stays as it is: were it counted, the worker would come back to it without end.
    """
    puts: dict[str, list[Put]] = defaultdict(list)
    for row in rows:
        document = kind.upcast(parse_object(row["document"].encode()), row["shape_version"])
        content: JsonObject = {name: document[name] for name in kind.content_fields if name in document}
        state = apply_move(document, move, fields)
        puts[row["source"]].append(Put(str(document["external_id"]), dump_json(content), state=state))
    moved = 0
    for source, batch in puts.items():
        outcomes = await put_many(tx, kind, Writer(source, RACCORD, move.name), batch)
        moved += sum(1 for outcome in outcomes if outcome.status == "updated")
    return moved
