"""What every table is read as: rows of cells, then records by the names of the columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from raccord.adapters.contract import Broken, RecordRefused
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

MAX_COLUMNS = 500
# Titles above a header are few.
MAX_HEADER_ROW = 20
_ALPHABET = 26


@dataclass(frozen=True)
class CellError:
    """A cell that holds no value but an error of its spreadsheet: #N/A, a formula never worked out."""

    code: str


Cell = str | int | float | bool | CellError | None


@dataclass(frozen=True)
class Line:
    """One row of a table as read; `refusal` where it cannot be."""

    number: int
    cells: Sequence[Cell] = ()
    refusal: RecordRefused | None = None


@dataclass(frozen=True)
class Record:
    """One row under its header."""

    number: int
    fields: JsonObject
    refusal: RecordRefused | None = None


@dataclass(frozen=True)
class Table:
    """A table: the names of its columns, and its rows."""

    columns: Sequence[str]
    records: Iterator[Record]


def read_table(lines: Iterable[Line], header_row: int) -> Table:
    """Read the lines under the header; what is blank says nothing.

    Shape:  a column without a name bears its letter, (C); a name that comes again is counted, Nom (2).
    Errors: Broken without a header.
    """
    walked = iter(lines)
    header = next((line for line in walked if line.number >= header_row), None)
    if header is None or header.refusal is not None or not any(_write_name(cell) for cell in header.cells):
        raise Broken(Text(f"Pas d'en-tête à la ligne {header_row}.", f"No header on row {header_row}."))
    columns = name_columns(header.cells)
    return Table(columns, (_make_record(columns, line) for line in walked if line.refusal is not None or _holds(line)))


def name_columns(cells: Sequence[Cell]) -> list[str]:
    """Name the columns by the cells of the header.

    Errors: Broken beyond MAX_COLUMNS.
    """
    names = [_write_name(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise Broken(Text(f"Plus de {MAX_COLUMNS} colonnes.", f"More than {MAX_COLUMNS} columns."))
    seen: Counter[str] = Counter()
    made: list[str] = []
    for place, name in enumerate(names):
        named = name or f"({write_letters(place)})"
        seen[named] += 1
        made.append(named if seen[named] == 1 else f"{named} ({seen[named]})")
    return made


def find_header(lines: Iterable[Line]) -> int:
    """Guess on which row the header stands: the first near the top with as many different texts as any there."""
    widths: dict[int, int] = {}
    for line in lines:
        if line.number > MAX_HEADER_ROW:
            break
        widths[line.number] = len({cell.strip() for cell in line.cells if isinstance(cell, str) and cell.strip()})
    return next((number for number, width in widths.items() if width == max(widths.values()) and width), 1)


def write_letters(place: int) -> str:
    """Write the letters of a column, counted from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, _ALPHABET)
        letters = chr(ord("A") + rest) + letters
    return letters


def _write_name(cell: Cell) -> str:
    if cell is None or isinstance(cell, CellError):
        return ""
    return " ".join(str(cell).split())[:255]


def _holds(line: Line) -> bool:
    return any(cell is not None and cell != "" for cell in line.cells)


def _make_record(columns: Sequence[str], line: Line) -> Record:
    if line.refusal is not None:
        return Record(line.number, {}, line.refusal)
    fields: JsonObject = {}
    for place, cell in enumerate(line.cells):
        value = _read_cell(cell)
        if value is None:
            continue
        fields[columns[place] if place < len(columns) else f"({write_letters(place)})"] = value
    return Record(line.number, fields)


def _read_cell(cell: Cell) -> JsonValue:
    if isinstance(cell, CellError):
        # An object, which no field takes: translate.py refuses it by its name.
        return {"error": cell.code}
    if isinstance(cell, str):
        return cell.strip() or None
    return cell
