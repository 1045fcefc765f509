"""Bringing stored documents of an older shape to the present one, ahead of their reading."""

from __future__ import annotations

from raccord.access.row_security import see_everything
from raccord.kernel.database import Transaction
from raccord.kernel.strict_json import parse_object
from raccord.records import rows
from raccord.records.kind import Kind


async def upcast_records(tx: Transaction, kind: Kind, limit: int) -> int:
    """Rewrite documents of older shapes, with their derived columns; returns how many.

    Shape: no version and no change: the record says what it said. Rows that somebody writes now are left, because
           a write brings them up itself; tombstones hold no content to bring up.
    """
    async with see_everything(tx):
        found = await tx.fetch(
            "SELECT shape_version, raw_hash, document::text AS document "  # noqa: S608
            f"FROM {kind.table.name} WHERE shape_version < $1 AND deleted_at IS NULL "
            "ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
            kind.shape_version,
            limit,
        )
        raised = [(kind.upcast(parse_object(row["document"].encode()), row["shape_version"]), row) for row in found]
        made = [rows.make_row(kind, document, kind.columns(document), row["raw_hash"]) for document, row in raised]
        await rows.update_rows(tx, kind, made)
    return len(found)
