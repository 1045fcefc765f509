"""Find communes and occupations by their codes, for what searches and places records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from raccord.kernel.database import Reader
from raccord.reference.catalogue import COLUMNS, find_rows, read_entry
from raccord.reference.entries import Entry, Location


@dataclass(frozen=True)
class Commune:
    """Place a commune, or an arrondissement of Paris, Lyon or Marseille, whose parent is then the city.

    Shape: location says how certain its point is.
    """

    insee_code: str
    name: str
    department: str
    region: str
    epci: str | None
    postal_codes: tuple[str, ...]
    population: int | None
    location: Location | None
    parent: str | None


@dataclass(frozen=True)
class Occupation:
    """Place an occupation in ROME: its parent, if it derives from another, its domain and its great domain."""

    rome_code: str
    label: str
    parent: str | None
    domain: str
    great_domain: str


@dataclass(frozen=True)
class Appellation:
    """Name a job title, and the occupation that it belongs to."""

    ogr_code: str
    label: str
    rome_code: str


async def find_communes(reader: Reader, insee_codes: Iterable[str]) -> Mapping[str, Commune]:
    """Find communes by their codes; those unknown are left out."""
    rows = await find_rows(reader, "communes", insee_codes)
    return {row["code"]: _read_commune(read_entry(row)) for row in rows}


async def find_commune(reader: Reader, insee_code: str) -> Commune | None:
    """Find one commune by its code."""
    return (await find_communes(reader, [insee_code])).get(insee_code)


async def find_centres(reader: Reader, insee_codes: Iterable[str]) -> Mapping[str, Location]:
    """Find the centres of communes by their codes; those unknown, or without a place, are left out."""
    found = await find_communes(reader, insee_codes)
    return {code: commune.location for code, commune in found.items() if commune.location is not None}


async def find_by_postal_code(reader: Reader, postal_code: str) -> list[Commune]:
    """List the communes that a postal code serves, the most populated first."""
    return [commune for commune in await _find_by_word(reader, postal_code) if postal_code in commune.postal_codes]


async def list_communes_of_epci(reader: Reader, epci: str) -> list[Commune]:
    """List the communes of a group of communes, the most populated first."""
    return [commune for commune in await _find_by_word(reader, epci) if commune.epci == epci]


async def list_arrondissements(reader: Reader, insee_code: str) -> list[Commune]:
    """List the arrondissements of Paris, Lyon or Marseille; none for another commune."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM reference_entries "  # noqa: S608
        "WHERE list = 'communes' AND parent_code = $1 ORDER BY code",
        insee_code,
    )
    found = [_read_commune(read_entry(row)) for row in rows]
    return [commune for commune in found if commune.parent == insee_code]


async def find_occupation(reader: Reader, rome_code: str) -> Occupation | None:
    """Find an occupation by its code."""
    rows = await find_rows(reader, "rome_occupations", [rome_code])
    return _read_occupation(read_entry(rows[0])) if rows else None


async def list_children(reader: Reader, rome_code: str) -> list[Occupation]:
    """List the occupations that derive from one; none while the edition loaded does not tell parents."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM reference_entries "  # noqa: S608
        "WHERE list = 'rome_occupations' AND parent_code = $1 ORDER BY code",
        rome_code,
    )
    return [_read_occupation(read_entry(row)) for row in rows]


async def find_appellation(reader: Reader, ogr_code: str) -> Appellation | None:
    """Find a job title by its code; none while no edition is loaded."""
    rows = await find_rows(reader, "rome_appellations", [ogr_code])
    if not rows:
        return None
    entry = read_entry(rows[0])
    return Appellation(entry.code, entry.label_fr, entry.parent or "")


async def _find_by_word(reader: Reader, word: str) -> list[Commune]:
    if not (word.isascii() and word.isdigit()):
        return []
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM reference_entries "  # noqa: S608
        "WHERE list = 'communes' AND words @@ $1::text::tsquery ORDER BY rank, code",
        word,
    )
    return [_read_commune(read_entry(row)) for row in rows]


def _read_commune(entry: Entry) -> Commune:
    attributes = entry.attributes
    department = str(attributes["department"])
    return Commune(
        insee_code=entry.code,
        name=entry.label_fr,
        department=department,
        region=str(attributes["region"]),
        epci=cast("str | None", attributes["epci"]),
        postal_codes=tuple(cast("list[str]", attributes["postal_codes"])),
        population=cast("int | None", attributes["population"]),
        location=entry.location,
        parent=entry.parent if entry.parent != department else None,
    )


def _read_occupation(entry: Entry) -> Occupation:
    return Occupation(entry.code, entry.label_fr, entry.parent, entry.code[:3], entry.code[0])
