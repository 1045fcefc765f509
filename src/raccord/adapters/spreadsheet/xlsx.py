"""XLSX read row by row, in bounded memory: values as they were last worked out, never formulas, links or macros.

Source: ECMA-376 part 1, §18 (SpreadsheetML).
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import BinaryIO
from xml.parsers import expat

from raccord.adapters.contract import Broken
from raccord.adapters.spreadsheet.rows import MAX_COLUMNS, Cell, CellError, Line
from raccord.kernel.text import Text

# What a file may unpack to, in all: a sheet of a million short rows, and no bomb.
MAX_UNPACKED = 500_000_000
MAX_TEXTS_BYTES = 100_000_000
MAX_PARTS = 2_000
_CHUNK = 1 << 16
# What zipfile raises over archives that are damaged, encrypted or made up.
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, KeyError, ValueError, RuntimeError,
)  # fmt: skip
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
# Of a format: colours and conditions, texts in quotes, escaped characters say nothing of dates.
_FORMAT_NOISE = re.compile(r'\[(?!h+\]|m+\]|s+\])[^\]]*\]|"[^"]*"|\\.|_.|\*.', re.IGNORECASE)
_EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  # days of no zone
_LAST_SERIAL = 2_958_466
# Lotus took 1900 for a leap year, and Excel kept the mistake.
_LEAP_MISTAKE = 60


def list_sheets(stream: BinaryIO) -> list[str]:
    """List the names of the sheets, in their order.

    Errors: Broken for what is no XLSX.
    """
    with _open(stream) as book:
        return [name for name, _ in _read_sheets(book)]


def read_sheet(stream: BinaryIO, name: str | None = None, *, max_unpacked: int = MAX_UNPACKED) -> Iterator[Line]:
    """Read the rows of a sheet; without a name, of the first.

    Errors: Broken for what is no XLSX, has no such sheet, or unpacks beyond the bounds; also later, from the rows.
    """
    with _open(stream, max_unpacked) as book:
        path = _find_sheet(book, name)
        styles = _read_styles(book)
        reader = _SheetReader(_read_texts(book), styles, is_1904=_is_1904(book))
        yield from reader.read(book, path)


class _Book:
    """The parts of the file, unpacked as they are read and counted: what a part says of its own size proves nothing."""

    def __init__(self, archive: zipfile.ZipFile, max_unpacked: int) -> None:
        self._archive = archive
        self._left = max_unpacked
        self.names = frozenset(archive.namelist())

    def __enter__(self) -> _Book:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def read(self, name: str) -> Iterator[bytes]:
        """Read a part, piece by piece."""
        try:
            with self._archive.open(name) as part:
                while piece := part.read(_CHUNK):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise Broken(_TOO_LARGE)
                    yield piece
        except _ZIP_ERRORS:
            raise Broken(_DAMAGED) from None


def _open(stream: BinaryIO, max_unpacked: int = MAX_UNPACKED) -> _Book:
    try:
        archive = zipfile.ZipFile(stream)
    except _ZIP_ERRORS:
        raise Broken(_NOT_XLSX) from None
    if len(archive.infolist()) > MAX_PARTS:
        raise Broken(_TOO_LARGE)
    return _Book(archive, max_unpacked)


def _parse(
    book: _Book, name: str, start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] = lambda _name: None, text: Callable[[str], None] = lambda _text: None,
) -> Iterator[None]:  # fmt: skip
    """Parse a part; yields after each piece. Declarations of types and entities are refused, whatever they are for."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
    parser.EndElementHandler = lambda tag: end(_local(tag))
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for piece in book.read(name):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):
        raise Broken(_DAMAGED) from None
    yield


def _refuse_doctype(*_: object) -> None:
    raise Broken(_DAMAGED)


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _read_sheets(book: _Book) -> list[tuple[str, str]]:
    """Read the names of the sheets, with the ids of their parts."""
    found: list[tuple[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            ids = [value for name, value in attributes.items() if _local(name) == "id" and " " in name]
            found.append((attributes.get("name", ""), ids[0] if ids else ""))

    _drain(_parse(book, "xl/workbook.xml", start))
    return found


def _is_1904(book: _Book) -> bool:
    found: list[bool] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr":
            found.append(attributes.get("date1904") in ("1", "true"))

    _drain(_parse(book, "xl/workbook.xml", start))
    return any(found)


def _find_sheet(book: _Book, name: str | None) -> str:
    if "xl/workbook.xml" not in book.names:
        raise Broken(_NOT_XLSX)
    sheets = _read_sheets(book)
    found = next((part for title, part in sheets if name is None or title == name), None)
    targets: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _drain(_parse(book, "xl/_rels/workbook.xml.rels", start))
    target = targets.get(found or "", "")
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    if found is None or path not in book.names:
        raise Broken(Text("Pas de feuille de ce nom.", "No sheet of this name."))
    return path


def _read_texts(book: _Book) -> list[str]:
    """Read the texts that cells share; of rich texts, the letters; no phonetic help."""
    reader = _TextReader()
    if "xl/sharedStrings.xml" in book.names:
        _drain(_parse(book, "xl/sharedStrings.xml", reader.start, reader.end, reader.read))
    return reader.texts


@dataclass
class _TextState:
    in_text: bool = False
    in_phonetic: bool = False

    @property
    def is_read(self) -> bool:
        return self.in_text and not self.in_phonetic

    def enter(self, tag: str) -> None:
        self.in_text = self.in_text or tag == "t"
        self.in_phonetic = self.in_phonetic or tag == "rPh"

    def leave(self, tag: str) -> None:
        self.in_text = self.in_text and tag != "t"
        self.in_phonetic = self.in_phonetic and tag != "rPh"


@dataclass
class _TextReader:
    texts: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    state: _TextState = field(default_factory=_TextState)
    size: int = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self.pieces = []
        self.state.enter(tag)

    def read(self, text: str) -> None:
        if self.state.is_read:
            self.pieces.append(text)

    def end(self, tag: str) -> None:
        self.state.leave(tag)
        if tag != "si":
            return
        self.texts.append("".join(self.pieces))
        self.size += len(self.texts[-1]) + 50
        if self.size > MAX_TEXTS_BYTES:
            raise Broken(_TOO_LARGE)


def _read_styles(book: _Book) -> list[bool]:
    """Read which of the cells' styles show dates."""
    own: dict[int, bool] = {}
    dates: list[bool] = []
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside.append(tag)
        with suppress(ValueError):
            if tag == "numFmt":
                own[int(attributes["numFmtId"])] = _shows_date(attributes.get("formatCode", ""))
            elif tag == "xf" and "cellXfs" in inside:
                number = int(attributes.get("numFmtId", "0"))
                dates.append(own.get(number, number in _DATE_FORMATS))

    def end(_tag: str) -> None:
        inside.pop()

    if "xl/styles.xml" in book.names:
        _drain(_parse(book, "xl/styles.xml", start, end))
    return dates


def _shows_date(code: str) -> bool:
    letters = _FORMAT_NOISE.sub("", code.split(";", maxsplit=1)[0]).lower()
    return any(letter in letters for letter in "dmyhsaj") and "general" not in letters


def _drain(parsing: Iterator[None]) -> None:
    for _ in parsing:
        pass


@dataclass
class _SheetReader:
    """The rows of a sheet, as the parser meets them."""

    texts: list[str]
    dates: list[bool]
    is_1904: bool
    row: int = 0
    column: int = -1
    cells: list[Cell] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    value: list[str] = field(default_factory=list)
    has_formula: bool = False
    is_value: bool = False
    state: _TextState = field(default_factory=_TextState)
    done: list[Line] = field(default_factory=list)

    def read(self, book: _Book, path: str) -> Iterator[Line]:
        for _ in _parse(book, path, self._start, self._end, self._read_text):
            yield from self.done
            self.done.clear()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            given = attributes.get("r", "")
            self.row = int(given) if given.isascii() and given.isdigit() and len(given) < 8 else self.row + 1
            self.cells, self.column = [], -1
        elif tag == "c":
            found = _REFERENCE.fullmatch(attributes.get("r", ""))
            self.column = _count_letters(found[1]) if found else self.column + 1
            self.attributes, self.value, self.has_formula = attributes, [], False
        elif tag == "f":
            self.has_formula = True
        self.is_value = tag == "v" or (self.is_value and tag != "f")
        self.state.enter(tag)

    def _read_text(self, text: str) -> None:
        if self.is_value or self.state.is_read:
            self.value.append(text)

    def _end(self, tag: str) -> None:
        self.state.leave(tag)
        if tag == "v":
            self.is_value = False
        elif tag == "c" and self.column < MAX_COLUMNS:
            # The place is believed only as far as a table may be wide: a cell at the far end makes no long row.
            self.cells += [None] * (self.column + 1 - len(self.cells))
            self.cells[self.column] = self._read_cell()
        elif tag == "row":
            self.done.append(Line(self.row, self.cells))

    def _read_cell(self) -> Cell:
        text, kind = "".join(self.value), self.attributes.get("t", "n")
        if kind == "e":
            return CellError(text[:20] or "error")
        if not text:
            return CellError("formula") if self.has_formula and not self.value and kind != "str" else None
        if kind == "s":
            place = int(text) if text.isascii() and text.isdigit() else -1
            return self.texts[place] if 0 <= place < len(self.texts) else CellError("text")
        if kind == "b":
            return text == "1"
        if kind in ("str", "inlineStr", "d"):
            return text
        return self._read_number(text)

    def _read_number(self, text: str) -> Cell:
        try:
            number = float(text)
        except ValueError:
            return CellError("number")
        if not math.isfinite(number):
            return CellError("number")
        style = self.attributes.get("s", "0")
        place = int(style) if style.isascii() and style.isdigit() else 0
        if place < len(self.dates) and self.dates[place]:
            return write_serial(number, is_1904=self.is_1904)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number


def write_serial(serial: float, *, is_1904: bool = False) -> Cell:
    """Write the day that a serial number counts to, with the time if it has one.

    Source: ECMA-376 part 1, §18.17.4.
    """
    if not 0 <= serial < _LAST_SERIAL:
        return CellError("date")
    days = serial if is_1904 or serial >= _LEAP_MISTAKE else serial + 1
    moment = (_EPOCH_1904 if is_1904 else _EPOCH_1900) + timedelta(seconds=round(days * 86_400))
    if serial < 1:
        return moment.time().isoformat()
    is_day = moment.time() == datetime.min.time()
    return date.isoformat(moment.date()) if is_day else moment.isoformat()


def _count_letters(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


_NOT_XLSX = Text("Ce n'est pas un classeur XLSX.", "This is no XLSX workbook.")
_DAMAGED = Text("Le classeur est endommagé.", "The workbook is damaged.")
_TOO_LARGE = Text("Le classeur décompressé dépasse la limite.", "The workbook unpacks beyond the limit.")
