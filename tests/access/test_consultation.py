"""The consultation log: who read what about whom, why; and who asked in vain."""

from __future__ import annotations

from raccord.kernel.database import Database
from tests.partners import Json, Partner
from tests.records.ground import fetch_all


async def list_logged(database: Database, partner: Partner) -> list[Json]:
    rows = await fetch_all(
        database, "SELECT * FROM consultation_log WHERE client_id = $1 ORDER BY id", partner.client_id
    )
    return [dict(row) for row in rows]


async def test_reads_lists_and_histories_are_logged_with_their_reason(
    prescriber: Partner, employer: Partner, database: Database
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    address = f"/v1/prescriptions/{sent['id']}"
    employer.purpose = "iae_recruitment"
    employer.extra = {"Raccord-Actor": "agent-12"}

    for path in (address, "/v1/prescriptions", f"{address}/history", f"{address}/transitions"):
        answer = await employer.get(path, x_request_id=f"demande-{len(path)}")
        assert answer.status_code == 200

    logged = await list_logged(database, employer)
    [person] = await fetch_all(database, "SELECT id FROM people")
    assert [row["act"] for row in logged] == ["read", "list", "history", "read"]
    assert {(row["kind"], str(row["record_id"])) for row in logged} == {("prescriptions", sent["id"])}
    assert {(row["purpose"], row["actor"], row["is_allowed"]) for row in logged} == {
        ("iae_recruitment", "agent-12", True)
    }
    assert {row["person_id"] for row in logged} == {person["id"]}
    assert logged[0]["request_id"] == f"demande-{len(address)}"


async def test_who_asks_in_vain_is_logged_although_nothing_is_shown(
    prescriber: Partner, employer: Partner, stranger: Partner, database: Database, unknown_id: str
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    address = f"/v1/prescriptions/{sent['id']}"

    answers = [
        await stranger.get(address),
        await stranger.get(f"{address}/history"),
        await stranger.post(f"{address}/transitions", {"transition": "process"}, if_match='"1"'),
        await stranger.patch(address, {"job_title": "x"}, if_match='"1"'),
        await stranger.delete(address, if_match='"1"'),
        await stranger.get(f"/v1/prescriptions/{unknown_id}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    logged = await list_logged(database, stranger)
    assert [row["act"] for row in logged] == ["read", "history", "read", "read", "read", "read"]
    assert [str(row["record_id"]) for row in logged] == [sent["id"]] * 5 + [unknown_id]
    assert {(row["is_allowed"], row["person_id"]) for row in logged} == {(False, None)}


async def test_a_tombstone_read_is_logged(prescriber: Partner, database: Database) -> None:
    person = await prescriber.add_person()
    await prescriber.delete(f"/v1/people/{person['id']}", if_match='"1"')
    before = len(await list_logged(database, prescriber))

    assert (await prescriber.get(f"/v1/people/{person['id']}")).status_code == 410

    [row] = (await list_logged(database, prescriber))[before:]
    assert (row["act"], row["is_allowed"]) == ("read", True)


async def test_what_is_open_to_all_is_not_logged(prescriber: Partner, database: Database) -> None:
    await prescriber.get(f"/v1/structures/{prescriber.structure_id}")
    await prescriber.get("/v1/structures")

    assert await list_logged(database, prescriber) == []


async def test_a_list_logs_each_record_that_it_showed(prescriber: Partner, database: Database) -> None:
    for number in range(3):
        await prescriber.add_person(f"P-{number}")
    before = len(await list_logged(database, prescriber))

    await prescriber.get("/v1/people?limit=2")

    logged = (await list_logged(database, prescriber))[before:]
    assert [row["act"] for row in logged] == ["list", "list"]
    assert {row["record_id"] for row in logged} == {row["person_id"] for row in logged}
