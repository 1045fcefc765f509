"""Searching job offers: occupations and families, pay and hours, obstacles, places, orders; and exporting them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from raccord.bulk.exporting import export_records
from raccord.kernel.database import Database
from raccord.resources.job_offers.kind import JOB_OFFERS
from tests.databases import make_plain
from tests.partners import Partner, Partners
from tests.peers import OpenApp
from tests.records.search.test_search import LILLE, LYON, ROUBAIX, catch_up

Json = dict[str, Any]
# ROME's parents do not ship: these stand for the fuller file.
FAMILY = """
UPDATE reference_entries SET parent_code = 'D1102' WHERE list = 'rome_occupations' AND code IN ('D1104');
INSERT INTO reference_entries (list, code, rank, label_fr, parent_code, crosswalks, attributes, words)
VALUES ('rome_appellations', '20008', 0, 'Tourier / Tourière', 'D1102', '{}', '{}',
        to_tsvector('simple', 'tourier touriere'));
"""


def make_offer(title: str, **fields: object) -> Json:
    return {
        "title": title,
        "description": "Un poste décrit en quelques mots.",
        "employer": {"name": "Employeur"},
        "occupation": {"rome_code": "H2913"},
        "workplaces": [LILLE],
        "contract": {"type": "permanent"},
        "application": {"modes": [{"type": "platform"}]},
        "is_published": True,
        **fields,
    }


OFFERS: dict[str, Json] = {
    "boulanger": make_offer("Boulanger", occupation={"rome_code": "D1102"}, pay={"min": "12.00", "period": "hour"}),
    "patissier": make_offer(
        "Pâtissier",
        occupation={"rome_code": "D1104"},
        pay={"min": "2500", "period": "month"},
        workplaces=[ROUBAIX],
        signals={"pending_applications_count": 7},
    ),
    "macon": make_offer(
        "Maçon",
        occupation={"rome_code": "F1703"},
        workplaces=[LYON],
        working_time={"weekly_hours_min": 24},
        requirements={
            "experience": {"level": "required", "months": 24},
            "driving_licences": [{"code": "B", "requirement": "required"}],
        },
        iae={
            "accepted_obstacles": [
                {"obstacle": "mobility", "acceptance": "supported"},
                {"obstacle": "housing", "acceptance": "incompatible"},
            ]
        },
        accessibility={"is_open_to_disabled_workers": True},
    ),
    "teleconseil": make_offer(
        "Téléconseiller", occupation={"rome_code": "D1408"}, workplaces=[LYON], work_mode="remote"
    ),
    "brouillon": make_offer("Boulanger de nuit", occupation={"rome_code": "D1102"}, is_published=False),
}


@pytest.fixture(scope="module")
async def reader(lasting: OpenApp) -> Partner:
    """A reader of the offers, which no test of its changes."""
    return await add_offers(lasting.partners, lasting.database, lasting.owner_url)


@pytest.fixture
async def writer(partners: Partners, database: Database, owner_url: str) -> Partner:
    """The publisher of offers of the test's own."""
    return await add_offers(partners, database, owner_url)


async def add_offers(partners: Partners, database: Database, owner_url: str) -> Partner:
    """Add the offers, and have them found; returns their publisher."""
    owner = await asyncpg.connect(make_plain(owner_url))
    await owner.execute(FAMILY)
    await owner.close()
    made = await partners.add("editeur")
    for name, offer in OFFERS.items():
        answer = await made.put(f"/v1/job-offers/by-source/editeur/{name}", offer)
        assert answer.status_code == 201, answer.text
    await catch_up(database)
    return made


async def find(reader: Partner, query: str) -> list[str]:
    answer = await reader.get(f"/v1/job-offers/search?{query}")
    assert answer.status_code == 200, answer.text
    return [hit["record"]["external_id"] for hit in answer.json()["data"]]


async def test_words_a_place_and_a_contract_find_what_a_wider_circle_finds(writer: Partner, database: Database) -> None:
    more: dict[str, Json] = {
        "deux-lieux": {"workplaces": [LYON, ROUBAIX]},
        "interim": {"contract": {"type": "temp_mission"}},
        "second-interim": {"contract": {"type": "temp_mission"}, "workplaces": [ROUBAIX]},
        "partout": {"work_mode": "remote", "workplaces": [LYON]},
    }
    for name, fields in more.items():
        offer = make_offer("Boulanger de quartier", **fields)
        assert (await writer.put(f"/v1/job-offers/by-source/editeur/{name}", offer)).status_code == 201
    await catch_up(database)
    permanent = {"boulanger", "deux-lieux", "partout"}

    for asked, expected in (
        ("contract_type=permanent", permanent),
        ("contract_type=temp_mission", {"interim", "second-interim"}),
        ("contract_type=permanent&contract_type=temp_mission", permanent | {"interim", "second-interim"}),
        ("contract_type=fixed_term", set()),
    ):
        near, wider = [
            await find(writer, f"q=boulangère&commune=59350&radius_km={radius}&{asked}") for radius in (25, 26)
        ]
        assert (near, set(near)) == (wider, expected)
        both = await find(writer, f"q=boulanger quartier&commune=59350&radius_km=25&{asked}")
        assert set(both) == expected - {"boulanger"}
    assert await find(writer, "q=boulanger&commune=69381&radius_km=25&contract_type=temp_mission") == []


async def test_what_is_in_several_places_is_found_near_each_by_the_nearest(writer: Partner, database: Database) -> None:
    offer = make_offer("Soudeur", workplaces=[LYON, ROUBAIX])
    assert (await writer.put("/v1/job-offers/by-source/editeur/deux-lieux", offer)).status_code == 201
    await catch_up(database)

    for commune, farthest in (("59350", 15), ("69381", 2)):
        for words in ("q=soudeur&", ""):
            answer = await writer.get(f"/v1/job-offers/search?{words}commune={commune}&radius_km=20&sort=distance")
            hits = {hit["record"]["external_id"]: hit["distance_km"] for hit in answer.json()["data"]}
            assert hits["deux-lieux"] < farthest
    assert await find(writer, "q=soudeur&commune=75056&radius_km=50") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("rome=D1102", {"boulanger", "patissier"}),
        ("rome=D1104", {"boulanger", "patissier"}),
        ("rome=D11", {"boulanger", "patissier"}),
        ("rome=D", {"boulanger", "patissier", "teleconseil"}),
        ("rome=F1703&rome=D1408", {"macon", "teleconseil"}),
        ("q=tourier", {"boulanger"}),
        ("q=boulangère", {"boulanger"}),
        ("min_monthly_pay_eur=1800", {"boulanger", "patissier"}),
        ("min_monthly_pay_eur=2100", {"patissier"}),
        ("max_weekly_hours=30", {"macon"}),
        ("max_experience_months=12", {"boulanger", "patissier", "teleconseil"}),
        ("is_licence_required=true", {"macon"}),
        ("accepted_obstacle=mobility", {"macon"}),
        ("accepted_obstacle=housing", set()),
        ("is_open_to_disabled_workers=true", {"macon"}),
        ("department=59", {"boulanger", "patissier"}),
        ("commune=59350&radius_km=25", {"boulanger", "patissier", "teleconseil"}),
        ("commune=59350&radius_km=0", {"boulanger"}),
        ("contract_type=apprenticeship", set()),
    ],
)
async def test_offers_are_found_by_what_they_say(reader: Partner, query: str, found: set[str]) -> None:
    assert set(await find(reader, query)) == found


async def test_an_offer_from_anywhere_comes_last_and_without_a_distance(reader: Partner) -> None:
    hits = (await reader.get("/v1/job-offers/search?commune=59350&radius_km=25")).json()["data"]

    assert [hit["record"]["external_id"] for hit in hits] == ["boulanger", "patissier", "teleconseil"]
    assert hits[1]["distance_km"] > hits[0]["distance_km"]
    assert hits[2]["distance_km"] is None


async def test_the_least_applied_come_first(reader: Partner) -> None:
    found = await find(reader, "department=59&sort=least_applied")

    assert found == ["boulanger", "patissier"]


async def test_an_offer_without_a_place_is_where_its_structure_is(
    writer: Partner, partners: Partners, database: Database
) -> None:
    structure = await partners.add_structure("EI", address=LYON, location={"latitude": 45.767, "longitude": 4.834})
    offer = {**make_offer("Soudeur"), "workplaces": [], "mobility": {"is_itinerant": True}, "structure_id": structure}
    offer["contract"] = {"type": "fixed_term_inclusion"}
    answer = await writer.put("/v1/job-offers/by-source/editeur/soudeur", offer)
    assert answer.status_code == 201, answer.text
    await catch_up(database)

    assert await find(writer, "q=soudeur&latitude=45.76&longitude=4.83&radius_km=5") == ["soudeur"]
    assert await find(writer, "q=soudeur&structure_kind=EI") == ["soudeur"]


async def test_a_structure_that_moves_takes_its_offers_along(
    writer: Partner, partners: Partners, database: Database
) -> None:
    keeper = await partners.add("annuaire")
    structure = await partners.add_structure("EI", address=LYON)
    offer = {**make_offer("Soudeur"), "workplaces": [], "mobility": {"is_itinerant": True}, "structure_id": structure}
    offer["contract"] = {"type": "fixed_term_inclusion"}
    await writer.put("/v1/job-offers/by-source/editeur/soudeur", offer)
    await catch_up(database)
    assert await find(writer, "q=soudeur&department=69") == ["soudeur"]

    moved = await keeper.patch(f"/v1/structures/{structure}", {"address": LILLE}, if_match="*")
    assert moved.status_code == 200, moved.text
    await catch_up(database)

    assert await find(writer, "q=soudeur&department=69") == []
    assert await find(writer, "q=soudeur&department=59") == ["soudeur"]


async def test_what_its_licence_or_its_state_keeps_back_is_not_exported(writer: Partner, database: Database) -> None:
    seen_at = datetime.now(UTC) - timedelta(hours=1)
    foreign = make_offer(
        "Cuisinier",
        licence={"code": "france_travail"},
        provenance={"system": "france-travail", "last_seen_at": seen_at.isoformat()},
    )
    answer = await writer.put("/v1/job-offers/by-source/editeur/cuisinier", foreign)
    assert answer.status_code == 201, answer.text
    output = io.BytesIO()

    counts = await export_records(database, JOB_OFFERS, output)

    exported = [json.loads(line) for line in output.getvalue().splitlines()]
    names = {record["external_id"] for record in exported}
    assert names == OFFERS.keys() - {"brouillon"} | ({"cuisinier"} & names)
    assert (counts.written, counts.withheld) == (len(exported), len(OFFERS) + 1 - len(exported))
    assert "brouillon" not in names
    published = (await writer.get("/v1/job-offers/by-source/editeur/cuisinier")).json()
    report = (await writer.get(f"/v1/job-offers/{published['id']}/publication")).json()
    assert ("cuisinier" in names) is report["is_exportable"]
