"""Load lists into the database: what ships with the code, and the fuller files that an operator has."""

from __future__ import annotations

from collections.abc import Sequence

from raccord.kernel.database import Database, Transaction
from raccord.kernel.strict_json import dump_json
from raccord.reference.entries import Entry
from raccord.reference.files import ReadFile, digest_content, read_shipped_file
from raccord.reference.shipped import read_shipped
from raccord.reference.stored_lists import STORED_LISTS, StoredList

# Changed when files are read into entries otherwise than before: what shipped is then loaded again.
READING = 1
_LOCK = 7_202_611_251
_INSERT = """
INSERT INTO reference_entries
SELECT $1, code, rank, label_fr, label_en, parent_code, valid_from_on, valid_until_on,
       crosswalks::json, attributes::json, latitude, longitude, precision,
       array_to_tsvector(string_to_array(words, ' '))
FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[],
            $9::text[], $10::text[], $11::float8[], $12::float8[], $13::text[], $14::text[])
     AS given (code, rank, label_fr, label_en, parent_code, valid_from_on, valid_until_on,
               crosswalks, attributes, latitude, longitude, precision, words)
"""
_KEEP_EDITION = """
INSERT INTO reference_editions
    (list, version, source, licence, valid_from_on, entries_count, sha256, is_shipped, loaded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now())
ON CONFLICT (list) DO UPDATE SET
    version = excluded.version, source = excluded.source, licence = excluded.licence,
    valid_from_on = excluded.valid_from_on, entries_count = excluded.entries_count,
    sha256 = excluded.sha256, is_shipped = excluded.is_shipped, loaded_at = excluded.loaded_at
"""


async def install_shipped_lists(url: str) -> list[str]:
    """Load, as the owner of the database, the shipped lists that it lacks; return their names."""
    database = Database(url, size=2)
    try:
        async with database.begin() as tx:
            return await load_shipped_lists(tx)
    finally:
        await database.close()


async def load_shipped_lists(tx: Transaction) -> list[str]:
    """Load the shipped lists of which another edition stands, or none. What an operator loaded stays."""
    await tx.fetch(f"SELECT pg_advisory_xact_lock({_LOCK})")
    rows = await tx.fetch("SELECT list, sha256, is_shipped FROM reference_editions")
    present = {row["list"]: row for row in rows}
    loaded = []
    for stored in STORED_LISTS:
        row = present.get(stored.name)
        if stored.shipped is None or (row is not None and not row["is_shipped"]):
            continue
        digest = _mark(digest_content(read_shipped(stored.shipped)))
        if row is None or row["sha256"] != digest:
            await _replace(tx, stored, read_shipped_file(stored), version=stored.version, is_shipped=True)
            loaded.append(stored.name)
    if loaded:
        await tx.fetch("ANALYZE reference_entries")
    return loaded


async def load_file(tx: Transaction, stored: StoredList, file: ReadFile, version: str) -> None:
    """Replace a list by the entries of an operator's file."""
    await tx.fetch(f"SELECT pg_advisory_xact_lock({_LOCK})")
    await _replace(tx, stored, file, version=version, is_shipped=False)
    await tx.fetch("ANALYZE reference_entries")


async def load_shipped_again(tx: Transaction, stored: StoredList) -> int:
    """Put a list back to what ships, in place of what an operator loaded; return how many entries that is."""
    await tx.fetch(f"SELECT pg_advisory_xact_lock({_LOCK})")
    file = read_shipped_file(stored)
    await _replace(tx, stored, file, version=stored.version, is_shipped=True)
    return len(file.entries)


async def _replace(tx: Transaction, stored: StoredList, file: ReadFile, *, version: str, is_shipped: bool) -> None:
    await tx.fetch("DELETE FROM reference_entries WHERE list = $1", stored.name)
    await tx.fetch(_INSERT, stored.name, *_spread(file.entries))
    await tx.fetch(
        _KEEP_EDITION,
        stored.name,
        version,
        stored.source,
        stored.licence,
        stored.valid_from_on if version == stored.version else None,
        len(file.entries),
        _mark(file.sha256),
        is_shipped,
    )


def _mark(digest: str) -> str:
    return f"{digest}-{READING}"


def _spread(entries: Sequence[Entry]) -> list[list[object]]:
    """Spread the entries into columns, as unnest takes them."""
    rows = [
        (
            entry.code,
            -entry.weight,
            entry.label_fr,
            entry.label_en,
            entry.parent,
            entry.valid_from_on,
            entry.valid_until_on,
            dump_json({**entry.crosswalks}).decode() if entry.crosswalks else "{}",
            dump_json(entry.attributes).decode(),
            entry.location.latitude if entry.location else None,
            entry.location.longitude if entry.location else None,
            entry.location.precision if entry.location else None,
            " ".join(entry.list_words()),
        )
        for entry in entries
    ]
    return [list(column) for column in zip(*rows, strict=True)]
