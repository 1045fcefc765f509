"""Deletion through the write door: the document goes, a tombstone with its reason stays, and the feed says so."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from raccord.access.record_access import touch_heads
from raccord.access.row_security import see_everything
from raccord.kernel.clock import read_now
from raccord.kernel.database import Transaction
from raccord.kernel.errors import NotFoundError, VersionMismatchError
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.records.attempts import begin_again
from raccord.records.changes import Change, append_changes
from raccord.records.entitlements import drop_links, lock_before_delete
from raccord.records.kind import Kind
from raccord.records.rows import keep_versions, write_instant
from raccord.records.store import Writer
from raccord.records.tables import list_own_columns


async def delete_record(
    tx: Transaction, kind: Kind, writer: Writer, record_id: UUID, *, expected_version: int, reason: str
) -> int:
    """Delete the record of the writer's source; returns the tombstone's version.

    A personal record's earlier versions go with it: its tombstone holds ids and a reason, nothing of the person.
    Errors: NotFoundError if it is gone already, VersionMismatchError.
    """
    async with see_everything(tx):
        external_id = await begin_again(tx, partial(_lock_record, tx, kind, writer, record_id, expected_version))
        version = expected_version + 1
        await _replace_by_tombstone(tx, kind, writer, (record_id, external_id, version), reason)
    return version


async def _lock_record(tx: Transaction, kind: Kind, writer: Writer, record_id: UUID, expected_version: int) -> str:
    """Lock the record and what its end concerns; returns its external id."""
    await lock_before_delete(tx, record_id)
    rows = await tx.fetch(
        f"SELECT external_id, version, deleted_at FROM {kind.table.name} "  # noqa: S608
        "WHERE id = $1 AND source = $2 FOR UPDATE",
        record_id,
        writer.source,
    )
    if not rows or rows[0]["deleted_at"] is not None:
        raise NotFoundError
    if rows[0]["version"] != expected_version:
        raise VersionMismatchError(extensions={"current_version": rows[0]["version"]})
    return str(rows[0]["external_id"])


async def _replace_by_tombstone(
    tx: Transaction, kind: Kind, writer: Writer, key: tuple[UUID, str, int], reason: str
) -> None:
    record_id, external_id, version = key
    now = read_now()
    if kind.is_personal:
        await tx.fetch("DELETE FROM record_versions WHERE record_id = $1", record_id)
    else:
        await keep_versions(tx, kind, [record_id], now)
    tombstone: JsonObject = {
        "id": str(record_id),
        "source": writer.source,
        "external_id": external_id,
        "version": version,
        "deleted_at": write_instant(now),
        "deletion_reason": reason,
    }
    kept = kind.personal.person_column if kind.personal is not None else ""
    cleared = "".join(f", {name} = NULL" for name in list_own_columns(kind.table) if name != kept)
    await tx.fetch(
        f"UPDATE {kind.table.name} SET version = $2, updated_at = $3, deleted_at = $3, raw_hash = NULL, "  # noqa: S608
        f"shape_version = {kind.shape_version}, document = $4::text::json{cleared} WHERE id = $1",
        record_id,
        version,
        now,
        dump_json(tombstone).decode(),
    )
    change = Change(
        kind.name, record_id, version, "deleted", (), writer.source, writer.origin, writer.correlation_id,
        kind.is_personal,
    )  # fmt: skip
    await append_changes(tx, [change], now)
    if kind.is_personal:
        await touch_heads(tx, kind.name, [(record_id, now)])
        await drop_links(tx, record_id, writer.correlation_id)
