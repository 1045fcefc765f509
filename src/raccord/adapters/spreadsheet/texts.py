"""CSV and NDJSON as they come: UTF-8, UTF-16 or Latin-1, with a mark or without, separated by any usual character."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Literal

from raccord.adapters.contract import Broken, RecordRefused
from raccord.adapters.spreadsheet.rows import Cell, Line, Record, Table
from raccord.kernel.refusals import RaccordError
from raccord.kernel.row_files import MAX_BLANK_LINES, SourceRow, open_source
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

Encoding = Literal["auto", "utf-8", "latin-1"]
MAX_LINE = 256_000
_DELIMITERS = ";,\t|"
_SAMPLE = 64_000
_CHUNK = 1 << 20
_MAX_DEPTH = 5


def choose_encoding(stream: BinaryIO, encoding: Encoding = "auto") -> str:
    """Choose how the bytes are read: by their mark, else UTF-8 if all of them are, else Windows' code page."""
    start = stream.read(4)
    stream.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if encoding != "auto":
        return "utf-8-sig" if encoding == "utf-8" else "cp1252"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(_CHUNK):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        stream.seek(0)
    return "utf-8-sig"


def read_csv(stream: BinaryIO, encoding: Encoding = "auto", delimiter: str | None = None) -> Iterator[Line]:
    """Read the rows of a CSV; a damaged one is told, and the next are read."""
    text = io.TextIOWrapper(stream, choose_encoding(stream, encoding), errors="replace", newline="")
    try:
        found = delimiter or choose_delimiter(text.read(_SAMPLE))
        text.seek(0)
        yield from _read_rows(_Feed(text), found)
    finally:
        # The stream is its opener's to close.
        if not stream.closed:
            text.detach()


def _read_rows(feed: _Feed, delimiter: str) -> Iterator[Line]:
    rows = csv.reader(feed, delimiter=delimiter)
    while True:
        first = feed.number + 1
        try:
            cells: list[Cell] = [*next(rows)]
        except StopIteration:
            return
        except csv.Error:
            yield Line(first, refusal=_NOT_CSV)
            continue
        yield Line(first, cells) if any(cells) else feed.note_blank(first)


def choose_delimiter(sample: str) -> str:
    """Choose the character that separates: the one that comes most often, and in the most lines."""
    lines = [line for line in sample.splitlines()[:20] if line.strip()]
    return max(_DELIMITERS, key=lambda mark: (sum(mark in line for line in lines), sample.count(mark)))


class _Feed(Iterator[str]):
    """The lines of a text for the csv reader, none of them endless."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._blank = 0
        self.number = 0

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= MAX_LINE and not line.endswith(("\n", "\r")):
            while line and not line.endswith(("\n", "\r")):
                line = self._text.readline(MAX_LINE)
            raise csv.Error("line too long")
        return line

    def note_blank(self, number: int) -> Line:
        self._blank += 1
        if self._blank > MAX_BLANK_LINES:
            raise Broken(Text(f"Plus de {MAX_BLANK_LINES} lignes vides.", f"More than {MAX_BLANK_LINES} blank lines."))
        return Line(number)


def read_ndjson(stream: BinaryIO) -> Table:
    """Read JSON lines; what is nested is named by dots: `adresse.ville`.

    Errors: Broken for what is empty or damaged.
    """
    try:
        rows = open_source(stream, "ndjson").rows
        first = next(rows, None)
    except RaccordError as error:
        raise Broken(error.detail or error.title) from None
    if first is None:
        return Table([], iter(()))
    return Table([*flatten(first.fields)], (_make_record(row) for row in chain([first], rows)))


def _make_record(row: SourceRow) -> Record:
    if row.error is not None:
        return Record(row.line, {}, RecordRefused(row.error.code, row.error.message))
    return Record(row.line, flatten(row.fields))


def flatten(fields: JsonObject, prefix: str = "", depth: int = 0) -> JsonObject:
    """Name what is nested by dots; what is blank is absent."""
    flat: JsonObject = {}
    for name, value in fields.items():
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            flat |= flatten(value, f"{prefix}{name}.", depth + 1)
            continue
        kept = value.strip() if isinstance(value, str) else value
        if kept is not None and kept != "":
            flat[prefix + name] = kept
    return flat


_NOT_CSV = RecordRefused(
    "malformed_csv", Text("Ligne illisible, ou guillemet non fermé.", "Unreadable row, or quote never closed.")
)
