"""Read the tables that ship with the code, in data/; where they come from is in data/ATTRIBUTION.md."""

import csv
import gzip
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from raccord.reference.code_list import Code, freeze_mapping


def read_shipped(name: str) -> bytes:
    """Read a shipped file as it was before compression."""
    content = resources.files("raccord.reference").joinpath("data").joinpath(name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


def read_rows(name: str) -> list[dict[str, str]]:
    """Read a shipped table, one mapping for each row."""
    return list(csv.DictReader(read_shipped(name).decode().splitlines()))


@cache
def read_codes(name: str) -> Mapping[str, tuple[Code, ...]]:
    """Read a shipped table of codes, by list.

    Shape: columns list, value, label_fr, label_en, parent if any, then crosswalk:<system> and attribute:<name>; an
    empty cell states nothing.
    """
    codes: dict[str, list[Code]] = {}
    for row in read_rows(name):
        codes.setdefault(row["list"], []).append(
            Code(
                value=row["value"],
                label_fr=row["label_fr"],
                label_en=row["label_en"],
                parent=row.get("parent") or None,
                crosswalk=select_columns(row, "crosswalk:"),
                attributes=select_columns(row, "attribute:"),
            )
        )
    return MappingProxyType({list_name: tuple(found) for list_name, found in codes.items()})


def select_columns(row: Mapping[str, str], prefix: str) -> Mapping[str, str]:
    """Keep the filled cells of the columns that bear a prefix."""
    filled = {column: cell for column, cell in row.items() if column.startswith(prefix) and cell}
    return freeze_mapping({column.removeprefix(prefix): cell for column, cell in filled.items()})
