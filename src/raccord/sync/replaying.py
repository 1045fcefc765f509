"""Replay: what was set aside, translated and written again from its sealed payload; the tool is not asked."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from raccord.adapters.contract import Item
from raccord.kernel.database import Transaction
from raccord.kernel.strict_json import JsonObject, read_texts
from raccord.sync import ledger
from raccord.sync.going import Going
from raccord.sync.pages import write_items
from raccord.sync.rejections import Rejection, add_rejections, open_payloads

_BATCH = 200


def plan_replay(ids: list[UUID] | None) -> JsonObject:
    """Write down what is to be replayed: those named, or all."""
    return {"ids": [str(each) for each in ids] if ids is not None else None, "after": None}


async def replay_all(going: Going) -> None:
    """Replay, some hundreds in each transaction; what is refused again keeps its row, with today's reason."""
    plan = going.run.progress.cursor or plan_replay(None)
    ids = [UUID(text) for text in read_texts(plan, "ids")] if plan.get("ids") is not None else None
    after = UUID(str(plan["after"])) if plan.get("after") is not None else None
    going.has_rejections = True
    while True:
        async with going.engine.database.begin() as tx:
            await ledger.hold(tx, going.run)
            found = await open_payloads(tx, going.engine.seals, going.connection.id, after, ids=ids, limit=_BATCH)
            if not found:
                return
            after = found[-1][0]
            going.run.progress.cursor = {**plan, "after": str(after)}
            items = [item for _, item in found if item is not None]
            counts = await _write(tx, going, items)
            # What opens under no key stays aside: the key may come back.
            counts += Counter(dict.fromkeys(("seen", "rejected"), len(found) - len(items)))
            await ledger.save_page(tx, going.run, counts, None)
        going.count(counts)


async def _write(tx: Transaction, going: Going, items: list[Item]) -> Counter[str]:
    counts: Counter[str] = Counter()
    refused: list[Rejection] = []
    for kind in going.kinds:
        own = [item for item in items if item.kind == kind.name]
        counts += await write_items(tx, going, kind, own, refused, is_single=True)
    await add_rejections(tx, going.engine.seals, going.connection.id, going.run.id, refused)
    counts["rejected"] = len(refused)
    return counts
