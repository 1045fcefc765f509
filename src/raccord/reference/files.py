"""Read a file of reference data into entries, and refuse what does not look like the list that it should be."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from raccord.reference.entries import Entry
from raccord.reference.shipped import read_shipped
from raccord.reference.stored_lists import Row, StoredList

# Far above every known file; an archive that unpacks to more is no list of codes.
MAX_BYTES = 100_000_000
# France Travail's archive holds a file for each of its lists, whose name begins so.
MEMBERS: Mapping[str, str] = {
    "rome_occupations": "unix_referentiel_code_rome_v",
    "rome_appellations": "unix_referentiel_appellation_v",
}


class FileRefused(Exception):
    """A file is not what the list needs. The message says where and why, for the operator."""


@dataclass(frozen=True)
class ReadFile:
    """The entries of a file, and its digest."""

    entries: list[Entry]
    sha256: str


def read_shipped_file(stored: StoredList) -> ReadFile:
    """Read the file that ships for a list."""
    if stored.shipped is None:
        raise FileRefused(f"nothing ships for {stored.name}: give a file")
    content = read_shipped(stored.shipped)
    return _read_entries(stored, read_rows(stored, content), digest_content(content))


def digest_content(content: bytes) -> str:
    """Digest the content of a file."""
    return hashlib.sha256(content).hexdigest()


def read_file(stored: StoredList, content: bytes) -> ReadFile:
    """Read the content of a file: CSV, gzipped or in an archive, or not.

    Errors: FileRefused for a missing column, a bad row, a repeated code or an implausible count.
    """
    rows = read_rows(stored, unpack(stored, content))
    if stored.is_completed and stored.shipped is not None:
        ours = {row["code"]: row for row in read_rows(stored, read_shipped(stored.shipped))}
        rows = (complete_row(row, ours.get(row["code"], {})) for row in rows)
    return _read_entries(stored, rows, digest_content(content))


def complete_row(row: Row, ours: Row) -> Row:
    """Complete a row by what ships of the same entry; a place of its own brings its own precision."""
    filled = {name: cell for name, cell in row.items() if cell}
    precision = {"precision": ""} if filled.get("latitude") else {}
    return {**ours, **precision, **filled}


def _read_entries(stored: StoredList, rows: Iterable[Row], sha256: str) -> ReadFile:
    entries: dict[str, Entry] = {}
    for line, row in enumerate(rows, start=2):
        try:
            entry = stored.read_entry(row)
        except (ValueError, KeyError) as error:
            raise FileRefused(f"line {line}: {error}") from None
        if entry.code in entries:
            raise FileRefused(f"line {line}: a code appears twice")
        entries[entry.code] = entry
    if len(entries) not in stored.counts:
        expected = f"{stored.counts.start} to {stored.counts.stop - 1}"
        raise FileRefused(f"{len(entries)} entries: {expected} are plausible for {stored.name}")
    return ReadFile([*entries.values()], sha256)


def read_rows(stored: StoredList, content: bytes) -> Iterator[Row]:
    """Read the rows, their columns under our names."""
    reader = csv.reader(io.StringIO(decode(content), newline=""), strict=True)
    try:
        header = rename_columns(stored, [name.strip() for name in next(reader, [])])
        missing = [name for name in stored.columns if name not in header]
        if missing:
            raise FileRefused(f"columns missing: {', '.join(missing)}")
        for line, cells in enumerate(reader, start=2):
            if len(cells) != len(header):
                raise FileRefused(f"line {line}: {len(cells)} cells for {len(header)} columns")
            yield {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    except csv.Error as error:
        raise FileRefused(f"line {reader.line_num}: {error}") from None


def rename_columns(stored: StoredList, header: list[str]) -> list[str]:
    """Put our names in place of a publisher's; of two that mean the same, the alias declared first is taken."""
    for published, ours in stored.aliases.items():
        if published in header and ours not in header:
            header[header.index(published)] = ours
    return header


def unpack(stored: StoredList, content: bytes) -> bytes:
    """Take the table out of its compression."""
    if len(content) > MAX_BYTES:
        raise FileRefused(f"over {MAX_BYTES} bytes")
    try:
        if content.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
                unpacked = stream.read(MAX_BYTES + 1)
        elif content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(find_member(stored, archive)) as member:
                unpacked = member.read(MAX_BYTES + 1)
        else:
            unpacked = content
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise FileRefused(f"cannot be unpacked: {error}") from None
    if len(unpacked) > MAX_BYTES:
        raise FileRefused(f"over {MAX_BYTES} bytes once unpacked")
    return unpacked


def find_member(stored: StoredList, archive: zipfile.ZipFile) -> str:
    """Find the file of the list in an archive that holds several."""
    start = MEMBERS.get(stored.name, stored.name)
    for name in archive.namelist():
        if name.rpartition("/")[2].startswith(start) and name.endswith(".csv"):
            return name
    raise FileRefused(f"the archive holds no {start}….csv")


def decode(content: bytes) -> str:
    """Decode UTF-8, with its mark or not, or else the Windows encoding of older files."""
    if b"\x00" in content:
        raise FileRefused("not a text: it holds a NUL byte")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
