"""The top of a table, to propose a mapping from: its columns and some of its rows.

preview = preview_table("structures.xlsx", stream)
proposal = propose_mapping("structures", preview.columns, preview.rows)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from raccord.adapters.contract import RecordRefused
from raccord.adapters.field_rules import CONTENTS, OpenKind, list_readers
from raccord.adapters.spreadsheet.adapter import guess_format
from raccord.adapters.spreadsheet.mapping import SheetMapping, drop_ignored, read_name, translate_row
from raccord.adapters.spreadsheet.rows import MAX_HEADER_ROW, find_header, read_table
from raccord.adapters.spreadsheet.texts import read_csv, read_ndjson
from raccord.adapters.spreadsheet.xlsx import read_sheet
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.validation import validate_content

ROWS = 50


@dataclass(frozen=True)
class Preview:
    """The top of a table.

    Shape: `header_row` is where the header was found, for the connection's setting of that name.
    """

    header_row: int
    columns: Sequence[str]
    rows: Sequence[JsonObject]


@dataclass(frozen=True)
class Tried:
    """A row as it would be written, or why it would be refused."""

    external_id: str | None
    content: JsonObject
    errors: Sequence[FieldError] = ()


def try_rows(kind: OpenKind, mapping: SheetMapping, rows: Sequence[JsonObject]) -> Iterator[Tried]:
    """Translate the rows as a run would, and hold them against the kind's shape. Pure."""
    readers = list_readers(kind)
    for row in rows:
        name, content = read_name(mapping, row), JsonObject()
        errors: list[FieldError] = []
        try:
            content = translate_row(mapping, readers, drop_ignored(mapping, row)).content
            validate_content(CONTENTS[kind], dump_json(content))
        except RecordRefused as refusal:
            errors.append(FieldError("pointer", refusal.pointer or "", refusal.code, refusal.message))
        except InvalidContentError as error:
            errors.extend(error.errors)
        yield Tried(name, content, errors)


def preview_table(name: str, stream: BinaryIO, *, sheet: str | None = None, header_row: int | None = None) -> Preview:
    """Read the top of a file; without a row, its header is looked for.

    Errors: Broken for what is no table.
    """
    format_ = guess_format(name)
    if format_ == "ndjson":
        table, row = read_ndjson(stream), 1
    else:
        lines = islice(read_sheet(stream, sheet) if format_ == "xlsx" else read_csv(stream), MAX_HEADER_ROW + ROWS)
        read = list(lines)
        row = header_row or find_header(read)
        table = read_table(read, row)
    rows = [record.fields for record in islice(table.records, ROWS) if record.refusal is None]
    return Preview(row, tuple(table.columns), rows)
