"""The import of a file, as the command line runs it: live progress, a summary, the rejections as a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from raccord.bulk import ledger
from raccord.bulk.imports import OPEN_KINDS, SOURCE_NAME, plan_import, run_import
from raccord.bulk.ledger import Counts, Order, Progress
from raccord.bulk.mapping import ColumnMapping, load_mappings, parse_mapping
from raccord.kernel.database import Database
from raccord.kernel.errors import InvalidParameterError
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.refusals import FieldError, RaccordError
from raccord.kernel.row_files import open_source
from raccord.kernel.text import Text
from raccord.records.kind import Kind

_REPORT_EVERY_S = 0.5
_SHOWN = 20


@dataclass(frozen=True)
class Summary:
    """What an import did.

    Units: seconds.
    """

    import_id: UUID
    counts: Counts
    seconds: float

    def __str__(self) -> str:
        counts, rate = self.counts, self.counts.seen / max(self.seconds, 0.001)
        return (
            f"{counts.seen} lines in {self.seconds:.1f} s ({rate:.0f}/s): {counts.created} created, "
            f"{counts.updated} updated, {counts.unchanged} unchanged, {counts.rejected} rejected."
        )


async def import_file(
    database: Database,
    kind_name: str,
    path: Path,
    *,
    source: str | None = None,
    mapping: str | None = None,
    rejections: Path | None = None,
    report: Callable[[str], None] | None = None,
) -> int:
    """Import the file as records of the source, and tell the terminal; returns how many lines were rejected.

    Errors: those of `run_file`.
    """
    tell = report or _tell
    summary = await run_file(database, kind_name, path, source=source, mapping=mapping, report=tell)
    tell(str(summary) + "\n")
    if rejections is not None:
        await _save_rejections(database, summary.import_id, rejections)
        tell(f"Rejections: {rejections}\n")
    elif summary.counts.rejected:
        await _show_rejections(database, summary.import_id, tell)
    return summary.counts.rejected


async def run_file(
    database: Database,
    kind_name: str,
    path: Path,
    *,
    source: str | None = None,
    mapping: str | None = None,
    report: Callable[[str], None] = lambda _text: None,
) -> Summary:
    """Import the file, from its beginning: lines that were written before cost their reading only.

    Without a source, each line is of the source that it names, as in an export.

    Errors: InvalidParameterError for a kind, source or mapping that is not one; InvalidContentError if the columns
            do not fit; MalformedBodyError for an unreadable file.
    """
    kind = _find_kind(kind_name)
    order = Order(kind.name, _check_source(source) if source is not None else None)
    asked = _find_mapping(kind, mapping)
    import_id, started = make_uuid7(), time.monotonic()
    show = _show_progress(report, started)
    with path.open("rb") as stream:
        opened = open_source(stream)
        plan = plan_import(import_id, order, opened, asked)
        name = plan.mapping.name if plan.mapping is not None else None
        async with database.begin() as tx:
            await ledger.open_import(tx, import_id, replace(order, format=plan.format, mapping=name))
        try:
            await run_import(database, plan, opened.rows, report=show)
        except RaccordError as failure:
            async with database.begin() as tx:
                await ledger.close_import(tx, import_id, failure)
            raise
    async with database.begin() as tx:
        progress = await ledger.close_import(tx, import_id)
    return Summary(import_id, progress.counts if progress is not None else Counts(), time.monotonic() - started)


def _find_kind(name: str) -> Kind:
    if name in OPEN_KINDS:
        return OPEN_KINDS[name]
    raise _refuse("kind", Text(f"Parmi : {', '.join(OPEN_KINDS)}.", f"One of: {', '.join(OPEN_KINDS)}."))


def _check_source(name: str) -> str:
    try:
        return SOURCE_NAME.validate_python(name)
    except ValidationError:
        message = Text("Minuscules, chiffres, - et _.", "Small letters, digits, - and _.")
        raise _refuse("source", message) from None


def _find_mapping(kind: Kind, asked: str | None) -> ColumnMapping | None:
    """Find the mapping by name, or read it from its TOML file."""
    if asked is None:
        return None
    known = load_mappings(kind.name, kind.content)
    if asked in known:
        return known[asked]
    try:
        return parse_mapping(Path(asked).read_text(encoding="utf-8"), kind.content)
    except (OSError, UnicodeDecodeError):
        names = ", ".join(known)
        message = Text(f"Un fichier TOML lisible, ou : {names}.", f"A readable TOML file, or: {names}.")
        raise _refuse("mapping", message) from None


def _refuse(name: str, message: Text) -> InvalidParameterError:
    return InvalidParameterError(errors=[FieldError("parameter", name, f"unknown_{name}", message)])


def _show_progress(report: Callable[[str], None], started: float) -> Callable[[Progress], None]:
    """Make what tells the progress, a few times a second at most; on a terminal in one line that changes."""
    end = "\r" if sys.stderr.isatty() else "\n"
    shown = started

    def show(progress: Progress) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown < _REPORT_EVERY_S:
            return
        shown = now
        counts = progress.counts
        written = counts.created + counts.updated
        rate = counts.seen / (now - started)
        report(
            f"{counts.seen} seen, {written} written, {counts.unchanged} unchanged, {counts.rejected} rejected "
            f"({rate:.0f}/s)   {end}"
        )

    return show


async def _save_rejections(database: Database, import_id: UUID, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as written:
        async for piece in ledger.write_rejections(database, import_id):
            written.write(piece)


async def _show_rejections(database: Database, import_id: UUID, tell: Callable[[str], None]) -> None:
    for row in await ledger.list_rejections(database, import_id, (0, -1), _SHOWN):
        tell(f"  line {row['line']}: {row['code']} {row['pointer'] or ''} {row['message_en']}\n")


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
