"""Push: the change log read from the connection's own place, and each record's latest state told to the tool.

At least once, in order, with a key that is the same each time. What the tool itself said is never told back to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from raccord.adapters.contract import Change, Receipt, RecordRefused
from raccord.kernel.clock import read_today
from raccord.kernel.database import Row, Transaction
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.records.changes import read_bounds
from raccord.records.kind import Kind
from raccord.resources.registry import KINDS_BY_NAME
from raccord.sync import ledger, rejections
from raccord.sync.going import Going
from raccord.sync.pushed import remember_pushed
from raccord.sync.rejections import Rejection, add_rejections

_WINDOW = 200


async def push_changes(going: Going) -> None:
    """Tell the tool what changed since the last time.

    Errors: those of the adapter; what was told before stays told.
    """
    while rows := await _read_window(going):
        latest = {row["record_id"]: row for row in rows}
        for row in rows:
            if latest[row["record_id"]] is row:
                await _push(going, KINDS_BY_NAME[row["kind"]], row)
        await _save_position(going, rows[-1]["position"])


async def _read_window(going: Going) -> Sequence[Row]:
    """Read the next changes to tell; where there is none, stand at the head of the log."""
    kinds = [name for name in going.manifest.writes if not KINDS_BY_NAME[name].is_personal]
    async with going.engine.database.begin() as tx:
        oldest, head = await read_bounds(tx)
        rows = await tx.fetch("SELECT push_position FROM connections WHERE id = $1", going.connection.id)
        position = max(rows[0]["push_position"] or 0, oldest)
        found = await tx.fetch(
            """
            SELECT position, kind, record_id, version, type FROM change_log
            WHERE position > $1 AND position <= $2 AND kind = ANY ($3::text[]) AND source <> $4 AND origin <> $5
              AND type IN ('created', 'updated', 'deleted')
            ORDER BY position LIMIT $6
            """,
            position,
            head,
            kinds,
            going.connection.source,
            going.connection.origin,
            _WINDOW,
        )
    if not found:
        await _save_position(going, head)
    return found


async def _push(going: Going, kind: Kind, row: Row) -> None:
    change = await _make_change(going, kind, row)
    if change is None:
        return
    refusal: RecordRefused | None = None
    receipt = Receipt()
    try:
        receipt = await going.adapter.push(change)
    except RecordRefused as refused:
        refusal = refused
    async with going.engine.database.begin() as tx:
        await ledger.hold(tx, going.run)
        counts = await _note(tx, going, change, receipt, refusal)
        await ledger.save_page(tx, going.run, counts, None)
    going.count(counts)


async def _make_change(going: Going, kind: Kind, row: Row) -> Change | None:
    """Make what is told: the record as it stands now; None for what the tool was not told and need not be."""
    async with going.engine.database.begin() as tx:
        [stored] = await tx.fetch(
            "SELECT version, shape_version, deleted_at, document::text AS document "  # noqa: S608
            f"FROM {kind.table.name} WHERE id = $1",
            row["record_id"],
        )
        told = await tx.fetch(
            "SELECT external_id, version FROM sync_pushed WHERE connection_id = $1 AND kind = $2 AND record_id = $3",
            going.connection.id,
            kind.name,
            row["record_id"],
        )
    if told and told[0]["version"] >= stored["version"]:
        return None
    document: JsonObject | None = kind.upcast(parse_object(stored["document"].encode()), stored["shape_version"])
    if stored["deleted_at"] is not None or not _may_leave(kind, document):
        document = None
    if document is None and not told:
        return None
    sort: Literal["created", "updated", "deleted"] = "updated" if told else "created"
    if document is None:
        sort = "deleted"
    return Change(
        kind.name, row["record_id"], stored["version"], sort, document,
        told[0]["external_id"] if told else None, f"{row['record_id']}-{stored['version']}",
    )  # fmt: skip


def _may_leave(kind: Kind, document: JsonObject | None) -> bool:
    """Tell whether the record's licence and state let it be passed on."""
    return document is None or kind.may_be_exported is None or kind.may_be_exported(document, read_today())


async def _note(
    tx: Transaction, going: Going, change: Change, receipt: Receipt, refusal: RecordRefused | None
) -> dict[str, int]:
    if refusal is not None:
        error = FieldError("pointer", refusal.pointer or "", refusal.code, refusal.message)
        refused = InvalidContentError(refusal.message, [error])
        rejection = Rejection(change.kind, _name(change), {}, refused, is_replayable=False)
        await add_rejections(tx, going.engine.seals, going.connection.id, going.run.id, [rejection])
        return {"rejected": 1}
    await rejections.resolve(tx, going.connection.id, change.kind, [_name(change)])
    if receipt.is_ignored:
        return {}
    if change.document is None:
        await tx.fetch(
            "DELETE FROM sync_pushed WHERE connection_id = $1 AND record_id = $2", going.connection.id, change.id
        )
    else:
        await remember_pushed(
            tx, going.connection.id, change.kind, change.id,
            external_id=receipt.external_id or change.external_id or str(change.id), version=change.version,
        )  # fmt: skip
    return {"pushed": 1}


def _name(change: Change) -> str:
    return f"push:{change.id}"


async def _save_position(going: Going, position: int) -> None:
    async with going.engine.database.begin() as tx:
        await ledger.hold(tx, going.run)
        await tx.fetch("UPDATE connections SET push_position = $2 WHERE id = $1", going.connection.id, position)
