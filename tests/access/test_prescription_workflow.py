"""The workflow of prescriptions: the whole table, over the API, for each party; and what follows a move."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from raccord.kernel.clock import read_today
from raccord.kernel.database import Database
from raccord.records.store import Put, Writer, put_many
from raccord.reference.prescription_codes import GEIQ_REASONS, SIAE_REASONS, RefusalReason
from raccord.resources.people.kind import PEOPLE
from raccord.resources.prescriptions.kind import PRESCRIPTIONS
from tests.access.invariants import Check
from tests.partners import Json, Partner, Partners

STATES = (
    "new", "processing", "postponed", "prior_to_hire", "accepted", "refused", "cancelled", "obsolete", "pool",
)  # fmt: skip
DECIDED = {"accepted", "refused", "cancelled", "obsolete"}
EVERY = set(STATES)
# The published table, written again: from which states, to which, and whether a caller may ask for it.
TABLE: Mapping[str, tuple[set[str], str, bool]] = {
    "process": ({"new", "pool"}, "processing", True),
    "postpone": ({"new", "pool", "processing", "prior_to_hire"}, "postponed", True),
    "add_to_pool": ({"new", "processing", "postponed", "cancelled", "obsolete"}, "pool", True),
    "move_to_prior_to_hire": (
        {"new", "pool", "processing", "postponed", "obsolete", "refused", "cancelled"}, "prior_to_hire", True,
    ),
    "cancel_prior_to_hire": ({"prior_to_hire"}, "processing", True),
    "accept": (EVERY - {"accepted"}, "accepted", True),
    "refuse": ({"new", "pool", "processing", "postponed", "prior_to_hire"}, "refused", True),
    "cancel": ({"accepted"}, "cancelled", True),
    "render_obsolete": ({"new", "processing", "postponed"}, "obsolete", False),
    "transfer": (EVERY - {"accepted"}, "new", True),
    "external_transfer": ({"refused"}, "refused", True),
    "reset": ({"obsolete"}, "new", False),
}  # fmt: skip
REQUIRED: Mapping[str, Json] = {
    "postpone": {"comment": "Rappeler en janvier."},
    "accept": {"hiring_start_on": "2027-01-04"},
    "refuse": {"refusal_reason": "no_position"},
}


class Stage:
    """A GEIQ, its second structure, a prescriber, and prescriptions put in any state."""

    def __init__(self, database: Database, prescriber: Partner, employer: Partner, second: str) -> None:
        self._database = database
        self.prescriber, self.employer, self.second = prescriber, employer, second

    async def put_in(self, state: str, count: int, **content: object) -> list[str]:
        """Write prescriptions of as many people, in this state; returns their ids."""
        writer = Writer("prescripteur", "essai", "essai")
        names = [f"{state}-{number}" for number in range(count)]
        person = {
            "first_name": "Camille", "last_name": "Exemple", "birth_date": "1990-01-01",
            "managing_structure_id": self.prescriber.structure_id,
        }  # fmt: skip
        kept = {
            "state": state,
            "processed_at": "2026-11-20T08:00:00.000000Z" if state in DECIDED else None,
            **dict.fromkeys(
                ("state_changed_at", "refusal_reason", "is_refusal_reason_shared_with_person", "answer",
                 "answer_to_prescriber", "comment", "hiring_start_on", "hiring_end_on",
                 "transferred_to_structure_id"),
            ),
        }  # fmt: skip
        async with self._database.begin() as tx:
            people = await put_many(tx, PEOPLE, writer, [Put(name, json.dumps(person).encode()) for name in names])
            bodies = [
                json.dumps(
                    {
                        "person_id": str(one.id), "prescriber_structure_id": self.prescriber.structure_id,
                        "recipient_structure_id": self.employer.structure_id, "prescribed_on": "2026-11-20",
                        **content,
                    }
                ).encode()
                for one in people
            ]  # fmt: skip
            puts = [Put(name, body, state=dict(kept)) for name, body in zip(names, bodies, strict=True)]
            made = await put_many(tx, PRESCRIPTIONS, writer, puts)
        return [str(outcome.id) for outcome in made]

    def list_fields(self, move: str) -> Json:
        """List the fields that the move needs."""
        if "transfer" in move:
            return {"recipient_structure_id": self.second}
        return REQUIRED.get(move, {})


@pytest.fixture
async def stage(partners: Partners, database: Database, prescriber: Partner) -> Stage:
    employer = await partners.add("employeur-geiq", kind="GEIQ")
    second = await partners.add_structure("GEIQ")
    await partners.grant(employer.client_id, second)
    # The rights of a token are remembered: this one has not called yet.
    return Stage(database, prescriber, employer, second)


async def ask(partner: Partner, record_id: str, move: str, fields: Json) -> tuple[int, Json]:
    answer = await partner.post(
        f"/v1/prescriptions/{record_id}/transitions", {"transition": move, **fields}, if_match='"1"'
    )
    return answer.status_code, answer.json()


@pytest.mark.parametrize("state", STATES)
async def test_the_table_holds_for_each_move_and_party(
    stage: Stage, stranger: Partner, state: str, holds: Check
) -> None:
    ids = await stage.put_in(state, len(TABLE))
    legal = [name for name, (froms, _, is_open) in TABLE.items() if state in froms and is_open]

    for (move, (_, to_state, _)), record_id in zip(TABLE.items(), ids, strict=True):
        fields = stage.list_fields(move)
        assert (await ask(stranger, record_id, move, fields))[0] == 404
        status, by_prescriber = await ask(stage.prescriber, record_id, move, fields)
        if move in legal:
            assert (status, by_prescriber["code"]) == (403, "transition_not_yours"), move
            assert by_prescriber["parties"] == ["recipient"]
        status, done = await ask(stage.employer, record_id, move, fields)
        if move in legal:
            assert (status, done.get("state")) == (200, to_state), (move, done)
            assert (done["processed_at"] is not None) == (to_state in DECIDED), move
            assert done["version"] == 2
        else:
            for refused in (done, by_prescriber):
                assert (refused["status"], refused["code"]) == (409, "transition_illegal"), move
                assert (refused["state"], sorted(refused["legal_transitions"])) == (state, sorted(legal))
            assert (await stage.employer.get(f"/v1/prescriptions/{record_id}")).json()["state"] == state
    await holds()


@pytest.mark.parametrize("state", ["new", "accepted"])
async def test_the_moves_offered_are_those_that_the_caller_may_make(stage: Stage, state: str) -> None:
    [record_id] = await stage.put_in(state, 1)
    address = f"/v1/prescriptions/{record_id}/transitions"

    offered = (await stage.employer.get(address)).json()["data"]

    assert {move["transition"]: move["to_state"] for move in offered} == {
        name: to_state for name, (froms, to_state, is_open) in TABLE.items() if state in froms and is_open
    }
    assert {move["transition"] for move in offered if move["required"]} <= {
        "postpone", "accept", "refuse", "transfer", "external_transfer",
    }  # fmt: skip
    assert (await stage.prescriber.get(address)).json()["data"] == []


async def test_a_state_that_another_system_decides_is_mirrored_and_not_moved(stage: Stage) -> None:
    body = {"state_authority": "external", "mirrored_state": "processing"}
    person = await stage.prescriber.add_person()
    sent = await stage.prescriber.prescribe(person, stage.employer.structure_id, **body)
    assert sent["state"] == "processing"

    for move in TABLE:
        status, refused = await ask(stage.employer, sent["id"], move, stage.list_fields(move))
        assert (status, refused["code"]) == (409, "state_authority_external")
    address = f"/v1/prescriptions/{sent['id']}"
    assert (await stage.employer.get(f"{address}/transitions")).json()["data"] == []

    told = await stage.prescriber.prescribe(
        person, stage.employer.structure_id, **{**body, "mirrored_state": "accepted"}
    )
    assert (told["state"], told["version"], told["processed_at"] is not None) == ("accepted", 2, True)


async def test_a_later_upsert_never_reverts_a_state(stage: Stage, holds: Check) -> None:
    person = await stage.prescriber.add_person()
    sent = await stage.prescriber.prescribe(person, stage.employer.structure_id)
    address = f"/v1/prescriptions/{sent['id']}"
    answer = await stage.employer.move(address, "refuse", refusal_reason="no_position", answer="Désolés.")
    assert answer.status_code == 200, answer.text

    same = await stage.prescriber.prescribe(person, stage.employer.structure_id)
    changed = await stage.prescriber.prescribe(person, stage.employer.structure_id, job_title="Cuisinier")
    etag = (await stage.prescriber.get(address)).headers["ETag"]
    patched = await stage.prescriber.patch(address, {"job_title": None}, if_match=etag)
    forced = await stage.prescriber.patch(address, {"state": "new"}, if_match="*")

    for document, version in ((same, 2), (changed, 3), (patched.json(), 4)):
        assert (document["version"], document["state"], document["answer"]) == (version, "refused", "Désolés.")
        assert document["refusal_reason"] == "no_position"
        assert document["processed_at"] is not None
    assert forced.status_code == 422
    await holds()


@pytest.mark.parametrize(("kind", "selectable"), [("ACI", SIAE_REASONS), ("GEIQ", GEIQ_REASONS)])
async def test_the_reasons_of_a_refusal_depend_on_the_kind_of_structure(
    partners: Partners, database: Database, prescriber: Partner, kind: str, selectable: frozenset[RefusalReason]
) -> None:
    employer = await partners.add("employeur-x", kind=kind)
    stage = Stage(database, prescriber, employer, "")
    ids = await stage.put_in("new", len(RefusalReason))

    accepted = set()
    for reason, record_id in zip(RefusalReason, ids, strict=True):
        status, answer = await ask(employer, record_id, "refuse", {"refusal_reason": reason.value})
        if status == 200:
            accepted.add(reason)
            assert answer["refusal_reason"] == reason.value
        else:
            assert (status, answer["errors"][0]["code"]) == (422, "reason_not_selectable")
            assert answer["errors"][0]["pointer"] == "/refusal_reason"

    assert accepted == selectable
    assert len(selectable) == {"ACI": 13, "GEIQ": 11}[kind]


async def test_only_a_geiq_takes_prior_action(
    partners: Partners, database: Database, prescriber: Partner, employer: Partner
) -> None:
    [record_id] = await Stage(database, prescriber, employer, "").put_in("new", 1)

    status, answer = await ask(employer, record_id, "move_to_prior_to_hire", {})

    assert (status, answer["errors"][0]["code"]) == (422, "geiq_only")


@pytest.mark.parametrize(
    ("move", "fields", "pointer", "code"),
    [
        ("postpone", {}, "/comment", "missing"),
        ("refuse", {}, "/refusal_reason", "missing"),
        ("accept", {}, "/hiring_start_on", "missing"),
        ("process", {"comment": "x"}, "/comment", "field_not_for_transition"),
        ("accept", {"hiring_start_on": "2027-02-01", "hiring_end_on": "2027-01-31"}, "/hiring_end_on",
         "ends_before_start"),
        ("accept", {"hiring_start_on": "31/12/2026"}, "/hiring_start_on", "date_parsing"),
        ("refuse", {"refusal_reason": "x"}, "/refusal_reason", "enum"),
        ("transfer", {"recipient_structure_id": "00000000-0000-7000-8000-000000000000"}, "/recipient_structure_id",
         "unknown_reference"),
        ("inconnue", {}, "/transition", "literal_error"),
        ("process", {"inconnu": 1}, "/inconnu", "extra_forbidden"),
    ],
)  # fmt: skip
async def test_what_a_move_needs_is_said_by_field(
    stage: Stage, move: str, fields: Json, pointer: str, code: str
) -> None:
    [record_id] = await stage.put_in("new", 1)

    status, answer = await ask(stage.employer, record_id, move, fields)

    assert status == 422
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [(pointer, code)]


async def test_a_move_says_on_which_version_it_is_based(stage: Stage) -> None:
    [record_id] = await stage.put_in("new", 1)
    address = f"/v1/prescriptions/{record_id}/transitions"
    assert (await stage.employer.post(address, {"transition": "process"})).status_code == 428
    assert (await stage.employer.post(address, {"transition": "process"}, if_match='"7"')).status_code == 412
    assert (await stage.employer.post(address, {"transition": "process"}, if_match="*")).status_code == 200

    stale = await stage.employer.post(address, {"transition": "postpone", "comment": "x"}, if_match='"1"')

    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)


async def test_an_acceptance_closes_the_persons_other_prescriptions_and_moves_the_path(
    stage: Stage, employer: Partner, holds: Check
) -> None:
    person, else_one = await stage.prescriber.add_person("P-1"), await stage.prescriber.add_person("P-2")
    to = stage.employer.structure_id
    sent = await stage.prescriber.prescribe(person, to, "R-1")
    waiting = await stage.prescriber.prescribe(person, employer.structure_id, "R-2")
    pooled = await stage.prescriber.prescribe(person, employer.structure_id, "R-3")
    of_another = await stage.prescriber.prescribe(else_one, employer.structure_id, "R-4")
    await employer.move(f"/v1/prescriptions/{pooled['id']}", "add_to_pool")

    status, accepted = await ask(
        stage.employer, sent["id"], "accept", {"hiring_start_on": "2027-01-04", "hiring_end_on": "2027-06-30"}
    )

    states = [
        (await stage.prescriber.get(f"/v1/prescriptions/{one['id']}")).json()["state"]
        for one in (sent, waiting, pooled, of_another)
    ]
    assert (status, states) == (200, ["accepted", "obsolete", "pool", "new"])
    [path] = (await stage.prescriber.get("/v1/career-paths")).json()["data"]
    assert (path["status"], path["source"]) == ("active", "raccord")
    assert path["participants"][0]["structure_id"] == stage.prescriber.structure_id
    assert path["employment_periods"] == [
        {"prescription_id": sent["id"], "structure_id": to, "started_on": "2027-01-04", "ended_on": "2027-06-30"}
    ]
    assert accepted["hiring_start_on"] == "2027-01-04"

    status, cancelled = await ask_next(stage.employer, sent["id"], "cancel", {})

    [path] = (await stage.prescriber.get("/v1/career-paths")).json()["data"]
    assert (status, cancelled["hiring_start_on"], path["employment_periods"]) == (200, None, [])
    assert (await ask_next(stage.employer, sent["id"], "accept", {"hiring_start_on": "2027-03-01"}))[0] == 200
    [path] = (await stage.prescriber.get("/v1/career-paths")).json()["data"]
    assert [period["started_on"] for period in path["employment_periods"]] == ["2027-03-01"]
    await holds()


async def ask_next(partner: Partner, record_id: str, move: str, fields: Json) -> tuple[int, Json]:
    """Make the move on the record as it stands now."""
    answer = await partner.move(f"/v1/prescriptions/{record_id}", move, **fields)
    return answer.status_code, answer.json()


async def test_a_prescription_corrected_to_be_another_persons_leaves_the_first_ones_path_alone(
    stage: Stage, holds: Check
) -> None:
    people = [(await stage.prescriber.add_person(f"P-{number}"))["id"] for number in range(2)]
    sent = await stage.prescriber.prescribe({"id": people[0]}, stage.employer.structure_id)
    await ask(stage.employer, sent["id"], "accept", {"hiring_start_on": "2027-01-04"})
    await ask_next(stage.employer, sent["id"], "cancel", {})
    await stage.prescriber.prescribe({"id": people[1]}, stage.employer.structure_id)

    status, _ = await ask_next(stage.employer, sent["id"], "accept", {"hiring_start_on": "2027-02-01"})

    paths = (await stage.prescriber.get("/v1/career-paths")).json()["data"]
    assert status == 200
    assert {one["person_id"]: len(one["employment_periods"]) for one in paths} == {people[0]: 0, people[1]: 1}
    await holds()


async def test_a_hire_after_the_path_has_ended_opens_another_way_on(stage: Stage, holds: Check) -> None:
    sent = await stage.prescriber.prescribe(await stage.prescriber.add_person(), stage.employer.structure_id)
    await ask(stage.employer, sent["id"], "accept", {"hiring_start_on": "2027-01-04"})
    [path] = (await stage.prescriber.get("/v1/career-paths")).json()["data"]
    await ask_next(stage.employer, sent["id"], "cancel", {})
    today = read_today().isoformat()
    ended = await stage.prescriber.move(f"/v1/career-paths/{path['id']}", "end", ended_on=today)
    assert ended.status_code == 200, ended.text

    status, _ = await ask_next(stage.employer, sent["id"], "accept", {"hiring_start_on": "2027-02-01"})

    paths = (await stage.prescriber.get("/v1/career-paths")).json()["data"]
    assert status == 200
    assert [(one["status"], len(one["employment_periods"])) for one in paths] == [("active", 1)]
    assert paths[0]["ended_on"] is None
    await holds()


async def test_a_transfer_hands_over_to_another_structure_of_the_same_software(
    stage: Stage, partners: Partners, employer: Partner, holds: Check
) -> None:
    ids = await stage.put_in("refused", 2)
    second_client = await partners.add("second")
    await partners.grant(second_client.client_id, stage.second)

    elsewhere = await ask(stage.employer, ids[0], "transfer", {"recipient_structure_id": employer.structure_id})
    same = await ask(stage.employer, ids[0], "transfer", {"recipient_structure_id": stage.employer.structure_id})
    status, moved = await ask(stage.employer, ids[1], "transfer", {"recipient_structure_id": stage.second})

    assert (elsewhere[0], elsewhere[1]["code"]) == (403, "structure_not_granted")
    assert (same[0], same[1]["errors"][0]["code"]) == (422, "same_recipient")
    assert (status, moved["state"], moved["transferred_to_structure_id"]) == (200, "new", stage.second)
    assert (moved["refusal_reason"], moved["answer"], moved["processed_at"]) == (None, None, None)
    # The one that now decides is the new recipient.
    assert (await ask_next(second_client, ids[1], "process", {}))[0] == 200
    await holds()


async def test_an_external_transfer_sends_a_refused_one_anew(stage: Stage, employer: Partner, holds: Check) -> None:
    [record_id] = await stage.put_in("refused", 1)

    status, kept = await ask(
        stage.employer, record_id, "external_transfer", {"recipient_structure_id": employer.structure_id}
    )
    again, _ = await ask_next(
        stage.employer, record_id, "external_transfer", {"recipient_structure_id": employer.structure_id}
    )

    assert (status, again, kept["state"]) == (200, 200, "refused")
    [sent] = (await employer.get("/v1/prescriptions")).json()["data"]
    assert (sent["state"], sent["source"], sent["id"] == record_id) == ("new", "raccord", False)
    assert sent["prescriber_structure_id"] == stage.prescriber.structure_id
    assert (await ask(employer, sent["id"], "process", {}))[0] == 200
    assert len((await stage.prescriber.get("/v1/prescriptions")).json()["data"]) == 2
    await holds()
