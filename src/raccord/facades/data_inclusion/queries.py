"""Reading structures and services for data·inclusion's answers: counted, in the order of their names, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from raccord.adapters.data_inclusion.translate import SYSTEM
from raccord.facades.data_inclusion.conditions import Conditions
from raccord.facades.data_inclusion.parameters import PageParameters, ServiceParameters
from raccord.facades.data_inclusion.translate import (
    list_names,
    make_service,
    make_structure,
    score_service,
    score_structures,
)
from raccord.kernel.clock import read_today
from raccord.kernel.database import Reader, Row
from raccord.kernel.errors import NotFoundError
from raccord.kernel.strict_json import JsonObject
from raccord.records.reads import read_document
from raccord.resources.services.kind import SERVICES
from raccord.resources.structures.kind import STRUCTURES

# Beyond, nothing is counted, and no page is read.
MAX_TOTAL = 500_000
# A score depends on the day, so it is worked out of the documents: of no more than these.
MAX_SCORED = 10_000
_COLUMNS = "r.id, r.source, r.external_id, r.siret, r.shape_version, convert_to(r.document::text, 'UTF8') AS document"
_SERVICE_COLUMNS = (
    "r.id, r.structure_id, r.shape_version, convert_to(r.document::text, 'UTF8') AS document, "
    "s.source AS structure_source, s.external_id AS structure_external_id"
)
_SERVICES = "services r JOIN structures s ON s.id = r.structure_id"
_ORDER = "r.source, r.external_id"


@dataclass(frozen=True)
class Found:
    """A page of rows, and how many there are in all."""

    rows: Sequence[Row]
    total: int


async def find_structures(reader: Reader, conditions: Conditions, asked: PageParameters) -> Found:
    """Find a page of structures."""
    where = conditions.write()
    return await _find_page(reader, f"SELECT {_COLUMNS} FROM structures r WHERE {where}", conditions, _ORDER, asked)  # noqa: S608


async def find_services(
    reader: Reader, conditions: Conditions, asked: ServiceParameters, distance: str = "NULL::int"
) -> Found:
    """Find a page of services, the nearest first where they have distances.

    Shape: `distance` is the SQL of one, null or in whole kilometres. Those that score enough, if that is asked, are
           looked for among the first that meet the conditions.
    """
    sql = f"SELECT {_SERVICE_COLUMNS}, {distance} AS distance FROM {_SERVICES} WHERE {conditions.write()}"  # noqa: S608
    order = f"distance NULLS LAST, {_ORDER}"
    if asked.score_qualite_minimum is None:
        return await _find_page(reader, sql, conditions, order, asked)
    first = PageParameters(page=1, size=MAX_SCORED)
    found = await _find_page(reader, sql, conditions, order, first)
    least, day = asked.score_qualite_minimum, read_today()
    good = await asyncio.to_thread(
        lambda: [row for row in found.rows if score_service(read_document(SERVICES, row), day) >= least]
    )
    return Found(good[asked.offset : asked.offset + asked.size], len(good))


async def show_structures(reader: Reader, rows: Sequence[Row]) -> list[JsonObject]:
    """Make the structures of the rows, with their scores and twins."""
    twins = await _find_twins(reader, rows, "r.siret, r.source, r.external_id")
    services = await _find_services_of(reader, [row["id"] for row in rows])
    day = read_today()

    def make() -> list[JsonObject]:
        scores = score_structures(((str(row["structure_id"]), read_document(SERVICES, row)) for row in services), day)
        return [
            make_structure(
                read_document(STRUCTURES, row),
                scores.get(str(row["id"]), 0.0),
                [(twin["source"], twin["external_id"]) for twin in twins.get(row["id"], ())],
            )
            for row in rows
        ]

    return await asyncio.to_thread(make)


async def show_services(rows: Sequence[Row]) -> list[JsonObject]:
    """Make the services of the rows."""
    day = read_today()
    return await asyncio.to_thread(
        lambda: [
            make_service(read_document(SERVICES, row), (row["structure_source"], row["structure_external_id"]), day)
            for row in rows
        ]
    )


async def find_structure(reader: Reader, record_id: str) -> Row:
    """Find a structure by the name that it bears there.

    Errors: NotFoundError.
    """
    return await _find_named(reader, f"SELECT {_COLUMNS} FROM structures r", record_id)  # noqa: S608


async def find_service(reader: Reader, record_id: str) -> Row:
    """Find a service by the name that it bears there.

    Errors: NotFoundError.
    """
    return await _find_named(reader, f"SELECT {_SERVICE_COLUMNS} FROM {_SERVICES}", record_id)  # noqa: S608


async def find_structure_of(reader: Reader, service: Row) -> Row:
    """Find the structure of a service."""
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM structures r WHERE r.id = $1", service["structure_id"])  # noqa: S608
    return rows[0]


async def find_twins_of(reader: Reader, structure: Row) -> Sequence[Row]:
    """Find the twins of a structure, whole."""
    return (await _find_twins(reader, [structure], _COLUMNS)).get(structure["id"], [])


async def find_services_of(reader: Reader, structure: Row) -> Sequence[Row]:
    """Find the services of a structure."""
    return await _find_services_of(reader, [structure["id"]])


async def list_sources(reader: Reader) -> list[str]:
    """List the sources of structures and services, those that data·inclusion gathers one by one."""
    rows = await reader.fetch(
        """
        SELECT DISTINCT CASE WHEN source = $1 THEN split_part(external_id, '--', 1) ELSE source END AS slug
        FROM (SELECT source, external_id FROM structures WHERE deleted_at IS NULL
              UNION ALL SELECT source, external_id FROM services WHERE deleted_at IS NULL) AS records
        ORDER BY slug
        """,
        SYSTEM,
    )
    return [row["slug"] for row in rows]


async def _find_page(reader: Reader, sql: str, conditions: Conditions, order: str, asked: PageParameters) -> Found:
    count = f"SELECT count(*) AS total FROM ({sql} LIMIT {MAX_TOTAL}) AS found"  # noqa: S608
    [counted] = await reader.fetch(count, *conditions.values)
    total = int(counted["total"])
    if asked.offset >= total:
        return Found([], total)
    page = f"{sql} ORDER BY {order} LIMIT {asked.size} OFFSET {asked.offset}"
    return Found(await reader.fetch(page, *conditions.values), total)


async def _find_named(reader: Reader, sql: str, record_id: str) -> Row:
    # PostgreSQL refuses what no name holds.
    names = list_names(record_id) if record_id.isprintable() else []
    rows = await reader.fetch(
        f"{sql} JOIN unnest($1::text[], $2::text[]) AS named (source, external_id) "
        "ON r.source = named.source AND r.external_id = named.external_id WHERE r.deleted_at IS NULL "
        f"ORDER BY {_ORDER} LIMIT 1",
        [source for source, _ in names],
        [external_id for _, external_id in names],
    )
    if not rows:
        raise NotFoundError
    return rows[0]


async def _find_twins(reader: Reader, rows: Iterable[Row], columns: str) -> Mapping[UUID, list[Row]]:
    """Find the structures of other sources that have the SIRET of one of these, by the id of that one."""
    asked = [row for row in rows if row["siret"] is not None]
    found = await reader.fetch(
        f"SELECT {columns} FROM structures r "  # noqa: S608
        f"WHERE r.siret = ANY ($1::text[]) AND r.deleted_at IS NULL ORDER BY {_ORDER}",
        list({row["siret"] for row in asked}),
    )
    by_siret: dict[str, list[Row]] = {}
    for row in found:
        by_siret.setdefault(row["siret"], []).append(row)
    return {
        row["id"]: [twin for twin in by_siret.get(row["siret"], ()) if twin["source"] != row["source"]] for row in asked
    }


async def _find_services_of(reader: Reader, structure_ids: list[UUID]) -> Sequence[Row]:
    return await reader.fetch(
        f"SELECT {_SERVICE_COLUMNS} FROM {_SERVICES} "  # noqa: S608
        f"WHERE r.structure_id = ANY ($1::uuid[]) AND r.deleted_at IS NULL ORDER BY {_ORDER}",
        structure_ids,
    )
