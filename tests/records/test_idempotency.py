"""Idempotency keys: a POST that creates, sent twice, creates once."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from raccord.kernel.database import Database
from raccord.records.idempotency import KeyedRequest, drop_old_keys, find_replay
from tests.partners import Partner, Partners
from tests.records.ground import fetch_all, make_structure

STRUCTURES = "/v1/structures"


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("editeur", kind="ML")


async def count_structures(database: Database) -> int:
    rows = await fetch_all(database, "SELECT count(*) AS made FROM structures WHERE source = 'editeur'")
    return int(rows[0]["made"])


@pytest.mark.parametrize(
    ("key", "code"), [(None, "missing_header"), ("a b", "invalid_header"), ("k" * 129, "invalid_header")]
)
async def test_a_creation_needs_a_key(partner: Partner, database: Database, key: str | None, code: str) -> None:
    answer = await partner.post(STRUCTURES, make_structure(9), **({"idempotency_key": key} if key else {}))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["header"] == "Idempotency-Key"
    assert await count_structures(database) == 0


async def test_the_same_request_again_gets_the_same_answer_and_creates_nothing(
    partner: Partner, database: Database
) -> None:
    first = await partner.post(STRUCTURES, make_structure(9), idempotency_key="une-fois")
    changed = await partner.patch(f"/v1/structures/{first.json()['id']}", {"brand": "Après"}, if_match='"1"')
    assert changed.status_code == 200

    again = await partner.post(STRUCTURES, make_structure(9), idempotency_key="une-fois")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await count_structures(database) == 1


async def test_the_replay_of_a_personal_record_is_the_same_too(partner: Partner) -> None:
    body = {
        "first_name": "Camille", "last_name": "Exemple", "birth_date": "1990-01-01",
        "managing_structure_id": partner.structure_id,
    }  # fmt: skip

    first = await partner.post("/v1/people", body, idempotency_key="une-fois")
    again = await partner.post("/v1/people", body, idempotency_key="une-fois")

    assert again.content == first.content
    assert {again.headers[name] for name in ("Location", "ETag")} == {
        first.headers[name] for name in ("Location", "ETag")
    }
    assert (await partner.get(first.headers["Location"])).json() == first.json()


async def test_a_key_used_with_another_body_is_refused(partner: Partner, database: Database) -> None:
    await partner.post(STRUCTURES, make_structure(9), idempotency_key="une-fois")

    other = await partner.post(STRUCTURES, make_structure(8), idempotency_key="une-fois")

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await count_structures(database) == 1


async def test_a_key_is_its_clients_and_its_operations_own(partner: Partner, partners: Partners) -> None:
    other = await partners.add("autre", kind="ML")
    body = {
        "first_name": "Camille", "last_name": "Exemple", "birth_date": "1990-01-01",
        "managing_structure_id": partner.structure_id,
    }  # fmt: skip

    answers = [
        await partner.post(STRUCTURES, make_structure(9), idempotency_key="cle"),
        await other.post(STRUCTURES, make_structure(9), idempotency_key="cle"),
        await partner.post("/v1/people", body, idempotency_key="cle"),
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert not any("Idempotency-Replayed" in answer.headers for answer in answers)


async def test_while_the_first_request_runs_the_second_is_told_to_wait(partner: Partner, database: Database) -> None:
    async with database.begin() as first:
        request = KeyedRequest(partner.client_id, "create_structure", "une-fois", b"{}")
        assert await find_replay(first, request) is None

        second = await partner.post(STRUCTURES, make_structure(9), idempotency_key="une-fois")

    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_flight")
    assert second.headers["Retry-After"] == "1"
    # The first one ended without effect: its key is free.
    third = await partner.post(STRUCTURES, make_structure(9), idempotency_key="une-fois")
    assert third.status_code == 201


async def test_of_many_requests_at_once_one_creates(partner: Partner, database: Database) -> None:
    answers = await asyncio.gather(
        *(partner.post(STRUCTURES, make_structure(9), idempotency_key="une-fois") for _ in range(8))
    )

    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_in_flight"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert sum(a.status_code == 201 and "Idempotency-Replayed" not in a.headers for a in answers) == 1
    assert await count_structures(database) == 1


async def test_a_refused_request_does_not_use_its_key_up(partner: Partner) -> None:
    refused = await partner.post(STRUCTURES, {"kind": "ACI"}, idempotency_key="une-fois")

    corrected = await partner.post(STRUCTURES, make_structure(9), idempotency_key="une-fois")

    assert (refused.status_code, corrected.status_code) == (422, 201)


async def test_keys_are_forgotten_after_a_day(partner: Partner, database: Database) -> None:
    await partner.post(STRUCTURES, make_structure(9), idempotency_key="vieille")
    async with database.begin() as tx:
        await tx.fetch("UPDATE idempotency_keys SET created_at = now() - interval '26 hours'")
    await partner.post(STRUCTURES, make_structure(8), idempotency_key="jeune")

    async with database.begin() as tx:
        await drop_old_keys(tx)

    rows = await fetch_all(database, "SELECT key FROM idempotency_keys")
    assert [row["key"] for row in rows] == ["jeune"]
