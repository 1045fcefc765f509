"""The indexer: one more reader of the change log, which keeps the search tables in step with the records.

What is written is found within a second, and the write door waits for nothing. Any process may run it; one at a time
follows the log. Killed anywhere, it goes on from where its last commit left it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy.dialects.postgresql.asyncpg import dialect as make_dialect

from raccord.kernel.clock import read_now
from raccord.kernel.database import Database, Row, Transaction
from raccord.kernel.french import list_terms
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.records.kind import Kind
from raccord.records.search.entry import Entry, Place, Searchable
from raccord.records.search.occupations import Occupations, name_occupations, read_occupations
from raccord.records.search.places import EVERYWHERE, NO_ZONE, find_zone, list_cells
from raccord.records.search.synonyms import add_synonyms
from raccord.records.search.tables import SHARED
from raccord.records.search.titles import IS_NARROWED, list_title_terms, write_shelf
from raccord.reference.gazetteer import Commune, find_communes

BATCH = 1_000
_DIALECT = make_dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
_SEPARATOR = " "


async def index_changes(database: Database, kinds: Sequence[Kind], batch: int = BATCH) -> int:
    """Follow the log one stretch further, if nobody else is at it; returns how many changes were followed."""
    async with database.begin() as tx:
        head = await tx.fetch("SELECT position FROM search_head FOR UPDATE SKIP LOCKED")
        if not head:
            return 0
        changes = await tx.fetch(
            "SELECT position, kind, record_id FROM change_log WHERE position > $1 ORDER BY position LIMIT $2",
            head[0]["position"],
            batch,
        )
        if not changes:
            return 0
        for kind in kinds:
            touched = {row["record_id"] for row in changes if row["kind"] == kind.name}
            touched |= await _find_children(tx, kind, changes)
            await index_records(tx, kind, sorted(touched))
        await tx.fetch("UPDATE search_head SET position = $1", changes[-1]["position"])
        return len(changes)


async def rebuild_index(database: Database, kind: Kind, report: Callable[[int], None] = lambda _count: None) -> int:
    """Make the kind's entries anew from its records, a stretch at a time, while others read and write."""
    after, count = UUID(int=0), 0
    while True:
        async with database.begin() as tx:
            # The head is held: a stretch read before a change must not be written after it.
            await tx.fetch("SELECT position FROM search_head FOR UPDATE")
            rows = await tx.fetch(
                f"SELECT id FROM {kind.table.name} WHERE id > $1 ORDER BY id LIMIT $2",  # noqa: S608
                after,
                BATCH,
            )
            if not rows:
                return count
            await index_records(tx, kind, [row["id"] for row in rows])
        after, count = rows[-1]["id"], count + len(rows)
        report(count)


async def index_records(tx: Transaction, kind: Kind, ids: Sequence[UUID]) -> None:
    """Bring the entries of the records up to what these say now."""
    if kind.search is None or not ids:
        return
    rows = await tx.fetch(
        "SELECT id, updated_at, source, shape_version, document::text AS document"  # noqa: S608
        f"{', ' + kind.search.parent if kind.search.parent else ''} FROM {kind.table.name} "
        "WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL",
        ids,
    )
    parents = await _read_parents(tx, kind.search, rows)
    entries: list[tuple[Row, Entry]] = []
    for row in rows:
        document = kind.upcast(parse_object(row["document"].encode()), row["shape_version"])
        parent = parents.get(row[kind.search.parent]) if kind.search.parent else None
        entry = kind.search.derive(document, parent)
        if entry is not None:
            entries.append((row, entry))
    await _clear_shelves(tx, kind.search, ids)
    # Not in place: a record that has moved stands in another part of the table.
    await tx.fetch(f"DELETE FROM {kind.search.table.name} WHERE record_id = ANY ($1::uuid[])", ids)  # noqa: S608
    await _write_entries(tx, kind.search, entries)
    await _fill_shelves(tx, kind.search, ids)


async def _clear_shelves(tx: Transaction, search: Searchable, ids: Sequence[UUID]) -> None:
    if search.shelves is not None:
        await tx.fetch(
            f"DELETE FROM {search.shelves.name} AS held USING ({_write_shelved(search)}) AS stood "  # noqa: S608
            "WHERE (held.shelf, held.published_at, held.record_id) = "
            "(stood.shelf, stood.published_at, stood.record_id)",
            ids,
        )


async def _fill_shelves(tx: Transaction, search: Searchable, ids: Sequence[UUID]) -> None:
    if search.shelves is not None:
        await tx.fetch(f"INSERT INTO {search.shelves.name} {_write_shelved(search)} ON CONFLICT DO NOTHING", ids)


def _write_shelved(search: Searchable) -> str:
    """Write the rows of the shelves on which the records stand, by their entries."""
    return (
        f"SELECT {write_shelf('term')} AS shelf, s.published_at, s.record_id, "  # noqa: S608
        "CASE WHEN s.more_points IS NULL AND NOT s.is_everywhere THEN s.latitude END AS latitude, s.longitude "
        f"FROM {search.table.name} s CROSS JOIN LATERAL unnest(s.titles) AS term "
        f"WHERE s.record_id = ANY ($1::uuid[]) AND term {IS_NARROWED}"
    )


async def _find_children(tx: Transaction, kind: Kind, changes: Sequence[Row]) -> set[UUID]:
    """Find the records whose entries say something of a structure that changed."""
    parents = [row["record_id"] for row in changes if row["kind"] == "structures"]
    if kind.search is None or kind.search.parent is None or not parents:
        return set()
    rows = await tx.fetch(
        f"SELECT id FROM {kind.table.name} WHERE {kind.search.parent} = ANY ($1::uuid[]) AND deleted_at IS NULL",  # noqa: S608
        parents,
    )
    return {row["id"] for row in rows}


async def _read_parents(tx: Transaction, search: Searchable, rows: Sequence[Row]) -> dict[UUID, JsonObject]:
    wanted = {row[search.parent] for row in rows if row[search.parent] is not None} if search.parent else set()
    if not wanted:
        return {}
    found = await tx.fetch(
        "SELECT id, document::text AS document FROM structures WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL",
        sorted(wanted),
    )
    return {row["id"]: parse_object(row["document"].encode()) for row in found}


async def _write_entries(tx: Transaction, search: Searchable, entries: Sequence[tuple[Row, Entry]]) -> None:
    if not entries:
        return
    codes = {place.insee_code for _, entry in entries for place in entry.places if place.insee_code}
    communes = await find_communes(tx, sorted(codes))
    occupations = await read_occupations(tx, [entry for _, entry in entries])
    made = [_make_row(search, row, entry, (communes, occupations)) for row, entry in entries]
    words = {word for row in made for word in str(row["words"]).split(_SEPARATOR) if word.isalnum()}
    await tx.fetch(_ADD_WORDS, sorted(words), read_now())
    names = _list_types(search)
    await tx.fetch(_write_insert(search), *([row[name] for row in made] for name in names))


def _make_row(
    search: Searchable, row: Row, entry: Entry, known: tuple[Mapping[str, Commune], Occupations]
) -> dict[str, object]:
    communes, occupations = known
    title = add_synonyms(list_terms(" ".join([entry.title, *occupations.list_labels(entry)])))
    tags, points = _place_entry(entry, communes)
    tags |= occupations.list_tags(entry)
    tags |= {f"{name}:{value}" for name, values in entry.tags.items() for value in values}
    tags.add(f"source:{row['source']}")
    texts = (
        entry.text,
        *(communes[code].name for place in entry.places if (code := place.insee_code) and code in communes),
    )
    named = name_occupations(entry.occupations[:1])
    companions = entry.tags.get(search.companion, ()) if search.companion else ()
    titles = list_title_terms(title, companions, points, is_everywhere=entry.is_everywhere)
    own = {
        name: entry.numbers.get(name) for name in [column.name for column in search.table.columns] if name not in SHARED
    }
    return {
        "record_id": row["id"],
        "zone": NO_ZONE if entry.is_everywhere else find_zone(points),
        "published_at": entry.published_at,
        "updated_at": row["updated_at"],
        "visible_until": entry.visible_until,
        "latitude": points[0][0] if points else None,
        "longitude": points[0][1] if points else None,
        "more_points": _SEPARATOR.join(str(number) for point in points[1:] for number in point) or None,
        "is_everywhere": entry.is_everywhere,
        "words": _SEPARATOR.join(
            # The occupation is a word too: what names it is one more writing of what is typed.
            sorted({*title, *add_synonyms(list_terms(" ".join(texts))), *named})
        ),
        "titles": _SEPARATOR.join(sorted({*titles, *named})),
        "tags": _SEPARATOR.join(sorted(tags)),
        **own,
    }


def _place_entry(entry: Entry, communes: Mapping[str, Commune]) -> tuple[set[str], list[tuple[float, float]]]:
    """Tell where the entry is: the tags of all its places, and its points, a commune's centre where it has none."""
    tags: set[str] = set()
    points: list[tuple[float, float]] = []
    for place in entry.places:
        commune = communes.get(place.insee_code) if place.insee_code else None
        tags |= _list_territories(place, commune)
        point = _locate(place, commune)
        if point is not None:
            tags |= set(list_cells(*point))
            points.append(point)
    return tags | ({EVERYWHERE} if entry.is_everywhere else set()), points


def _locate(place: Place, commune: Commune | None) -> tuple[float, float] | None:
    if place.latitude is not None and place.longitude is not None:
        return place.latitude, place.longitude
    if commune is not None and commune.location is not None:
        return commune.location.latitude, commune.location.longitude
    return None


def _list_territories(place: Place, commune: Commune | None) -> set[str]:
    found = [("commune", place.insee_code), ("postal_code", place.postal_code)]
    if commune is None:
        found.append(("department", place.department))
    else:
        found += [("department", commune.department), ("region", commune.region), ("epci", commune.epci)]
        # Paris, Lyon and Marseille hold their arrondissements: who looks in the city finds them all.
        found.append(("commune", commune.parent))
    return {f"{name}:{value}" for name, value in found if value}


# Words are added in their order, so that two writers wait for each other and do not deadlock.
_ADD_WORDS = """
INSERT INTO search_words (word, added_at)
SELECT word, $2 FROM unnest($1::text[]) AS new (word)
WHERE NOT EXISTS (SELECT FROM search_words AS known WHERE known.word = new.word)
ORDER BY word ON CONFLICT DO NOTHING
"""


@cache
def _list_types(search: Searchable) -> dict[str, str]:
    return {column.name: str(column.type.compile(_DIALECT)) for column in search.table.columns}


@cache
def _write_insert(search: Searchable) -> str:
    types = _list_types(search)
    # Arrays of arrays have no rows of unequal length: those of a row are sent as text.
    sent = [f"${place}::{'text' if '[]' in sql else sql}[]" for place, sql in enumerate(types.values(), start=1)]
    arrays = ", ".join(sent)
    values = [f"string_to_array({name}, '{_SEPARATOR}')::{sql}" if "[]" in sql else name for name, sql in types.items()]
    return (
        f"INSERT INTO {search.table.name} ({', '.join(types)}) "  # noqa: S608
        f"SELECT {', '.join(values)} FROM unnest({arrays}) AS new ({', '.join(types)})"
    )
