"""The tables that ship are whole, and equal to the fuller published files where those are at hand."""

from __future__ import annotations

import csv
import gzip
import math
import statistics
from collections import Counter
from collections.abc import Mapping

import pytest

from raccord.reference.departments import Department
from raccord.reference.entries import Entry, Location
from raccord.reference.files import read_file, read_shipped_file
from raccord.reference.regions import Region
from raccord.reference.stored_lists import STORED_LISTS, STORED_LISTS_BY_NAME
from tests.house.sources import ROOT

DATA = ROOT.parent / "shared" / "data"
COUNTS = {
    "communes": 35_014,
    "epcis": 1_255,
    "rome_great_domains": 14,
    "rome_occupations": 1_584,
    "naf": 732,
    "naf_divisions": 88,
    "naf_sections": 21,
}
LIMIT_BYTES = 2_500_000


@pytest.fixture(scope="module")
def shipped() -> Mapping[str, Mapping[str, Entry]]:
    return {
        stored.name: {entry.code: entry for entry in read_shipped_file(stored).entries}
        for stored in STORED_LISTS
        if stored.shipped
    }


def read_published(name: str) -> list[dict[str, str]]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout: nothing to compare with")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_table_has_its_count(shipped: Mapping[str, Mapping[str, Entry]]) -> None:
    assert {name: len(entries) for name, entries in shipped.items()} == COUNTS


def test_tables_stay_small() -> None:
    folder = ROOT / "src" / "raccord" / "reference" / "data"

    assert sum(path.stat().st_size for path in folder.iterdir()) < LIMIT_BYTES
    attributed = (folder / "ATTRIBUTION.md").read_text("utf-8")
    assert not [path.name for path in folder.iterdir() if path.suffix != ".md" and f"`{path.name}`" not in attributed]


def test_parents_are_there(shipped: Mapping[str, Mapping[str, Entry]]) -> None:
    communes = shipped["communes"].values()
    assert {entry.parent for entry in communes} == {*Department, "75056", "69123", "13055"}
    assert {entry.attributes["region"] for entry in communes} == {*Region}
    assert {entry.attributes["epci"] for entry in communes} == {*shipped["epcis"], None}
    for child, parent in (("naf", "naf_divisions"), ("naf_divisions", "naf_sections")):
        assert {entry.parent for entry in shipped[child].values()} == {*shipped[parent]}
    domains = {entry.attributes["great_domain"] for entry in shipped["rome_occupations"].values()}
    assert domains == {*shipped["rome_great_domains"]}


def test_centres_say_how_certain_they_are(shipped: Mapping[str, Mapping[str, Entry]]) -> None:
    found = Counter(e.location.precision if e.location else None for e in shipped["communes"].values())

    assert found["commune"] > 14_000
    assert found["epci"] > 20_000
    assert found[None] < 100


def test_communes_are_those_published(shipped: Mapping[str, Mapping[str, Entry]]) -> None:
    published = {row["code"]: row for row in read_published("communes_2026.csv.gz")}
    ours = shipped["communes"]

    assert set(ours) == set(published)
    for code, row in published.items():
        entry = ours[code]
        expected = (row["nom"], row["commune_parente"] or row["departement"], row["region"])
        assert (entry.label_fr, entry.parent, entry.attributes["region"]) == expected
        assert entry.attributes["postal_codes"] == [part for part in row["codes_postaux"].split("|") if part]


def test_centres_are_near_those_published(shipped: Mapping[str, Mapping[str, Entry]]) -> None:
    errors: dict[str, list[float]] = {}
    for row in read_published("communes_2026.csv.gz"):
        place = shipped["communes"][row["code"]].location
        if place is not None and row["lat"]:
            away = measure_km(place, float(row["lat"]), float(row["lon"]))
            errors.setdefault(place.precision, []).append(away)

    assert statistics.median(errors["commune"]) < 1
    assert statistics.quantiles(errors["commune"], n=100)[98] < 6
    assert statistics.median(errors["epci"]) < 12


def test_occupations_are_those_published(shipped: Mapping[str, Mapping[str, Entry]]) -> None:
    published = {row["code"]: row["libelle"] for row in read_published("rome_metiers_v460.csv.gz")}

    ours = {code: entry.label_fr.replace("’", "'") for code, entry in shipped["rome_occupations"].items()}
    assert ours == {code: label.replace("’", "'") for code, label in published.items()}


def test_activities_are_those_published(shipped: Mapping[str, Mapping[str, Entry]]) -> None:
    published = read_published("naf_rev2.csv.gz")

    assert {row["code"].replace(".", "") for row in published} == set(shipped["naf"])
    for row in published:
        entry = shipped["naf"][row["code"].replace(".", "")]
        assert (entry.parent, entry.attributes["section"]) == (row["division"], row["section"])
        assert (entry.attributes["group"], entry.attributes["class"]) == (row["groupe"], row["classe"])


@pytest.mark.parametrize(
    ("name", "file", "count"),
    [
        ("communes", "communes_2026.csv.gz", 35_014),
        ("rome_occupations", "rome_metiers_v460.csv.gz", 1_584),
        ("rome_appellations", "rome_appellations_v460.csv.gz", 13_120),
        ("naf", "naf_rev2.csv.gz", 732),
    ],
)
def test_fuller_files_are_read_as_they_are(name: str, file: str, count: int) -> None:
    read_published(file)

    entries = read_file(STORED_LISTS_BY_NAME[name], (DATA / file).read_bytes()).entries

    assert len(entries) == count
    if name == "communes":
        assert sum(e.location is not None and e.location.precision == "commune" for e in entries) == 35_013
        assert sum(e.attributes["epci"] is not None for e in entries) > 34_800
    if name == "rome_occupations":
        assert sum(entry.parent is not None for entry in entries) == 1_052


def measure_km(place: Location, latitude: float, longitude: float) -> float:
    north, west, south, east = map(math.radians, (place.latitude, place.longitude, latitude, longitude))
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin((east - west) / 2) ** 2
    return 12_742 * math.asin(math.sqrt(half))
