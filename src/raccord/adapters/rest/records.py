"""The records of an answer: JSON at a pointer, JSON lines or CSV, each a plain object."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from raccord.adapters.contract import Broken, RecordRefused
from raccord.adapters.rest.spec import CursorSpec, RecordsSpec, TombstoneField
from raccord.kernel.outbound import Reply
from raccord.kernel.refusals import JsonValue, RaccordError
from raccord.kernel.response_rules import read_pointer
from raccord.kernel.row_files import Format, SourceRow, open_source
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

# The parent of a record, within it: no tool begins a field so.
PARENT = "@parent"
_GRAINS = {
    "microsecond": timedelta(microseconds=1),
    "millisecond": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "day": timedelta(days=1),
}
# Beyond, digits are milliseconds: seconds would lie in the year 5138.
_MAX_EPOCH_S = 10**11


@dataclass(frozen=True)
class Unreadable:
    """A line that is no record."""

    raw: JsonObject
    refusal: RecordRefused


def read_records(reply: Reply, records: RecordsSpec) -> list[JsonObject | Unreadable]:
    """Read the records of an answer; an answer without a body has none.

    Errors: Broken for what is not as the spec says.
    """
    if not reply.content:
        return []
    if records.format == "json":
        return [*read_list(reply.json, records.pointer)]
    content = reply.content
    if records.encoding == "latin-1":
        content = content.decode("cp1252", "replace").encode()
    kind: Format = "csv" if records.format == "csv" else "ndjson"
    try:
        return [_read_row(row) for row in open_source(io.BytesIO(content), kind).rows]
    except RaccordError as error:
        raise Broken(error.detail or error.title) from None


def read_list(value: JsonValue, pointer: str) -> list[JsonObject]:
    """Read the list of objects at the pointer.

    Errors: Broken if there is none.
    """
    found = read_pointer(value, pointer)
    if not isinstance(found, list):
        place = pointer or "/"
        raise Broken(Text(f"Pas de liste à {place}.", f"No list at {place}."))
    objects = [item for item in found if isinstance(item, dict)]
    if len(objects) != len(found):
        raise Broken(Text("La liste ne contient pas que des objets.", "The list holds other things than objects."))
    return objects


def _read_row(row: SourceRow) -> JsonObject | Unreadable:
    if row.error is None:
        return dict(row.fields)
    refusal = RecordRefused(row.error.code, row.error.message)
    return Unreadable({"line": row.line, "text": row.raw[:2_000].decode("utf-8", "replace")}, refusal)


def read_id(record: JsonObject, pointer: str) -> str | None:
    """Read the tool's own id; a number is taken as its digits."""
    value = read_pointer(record, pointer)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def drop_ignored(record: JsonObject, pointers: list[str]) -> JsonObject:
    """Leave out what changes from one reading to the next, and says nothing."""
    for pointer in pointers:
        names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
        record = _drop(record, names)
    return record


def _drop(record: JsonObject, names: list[str]) -> JsonObject:
    first, *rest = names
    if first not in record:
        return record
    if not rest:
        return {name: value for name, value in record.items() if name != first}
    inner = record[first]
    return {**record, first: _drop(inner, rest)} if isinstance(inner, dict) else record


def is_tombstone(record: JsonObject, deletes: TombstoneField) -> bool:
    """Tell whether the record says of itself that it is gone."""
    value = read_pointer(record, deletes.field)
    return has_value(value, deletes.values) if deletes.values else bool(value)


def has_value(value: JsonValue, values: Sequence[str | int | bool]) -> bool:
    """Tell whether the value is one of these, of the same type."""
    return isinstance(value, str | int) and any(value == one and type(value) is type(one) for one in values)


def read_instant(record: JsonObject, cursor: CursorSpec) -> datetime | None:
    """Read when the record was changed, by the tool's clock; None if it does not say."""
    value = read_pointer(record, cursor.field or "")
    try:
        if cursor.format == "epoch" and isinstance(value, str | int | float) and not isinstance(value, bool):
            number = float(value)
            return datetime.fromtimestamp(number / (1_000 if number > _MAX_EPOCH_S else 1), UTC)
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    if moment is None:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(cursor.zone))


def write_since(since: datetime, cursor: CursorSpec) -> str:
    """Write the instant from which changes are asked for, in the tool's grain and never later."""
    moment = (since - timedelta(seconds=cursor.lookback)).astimezone(ZoneInfo(cursor.zone))
    if not cursor.is_inclusive:
        moment -= _GRAINS[cursor.granularity]
    if cursor.granularity == "day":
        return moment.date().isoformat()
    if cursor.format == "epoch":
        seconds = int(moment.timestamp())
        return str(seconds if cursor.granularity == "second" else int(moment.timestamp() * 1_000))
    specs: dict[str, Literal["seconds", "milliseconds", "microseconds"]] = {
        "second": "seconds", "millisecond": "milliseconds", "microsecond": "microseconds",
    }  # fmt: skip
    written = moment.isoformat(timespec=specs[cursor.granularity])
    return written.removesuffix("+00:00") + "Z" if cursor.zone == "UTC" else written
