"""Answer what is asked of the lists, wherever they are kept: those in the code, and those in the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from raccord.kernel.database import Reader, Row
from raccord.reference.code_list import Code, CodeList
from raccord.reference.entries import Edition, Entry, Location
from raccord.reference.lists import LISTS, LISTS_BY_NAME
from raccord.reference.stored_lists import STORED_LISTS_BY_NAME
from raccord.reference.words import matches_prefixes, write_prefix_query

COLUMNS = (
    "code, rank, label_fr, label_en, parent_code, valid_from_on, valid_until_on, crosswalks::text, attributes::text, "
    "latitude, longitude, precision"
)
Place = tuple[int, str]


@dataclass(frozen=True)
class EntriesQuery:
    """Say which entries of a list are wanted.

    Shape: q holds beginnings of words; after is the place of the last entry already read.
    """

    name: str
    limit: int
    q: str | None = None
    parent: str | None = None
    after: Place | None = None


@dataclass(frozen=True)
class EntriesPage:
    """Hold a stretch of a list, and the place from which it goes on, if it does."""

    entries: Sequence[Entry]
    next_place: Place | None


async def read_editions(reader: Reader) -> list[Edition]:
    """Read the editions of every list that is served, by name."""
    rows = await reader.fetch("SELECT * FROM reference_editions")
    editions = [describe_code_list(code_list) for code_list in LISTS]
    editions += [_read_edition(row) for row in rows if row["list"] in STORED_LISTS_BY_NAME]
    return sorted(editions, key=lambda edition: edition.name)


async def find_edition(reader: Reader, name: str) -> Edition | None:
    """Find the edition of a list; none where there is no such list, or it is not loaded."""
    if name in LISTS_BY_NAME:
        return describe_code_list(LISTS_BY_NAME[name])
    if name not in STORED_LISTS_BY_NAME:
        return None
    rows = await reader.fetch("SELECT * FROM reference_editions WHERE list = $1", name)
    return _read_edition(rows[0]) if rows else None


async def read_entries(reader: Reader, query: EntriesQuery) -> EntriesPage:
    """Read entries in the order of their list; those that a search finds, by weight."""
    if query.name in LISTS_BY_NAME:
        return _read_code_list(query)
    conditions, values = ["list = $1"], list[object]([query.name])

    def bind(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    if query.parent is not None:
        conditions.append(f"parent_code = {bind(query.parent)}")
    order = "code"
    if query.q is not None:
        order = "rank, code"
        conditions.append(f"words @@ {bind(write_prefix_query(query.q))}::text::tsquery")
    if query.after is not None:
        rank, code = query.after
        conditions.append(f"code > {bind(code)}" if query.q is None else f"(rank, code) > ({bind(rank)}, {bind(code)})")
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM reference_entries WHERE {' AND '.join(conditions)} "  # noqa: S608
        f"ORDER BY {order} LIMIT {query.limit + 1}",
        *values,
    )
    shown = rows[: query.limit]
    has_more = len(rows) > query.limit
    next_place = (shown[-1]["rank"], shown[-1]["code"]) if has_more else None
    return EntriesPage([read_entry(row) for row in shown], next_place)


async def find_entry(reader: Reader, name: str, code: str) -> Entry | None:
    """Find one entry of a list."""
    if name in LISTS_BY_NAME:
        found = LISTS_BY_NAME[name].by_value.get(code)
        return _make_entry(found) if found else None
    rows = await find_rows(reader, name, [code])
    return read_entry(rows[0]) if rows else None


async def find_rows(reader: Reader, name: str, codes: Iterable[str]) -> Sequence[Row]:
    """Find the rows of several codes of a stored list, in the order of their codes."""
    return await reader.fetch(
        f"SELECT {COLUMNS} FROM reference_entries "  # noqa: S608
        "WHERE list = $1 AND code = ANY ($2::text[]) ORDER BY code",
        name,
        [*codes],
    )


def read_entry(row: Row) -> Entry:
    """Read an entry from its row."""
    has_place = row["latitude"] is not None
    return Entry(
        code=row["code"],
        label_fr=row["label_fr"],
        label_en=row["label_en"],
        parent=row["parent_code"],
        valid_from_on=row["valid_from_on"],
        valid_until_on=row["valid_until_on"],
        crosswalks=json.loads(row["crosswalks"]),
        attributes=json.loads(row["attributes"]),
        location=Location(row["latitude"], row["longitude"], row["precision"]) if has_place else None,
    )


@cache
def describe_code_list(code_list: CodeList) -> Edition:
    """Describe a list of the code: its edition is what it holds."""
    content = [
        (code.value, code.label_fr, code.label_en, code.parent, *code.crosswalk.items(), *code.attributes.items())
        for code in code_list.codes
    ]
    return Edition(
        name=code_list.name,
        version=code_list.version,
        source=code_list.source,
        licence=code_list.licence,
        count=len(code_list.codes),
        digest=hashlib.sha256(repr(content).encode()).hexdigest(),
    )


def _read_edition(row: Row) -> Edition:
    return Edition(
        name=row["list"],
        version=row["version"],
        source=row["source"],
        licence=row["licence"],
        count=row["entries_count"],
        digest=row["sha256"],
        valid_from_on=row["valid_from_on"],
        loaded_at=row["loaded_at"],
    )


def _make_entry(code: Code) -> Entry:
    return Entry(
        code=code.value,
        label_fr=code.label_fr,
        label_en=code.label_en,
        parent=code.parent,
        crosswalks=code.crosswalk,
        attributes=dict(code.attributes),
    )


def _read_code_list(query: EntriesQuery) -> EntriesPage:
    """Read entries of a list in the code, whose places are positions."""
    start = query.after[0] + 1 if query.after else 0
    found = [
        (position, entry)
        for position, entry in enumerate(map(_make_entry, LISTS_BY_NAME[query.name].codes))
        if position >= start
        and (query.parent is None or entry.parent == query.parent)
        and (query.q is None or matches_prefixes(query.q, entry.list_words()))
    ]
    shown = found[: query.limit]
    next_place = (shown[-1][0], shown[-1][1].code) if len(found) > query.limit else None
    return EntriesPage([entry for _, entry in shown], next_place)
