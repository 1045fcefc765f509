"""Reference data through the public door: which lists there are, what they hold, in which language."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from raccord.reference.lists import LISTS
from raccord.reference.stored_lists import STORED_LISTS
from raccord.reference.titles import LIST_TITLES
from tests.partners import Partner
from tests.peers import World

Json = dict[str, Any]


@pytest.fixture
def partner(world: World) -> Partner:
    return world.owner


async def read(partner: Partner, path: str, **headers: str) -> httpx.Response:
    return await partner.http.get(path, headers={**partner.headers, **headers})


async def read_data(partner: Partner, path: str) -> list[Json]:
    response = await read(partner, path)
    assert response.status_code == 200, response.text
    return list(response.json()["data"])


async def test_every_list_is_announced_with_its_edition(partner: Partner) -> None:
    data = await read_data(partner, "/v1/reference")

    expected = {item.name for item in LISTS} | {item.name for item in STORED_LISTS if item.shipped}
    assert [item["name"] for item in data] == sorted(expected)
    communes = next(item for item in data if item["name"] == "communes")
    assert (communes["count"], communes["valid_from_on"]) == (35014, "2026-01-01")
    assert communes["label"] == "Communes et arrondissements municipaux"
    assert communes["loaded_at"].endswith("Z")
    assert all(item["version"] and item["source"] and item["licence"] and item["count"] for item in data)


def test_every_list_is_named_in_both_languages() -> None:
    names = {item.name for item in LISTS} | {item.name for item in STORED_LISTS}

    assert set(LIST_TITLES) == names
    assert all(title.fr.strip() and title.en.strip() for title in LIST_TITLES.values())


async def test_every_list_of_the_code_is_served_whole(partner: Partner) -> None:
    for code_list in LISTS:
        data = await read_data(partner, f"/v1/reference/{code_list.name}?limit=200")

        assert [item["code"] for item in data] == list(code_list.values), code_list.name
        assert [item["labels"] for item in data] == [{"fr": c.label_fr, "en": c.label_en} for c in code_list.codes]
        assert [item["crosswalks"] for item in data] == [dict(code.crosswalk) for code in code_list.codes]


async def test_a_commune_says_where_it_is(partner: Partner) -> None:
    entry = (await read(partner, "/v1/reference/communes/57463")).json()

    assert entry["label"] == "Metz"
    assert entry["labels"] == {"fr": "Metz", "en": None}
    assert entry["parent_code"] == "57"
    assert entry["attributes"]["postal_codes"] == ["57000", "57050", "57070"]
    assert entry["attributes"]["epci"] == "200039865"
    assert entry["location"]["precision"] == "commune"
    assert abs(entry["location"]["latitude"] - 49.12) < 0.05


async def test_a_long_list_is_walked_without_a_gap(partner: Partner) -> None:
    seen: list[str] = []
    path: str | None = "/v1/reference/epcis?limit=200"
    while path is not None:
        response = await read(partner, path)
        page = response.json()
        seen += [item["code"] for item in page["data"]]
        path = page["next_cursor"] and f"/v1/reference/epcis?limit=200&cursor={page['next_cursor']}"
        assert (path is not None) == ('rel="next"' in response.headers.get("link", ""))

    assert len(seen) == 1255
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("question", ["communes?q=metz", "communes?parent=2A", "topics?q=acces", "topics?parent=sante"])
async def test_a_question_is_walked_without_a_gap(partner: Partner, question: str) -> None:
    whole = [item["code"] for item in await read_data(partner, f"/v1/reference/{question}&limit=200")]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await read(partner, f"/v1/reference/{question}&limit=4{cursor}")).json()
        seen += [item["code"] for item in page["data"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert len(whole) > 4
    assert seen == whole


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("communes?q=saint%20deni", "97411"),
        ("communes?q=SAINT-DENIS", "97411"),
        ("communes?q=paris", "75056"),
        ("communes?q=57050", "57463"),
        ("communes?q=oeuf", "62633"),
        ("rome_occupations?q=boulangere", "D1102"),
        ("naf?q=01.11Z", "0111Z"),
        ("naf?q=0111z", "0111Z"),
        ("departments?q=corse", "2A"),
        ("topics?q=permis", "mobilite--preparer-un-permis"),
        ("contract_types?q=cddi", "fixed_term_inclusion"),
    ],
)
async def test_words_find_without_accents_nor_case(partner: Partner, path: str, first: str) -> None:
    data = await read_data(partner, f"/v1/reference/{path}")

    assert data[0]["code"] == first


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("communes?parent=75056", 20),
        ("communes?parent=69123", 9),
        ("communes?parent=13055", 16),
        ("communes?parent=75", 1),
        ("naf_divisions?parent=A", 3),
        ("topics?parent=mobilite", 6),
        ("departments?parent=53", 4),
        ("communes?parent=nothing", 0),
        ("communes?q=!!!", 0),
        ("topics?q=%00", 0),
    ],
)
async def test_children_are_listed_by_their_parent(partner: Partner, path: str, count: int) -> None:
    assert len(await read_data(partner, f"/v1/reference/{path}")) == count


async def test_labels_come_in_the_language_asked_for(partner: Partner) -> None:
    path = "/v1/reference/contract_types/seasonal"
    french, english = await read(partner, path), await read(partner, path, **{"Accept-Language": "en"})

    assert (french.json()["label"], english.json()["label"]) == ("Contrat saisonnier", "Seasonal contract")
    assert (french.headers["content-language"], english.headers["content-language"]) == ("fr", "en")
    assert french.headers["vary"] == english.headers["vary"] == "Accept-Language"
    assert french.headers["etag"] != english.headers["etag"]


@pytest.mark.parametrize("path", ["", "/communes?q=metz", "/topics", "/communes/57463", "/topics/sante--addictions"])
async def test_what_has_not_changed_is_not_sent_again(partner: Partner, path: str) -> None:
    first = await read(partner, f"/v1/reference{path}")
    again = await read(partner, f"/v1/reference{path}", **{"If-None-Match": first.headers["etag"]})
    other = await read(partner, f"/v1/reference{path}", **{"If-None-Match": '"0"'})

    assert first.headers["cache-control"] == "private, max-age=3600"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"] == other.headers["etag"]
    assert other.content == first.content


@pytest.mark.parametrize(
    "path",
    [
        "nothing", "rome_appellations", "Communes", "communes%00", "pg_class", "a" * 300, "communes/",
        "communes/99999", "communes/%00", "communes/" + "9" * 200, "topics/sante", "topics/%F0%9F%90%98",
        "communes/57463%27--",
    ],
)  # fmt: skip
async def test_what_is_not_there_is_not_found(partner: Partner, path: str) -> None:
    response = await read(partner, f"/v1/reference/{path}")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_parameter"),
        ("limit=201", "invalid_parameter"),
        ("limit=x", "invalid_parameter"),
        ("q=", "invalid_parameter"),
        ("q=" + "a" * 101, "invalid_parameter"),
        ("parent=", "invalid_parameter"),
        ("parent=%00", "invalid_parameter"),
        ("parent=a%20b", "invalid_parameter"),
        ("cursor=", "invalid_cursor"),
        ("cursor=abc", "invalid_cursor"),
        ("cursor=" + quote("é"), "invalid_cursor"),
        ("label=metz", "unknown_parameter"),
        ("q=a&q=b", "unknown_parameter"),
    ],
)
@pytest.mark.parametrize("name", ["communes", "topics"])
async def test_what_is_not_understood_is_refused(partner: Partner, name: str, query: str, code: str) -> None:
    response = await read(partner, f"/v1/reference/{name}?{query}")

    assert (response.status_code, response.json()["code"]) == (400, code)


async def test_a_cursor_serves_the_question_that_it_continues(partner: Partner) -> None:
    cursor = (await read(partner, "/v1/reference/communes?limit=1")).json()["next_cursor"]

    for path in ("epcis?", "communes?q=metz&", "communes?parent=57&"):
        response = await read(partner, f"/v1/reference/{path}cursor={cursor}")
        assert response.json()["code"] == "invalid_cursor"


@pytest.mark.parametrize("path", ["", "/topics", "/topics/sante--addictions"])
async def test_a_token_is_asked_for_and_no_scope(world: World, path: str) -> None:
    narrow = await world.partners.add(f"sans-portee{len(path)}", scopes=["tokens:introspect"])

    assert (await world.http.get(f"/v1/reference{path}")).status_code == 401
    assert (await read(narrow, f"/v1/reference{path}")).status_code == 200
