"""Tables of structures, and how they are connected."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, SupportsIndex

from raccord.adapters.spreadsheet.manifest import MANIFEST
from tests.adapters.case import Case
from tests.adapters.spreadsheet.books import row, write_book
from tests.adapters.stand_in import StandIn

COLUMNS = ["Identifiant", "Raison sociale", "Type", "CP", "Ville", "Mise à jour", "Suivi"]
MAPPING: dict[str, Any] = {
    "external_id": "Identifiant",
    "ignored": ["Suivi"],
    "fields": {
        "name": "Raison sociale",
        "kind": {"column": "Type", "codes": {"Chantier": "ACI", "Entreprise": "EI"}},
        "address.postal_code": {"column": "CP", "transforms": ["postal_code"]},
        "address.city": "Ville",
        "source_updated_on": {"column": "Mise à jour", "transforms": ["date"]},
    },
}
LONG_AGO = 1_763_000_000


def make_rows(count: int) -> list[list[Any]]:
    return [[f"S-{n}", f"Structure {n:05}", "Chantier", "01000", "Bourg", "20/11/2026", n] for n in range(1, count + 1)]


def write_csv(rows: list[list[Any]], *, encoding: str = "cp1252", delimiter: str = ";") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows([COLUMNS, *rows])
    return buffer.getvalue().encode(encoding)


def write_xlsx(rows: list[list[Any]]) -> bytes:
    return write_book("".join(row(*cells) for cells in [COLUMNS, *rows]))


def write_ndjson(rows: list[list[Any]]) -> bytes:
    return b"".join(json.dumps(dict(zip(COLUMNS, cells, strict=True))).encode() + b"\n" for cells in rows)


WRITERS = {"csv": write_csv, "xlsx": write_xlsx, "ndjson": write_ndjson}


def put(folder: Path, name: str, content: bytes, at: float = LONG_AGO) -> Path:
    """Put a file that is not new into the folder."""
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (at, at))
    return path


class TableRows(list[Any]):
    """Rows of a table: a change of them is a new file, newer than the one before."""

    def __init__(self, rows: list[Any], write: Callable[[list[Any]], object]) -> None:
        super().__init__(rows)
        self._write = write
        write(self)

    def pop(self, place: SupportsIndex = -1) -> Any:
        found = super().pop(place)
        self._write(self)
        return found

    def __setitem__(self, place: Any, value: Any) -> None:
        super().__setitem__(place, value)
        self._write(self)

    def __delitem__(self, place: Any) -> None:
        super().__delitem__(place)
        self._write(self)


def connect(folder: Path, files: str, **settings: Any) -> Case:
    """Connect files of a folder."""
    return Case(
        replace(MANIFEST, reads=("structures",)),
        StandIn(),
        settings={"kind": "structures", "mapping": MAPPING, "place": {"type": "folder"}, "files": files, **settings},
        calls_http=False,
        folder=folder,
    )
