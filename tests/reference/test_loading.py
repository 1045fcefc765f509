"""What ships is loaded once and again when it changes; what an operator loads stays; what is no list is refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.database import Database
from raccord.reference.command import LoadOrder, load_list
from raccord.reference.files import MAX_BYTES, FileRefused, read_file
from raccord.reference.gazetteer import Appellation, find_appellation, list_children
from raccord.reference.loading import install_shipped_lists, load_shipped_lists
from raccord.reference.official import fetch_official, rewrite_communes
from raccord.reference.shipped import read_shipped
from raccord.reference.stored_lists import STORED_LISTS_BY_NAME

pytestmark = pytest.mark.full_reference

OCCUPATIONS = STORED_LISTS_BY_NAME["rome_occupations"]
COMMUNES = STORED_LISTS_BY_NAME["communes"]


def write_occupations(count: int = 1500, header: str = "code,libelle,parent") -> bytes:
    codes = [f"{letter}{number}" for letter in "AB" for number in range(1000, 9999)][:count]
    return "\n".join([header, *(f"{code},Métier {code},{codes[0]}" for code in codes)]).encode()


async def load(database: Database, tmp_path: Path, name: str, content: bytes, edition: str | None = None) -> int:
    path = tmp_path / "a-file"
    path.write_bytes(content)
    order = LoadOrder(name, path, edition, is_shipped=False, addresses={})
    return await load_list(database, order, lambda _line: None)


async def read_edition(database: Database, name: str) -> Mapping[str, object]:
    [row] = await database.fetch("SELECT * FROM reference_editions WHERE list = $1", name)
    return dict(row)


async def test_what_is_loaded_is_not_loaded_again(database: Database, owner_url: str) -> None:
    before = await database.fetch("SELECT list, loaded_at FROM reference_editions ORDER BY list")

    assert await install_shipped_lists(owner_url) == []
    assert await database.fetch("SELECT list, loaded_at FROM reference_editions ORDER BY list") == before


async def test_a_shipped_list_that_changed_is_loaded_again(database: Database, owner_url: str) -> None:
    async with database.begin() as tx:
        await tx.fetch("UPDATE reference_editions SET sha256 = 'older' WHERE list = 'naf_sections'")
        await tx.fetch("DELETE FROM reference_entries WHERE list = 'naf_sections' AND code <> 'A'")

    assert await install_shipped_lists(owner_url) == ["naf_sections"]
    [row] = await database.fetch("SELECT count(*) AS n FROM reference_entries WHERE list = 'naf_sections'")
    assert row["n"] == 21


async def test_an_operator_s_file_replaces_a_list_and_stays(database: Database, owner_url: str, tmp_path: Path) -> None:
    assert await load(database, tmp_path, "rome_occupations", gzip.compress(write_occupations()), "4.61") == 1500

    async with database.begin() as tx:
        await tx.fetch("UPDATE reference_editions SET sha256 = 'older' WHERE list = 'rome_occupations'")
    assert await install_shipped_lists(owner_url) == []
    edition = await read_edition(database, "rome_occupations")
    assert (edition["version"], edition["entries_count"], edition["is_shipped"]) == ("4.61", 1500, False)
    rows = await database.fetch("SELECT code, parent_code FROM reference_entries WHERE list = 'rome_occupations'")
    assert {row["parent_code"] for row in rows} == {None, "A1000"}
    assert [row["code"] for row in rows if row["parent_code"] is None] == ["A1000"]


def test_spaces_around_a_label_are_not_of_it() -> None:
    content = write_occupations().replace(b",A1000", b" ,A1000 ")

    assert all(entry.label_fr == entry.label_fr.strip() for entry in read_file(OCCUPATIONS, content).entries)


async def test_what_ships_can_be_put_back(database: Database, owner_url: str, tmp_path: Path) -> None:
    await load(database, tmp_path, "rome_occupations", write_occupations())

    order = LoadOrder("rome_occupations", None, None, is_shipped=True, addresses={})
    assert await load_list(database, order, lambda _line: None) == 1584

    assert (await read_edition(database, "rome_occupations"))["is_shipped"] is True
    assert await install_shipped_lists(owner_url) == []


async def test_a_refused_file_changes_nothing(database: Database, tmp_path: Path) -> None:
    before = await read_edition(database, "rome_occupations")

    with pytest.raises(FileRefused, match="10 entries: 1400 to 2499 are plausible"):
        await load(database, tmp_path, "rome_occupations", write_occupations(10))

    assert await read_edition(database, "rome_occupations") == before


async def test_a_failure_half_way_changes_nothing(database: Database) -> None:
    async with database.begin() as tx:
        await tx.fetch("UPDATE reference_editions SET sha256 = 'older'")
        await tx.fetch("DELETE FROM reference_entries")
    with suppress(RuntimeError):
        async with database.begin() as tx:
            assert len(await load_shipped_lists(tx)) == 7
            raise RuntimeError("the power goes")

    assert await database.fetch("SELECT 1 FROM reference_entries LIMIT 1") == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "columns missing: code, name"),
        (b"code,nom\n", "columns missing: name"),
        (b"code,libelle\nA1101\n", "line 2: 1 cells for 2 columns"),
        (b"code,libelle\nZ9999,x\n", "line 2: not a code of this list"),
        (b"code,libelle\nA1101,x\nA1101,y\n", "line 3: a code appears twice"),
        (b'code,libelle\n"A1101,x\n', "line 2: unexpected end of data"),
        (b"code,libelle\nA1101,a\x00b\n", "it holds a NUL byte"),
        (b"\x1f\x8bnot gzip", "cannot be unpacked"),
        (b"PKnot zip", "cannot be unpacked"),
        (gzip.compress(write_occupations())[:-9], "cannot be unpacked"),
    ],
)
def test_what_is_no_list_is_refused_with_its_place(content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        read_file(OCCUPATIONS, content)


def test_a_file_that_unpacks_to_more_than_any_list_is_refused() -> None:
    with pytest.raises(FileRefused, match="once unpacked"):
        read_file(OCCUPATIONS, gzip.compress(bytes(MAX_BYTES + 1)))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for head in (b"", b"\x1f\x8b", b"PK", b"code,libelle\n", b"ogr,libelle,rome\n"):
        with pytest.raises(FileRefused):
            read_file(OCCUPATIONS, head + content)


def test_an_archive_holds_a_file_for_each_list() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("unix_referentiel_competence_v461_utf8.csv", "code\n")
        content = write_occupations(header="code_rome,libelle,code_rome_parent")
        written.writestr("csv/unix_referentiel_code_rome_v461_utf8.csv", content)

    assert len(read_file(OCCUPATIONS, archive.getvalue()).entries) == 1500
    with pytest.raises(FileRefused, match="the archive holds no unix_referentiel_appellation_v"):
        read_file(STORED_LISTS_BY_NAME["rome_appellations"], archive.getvalue())


def test_a_file_of_communes_is_completed_by_what_ships() -> None:
    ours = read_shipped("communes.csv.gz").decode().splitlines()
    rows = [f"{line.split(',')[0]},Nom,57,44,57000,,," for line in ours[1:] if '"' not in line]
    header = "code,nom,departement,region,codes_postaux,population,lat,lon"
    rows[0] = "01001,L'Abergement,01,84,01400,861,46.1517,4.9306"

    entries = {entry.code: entry for entry in read_file(COMMUNES, "\n".join([header, *rows]).encode()).entries}

    first, paris, district = entries["01001"], entries["75056"], entries["75101"]
    assert first.location is not None
    assert (first.location.latitude, first.location.precision) == (46.1517, "commune")
    assert first.attributes["epci"] == "200069193"
    assert first.attributes["population"] == 861
    assert (paris.location is not None, district.parent) == (True, "75056")


@pytest.mark.parametrize("latitude", ["91", "nan", "inf", "north"])
def test_a_place_that_is_not_on_earth_is_refused(latitude: str) -> None:
    row = f"code,nom,departement,region,codes_postaux,lat,lon\n01001,A,01,84,01400,{latitude},4.9\n"

    with pytest.raises(FileRefused, match="line 2"):
        read_file(COMMUNES, row.encode())


async def test_an_official_address_is_read_as_a_file() -> None:
    published = [
        {
            "code": "57463",
            "nom": "Metz",
            "codeDepartement": "57",
            "codeRegion": "44",
            "codeEpci": "200039865",
            "codesPostaux": ["57000", "57050"],
            "population": 121695,
            "centre": {"type": "Point", "coordinates": [6.1956, 49.1048]},
        },
        {"code": "98411", "nom": "Îles Saint-Paul et Nouvelle-Amsterdam"},
    ]
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=published))
    received: list[int] = []

    content = await fetch_official("communes", {"communes": "http://x.test"}, received.append, transport=transport)

    assert content.decode().splitlines() == [
        "code,name,department,region,postal_codes,population,latitude,longitude,epci",
        "57463,Metz,57,44,57000|57050,121695,49.1048,6.1956,200039865",
        "98411,Îles Saint-Paul et Nouvelle-Amsterdam,,,,,,,",
    ]
    assert received[-1] == len(json.dumps(published, ensure_ascii=False, separators=(",", ":")).encode())


@pytest.mark.parametrize("content", [b"[1]", b"[", b"[{}]", b'[{"code":"1","nom":"a","centre":{"coordinates":[]}}]'])
def test_what_is_not_the_official_service_s_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused, match="not the JSON of the service"):
        rewrite_communes(content)


async def test_an_address_that_does_not_answer_says_what_to_do() -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    for transport in (httpx.MockTransport(refuse), httpx.MockTransport(lambda _request: httpx.Response(404))):
        with pytest.raises(FileRefused, match=r"does not answer \(\w+( 404)?\): give a file instead"):
            await fetch_official("communes", {"communes": "http://x.test"}, print, transport=transport)
    with pytest.raises(FileRefused, match="naf has no official address: give a file"):
        await fetch_official("naf", {}, print)


async def test_a_list_that_is_not_stored_is_not_loaded(database: Database, tmp_path: Path) -> None:
    for name in ("topics", "nothing"):
        with pytest.raises(FileRefused, match="no such list to load; there are communes, epcis"):
            await load(database, tmp_path, name, b"")


async def test_children_and_job_titles_come_with_fuller_files(database: Database, tmp_path: Path) -> None:
    assert await list_children(database, "A1000") == []
    assert await find_appellation(database, "10200") is None
    codes = [f"A{number}" for number in range(1000, 2500)]
    occupations = ["code,libelle,parent", *(f"{code},Métier,{codes[int(code[-1]) // 5]}" for code in codes)]
    titles = ["ogr,libelle,rome,peu_usite", *(f"{number},Titre {number},A1000,N" for number in range(10200, 22000))]
    for name, lines in (("rome_occupations", occupations), ("rome_appellations", titles)):
        path = tmp_path / name
        path.write_text("\n".join(lines), "utf-8")
        await load_list(database, LoadOrder(name, path, None, is_shipped=False, addresses={}), lambda _line: None)

    assert len(await list_children(database, "A1001")) == 750
    assert await find_appellation(database, "10200") == Appellation("10200", "Titre 10200", "A1000")
