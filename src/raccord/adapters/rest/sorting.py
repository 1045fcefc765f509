"""What a record of a stream is: an item, a tombstone, what bears no id, or one that Raccord wrote itself. Pure."""

from __future__ import annotations

from raccord.adapters.contract import Gone, Item, RecordRefused, Unnamed
from raccord.adapters.rest.records import drop_ignored, is_tombstone, read_id, read_instant
from raccord.adapters.rest.spec import StreamSpec
from raccord.kernel.response_rules import read_pointer
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

NO_ID = RecordRefused("no_id", Text("Fiche sans identifiant.", "A record without id."), "")


def sort_record(stream: StreamSpec, part: str, record: JsonObject) -> Item | Gone | Unnamed | None:
    """Sort a record; None for one that bears the mark of what Raccord writes."""
    kind, deletes = stream.kind or "", stream.deletes
    name = read_id(record, stream.records.id)
    if name is None:
        return Unnamed(kind, record, NO_ID)
    if deletes.type == "tombstone_field" and is_tombstone(record, deletes):
        return Gone(kind, name)
    echo = stream.write.echo if stream.write is not None else None
    if echo is not None and read_pointer(record, echo.field) == echo.value:
        return None
    cursor = stream.cursor
    changed_at = read_instant(record, cursor) if cursor is not None and cursor.type == "datetime" else None
    return Item(kind, name, drop_ignored(record, stream.records.ignored), changed_at, part)
