"""One page of a walk, in one transaction: records, what was set aside, marks, tombstones, and where the walk stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError

from raccord.adapters.contract import Batch, Capability, Item, Unnamed
from raccord.kernel.clock import read_now
from raccord.kernel.database import Transaction
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError
from raccord.kernel.shapes import ExternalId
from raccord.kernel.text import Text
from raccord.records.kind import Kind
from raccord.records.seen import note_seen
from raccord.records.singly import REFUSALS, put_singly
from raccord.records.store import put_many
from raccord.sync import ledger, rejections
from raccord.sync.deletions import delete_named
from raccord.sync.differences import note_differences, pardon_names
from raccord.sync.going import Going
from raccord.sync.pushed import find_conflict, find_pushed
from raccord.sync.rejections import Rejection, add_rejections, reject
from raccord.sync.translating import make_put, translate

_EXTERNAL_ID: TypeAdapter[str] = TypeAdapter(ExternalId)
Also = Callable[[Transaction], Awaitable[None]]


class RolledBack(Exception):
    """The page of a dry run: all was done as always, and nothing is kept."""


async def _do_nothing(_tx: Transaction) -> None:
    """Do nothing besides."""


async def write_page(going: Going, batch: Batch, *, also: Also = _do_nothing) -> None:
    """Write a page; if the database refuses it as a whole, record by record.

    Shape:  `also` is done in the page's own transaction.
    Errors: HoldLostError; Broken under the drift policy `freeze`.
    """
    try:
        await _write(going, batch, also, is_single=False)
    except DBAPIError as error:
        if not isinstance(error, REFUSALS):
            raise
        await _write(going, batch, also, is_single=True)


async def _write(going: Going, batch: Batch, also: Also, *, is_single: bool) -> None:
    counts: Counter[str] = Counter()
    try:
        async with going.engine.database.begin() as tx:
            await ledger.hold(tx, going.run)
            items, refused = _name_items(batch)
            for kind in going.kinds:
                own = [item for item in items if item.kind == kind.name]
                counts += await write_items(tx, going, kind, own, refused, is_single=is_single)
            counts["seen"] += len(batch.unnamed)
            counts["deleted"] += await _delete_tombstones(tx, going, batch)
            counts["rejected"] += len(refused)
            await _note_rejections(tx, going, refused)
            _note_progress(going, batch, refused)
            await ledger.save_page(tx, going.run, counts, batch.total)
            await also(tx)
            if going.is_dry:
                raise RolledBack
    except RolledBack:
        async with going.engine.database.begin() as tx:
            await ledger.hold(tx, going.run)
            await ledger.save_page(tx, going.run, counts, batch.total)
    going.count(counts)


async def write_items(
    tx: Transaction, going: Going, kind: Kind, items: Sequence[Item], refused: list[Rejection], *, is_single: bool
) -> Counter[str]:
    """Write the items of one kind; what is set aside is added to `refused`."""
    if not items:
        return Counter()
    counts = Counter(seen=await _mark(tx, going, kind, items))
    items, conflicts = await _leave_foreign(tx, going, kind, items)
    refused += conflicts
    counts["unchanged"] += len(conflicts)
    writer = going.make_writer(kind)
    puts = [make_put(going, kind, item) for item in items]
    write = put_singly if is_single else put_many
    outcomes = await write(tx, kind, writer, puts)
    if going.is_dry:
        outcomes = [pardon_names(going, kind, item, each) for item, each in zip(items, outcomes, strict=True)]
    if going.run.mode != "replay":
        await note_seen(
            tx, kind, [outcome.id for outcome in outcomes if outcome.error is None and outcome.id], read_now()
        )
    refused += [
        reject(item, outcome.error) for item, outcome in zip(items, outcomes, strict=True) if outcome.error is not None
    ]
    counts += Counter(outcome.status for outcome in outcomes if outcome.status != "rejected")
    if going.has_rejections:
        done = [outcome.external_id for outcome in outcomes if outcome.error is None]
        await rejections.resolve(tx, going.connection.id, kind.name, done)
    if going.is_dry:
        await note_differences(tx, going, kind, outcomes)
    return counts


def _name_items(batch: Batch) -> tuple[list[Item], list[Rejection]]:
    """Keep the items that bear a usable id; what bears none is set aside by what it holds."""
    named: list[Item] = []
    refused = [_refuse_unnamed(unnamed) for unnamed in batch.unnamed]
    for item in batch.items:
        try:
            _EXTERNAL_ID.validate_python(item.external_id)
        except ValidationError:
            error = FieldError("pointer", "", "invalid_external_id", _NO_NAME)
            refused.append(Rejection(item.kind, None, item.raw, InvalidContentError(_NO_NAME, [error])))
        else:
            named.append(item)
    return named, refused


def _refuse_unnamed(unnamed: Unnamed) -> Rejection:
    refusal = unnamed.refusal
    error = FieldError("pointer", refusal.pointer or "", refusal.code, refusal.message)
    return Rejection(unnamed.kind, None, unnamed.raw, InvalidContentError(refusal.message, [error]))


async def _mark(tx: Transaction, going: Going, kind: Kind, items: Sequence[Item]) -> int:
    """Note which records the tool holds; returns how many this walk had not met yet, outside a walk all."""
    parts = {item.external_id: item.part for item in items}
    if going.is_dry:
        known = len(going.met)
        going.met |= {hash((kind.name, external_id)): (kind.name, part) for external_id, part in parts.items()}
        return len(going.met) - known
    names = sorted(parts)
    rows = await tx.fetch(
        """
        WITH marked AS (
            INSERT INTO sync_records (connection_id, kind, external_id, part, walk)
            SELECT $1, $2, external_id, part, $5 FROM unnest($3::text[], $4::text[]) AS met (external_id, part)
            ON CONFLICT (connection_id, kind, external_id) DO UPDATE
                SET part = excluded.part, walk = excluded.walk, missed = 0, is_kept = false
                WHERE sync_records.walk <> excluded.walk
            RETURNING 1
        ) SELECT count(*) AS met FROM marked
        """,
        going.connection.id,
        kind.name,
        names,
        [parts[name] for name in names],
        going.run.walk,
    )
    met: int = rows[0]["met"]
    return met if going.run.walk_mode is not None else len(items)


async def _leave_foreign(
    tx: Transaction, going: Going, kind: Kind, items: Sequence[Item]
) -> tuple[Sequence[Item], list[Rejection]]:
    """Leave what the tool holds because it was told it: its owner's word stands, and a change of it is a conflict."""
    if Capability.PUSH not in going.manifest.capabilities:
        return items, []
    told = await find_pushed(tx, going.connection.id, kind, [item.external_id for item in items])
    conflicts: list[Rejection] = []
    for item in items:
        if item.external_id in told:
            error = find_conflict(partial(translate, going, kind, item), told[item.external_id])
            conflicts += [reject(item, error)] if error is not None else []
    return [item for item in items if item.external_id not in told], conflicts


async def _delete_tombstones(tx: Transaction, going: Going, batch: Batch) -> int:
    deleted = 0
    for kind in going.kinds:
        names = [gone.external_id for gone in batch.gone if gone.kind == kind.name]
        deleted += await delete_named(tx, going, kind, names) if names else 0
    return deleted


async def _note_rejections(tx: Transaction, going: Going, refused: list[Rejection]) -> None:
    if refused:
        going.has_rejections = True
        await add_rejections(tx, going.engine.seals, going.connection.id, going.run.id, refused)


def _note_progress(going: Going, batch: Batch, refused: Sequence[Rejection]) -> None:
    """Move on: what follows is true once the page is committed, and is stored with it."""
    progress = going.run.progress
    progress.cursor = batch.cursor.model_dump(mode="json") if batch.cursor is not None else None
    newest = max((item.updated_at for item in batch.items if item.updated_at is not None), default=None)
    if newest is not None and (progress.newest is None or newest > datetime.fromisoformat(progress.newest)):
        progress.newest = newest.isoformat()
    for rejection in refused:
        if rejection.external_id is None:
            progress.unsure[rejection.kind] = "unnamed"
    for drift in batch.drifts:
        progress.drifts[f"{drift.sort} {drift.pointer}"] += 1
    progress.ends += [[end.kind, end.part, end.total, end.is_complete, end.is_snapshot] for end in batch.ends]
    _watch_total(going, batch)
    progress.is_walked = batch.is_last


def _watch_total(going: Going, batch: Batch) -> None:
    """A total that moves during the walk says that rows came or went between two pages."""
    if batch.total is None or not going.kinds:
        return
    progress, first = going.run.progress, going.kinds[0].name
    if progress.totals.setdefault(first, batch.total) != batch.total:
        progress.unsure.setdefault(first, "total_moved")


_NO_NAME = Text(
    "Identifiant hors format : 1 à 128 caractères, sans / ? # % ni espace.",
    "Ill-formed id: 1 to 128 characters, without / ? # % or space.",
)
