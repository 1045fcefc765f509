"""Declare the lists that are kept in the database: what ships of each, and how a row of its file is read.

A new list is added to STORED_LISTS, with its row in data/lists.csv.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from raccord.reference.code_list import LICENCE, freeze_mapping
from raccord.reference.entries import Entry, Location

Row = Mapping[str, str]
INSEE = "INSEE, Code officiel géographique"
ROME = "France Travail, ROME 4"
NAF = "INSEE, nomenclature d'activités française, révision 2"


@dataclass(frozen=True)
class StoredList:
    """Declare one list.

    Shape: columns must all stand in a file, under these names or the aliases that publishers use; counts bounds how
    many entries an edition plausibly has; shipped is the name of our own file, if one ships; is_completed lets a
    fuller file leave out what ours says of an entry.
    """

    name: str
    version: str
    source: str
    columns: tuple[str, ...]
    counts: range
    read_entry: Callable[[Row], Entry]
    shipped: str | None = None
    aliases: Mapping[str, str] = field(default_factory=lambda: freeze_mapping({}), hash=False)
    licence: str = LICENCE
    valid_from_on: date | None = None
    is_completed: bool = False


def read_commune(row: Row) -> Entry:
    """Read a commune."""
    postal_codes = [code for code in row["postal_codes"].split("|") if code]
    population = int(check_code(row["population"], "[0-9]{1,8}")) if row.get("population") else None
    epci = row.get("epci") or None
    return Entry(
        code=check_code(row["code"], r"(?:[0-9]{2}|2[AB])[0-9]{3}"),
        label_fr=row["name"],
        parent=row.get("parent") or row["department"],
        attributes={
            "department": row["department"],
            "region": row["region"],
            "epci": epci,
            "postal_codes": [*postal_codes],
            "population": population,
        },
        location=read_location(row),
        keywords=(*postal_codes, *([epci] if epci else [])),
        weight=population or 0,
    )


def read_epci(row: Row) -> Entry:
    """Read a group of communes."""
    return Entry(check_code(row["code"], "[0-9]{9}"), row["name"], attributes={"kind": row["kind"]})


def read_great_domain(row: Row) -> Entry:
    """Read a great domain of occupations."""
    return Entry(check_code(row["code"], "[A-N]"), row["name"], row["name_en"])


def read_occupation(row: Row) -> Entry:
    """Read an occupation. One that is its own parent has none."""
    code = check_code(row["code"], "[A-N][0-9]{4}")
    parent = row.get("parent")
    attributes = {"domain": code[:3], "great_domain": code[0], "ecological_transition": row.get("transition") or None}
    return Entry(
        code=code,
        label_fr=row["name"],
        parent=check_code(parent, "[A-N][0-9]{4}") if parent and parent != code else None,
        attributes={name: value for name, value in attributes.items() if value},
    )


def read_appellation(row: Row) -> Entry:
    """Read a job title, whose parent is its occupation."""
    short, kind = row.get("short_name"), row.get("kind")
    attributes = {"short_label": short, "kind": kind, "is_rarely_used": row.get("is_rarely_used") == "O"}
    return Entry(
        code=check_code(row["code"], "[0-9]{1,7}"),
        label_fr=row["name"],
        parent=check_code(row["rome_code"], "[A-N][0-9]{4}"),
        attributes={name: value for name, value in attributes.items() if value not in (None, "")},
    )


def read_activity(row: Row) -> Entry:
    """Read an activity, under the code that SIRENE writes, without its point."""
    published = check_code(row["code"], r"[0-9]{2}\.[0-9]{2}[A-Z]")
    return Entry(
        code=published.replace(".", ""),
        label_fr=row["name"],
        parent=published[:2],
        crosswalks=freeze_mapping({"insee": published}),
        attributes={"class": published[:5], "group": published[:4], "section": row["section"]},
        keywords=(published,),
    )


def read_division(row: Row) -> Entry:
    """Read a division of activities."""
    return Entry(check_code(row["code"], "[0-9]{2}"), row["name"], row["name_en"], parent=row["section"])


def read_section(row: Row) -> Entry:
    """Read a section of activities."""
    return Entry(check_code(row["code"], "[A-U]"), row["name"], row["name_en"])


def read_location(row: Row) -> Location | None:
    """Read the place of a row, where it has one; a publisher's is the centre of the commune itself.

    Errors: ValueError for what is no place on Earth.
    """
    if not row.get("latitude") or not row.get("longitude"):
        return None
    latitude, longitude = float(row["latitude"]), float(row["longitude"])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("no such place")
    return Location(latitude, longitude, row.get("precision") or "commune")


def check_code(code: str, pattern: str) -> str:
    """Check the form of a code.

    Errors: ValueError.
    """
    if not re.fullmatch(pattern, code):
        raise ValueError("not a code of this list")
    return code


STORED_LISTS: tuple[StoredList, ...] = (
    StoredList(
        name="communes",
        version="2026-01",
        source=f"{INSEE}; La Poste; GeoNames (CC BY 4.0)",
        columns=("code", "name", "department", "region", "postal_codes"),
        counts=range(34_500, 36_500),
        read_entry=read_commune,
        shipped="communes.csv.gz",
        aliases=freeze_mapping(
            {"nom": "name", "departement": "department", "codes_postaux": "postal_codes", "lat": "latitude",
             "lon": "longitude", "commune_parente": "parent"}
        ),
        valid_from_on=date(2026, 1, 1),
        is_completed=True,
    ),
    StoredList(
        name="epcis",
        version="2026-01",
        source=INSEE,
        columns=("code", "name", "kind"),
        counts=range(1_150, 1_350),
        read_entry=read_epci,
        shipped="epcis.csv.gz",
        aliases=freeze_mapping({"nom": "name", "type": "kind"}),
        valid_from_on=date(2026, 1, 1),
    ),
    StoredList(
        name="rome_great_domains",
        version="4.60",
        source=ROME,
        columns=("code", "name", "name_en"),
        counts=range(14, 15),
        read_entry=read_great_domain,
        shipped="rome_great_domains.csv",
    ),
    StoredList(
        name="rome_occupations",
        version="4.60",
        source=ROME,
        columns=("code", "name"),
        counts=range(1_400, 2_500),
        read_entry=read_occupation,
        shipped="rome_occupations.csv.gz",
        aliases=freeze_mapping(
            {"libelle": "name", "libelle_rome": "name", "code_rome": "code", "code_rome_parent": "parent",
             "transition_eco": "transition"}
        ),
    ),
    StoredList(
        name="rome_appellations",
        version="4.60",
        source=ROME,
        columns=("code", "name", "rome_code"),
        counts=range(11_000, 18_000),
        read_entry=read_appellation,
        aliases=freeze_mapping(
            {"ogr": "code", "code_ogr": "code", "libelle": "name", "libelle_appellation_long": "name",
             "libelle_court": "short_name", "libelle_appellation_court": "short_name", "rome": "rome_code",
             "code_rome": "rome_code", "code_rome_parent": "rome_code", "classification": "kind",
             "peu_usite": "is_rarely_used"}
        ),
    ),
    StoredList(
        name="naf",
        version="rev2",
        source=NAF,
        columns=("code", "name", "section"),
        counts=range(700, 800),
        read_entry=read_activity,
        shipped="naf.csv.gz",
        aliases=freeze_mapping({"libelle": "name"}),
    ),
    StoredList(
        name="naf_divisions",
        version="rev2",
        source=f"{NAF}; Eurostat, NACE Rev. 2",
        columns=("code", "name", "name_en", "section"),
        counts=range(88, 89),
        read_entry=read_division,
        shipped="naf_divisions.csv",
    ),
    StoredList(
        name="naf_sections",
        version="rev2",
        source=f"{NAF}; Eurostat, NACE Rev. 2",
        columns=("code", "name", "name_en"),
        counts=range(21, 22),
        read_entry=read_section,
        shipped="naf_sections.csv",
    ),
)  # fmt: skip

STORED_LISTS_BY_NAME: Mapping[str, StoredList] = MappingProxyType({item.name: item for item in STORED_LISTS})
