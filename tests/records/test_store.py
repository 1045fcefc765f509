"""The write door: what is skipped, written, refused; what rivals do to each other there."""

from __future__ import annotations

import asyncio
from collections import Counter

import asyncpg
import pytest

from raccord.kernel.database import Database
from raccord.records.store import Outcome, put_many
from raccord.resources.structures.kind import STRUCTURES
from tests.partners import Partner, Partners
from tests.records.feed_race import wait_for_lock
from tests.records.ground import SOURCE, fetch_all, list_changes, make_put, make_structure, put_structures


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("editeur")


def address(external_id: str) -> str:
    return f"/v1/structures/by-source/editeur/{external_id}"


async def test_the_same_content_again_writes_nothing_and_logs_nothing(partner: Partner) -> None:
    first = await partner.put(address("A"), make_structure())

    again = await partner.put(address("A"), make_structure())

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"] == '"1"'
    assert [change["type"] for change in (await partner.read_feed())[0]] == ["created"]


async def test_the_same_meaning_in_other_words_is_no_version_and_is_known_next_time(
    partner: Partner, database: Database
) -> None:
    await partner.put(address("A"), make_structure())
    before = await fetch_all(database, "SELECT raw_hash, updated_at FROM structures")
    reworded = dict(reversed(make_structure(brand=None).items()))

    again = await partner.put(address("A"), reworded)

    after = await fetch_all(database, "SELECT raw_hash, updated_at FROM structures")
    assert again.json()["version"] == 1
    assert [change["type"] for change in (await partner.read_feed())[0]] == ["created"]
    assert before[0]["raw_hash"] != after[0]["raw_hash"]
    assert before[0]["updated_at"] == after[0]["updated_at"]


async def test_a_changed_content_is_a_version_and_one_change_that_names_its_fields(partner: Partner) -> None:
    made = (await partner.put(address("A"), make_structure())).json()

    answer = await partner.put(address("A"), make_structure(brand="Les Jardins", name="Autre nom"))

    changes, _ = await partner.read_feed()
    assert answer.json()["version"] == 2
    assert answer.json()["created_at"] == made["created_at"]
    assert answer.json()["updated_at"] > made["updated_at"]
    assert [(change["type"], change["version"]) for change in changes] == [("created", 1), ("updated", 2)]
    assert sorted(changes[1]["changed_fields"]) == ["brand", "name"]


async def test_one_batch_writes_its_duplicates_in_order(database: Database) -> None:
    outcomes = await put_structures(
        database,
        make_put("A", make_structure(name="Premier")),
        make_put("B", make_structure(2)),
        make_put("A", make_structure(name="Second")),
        make_put("A", make_structure(name="Second")),
        make_put("A", make_structure(name="Premier")),
    )

    assert [(outcome.status, outcome.version) for outcome in outcomes] == [
        ("created", 1), ("created", 1), ("updated", 2), ("unchanged", 2), ("updated", 3),
    ]  # fmt: skip
    assert len({outcome.id for outcome in outcomes if outcome.external_id == "A"}) == 1
    assert await list_changes(database) == [
        ("created", "A", 1), ("created", "B", 1), ("updated", "A", 2), ("updated", "A", 3),
    ]  # fmt: skip


async def test_a_refused_record_leaves_the_others_unharmed(database: Database) -> None:
    outcomes = await put_structures(
        database,
        make_put("A", make_structure(1)),
        make_put("B", {"kind": "ACI"}),
        make_put("C", make_structure(1, siret="123")),
        make_put("D", make_structure(4)),
    )

    assert [outcome.status for outcome in outcomes] == ["created", "rejected", "rejected", "created"]
    assert [outcome.error.code for outcome in outcomes if outcome.error] == ["invalid_content"] * 2
    assert await list_changes(database) == [("created", "A", 1), ("created", "D", 1)]


@pytest.mark.parametrize("rounds", [1, 6])
async def test_two_writers_of_the_same_new_records_in_opposite_order_lose_none(database: Database, rounds: int) -> None:
    async def write(name: str, order: list[int]) -> list[Outcome]:
        return await put_structures(
            database, *(make_put(f"R-{n}", {**make_structure(n), "name": f"{name} {n}"}) for n in order)
        )

    numbers = list(range(1, 21))
    by_each: list[list[Outcome]] = []
    for number in range(rounds):
        by_each += await asyncio.gather(
            write(f"Un {number}", numbers), write(f"Deux {number}", numbers[::-1]), write("Trois", numbers[::2])
        )

    rows = await fetch_all(database, "SELECT external_id, version FROM structures")
    changes = Counter(external_id for _, external_id, _ in await list_changes(database))
    assert {outcome.status for outcomes in by_each for outcome in outcomes} <= {"created", "updated", "unchanged"}
    assert Counter({row["external_id"]: row["version"] for row in rows}) == changes
    assert len(rows) == 20


async def test_a_writer_that_waited_for_an_insert_updates_what_was_inserted(database: Database, owner_url: str) -> None:
    watcher = await asyncpg.connect(owner_url.replace("+asyncpg", ""))
    async with database.begin() as first:
        await put_many(first, STRUCTURES, SOURCE, [make_put("A", make_structure(1)), make_put("B", make_structure(2))])
        late = asyncio.create_task(
            put_structures(
                database,
                make_put("B", make_structure(2, name="Plus tard")),
                make_put("C", make_structure(3)),
                make_put("A", make_structure(1)),
            )
        )
        await wait_for_lock(watcher)
    await watcher.close()

    statuses = [(outcome.external_id, outcome.status, outcome.version) for outcome in await late]

    assert statuses == [("B", "updated", 2), ("C", "created", 1), ("A", "unchanged", 1)]


async def test_many_requests_for_one_new_record_create_it_once(partner: Partner) -> None:
    answers = await asyncio.gather(
        *(partner.put(address("A"), make_structure(name=f"Nom {number}")) for number in range(8))
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 7}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 9))


async def test_a_version_that_is_not_the_expected_one_is_refused(partner: Partner) -> None:
    await partner.put(address("A"), make_structure())
    await partner.put(address("A"), make_structure(brand="Deux"))

    stale = await partner.put(address("A"), make_structure(brand="Trois"), if_match='"1"')
    absent = await partner.put(address("B"), make_structure(2), if_match='"1"')
    right = await partner.put(address("A"), make_structure(brand="Trois"), if_match='"2"')

    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    assert stale.json()["current_version"] == 2
    assert absent.status_code == 412
    assert (right.status_code, right.json()["version"]) == (200, 3)


async def test_a_record_that_must_be_new_is_refused_when_it_exists(partner: Partner) -> None:
    first = await partner.put(address("A"), make_structure(), if_none_match="*")

    second = await partner.put(address("A"), make_structure(), if_none_match="*")

    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["code"] == "external_id_taken"


async def test_nobody_writes_under_the_name_of_another_source(partner: Partner) -> None:
    answer = await partner.put("/v1/structures/by-source/annuaire/A", make_structure())

    assert (answer.status_code, answer.json()["code"]) == (403, "source_not_yours")


async def test_a_refused_batch_of_a_rolled_back_transaction_leaves_nothing(database: Database) -> None:
    async def break_down() -> None:
        async with database.begin() as tx:
            await put_many(tx, STRUCTURES, SOURCE, [make_put("A", make_structure())])
            raise RuntimeError("panne")

    with pytest.raises(RuntimeError, match="panne"):
        await break_down()

    assert await list_changes(database) == []
    assert await fetch_all(database, "SELECT 1 FROM structures") == []


async def test_who_may_write_and_not_read_is_answered_what_it_wrote(partners: Partners) -> None:
    writer = await partners.add("ecrivain", kind="ML", scopes=["people:write", "people:identity"])
    person = await writer.add_person()

    again = await writer.add_person()
    changed = await writer.add_person(first_name="Claude")

    assert (again["version"], changed["version"]) == (1, 2)
    assert (changed["id"], changed["first_name"]) == (person["id"], "Claude")
    assert (await writer.get(f"/v1/people/{person['id']}")).status_code == 403
