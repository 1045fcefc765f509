"""The course of an offer: what its source's wish does, who may make which move, and what time does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.clock import freeze_clock, read_today
from raccord.kernel.database import Database
from raccord.kernel.validation import validate_content
from raccord.reference.job_offer_codes import OfferStatus
from raccord.resources.job_offers.kind import JOB_OFFERS
from raccord.resources.job_offers.lifecycle import MOVES, apply_move, start_course
from raccord.resources.job_offers.shape import JobOfferInput
from raccord.resources.job_offers.upkeep import expire_offers, suspend_orphans
from tests.partners import Partner, Partners
from tests.records.ground import fetch_all
from tests.resources.offers import PATH, make_offer, write_offer

Json = dict[str, Any]
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("logiciel", kind="ACI")


def fill(**fields: object) -> Json:
    """Make the whole content of an offer, as the write door has it."""
    return validate_content(JobOfferInput, json.dumps(make_offer(**fields)).encode()).model_dump(mode="json")


async def move(partner: Partner, offer: Json, transition: str, **fields: object) -> Json:
    response = await partner.move(f"{PATH}/{offer['id']}", transition, **fields)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_an_offer_that_asks_for_it_is_published_at_once(partner: Partner) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id))

    assert offer["status"] == "active"
    assert offer["published_at"] == offer["status_changed_at"]
    assert offer["expires_on"] == (read_today() + timedelta(days=60)).isoformat()


async def test_an_offer_that_does_not_is_a_draft_until_its_source_wishes(partner: Partner) -> None:
    offer = make_offer(partner.structure_id, is_published=False)

    assert (await write_offer(partner, offer))["status"] == "draft"
    assert (await write_offer(partner, {**offer, "title": "Autre titre"}))["status"] == "draft"
    assert (await write_offer(partner, {**offer, "is_published": True}))["status"] == "active"
    assert (await write_offer(partner, offer))["status"] == "suspended"
    assert (await write_offer(partner, {**offer, "is_published": True}))["status"] == "active"


async def test_a_content_written_again_reverts_no_state(partner: Partner) -> None:
    offer = make_offer(partner.structure_id)
    served = await write_offer(partner, offer)
    await move(partner, served, "suspend", closing_reason="other")

    assert (await write_offer(partner, offer))["status"] == "suspended"
    again = await write_offer(partner, {**offer, "title": "Nouveau titre (H/F)"})
    assert (again["status"], again["closing_reason"]) == ("suspended", "other")


async def test_the_transition_table_is_walked_from_end_to_end(partner: Partner) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id, is_published=False))
    day = (read_today() + timedelta(days=10)).isoformat()
    steps: list[tuple[str, Json, str]] = [
        ("submit", {}, "in_review"),
        ("reject", {"comment": "Précisez les horaires."}, "rejected"),
        ("submit", {}, "in_review"),
        ("approve", {}, "active"),
        ("suspend", {}, "suspended"),
        ("resume", {}, "active"),
        ("prolong", {"ends_on": day}, "active"),
        ("fill", {}, "filled"),
        ("reopen", {}, "active"),
        ("cancel", {"closing_reason": "withdrawn_by_employer"}, "cancelled"),
        ("archive", {}, "archived"),
    ]
    for transition, fields, status in steps:
        offer = await move(partner, offer, transition, **fields)
        assert offer["status"] == status, transition

    assert offer["prolongation_count"] == 1
    assert offer["expires_on"] == day
    moves = (await partner.get(f"{PATH}/{offer['id']}/transitions")).json()["data"]
    assert moves == []


async def test_a_move_is_of_its_parties(partners: Partners, partner: Partner) -> None:
    employer = await partners.add("employeur")
    await partners.grant(employer.client_id, partner.structure_id)
    stranger = await partners.add("etranger", kind="EI")
    employer.token = await partners.get_token(employer.client_id, employer.secret)
    offer = await write_offer(partner, make_offer(partner.structure_id, is_published=False))
    await move(partner, offer, "submit")

    path = f"{PATH}/{offer['id']}"
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{path}/transitions", {"transition": "approve"}, if_match="*")).status_code == 404
    assert (await employer.get(path)).json()["status"] == "in_review"
    assert (await move(employer, offer, "approve"))["status"] == "active"
    refused = await stranger.move(path, "suspend")
    assert (refused.status_code, refused.json()["code"]) == (403, "transition_not_yours")
    assert refused.json()["parties"] == ["employer", "source"]
    assert (await move(employer, offer, "fill"))["closing_reason"] == "filled"


async def test_expiry_belongs_to_raccord(partner: Partner) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id))

    refused = await partner.move(f"{PATH}/{offer['id']}", "expire")

    assert refused.status_code == 422
    moves = (await partner.get(f"{PATH}/{offer['id']}/transitions")).json()["data"]
    assert {item["transition"] for item in moves} == {"suspend", "fill", "prolong", "cancel"}


async def test_offers_past_their_last_day_expire_through_the_door(partner: Partner, database: Database) -> None:
    day = read_today() + timedelta(days=1)
    ending = make_offer(partner.structure_id, publication={"ends_on": day.isoformat()})
    offers = [await write_offer(partner, ending, f"O-{number}") for number in range(3)]
    kept = await write_offer(partner, make_offer(partner.structure_id), "O-9")
    _, cursor = await partner.read_feed()

    counts = []
    with freeze_clock(datetime.now(UTC) + timedelta(days=1)):
        async with database.begin() as tx:
            assert await expire_offers(tx, JOB_OFFERS) == 0
    with freeze_clock(datetime.now(UTC) + timedelta(days=2)):
        for _ in range(3):
            async with database.begin() as tx:
                counts.append(await expire_offers(tx, JOB_OFFERS, limit=2))

    assert counts == [2, 1, 0]
    for offer in offers:
        read = (await partner.get(f"{PATH}/{offer['id']}")).json()
        assert (read["status"], read["closing_reason"], read["version"]) == ("expired", "expired", 2)
    assert (await partner.get(f"{PATH}/{kept['id']}")).json()["status"] == "active"
    changes, _ = await partner.read_feed(cursor)
    assert {change["id"] for change in changes} == {offer["id"] for offer in offers}
    assert all("status" in change["changed_fields"] and change["origin"] == "raccord" for change in changes)
    # The same content again does not bring back what has ended.
    assert (await write_offer(partner, ending, "O-0"))["status"] == "expired"


async def test_offers_of_an_employer_that_recruits_no_more_are_suspended(
    partners: Partners, partner: Partner, database: Database
) -> None:
    source = await partners.add("annuaire-2")
    path = f"/v1/structures/by-source/{source.source}/S-1"
    structure: Json = {"kind": "ACI", "name": "Structure active"}
    structure_id = (await source.put(path, structure)).json()["id"]
    stopped = await write_offer(partner, make_offer(structure_id), "O-1")
    kept = await write_offer(partner, make_offer(partner.structure_id), "O-2")

    assert (await source.put(path, {**structure, "has_blocked_applications": True})).status_code == 200
    async with database.begin() as tx:
        assert await suspend_orphans(tx, JOB_OFFERS) == 1
    async with database.begin() as tx:
        assert await suspend_orphans(tx, JOB_OFFERS) == 0

    read = (await partner.get(f"{PATH}/{stopped['id']}")).json()
    assert (read["status"], read["closing_reason"]) == ("suspended", "structure_inactive")
    assert (await partner.get(f"{PATH}/{kept['id']}")).json()["status"] == "active"
    resumed = await partner.move(f"{PATH}/{stopped['id']}", "resume")
    assert [error["code"] for error in resumed.json()["errors"]] == ["structure_inactive"]


async def test_an_offer_with_no_opening_left_is_filled(partner: Partner) -> None:
    offer = make_offer(partner.structure_id)
    await write_offer(partner, offer)

    filled = await write_offer(partner, {**offer, "openings": {"open_count": 2, "filled_count": 2}})

    assert (filled["status"], filled["closing_reason"]) == ("filled", "filled")


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({}, 60),
        (
            {
                "provenance": {"system": "les-emplois", "updated_at": "2026-11-20T08:00:00Z"},
                "licence": {"code": "open_licence_2"},
            },
            85,
        ),
        ({"provenance": {"system": "france-travail"}, "licence": {"code": "france_travail"}}, None),
        ({"publication": {"ends_on": "2026-12-05"}}, 10),
        ({"publication": {"starts_on": "2026-11-20"}}, 60),
        ({"provenance": {"system": "les-emplois"}, "licence": {"code": "open_licence_2"}}, 90),
    ],
)
def test_each_source_has_its_policy_of_ends(fields: Json, days: int | None) -> None:
    with freeze_clock(NOON):
        course = start_course(fill(**fields), None)

    assert course["expires_on"] == ((NOON.date() + timedelta(days=days)).isoformat() if days is not None else None)


def test_an_update_of_the_employer_moves_the_end() -> None:
    licence = {"code": "open_licence_2"}
    first = fill(provenance={"system": "les-emplois", "updated_at": "2026-11-20T08:00:00Z"}, licence=licence)
    second = fill(provenance={"system": "les-emplois", "updated_at": "2026-11-24T08:00:00Z"}, licence=licence)
    with freeze_clock(NOON):
        before = {**first, **start_course(first, None)}
        assert start_course(second, before)["expires_on"] == "2027-02-22"
        # A prolongation stands until the source says something else.
        prolonged = {**before, "expires_on": "2027-06-01"}
        assert start_course(first, prolonged)["expires_on"] == "2027-06-01"


@pytest.mark.parametrize("days", [-1, 400])
async def test_an_offer_is_prolonged_within_a_year(partner: Partner, days: int) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id))
    day = (read_today() + timedelta(days=days)).isoformat()

    refused = await partner.move(f"{PATH}/{offer['id']}", "prolong", ends_on=day)

    assert refused.status_code == 422
    assert [error["code"] for error in refused.json()["errors"]] == ["end_out_of_range"]


@given(st.lists(st.sampled_from(MOVES), max_size=12), st.booleans())
def test_whatever_the_moves_the_course_stays_whole(moves: list[Any], is_published: bool) -> None:
    content = fill(is_published=is_published)
    with freeze_clock(NOON):
        document = {**content, **start_course(content, None)}
        for step in moves:
            if document["status"] not in step.from_states:
                continue
            document |= apply_move(document, step, {"ends_on": "2026-12-24"} if "ends_on" in step.required else {})
            assert document["status"] == step.to_state
            assert document["status"] in set(OfferStatus)
            is_live = document["status"] in ("active", "suspended", "filled", "expired")
            assert not is_live or document["published_at"] is not None
        # Written again with the same wish, nothing moves.
        assert start_course(content, document) == {n: document[n] for n in start_course(content, None)}


async def test_the_column_of_ends_holds_what_can_still_expire(partner: Partner, database: Database) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id))
    await move(partner, offer, "fill")

    rows = await fetch_all(database, "SELECT expires_on, status FROM job_offers")

    assert [(row["expires_on"], row["status"]) for row in rows] == [(None, "filled")]
