"""Exporting an open kind, as the command line does it: every record that its licence lets go, one to a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from raccord.kernel.clock import read_today
from raccord.kernel.database import Database
from raccord.kernel.strict_json import parse_object
from raccord.records.kind import Kind
from raccord.records.reads import read_text

BATCH = 1_000
_COLUMNS = "id, shape_version, convert_to(document::text, 'UTF8') AS document"


@dataclass
class ExportCounts:
    """What became of the records: written, or kept back because their licence or their state says so."""

    written: int = 0
    withheld: int = 0


async def export_records(
    database: Database, kind: Kind, output: BinaryIO, report: Callable[[ExportCounts], None] = lambda _counts: None
) -> ExportCounts:
    """Write the kind's live records as NDJSON, in the order of their ids."""
    counts, after, today = ExportCounts(), UUID(int=0), read_today()
    while rows := await database.fetch(
        f"SELECT {_COLUMNS} FROM {kind.table.name} WHERE id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2",  # noqa: S608
        after,
        BATCH,
    ):
        for row in rows:
            text = read_text(kind, row)
            if kind.may_be_exported is not None and not kind.may_be_exported(parse_object(text), today):
                counts.withheld += 1
                continue
            output.write(text + b"\n")
            counts.written += 1
        after = rows[-1]["id"]
        report(counts)
    return counts
