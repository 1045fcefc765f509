"""Read the tables that ship with the code, in data/; where they come from is in data/ATTRIBUTION.md."""

import csv
import gzip
from importlib import resources


def read_shipped(name: str) -> bytes:
    """Read a shipped file as it was before compression."""
    content = resources.files("raccord.reference").joinpath("data").joinpath(name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


def read_rows(name: str) -> list[dict[str, str]]:
    """Read a shipped table, one mapping for each row."""
    return list(csv.DictReader(read_shipped(name).decode().splitlines()))
