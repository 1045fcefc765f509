"""What is noted of records without a new version: that their source still shows them.

Nothing that the source says is another: no version, no change. Only what Raccord derives from the sighting moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from raccord.kernel.database import Transaction
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.records.kind import Kind


async def note_seen(tx: Transaction, kind: Kind, ids: Sequence[UUID], seen_at: datetime) -> None:
    """Note that the records were seen at their source at that instant, where the kind keeps such a thing."""
    if kind.mark_seen is None or kind.visibility is None or not ids:
        return
    until = kind.visibility.until_column
    rows = await tx.fetch(
        "SELECT id, shape_version, document::text AS document "  # noqa: S608
        f"FROM {kind.table.name} WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL AND {until} IS NOT NULL "
        "ORDER BY id FOR UPDATE",
        sorted(set(ids)),
    )
    found = {row["id"]: kind.upcast(parse_object(row["document"].encode()), row["shape_version"]) for row in rows}
    marked = {record_id: kind.mark_seen(document, seen_at) for record_id, document in found.items()}
    await _store(tx, kind, until, {record_id: document for record_id, document in marked.items() if document})


async def _store(tx: Transaction, kind: Kind, until: str, documents: dict[UUID, JsonObject]) -> None:
    if not documents:
        return
    untils = [kind.columns(document)[until] for document in documents.values()]
    await tx.fetch(
        f"UPDATE {kind.table.name} SET document = seen.document::json, shape_version = $4, {until} = seen.until "  # noqa: S608
        "FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS seen (id, document, until) "
        f"WHERE {kind.table.name}.id = seen.id",
        list(documents),
        [dump_json(document).decode() for document in documents.values()],
        untils,
        kind.shape_version,
    )
    if kind.search is not None:
        # The indexer follows the change log, where this is not.
        await tx.fetch(
            f"UPDATE search_{kind.name} SET visible_until = seen.until "  # noqa: S608
            f"FROM unnest($1::uuid[], $2::timestamptz[]) AS seen (id, until) WHERE record_id = seen.id",
            list(documents),
            untils,
        )
