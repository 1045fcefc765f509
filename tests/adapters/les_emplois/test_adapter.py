"""The adapter of Les emplois, before its stand-in."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from raccord.adapters.contract import Broken, CredentialsRefused, Drift, End, Item, RecordRefused, TryLater, Walk
from raccord.adapters.les_emplois.adapter import make_offer, make_structure
from raccord.adapters.les_emplois.client import BUDGETS
from raccord.adapters.les_emplois.manifest import MANIFEST
from raccord.adapters.les_emplois.settings import LesEmploisCursor
from raccord.kernel.database import Database
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from tests.adapters.engine_suite import Connected
from tests.adapters.les_emplois.stand_in import (
    COMPANY,
    DEPARTMENT,
    MANAGING,
    NIR,
    PERSONS,
    SERVICE,
    USER,
    LesEmploisTool,
    make_application,
    make_managing_structure,
    make_siae,
    make_siaes,
)
from tests.adapters.stand_in import FakeTime, Row
from tests.adapters.suite import AdapterSuite, Case, list_items, name_items

URL = "http://les-emplois.test"
PRESCRIBERS = [{"name": "Mission locale inventée", "structure_id": "01920000-0000-7000-8000-000000000002"}]


def make_case(
    rows: list[Row],
    secrets: dict[str, Any] | None = None,
    applications: list[JsonObject] | None = None,
    **settings: Any,
) -> Case:
    clock = FakeTime()
    found = {NIR: applications} if applications is not None else {}
    return Case(
        MANIFEST,
        LesEmploisTool(rows, clock, found),
        settings={"url": URL, "departments": ["69"], "page_size": 10, "access": "user", **settings},
        secrets=secrets if secrets is not None else {"token": USER},
        wrong_secrets={"token": "f" * 40},
        clock=clock,
        spoil=lambda row: {**row, "bloque_candidatures": "peut-être"},
    )


def make_searching_case(applications: list[JsonObject], **settings: Any) -> Case:
    known = {"managing_structure_id": MANAGING, "prescribers": PRESCRIBERS, **settings}
    return make_case(
        [make_siae(1, siret="00010000800010"), make_siae(2, siret="00010000800028")],
        {"token": DEPARTMENT, "persons": PERSONS},
        applications,
        **{"access": "department", **known},
    )


class TestLesEmplois(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        made = make_searching_case([make_application(1), make_application(2)], page_size=1)
        made.wrong_secrets = {"token": "f" * 40, "persons": PERSONS}
        made.expected = {"structures": 2, "job_offers": 4, "people": 1, "prescriptions": 2}
        return made

    @pytest.fixture
    async def connected(self, database: Database, case: Case) -> Connected:
        structure_id = await make_managing_structure(database)
        case.settings |= {
            "managing_structure_id": structure_id,
            "prescribers": [{**PRESCRIBERS[0], "structure_id": structure_id}],
        }
        made = Connected(database, case)
        await made.connect()
        return made


async def test_a_token_that_opens_nothing_here_is_not_sent() -> None:
    for access, token in (("company", COMPANY), ("service", SERVICE)):
        case = make_case(make_siaes(1), {"token": token}, access=access)

        assert len(await case.walk()) == 1
        assert all("authorization" not in call.headers for call in case.tool.calls)


async def test_tokens_of_users_and_departements_are_sent() -> None:
    for access, token in (("user", USER), ("department", DEPARTMENT)):
        case = make_case(make_siaes(1), {"token": token}, access=access)

        await case.walk()

        assert case.tool.calls[0].headers["authorization"] == f"Token {token}"


async def test_without_a_token_the_directory_is_read_at_its_slowest() -> None:
    case = make_case(make_siaes(30), {}, access="none", page_size=1)
    started = case.clock.now()

    await case.walk()

    assert case.clock.now() - started >= 120
    assert len(case.tool.calls) == 30, "never more than it allows: not one call is turned away"


async def test_a_bucket_that_others_have_emptied_is_waited_for() -> None:
    case = make_case(make_siaes(1), {"token": DEPARTMENT}, access="department")
    tool = case.tool
    assert isinstance(tool, LesEmploisTool)
    tool.platform.calls["user"] = deque([case.clock.now()] * 120)

    await case.walk()

    assert case.clock.waits == [60.0]


async def test_a_kind_without_its_token_is_refused_at_once() -> None:
    with pytest.raises(CredentialsRefused):
        await make_case(make_siaes(1), {}, access="user").build().check()


@pytest.mark.parametrize("accept", ["json", "html"])
async def test_a_maintenance_is_waited_for(accept: str) -> None:
    case = make_case(make_siaes(1))
    assert isinstance(case.tool, LesEmploisTool)
    case.tool.platform.is_down = True
    adapter = case.build()
    if accept == "json":
        adapter.client.first.headers["accept"] = "application/json"  # type: ignore[attr-defined]  # of this adapter

    with pytest.raises(TryLater):
        await case.walk(adapter=adapter)


async def test_territories_are_walked_one_after_the_other() -> None:
    rows = [make_siae(1), make_siae(2, departement="57", code_postal="57000"), make_siae(3, departement="38")]
    case = make_case(rows, departments=["57", "69"], around=[{"insee_code": "57463", "distance_km": 20}])

    batches = await case.walk()

    found = [(item.external_id[-1:], item.part) for item in list_items(batches) if item.kind == "structures"]
    assert found == [("2", "57"), ("1", "69"), ("2", "57463+20km")]
    assert case.tool.calls[-1].params["distance_max_km"] == "20"
    assert [(end.kind, end.part, end.total) for batch in batches for end in batch.ends if end.part == "57"] == [
        ("structures", "57", 1), ("job_offers", "57", None),
    ]  # fmt: skip


async def test_without_a_territory_every_departement_is_walked() -> None:
    case = make_case([make_siae(1)], departments=[])

    ended = {end.part for batch in await case.walk() for end in batch.ends if end.kind == "structures"}

    assert len(ended) > 100


async def test_a_page_that_went_meanwhile_ends_the_territory_without_proof() -> None:
    case = make_case(make_siaes(25))
    case.tool.at_call(3, lambda: case.tool.rows.__delitem__(slice(5, None)))

    ends = [end for batch in await case.walk() for end in batch.ends if end.kind == "structures"]

    assert [end.is_complete for end in ends] == [False]


async def test_rows_and_positions_without_id_are_set_aside() -> None:
    siae = make_siae(1)
    del siae["postes"][0]["id"]

    batches = await make_case([siae, make_siae(2, id=None)]).walk()

    assert [unnamed.kind for batch in batches for unnamed in batch.unnamed] == ["job_offers", "structures"]


async def test_an_offer_knows_its_structure_and_takes_its_place_from_it() -> None:
    case = make_case([make_siae(7, type="ETTI")])
    offers = [item for item in list_items(await case.walk()) if item.kind == "job_offers"]

    contents = [case.build().translate(item).content for item in offers]

    assert {content["structure_external_id"] for content in contents} == {"5f0ad1ca-6b0e-4f36-9d8e-000000000007"}
    assert contents[1]["workplaces"] == [{"postal_code": "69001", "city": "Lyon", "department": "69"}]
    assert all(content["is_published"] for content in contents)


@pytest.mark.parametrize(
    ("field", "value", "drift"),
    [
        ("rome", "Cuisine", Drift("unknown_code", "/postes/0/rome", "Cuisine")),
        ("type_contrat", "Contrat doctoral", Drift("unknown_code", "/postes/0/type_contrat", "Contrat doctoral")),
        ("recrutement_ouvert", "Oui", Drift("changed_type", "/postes/0/recrutement_ouvert", "Oui")),
        ("champ_nouveau", 1, Drift("new_field", "/postes/0/champ_nouveau", 1)),
    ],
)
def test_labels_that_are_not_known_are_told(field: str, value: JsonValue, drift: Drift) -> None:
    siae = make_siae(1)
    item = make_offer("69", siae, {**siae["postes"][0], field: value})

    assert list(make_case([]).build().translate(item).drifts) == [drift]


def test_an_unknown_kind_is_told_and_a_broken_row_refused() -> None:
    adapter = make_case([]).build()

    drifts = adapter.translate(make_structure("69", make_siae(1, type="NOUVEAU"))).drifts
    with pytest.raises(RecordRefused) as raised:
        adapter.translate(make_structure("69", make_siae(1, bloque_candidatures="oui peut-être")))

    assert list(drifts) == [Drift("unknown_code", "/type", "NOUVEAU")]
    assert raised.value.pointer == "/bloque_candidatures"


async def test_applications_of_given_persons_are_read_with_what_they_need_and_no_more() -> None:
    case = make_searching_case([make_application(1), make_application(2, statut="accepted")])

    items = [item for item in list_items(await case.walk()) if item.kind in ("people", "prescriptions")]

    assert [(item.kind, item.external_id) for item in items] == [
        ("people", "D-1"),
        ("prescriptions", "8d3c3f2e-0000-4000-8000-000000000001"),
        ("prescriptions", "8d3c3f2e-0000-4000-8000-000000000002"),
    ]
    assert NIR not in str(items)
    assert "999990000001" not in str(items)
    assert "alex@mission.example" not in str(items)
    person, first, second = (case.build().translate(item).content for item in items)
    assert (person["first_name"], person["managing_structure_id"]) == ("Camille", MANAGING)
    assert (first["mirrored_state"], second["mirrored_state"]) == ("processing", "accepted")
    assert first["state_authority"] == "external"
    assert first["prescribed_on"] == "2026-10-02"
    assert first["person_external_id"] == "D-1"
    assert first["recipient_structure_external_id"] == "5f0ad1ca-6b0e-4f36-9d8e-000000000001"
    assert first["prescriber_structure_id"] == PRESCRIBERS[0]["structure_id"]


async def test_that_an_application_is_there_no_more_proves_nothing() -> None:
    batches = await make_searching_case([make_application(1)]).walk()

    assert [end for batch in batches for end in batch.ends][-2:] == [
        End("people", is_complete=False), End("prescriptions", is_complete=False),
    ]  # fmt: skip


async def test_a_walk_that_goes_on_at_a_person_meets_the_employers_again() -> None:
    case = make_searching_case([make_application(1)])

    items = list_items(await case.walk(Walk(cursor=LesEmploisCursor(part="", person=0))))

    assert [item.kind for item in items] == ["people", "prescriptions"]
    assert items[1].raw["employer"] is not None


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"statut": "nouveau"}, "unknown_state", "/application/statut"),
        ({"orientation_emetteur_type": "robot"}, "unknown_sender", "/application/orientation_emetteur_type"),
        ({"entreprise_siret": "000100008"}, "not_in_settings", "/application/entreprise_siret"),
        (
            {"orientation_emetteur_organisme": "Inconnue"},
            "not_in_settings",
            "/application/orientation_emetteur_organisme",
        ),
        ({"cree_le": "hier"}, "unreadable_payload", "/application/cree_le"),
    ],
)
async def test_what_cannot_be_placed_is_refused_with_what_to_do(fields: JsonObject, code: str, pointer: str) -> None:
    case = make_searching_case([make_application(1, **fields)])
    [item] = [item for item in list_items(await case.walk()) if item.kind == "prescriptions"]

    with pytest.raises(RecordRefused) as raised:
        case.build().translate(item)

    assert (raised.value.code, raised.value.pointer) == (code, pointer)


async def test_who_applies_alone_and_an_employer_that_sends_to_itself() -> None:
    alone = make_application(1, orientation_emetteur_type="candidat", orientation_emetteur_organisme=None)
    itself = make_application(2, orientation_emetteur_type="employeur", orientation_emetteur_organisme="CHANTIER 1")
    case = make_searching_case([alone, itself])

    first, second = (
        case.build().translate(item).content for item in list_items(await case.walk()) if item.kind == "prescriptions"
    )

    assert (first["sender_kind"], "prescriber_structure_id" in first) == ("job_seeker", False)
    assert second["prescriber_structure_external_id"] == second["recipient_structure_external_id"]


@pytest.mark.parametrize("settings", [{"access": "user"}, {"managing_structure_id": None}])
async def test_persons_need_a_token_of_a_departement_and_who_follows_them(settings: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        await make_searching_case([], **settings).build().check()


@pytest.mark.parametrize("line", ["D-1;294;EXEMPLE;Camille", "D-1;294;EXEMPLE;;1994-05-17", "D-1;2;A;B;17/05/1994"])
def test_a_line_of_persons_that_is_no_person_is_named_by_its_number_alone(line: str) -> None:
    with pytest.raises(Broken) as raised:
        make_case([], {"token": DEPARTMENT, "persons": "D-0;1;A;B;1990-01-01\n" + line}, access="department").build()

    assert raised.value.reason.en == "Line 2 of the persons is unreadable."


def test_the_shared_bucket_is_left_half_to_others() -> None:
    assert BUDGETS["department"].calls * 2 == BUDGETS["user"].calls
    assert isinstance(Item("people", "D-1", {}).raw, dict)
    assert name_items([]) == set()
