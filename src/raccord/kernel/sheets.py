"""CSV that a person opens in a spreadsheet by a double click: in columns, accents right, no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# Without the mark, spreadsheets take UTF-8 for the code page of their machine; French ones part columns at semicolons.
_MARK = "\ufeff"
_DELIMITER = ";"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_header(names: Sequence[str]) -> str:
    """Write the first row, and what tells a spreadsheet how to read the rest."""
    return _MARK + write_rows([names])


def write_rows(rows: Iterable[Sequence[object]]) -> str:
    """Write rows; what a spreadsheet would run as a formula becomes a text."""
    written = io.StringIO()
    csv.writer(written, delimiter=_DELIMITER).writerows([_defuse(cell) for cell in row] for row in rows)
    return written.getvalue()


def _defuse(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
