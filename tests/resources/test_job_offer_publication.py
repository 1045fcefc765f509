"""Publication: what keeps an offer from it, one entry for each field, and the report that says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from raccord.kernel.database import Database
from raccord.reference.job_offer_codes import ContractType
from raccord.reference.structure_kinds import EMPLOYER_KINDS, SIAE_KINDS, StructureKind
from raccord.resources.job_offers.publication import ALLOWED_CONTRACTS
from tests.partners import Partner, Partners
from tests.records.ground import fetch_all
from tests.resources.offers import PATH, make_offer, write_offer

Json = dict[str, Any]


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("logiciel", kind="ACI")


def name_errors(problem: Json) -> dict[str, str]:
    pointers = [error["pointer"] for error in problem["errors"]]
    assert len(pointers) == len(set(pointers))
    return {error["pointer"]: error["code"] for error in problem["errors"]}


async def test_an_offer_that_may_not_be_published_is_refused_whole(partner: Partner, database: Database) -> None:
    bare: Json = {"title": "Recherche homme uniquement (maçon)", "is_published": True, "openings": {"open_count": 0}}

    refused = await partner.put(f"{PATH}/by-source/{partner.source}/O-1", bare)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_content")
    assert name_errors(refused.json()) == {
        "/description": "required_to_publish",
        "/contract": "required_to_publish",
        "/occupation": "required_to_publish",
        "/structure_id": "employer_missing",
        "/workplaces": "place_missing",
        "/application/modes": "application_mode_missing",
        "/openings/open_count": "no_opening",
        "/title": "discriminatory_criterion",
    }
    assert await fetch_all(database, "SELECT 1 FROM job_offers") == []


async def test_the_same_offer_is_kept_as_a_draft_and_its_report_says_what_is_wrong(partner: Partner) -> None:
    offer = await write_offer(partner, {"title": "Maçon (H/F)", "is_published": False})
    path = f"{PATH}/{offer['id']}/publication"

    french = await partner.get(path)
    english = await partner.get(path, accept_language="en")

    report = french.json()
    assert (report["status"], report["is_publishable"], report["is_visible"]) == ("draft", False, False)
    assert name_errors(report)["/application/modes"] == "application_mode_missing"
    assert {finding["pointer"] for finding in report["warnings"]} == {"/working_time", "/pay"}
    assert french.headers["content-language"] == "fr"
    assert english.headers["content-language"] == "en"
    assert [e["code"] for e in english.json()["errors"]] == [e["code"] for e in report["errors"]]
    assert english.json()["errors"][0]["message"] == "Required to publish."
    refused = await partner.move(f"{PATH}/{offer['id']}", "publish")
    assert name_errors(refused.json()) == name_errors(report)


async def test_an_active_offer_stays_one_that_may_be_published(partner: Partner) -> None:
    offer = make_offer(partner.structure_id)
    await write_offer(partner, offer)

    refused = await partner.put(
        f"{PATH}/by-source/{partner.source}/O-1", {**offer, "wanted_profile": "Vous avez moins de 30 ans."}
    )

    assert name_errors(refused.json()) == {"/wanted_profile": "discriminatory_criterion"}
    stored = (await partner.get(f"{PATH}/by-source/{partner.source}/O-1")).json()
    assert (stored["version"], "wanted_profile" in stored) == (1, False)


async def test_targeted_criteria_inform_and_are_no_condition(partner: Partner) -> None:
    offer = make_offer(partner.structure_id, iae={"targeted_criteria": ["SENIOR", "TH", "QPV"]})

    assert (await write_offer(partner, offer))["status"] == "active"


@pytest.mark.parametrize(
    ("kind", "contract", "is_allowed"),
    [
        ("ACI", "fixed_term_inclusion", True),
        ("ACI", "fixed_term_inclusion_phc", True),
        ("EI", "fixed_term_inclusion_phc", False),
        ("ETTI", "temp_mission_inclusion", True),
        ("EI", "permanent", False),
        ("EITI", "business_creation", True),
        ("EITI", "fixed_term_inclusion", False),
        ("GEIQ", "apprenticeship", True),
        ("GEIQ", "fixed_term", False),
        ("OPCS", "permanent", True),
        ("OPCS", "fixed_term_inclusion", False),
    ],
)
async def test_each_kind_of_employer_has_its_contracts(
    partners: Partners, kind: str, contract: str, is_allowed: bool
) -> None:
    partner = await partners.add("logiciel", kind=kind)

    answer = await partner.put(
        f"{PATH}/by-source/logiciel/O-1", make_offer(partner.structure_id, contract={"type": contract})
    )

    if is_allowed:
        assert answer.status_code == 201, answer.text
    else:
        assert name_errors(answer.json()) == {"/contract/type": "contract_not_allowed"}


def test_the_table_of_contracts_covers_the_employers_that_have_rules() -> None:
    assert set(ALLOWED_CONTRACTS) == SIAE_KINDS | {StructureKind.GEIQ, StructureKind.OPCS}
    assert set(ALLOWED_CONTRACTS) <= EMPLOYER_KINDS
    assert all(ContractType.OTHER in allowed for allowed in ALLOWED_CONTRACTS.values())


async def test_an_employer_that_recruits_no_more_publishes_nothing(partners: Partners, partner: Partner) -> None:
    closed = await partners.add_structure("ACI", has_blocked_applications=True)

    refused = await partner.put(f"{PATH}/by-source/{partner.source}/O-1", make_offer(closed))

    assert name_errors(refused.json()) == {"/structure_id": "structure_inactive"}


@pytest.mark.parametrize(
    ("fields", "warned"),
    [
        ({"contract": {"type": "fixed_term_inclusion", "duration_min": 3, "duration_unit": "month"}}, "duration_min"),
        ({"contract": {"type": "fixed_term_inclusion", "duration_min": 900, "duration_unit": "day"}}, "duration_min"),
        ({"working_time": {"weekly_hours_min": 18}}, "weekly_hours_min"),
        ({}, None),
    ],
)
async def test_what_is_unusual_is_told_and_published(partner: Partner, fields: Json, warned: str | None) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id, **fields))

    report = (await partner.get(f"{PATH}/{offer['id']}/publication")).json()

    assert (offer["status"], report["is_publishable"], report["errors"]) == ("active", True, [])
    assert [finding["pointer"].rsplit("/", 1)[1] for finding in report["warnings"]] == ([warned] if warned else [])


@pytest.mark.parametrize("fields", [{"work_mode": "remote"}, {"mobility": {"is_itinerant": True}}])
async def test_work_without_a_place_needs_none(partner: Partner, fields: Json) -> None:
    offer = make_offer(partner.structure_id, workplaces=None, **fields)

    assert (await write_offer(partner, offer))["status"] == "active"


async def test_an_offer_that_a_hiring_made_is_never_published(partner: Partner) -> None:
    refused = await partner.put(
        f"{PATH}/by-source/{partner.source}/O-1", make_offer(partner.structure_id, origin="hiring")
    )

    assert name_errors(refused.json()) == {"/origin": "never_published"}


async def test_what_was_published_elsewhere_without_a_description_is_taken(partner: Partner) -> None:
    offer = await write_offer(
        partner,
        make_offer(provenance={"system": "les-emplois"}, licence={"code": "open_licence_2"}, description=None),
    )

    report = (await partner.get(f"{PATH}/{offer['id']}/publication")).json()

    assert offer["status"] == "active"
    assert [(finding["pointer"], finding["code"]) for finding in report["warnings"]] == [
        ("/description", "recommended")
    ]


async def test_an_end_in_the_past_is_no_publication(partner: Partner) -> None:
    ended = {"ends_on": date(2020, 1, 1).isoformat()}

    refused = await partner.put(
        f"{PATH}/by-source/{partner.source}/O-1", make_offer(partner.structure_id, publication=ended)
    )

    assert name_errors(refused.json()) == {"/publication/ends_on": "already_ended"}
