"""Deletion: a tombstone that says since when and why, for those who knew the record; nothing of a person stays."""

from __future__ import annotations

import pytest

from raccord.kernel.database import Database
from tests.partners import Json, Partner, Partners
from tests.records.ground import fetch_all, make_structure

STRUCTURE = "/v1/structures/by-source/editeur/A"


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("editeur", kind="ML")


async def add_structure(partner: Partner) -> str:
    return str((await partner.put(STRUCTURE, make_structure(80))).json()["id"])


def list_told(changes: list[Json], record_id: str) -> list[tuple[str, int | None]]:
    return [(change["type"], change["version"]) for change in changes if change["id"] == record_id]


async def test_a_deleted_record_is_gone_and_says_since_when_and_why(partner: Partner) -> None:
    address = f"/v1/structures/{await add_structure(partner)}"
    cursor = (await partner.read_feed())[1]

    deleted = await partner.delete(address, if_match='"1"')

    gone = await partner.get(address)
    assert deleted.status_code == 204
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    tombstone = gone.json()["tombstone"]
    assert (tombstone["version"], tombstone["deletion_reason"]) == (2, "deleted_by_source")
    assert (await partner.get(STRUCTURE)).json()["tombstone"] == tombstone
    assert tombstone["id"] not in [row["id"] for row in (await partner.get("/v1/structures")).json()["data"]]
    assert list_told((await partner.read_feed(cursor))[0], tombstone["id"]) == [("deleted", 2)]


async def test_a_deletion_says_on_which_version_it_is_based(partner: Partner) -> None:
    address = f"/v1/structures/{await add_structure(partner)}"
    await partner.put(STRUCTURE, make_structure(80, brand="Deux"))

    assert (await partner.delete(address)).status_code == 428
    assert (await partner.delete(address, if_match='"1"')).status_code == 412
    assert (await partner.delete(address, if_match="*")).status_code == 204
    assert (await partner.delete(address, if_match='"3"')).status_code == 404


async def test_only_its_source_deletes_a_record(partner: Partner, partners: Partners) -> None:
    record_id = await partners.add_structure()

    answer = await partner.delete(f"/v1/structures/{record_id}", if_match='"1"')

    assert (answer.status_code, answer.json()["code"]) == (403, "source_not_yours")


async def test_the_history_of_an_open_record_outlives_it(partner: Partner) -> None:
    address = f"/v1/structures/{await add_structure(partner)}"
    await partner.put(STRUCTURE, make_structure(80, brand="Deux"))
    await partner.delete(address, if_match='"2"')

    history = (await partner.get(f"{address}/history")).json()["data"]

    assert [entry["version"] for entry in history] == [3, 2, 1]
    assert history[0]["document"]["deletion_reason"] == "deleted_by_source"
    assert history[1]["document"]["brand"] == "Deux"


async def test_a_deleted_record_comes_back_as_created_with_the_next_version(partner: Partner) -> None:
    record_id = await add_structure(partner)
    made = (await partner.get(STRUCTURE)).json()
    await partner.delete(f"/v1/structures/{record_id}", if_match='"1"')

    back = await partner.put(STRUCTURE, make_structure(80))

    read = await partner.get(STRUCTURE)
    assert (back.status_code, back.json()["version"]) == (201, 3)
    assert (read.status_code, read.json()["id"]) == (200, record_id)
    assert read.json()["created_at"] == made["created_at"]
    told = list_told((await partner.read_feed())[0], record_id)
    assert told == [("created", 1), ("deleted", 2), ("created", 3)]


async def test_nothing_of_a_person_outlives_their_record(partner: Partner, database: Database) -> None:
    person = await partner.add_person(last_name="Introuvable")
    await partner.add_person(last_name="Introuvable", city="Lyon")
    address = f"/v1/people/{person['id']}"

    await partner.delete(address, if_match='"2"')

    gone = await partner.get(address)
    history = (await partner.get(f"{address}/history")).json()["data"]
    assert gone.status_code == 410
    assert gone.json()["tombstone"]["id"] == person["id"]
    assert [entry["version"] for entry in history] == [3]
    for table in ("people", "record_versions"):
        rows = await fetch_all(database, f"SELECT * FROM {table}")
        assert "Introuvable" not in repr([dict(row) for row in rows])
    [row] = await fetch_all(database, "SELECT managing_structure_id FROM people")
    assert row["managing_structure_id"] is None


async def test_who_had_access_to_a_personal_record_sees_its_tombstone_and_others_nothing(
    partner: Partner, partners: Partners
) -> None:
    employer = await partners.add("employeur", kind="ACI")
    stranger = await partners.add("etranger", kind="EI")
    sent = await partner.prescribe(await partner.add_person(), employer.structure_id)
    address = f"/v1/prescriptions/{sent['id']}"
    cursors = [(await reader.read_feed())[1] for reader in (employer, stranger)]

    await partner.delete(address, if_match='"1"')

    seen = await employer.get(address)
    assert (seen.status_code, seen.json()["tombstone"]["version"]) == (410, 2)
    assert "job_title" not in seen.text
    assert (await stranger.get(address)).status_code == 404
    assert list_told((await employer.read_feed(cursors[0]))[0], sent["id"]) == [("deleted", 2)]
    assert (await stranger.read_feed(cursors[1]))[0] == []


async def test_a_deleted_prescription_takes_away_the_access_it_gave_to_the_person(
    partner: Partner, partners: Partners
) -> None:
    employer = await partners.add("employeur", kind="ACI")
    sent = await partner.prescribe(await partner.add_person(), employer.structure_id)
    person_id = (await employer.get(f"/v1/prescriptions/{sent['id']}")).json()["person_id"]
    assert (await employer.get(f"/v1/people/{person_id}")).status_code == 200
    cursor = (await employer.read_feed())[1]

    await partner.delete(f"/v1/prescriptions/{sent['id']}", if_match='"1"')

    assert (await employer.get(f"/v1/people/{person_id}")).status_code == 404
    told = (await employer.read_feed(cursor))[0]
    assert list_told(told, person_id) == [("access_revoked", None)]
