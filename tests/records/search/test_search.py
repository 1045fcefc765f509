"""Searching structures through the API: words, places, filters, facets, orders, walks."""

from __future__ import annotations

import random
from typing import Any

import pytest

from raccord.kernel.database import Database
from raccord.records.changes import sequence_changes
from raccord.records.search.indexing import index_changes, rebuild_index
from raccord.resources.registry import KINDS
from raccord.resources.structures.kind import STRUCTURES
from tests.partners import Partner, Partners
from tests.peers import OpenApp

LILLE = {"postal_code": "59000", "city": "Lille", "insee_code": "59350", "department": "59"}
ROUBAIX = {"postal_code": "59100", "city": "Roubaix", "insee_code": "59512", "department": "59"}
LYON = {"postal_code": "69001", "city": "Lyon", "insee_code": "69381", "department": "69"}


async def catch_up(database: Database) -> None:
    """Let the sequencer and the indexer do what waits for them."""
    while await sequence_changes(database):
        pass
    while await index_changes(database, KINDS):
        pass


@pytest.fixture(scope="module")
async def reader(lasting: OpenApp) -> Partner:
    """A reader of the stock, which no test of its changes."""
    await add_stock(lasting.partners, lasting.database)
    return await lasting.partners.add("lecteur")


@pytest.fixture
async def stock(partners: Partners, database: Database) -> dict[str, str]:
    """A stock of the test's own."""
    return await add_stock(partners, database)


async def add_stock(partners: Partners, database: Database) -> dict[str, str]:
    """Add four structures, and have them found; returns their ids by name."""
    made = {
        "Boulangerie solidaire": await partners.add_structure(
            "ACI", name="Boulangerie solidaire", address=LILLE, location={"latitude": 50.63, "longitude": 3.06}
        ),
        "Les Maçons du Nord": await partners.add_structure(
            "EI", name="Les Maçons du Nord", address=ROUBAIX, location={"latitude": 50.69, "longitude": 3.17}
        ),
        "Maraîchage des Flandres": await partners.add_structure(
            "ACI",
            name="Maraîchage des Flandres",
            description="Atelier de maçonnerie paysagère et de légumes.",
            address=LILLE,
            is_open_to_spontaneous_applications=True,
        ),
        "Jardins de Lyon": await partners.add_structure(
            "ACI", name="Jardins de Lyon", address=LYON, location={"latitude": 45.767, "longitude": 4.834}
        ),
    }
    await catch_up(database)
    return made


async def find(reader: Partner, query: str) -> list[str]:
    answer = await reader.get(f"/v1/structures/search?{query}")
    assert answer.status_code == 200, answer.text
    return [hit["record"]["name"] for hit in answer.json()["data"]]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("boulangère", ["Boulangerie solidaire"]),
        ("BOULANGERS", ["Boulangerie solidaire"]),
        ("macon", ["Les Maçons du Nord", "Maraîchage des Flandres"]),
        ("maçonne", ["Les Maçons du Nord", "Maraîchage des Flandres"]),
        ("mara", ["Maraîchage des Flandres"]),
        ("maraichge", ["Maraîchage des Flandres"]),
        ("boulangrie", ["Boulangerie solidaire"]),
        ("jardin lyon", ["Jardins de Lyon"]),
        ("jardin lille", []),
        ("zzzzzz", []),
        ("de la", []),
    ],
)
async def test_words_are_found_whatever_their_writing(reader: Partner, typed: str, found: list[str]) -> None:
    assert await find(reader, f"q={typed}") == found


async def test_a_circle_holds_what_is_within_its_radius_nearest_first(reader: Partner) -> None:
    answer = (await reader.get("/v1/structures/search?commune=59350&radius_km=15")).json()

    names = [hit["record"]["name"] for hit in answer["data"]]
    assert set(names[:2]) == {"Boulangerie solidaire", "Maraîchage des Flandres"}
    assert names[2:] == ["Les Maçons du Nord"]
    distances = [hit["distance_km"] for hit in answer["data"]]
    assert distances == sorted(distances)
    assert 5 < distances[2] < 15
    assert answer["centre"]["label"] == "Lille"
    assert await find(reader, "commune=59350&radius_km=0") != []
    assert await find(reader, "latitude=45.76&longitude=4.83&radius_km=5") == ["Jardins de Lyon"]


async def test_filters_narrow_and_facets_count_each_without_its_own(reader: Partner) -> None:
    query = "kind=ACI&facets=kind&facets=department"
    answer = (await reader.get(f"/v1/structures/search?{query}")).json()

    assert len(answer["data"]) == 3
    assert {value["value"]: value["count"] for value in answer["facets"]["kind"]} == {"ACI": 3, "EI": 1}
    assert answer["facets"]["department"] == [{"value": "59", "count": 2}, {"value": "69", "count": 1}]
    assert len(await find(reader, "department=69&department=59")) == 4
    assert await find(reader, "is_open_to_spontaneous_applications=true") == ["Maraîchage des Flandres"]


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("commune=99999", "commune", "unknown_commune"),
        ("commune=Lille", "commune", "string_pattern_mismatch"),
        ("latitude=48", "longitude", "half_a_point"),
        ("radius_km=3", "radius_km", "no_centre"),
        ("commune=59350&radius_km=500", "radius_km", "less_than_equal"),
        ("commune=59350&radius_km=loin", "radius_km", "float_type"),
        ("latitude=1e999&longitude=2", "latitude", "float_type"),
        ("sort=distance", "sort", "no_centre"),
        ("sort=best", "sort", "literal_error"),
        ("commune=59350&latitude=1&longitude=1", "longitude", "two_centres"),
        ("latitude=1&longitude=1&radius_km=0", "radius_km", "empty_circle"),
        ("facets=name", "facets", "unknown_facet"),
        ("q=%00", "q", "string_pattern_mismatch"),
        ("q=", "q", "string_too_short"),
        ("updated_since=31/12/2025", "updated_since", "datetime_parsing"),
        ("cursor=abc", "cursor", "invalid_cursor"),
        ("colour=red", "colour", "unknown_parameter"),
        ("q=a&q=b", "q", "repeated_parameter"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_named(reader: Partner, query: str, name: str, code: str) -> None:
    answer = await reader.get(f"/v1/structures/search?{query}")

    assert answer.status_code == 400, answer.text
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == (name, code)


async def test_what_is_changed_or_deleted_is_found_as_it_is_now(
    partners: Partners, database: Database, stock: dict[str, str]
) -> None:
    writer = await partners.add("annuaire")
    path = f"/v1/structures/{stock['Jardins de Lyon']}"
    etag = (await writer.get(path)).headers["ETag"]
    changed = await writer.patch(path, {"name": "Ferme de Lyon"}, if_match=etag)
    assert changed.status_code == 200, changed.text
    gone = f"/v1/structures/{stock['Les Maçons du Nord']}"
    deleted = await writer.delete(gone, if_match="*")
    assert deleted.status_code == 204, deleted.text

    # A deleted record is gone at once, before the indexer has been told.
    assert await find(writer, "q=maçons") == ["Maraîchage des Flandres"]
    await catch_up(database)

    assert await find(writer, "q=ferme") == ["Ferme de Lyon"]
    assert await find(writer, "q=jardins") == []
    assert await find(writer, "q=maçons") == ["Maraîchage des Flandres"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("vélo", [("Le vélo pour tous", 4), ("Vélo solidaire", 4), ("Vélodrome", 3), ("Ressourcerie", 1)]),
        ("vélo réparation", [("Le vélo pour tous", 2), ("Ressourcerie", 1)]),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_the_best_come_first_and_the_newest_of_them(
    partners: Partners, database: Database, words: str, expected: list[tuple[str, int]], limit: int
) -> None:
    reader = await partners.add("lecteur")
    await partners.add_structure("ACI", name="Ressourcerie", description="Atelier de réparation de vélo.")
    await partners.add_structure("ACI", name="Vélo solidaire", description="Prêt et vente.")
    await partners.add_structure("ACI", name="Le vélo pour tous", description="Location et réparation.")
    await partners.add_structure("ACI", name="Vélodrome", description="Entretien de la piste.")
    await catch_up(database)
    found: list[tuple[str, int]] = []
    path = f"/v1/structures/search?q={words}&limit={limit}"
    while path:
        page = (await reader.get(path)).json()
        found += [(hit["record"]["name"], hit["score"]) for hit in page["data"]]
        path = (
            f"/v1/structures/search?q={words}&limit={limit}&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        )

    assert found == expected


@pytest.mark.parametrize("order", ["q=atelier", "q=atelier&sort=date", "commune=59350&radius_km=50", "sort=date"])
async def test_a_walk_under_writes_shows_each_live_record_once(
    partners: Partners, database: Database, order: str
) -> None:
    writer = await partners.add("annuaire")
    rng = random.Random(order)
    ids = [
        await partners.add_structure(
            "ACI",
            name=f"Atelier {number % 7}",
            address=LILLE,
            location={"latitude": 50.6 + rng.randint(0, 4) / 100, "longitude": 3.06},
        )
        for number in range(40)
    ]
    await catch_up(database)
    seen: list[str] = []
    path, gone, late = f"/v1/structures/search?{order}&limit=6", set[str](), 0
    while path:
        page = (await writer.get(path)).json()
        seen += [hit["record"]["id"] for hit in page["data"]]
        # Meanwhile one goes, one comes, one says something else.
        victim = rng.choice([i for i in ids if i not in seen and i not in gone] or [""])
        if victim:
            gone.add(victim)
            assert (await writer.delete(f"/v1/structures/{victim}", if_match="*")).status_code == 204
        await partners.add_structure("ACI", name=f"Atelier nouveau {late} zzz", address=LILLE)
        late += 1
        kept = rng.choice([i for i in ids if i not in gone])
        body = {"description": f"Dit autrement, {late}."}
        assert (await writer.patch(f"/v1/structures/{kept}", body, if_match="*")).status_code == 200
        await catch_up(database)
        cursor: Any = page["next_cursor"]
        path = f"/v1/structures/search?{order}&limit=6&cursor={cursor}" if cursor else ""

    assert len(seen) == len(set(seen))
    assert set(ids) - gone <= set(seen)
    assert not gone & set(seen)


async def test_the_index_is_made_anew_from_the_records(
    partners: Partners, database: Database, stock: dict[str, str]
) -> None:
    reader = await partners.add("lecteur")
    async with database.begin() as tx:
        await tx.fetch("DELETE FROM search_structures")
        await tx.fetch("DELETE FROM search_words")
    assert await find(reader, "q=maçons") == []

    assert await rebuild_index(database, STRUCTURES) == len(stock)

    assert await find(reader, "q=maçons") == ["Les Maçons du Nord", "Maraîchage des Flandres"]


@pytest.mark.parametrize("name", ["updated_since", "published_since"])
async def test_freshness_is_an_instant(reader: Partner, name: str) -> None:
    assert len(await find(reader, f"{name}=2026-01-01T00:00:00Z")) == 4
    assert await find(reader, f"{name}=2126-01-01T00:00:00.5%2B01:00") == []


async def test_a_cursor_serves_its_own_question_alone(reader: Partner) -> None:
    cursor = (await reader.get("/v1/structures/search?sort=date&limit=1")).json()["next_cursor"]

    answer = await reader.get(f"/v1/structures/search?sort=relevance&limit=1&cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
