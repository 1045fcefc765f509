"""Reading NDJSON and CSV, gzipped or not, one row at a time: what cannot be read is a row with its error, not an end.

Nothing here knows what the rows mean; memory does not grow with the file.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from raccord.kernel.errors import BodyTooLargeError, MalformedBodyError
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

MAX_ROW_BYTES = 256_000
MAX_CSV_ROW_LINES = 100
MAX_COLUMNS = 500
# A few kilobytes unpack to a billion empty lines.
MAX_BLANK_LINES = 100_000
# What a compressed source may grow to: beyond, it is more likely an attack than a file.
MAX_UNPACKED_BYTES = 4_000_000_000
Format = Literal["ndjson", "csv"]
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class SourceRow:
    """One row: where it begins, its bytes, and either its fields or what is wrong with it.

    Shape: fields are as read; of JSON nothing but its syntax is checked yet.
    """

    line: int
    last_line: int
    raw: bytes
    fields: JsonObject = field(default_factory=dict)
    error: FieldError | None = None


@dataclass(frozen=True)
class Source:
    """An opened source: its format, the names of its columns where they are known, its rows."""

    format: Format
    columns: tuple[str, ...]
    rows: Iterator[SourceRow]


def open_source(stream: BinaryIO, format_: Format | None = None, *, limit: int = MAX_UNPACKED_BYTES) -> Source:
    """Open NDJSON or CSV, gzipped or not; without a format, the first character tells.

    Shape:  the columns of NDJSON are the keys of its first readable object.
    Errors: MalformedBodyError for what is empty, damaged or without a sound header; BodyTooLargeError, also later,
            from the rows, when it unpacks to more than the limit.
    """
    lines = _Lines(_unpack(stream, limit))
    first = lines.peek()
    if first is None:
        raise MalformedBodyError(Text("Le fichier est vide.", "The file is empty."))
    if format_ == "csv" or (format_ is None and not first.raw.lstrip().startswith((b"{", b"["))):
        columns, delimiter = _read_header(lines)
        return Source("csv", columns, _CsvRows(lines, columns, delimiter))
    rows = _read_json_rows(lines)
    seen, columns = [], ()
    for row in rows:
        seen.append(row)
        if row.error is None:
            columns = tuple(row.fields)
        if row.error is None or len(seen) == MAX_CSV_ROW_LINES:
            break
    return Source("ndjson", columns, _chain(seen, rows))


def _chain(seen: Iterable[SourceRow], rows: Iterator[SourceRow]) -> Iterator[SourceRow]:
    yield from seen
    yield from rows


def _unpack(stream: BinaryIO, limit: int) -> io.BufferedReader:
    plain: io.BufferedReader = io.BufferedReader(_Bounded(stream, limit), 1 << 16)
    if not plain.peek(2).startswith(_GZIP):
        return plain
    return io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=plain), limit), 1 << 16)


class _Bounded(io.RawIOBase):
    """A stream that ends in an error beyond its limit, and tells damage to compressed data as such."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the writable buffers used
        try:
            block = self._stream.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise MalformedBodyError(
                Text("Le fichier compressé est endommagé.", "The compressed file is damaged.")
            ) from None
        self._left -= len(block)
        if self._left < 0:
            raise BodyTooLargeError(
                Text("Le fichier décompressé dépasse la limite.", "The file unpacks beyond the limit.")
            )
        buffer[: len(block)] = block
        return len(block)


@dataclass(frozen=True)
class _Line:
    number: int
    raw: bytes
    is_too_long: bool = False


class _Lines:
    """The lines of a stream with their numbers; some may be put back. A line beyond the bound is cut to nothing."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._returned: deque[_Line] = deque()
        self._number = 0
        self._blank = 0

    def take(self) -> _Line | None:
        """Take the next line, or None at the end."""
        if self._returned:
            return self._returned.popleft()
        raw = self._stream.readline(MAX_ROW_BYTES + 1)
        if not raw:
            return None
        self._number += 1
        if self._number == 1:
            raw = raw.removeprefix(_BOM)
        if len(raw) <= MAX_ROW_BYTES or raw.endswith(b"\n"):
            return _Line(self._number, raw)
        while raw and not raw.endswith(b"\n"):
            raw = self._stream.readline(MAX_ROW_BYTES)
        return _Line(self._number, b"", is_too_long=True)

    def peek(self) -> _Line | None:
        """Look at the next line that is not blank."""
        while (line := self.take()) is not None:
            if line.raw.strip() or line.is_too_long:
                self.put_back([line])
                return line
            self.note_blank()
        return None

    def note_blank(self) -> None:
        """Count a line that says nothing."""
        self._blank += 1
        if self._blank > MAX_BLANK_LINES:
            raise BodyTooLargeError(
                Text(f"Plus de {MAX_BLANK_LINES} lignes vides.", f"More than {MAX_BLANK_LINES} blank lines.")
            )

    def put_back(self, lines: Iterable[_Line]) -> None:
        """Give lines back, to be taken again in their order."""
        self._returned.extendleft(reversed(list(lines)))


def _read_json_rows(lines: _Lines) -> Iterator[SourceRow]:
    while (line := lines.take()) is not None:
        raw = line.raw.strip()
        if line.is_too_long:
            yield _refuse(line, "row_too_long", _TOO_LONG)
        elif raw:
            yield _read_json_row(line, raw)
        else:
            lines.note_blank()


def _read_json_row(line: _Line, raw: bytes) -> SourceRow:
    try:
        value: JsonValue = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _refuse(line, "not_utf8", _NOT_UTF8)
    except (ValueError, RecursionError):
        return _refuse(line, "malformed_json", _NOT_JSON)
    if not isinstance(value, dict):
        return _refuse(line, "malformed_json", _NOT_OBJECT)
    return SourceRow(line.number, line.number, raw, value)


class _CsvRows(Iterator[SourceRow]):
    """The rows of a CSV after its header. A row in quotes may span lines; a damaged one costs its first line only."""

    def __init__(self, lines: _Lines, columns: tuple[str, ...], delimiter: str) -> None:
        self._lines = lines
        self._columns = columns
        self._taken: list[_Line] = []
        self._reader = csv.reader(_Feed(self._take_text), delimiter=delimiter, strict=True)

    def __next__(self) -> SourceRow:
        while True:
            self._taken = []
            row = self._read_row()
            if row is not None:
                return row

    def _read_row(self) -> SourceRow | None:
        """Read one row; None for a blank line."""
        try:
            cells = next(self._reader)
        except (csv.Error, _RowTooLong) as error:
            # What follows the first line may be sound: it is read again.
            self._lines.put_back(self._taken[1:])
            code, text = ("row_too_long", _TOO_LONG) if isinstance(error, _RowTooLong) else ("malformed_csv", _NOT_CSV)
            return _refuse(self._taken[0], code, text)
        if not any(cells):
            self._lines.note_blank()
            return None
        first, last = self._taken[0], self._taken[-1]
        raw = b"".join(line.raw for line in self._taken).rstrip(b"\r\n")
        if any(not cell.isprintable() and _has_surrogate(cell) for cell in cells):
            return _refuse(first, "not_utf8", _NOT_UTF8, last)
        if len(cells) != len(self._columns):
            return _refuse(first, "column_count", _COLUMN_COUNT, last)
        return SourceRow(first.number, last.number, raw, dict(zip(self._columns, cells, strict=True)))

    def _take_text(self) -> str:
        line = self._lines.take()
        if line is None:
            raise StopIteration
        self._taken.append(line)
        is_too_much = sum(len(part.raw) for part in self._taken) > MAX_ROW_BYTES
        if line.is_too_long or is_too_much or len(self._taken) > MAX_CSV_ROW_LINES:
            raise _RowTooLong
        return line.raw.decode("utf-8", "surrogateescape")


class _RowTooLong(Exception):
    """A row passes the bounds, often for want of its closing quote."""


class _Feed(Iterator[str]):
    """Lines for the csv reader. A class, because a generator that raised would not go on."""

    def __init__(self, take: Callable[[], str]) -> None:
        self._take = take

    def __next__(self) -> str:
        return self._take()


def _read_header(lines: _Lines) -> tuple[tuple[str, ...], str]:
    line = lines.take()
    try:
        text = line.raw.decode("utf-8").strip("\r\n") if line is not None and not line.is_too_long else ""
        delimiter = max(_DELIMITERS, key=text.count)
        columns = tuple(name.strip() for name in next(csv.reader([text], delimiter=delimiter, strict=True), ()))
    except (UnicodeDecodeError, csv.Error):
        raise MalformedBodyError(
            Text("L'en-tête CSV est illisible (UTF-8 attendu).", "The CSV header is unreadable (UTF-8 expected).")
        ) from None
    if not 0 < len(columns) <= MAX_COLUMNS or not all(columns) or len(set(columns)) != len(columns):
        raise MalformedBodyError(
            Text(
                f"L'en-tête CSV doit nommer de 1 à {MAX_COLUMNS} colonnes, sans vide ni doublon.",
                f"The CSV header must name 1 to {MAX_COLUMNS} columns, none blank or repeated.",
            )
        )
    return columns, delimiter


def _has_surrogate(cell: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in cell)


def _refuse(line: _Line, code: str, message: Text, last: _Line | None = None) -> SourceRow:
    error = FieldError("pointer", "", code, message)
    return SourceRow(line.number, (last or line).number, line.raw, error=error)


_TOO_LONG = Text(
    f"Ligne de plus de {MAX_ROW_BYTES} octets, ou guillemet non fermé.",
    f"Row over {MAX_ROW_BYTES} bytes, or quote never closed.",
)
_NOT_UTF8 = Text("La ligne n'est pas en UTF-8.", "The row is not in UTF-8.")
_NOT_JSON = Text("La ligne n'est pas du JSON.", "The row is not JSON.")
_NOT_OBJECT = Text("La ligne n'est pas un objet JSON.", "The row is not a JSON object.")
_NOT_CSV = Text("La ligne n'est pas du CSV (RFC 4180).", "The row is not CSV (RFC 4180).")
_COLUMN_COUNT = Text(
    "Le nombre de cellules n'est pas celui de l'en-tête.", "The row has not as many cells as the header."
)
