"""Natural keys: one source never holds a thing twice, whatever the order in which it is told."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from raccord.kernel.database import Database
from raccord.records.store import Outcome, put_many
from raccord.resources.structures.kind import STRUCTURES
from tests.partners import Partners
from tests.records.feed_race import wait_for_lock
from tests.records.ground import SOURCE, fetch_all, make_put, make_structure, put_structures


def describe(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [(outcome.external_id, outcome.error.code if outcome.error else outcome.status) for outcome in outcomes]


async def list_keys(database: Database) -> dict[str, int]:
    """Map the records to the number from which their SIRET was made."""
    sirets = {make_structure(number)["siret"]: number for number in range(1, 10)}
    rows = await fetch_all(database, "SELECT external_id, siret FROM structures WHERE deleted_at IS NULL")
    return {row["external_id"]: sirets[row["siret"]] for row in rows}


async def test_a_key_held_by_another_record_is_a_conflict_that_names_its_fields(partners: Partners) -> None:
    partner = await partners.add("editeur")
    await partner.put("/v1/structures/by-source/editeur/A", make_structure(1))

    taken = await partner.put("/v1/structures/by-source/editeur/B", make_structure(1))
    other_kind = await partner.put("/v1/structures/by-source/editeur/C", make_structure(1, kind="EI"))

    assert (taken.status_code, taken.json()["code"]) == (409, "natural_key_taken")
    assert [error["pointer"] for error in taken.json()["errors"]] == ["/siret", "/kind"]
    assert other_kind.status_code == 201


async def test_two_sources_may_speak_of_one_thing(partners: Partners) -> None:
    for name in ("un", "deux"):
        partner = await partners.add(name)
        assert (await partner.put(f"/v1/structures/by-source/{name}/A", make_structure(1))).status_code == 201


async def test_within_a_batch_the_first_to_claim_a_key_gets_it(database: Database) -> None:
    outcomes = await put_structures(
        database, make_put("A", make_structure(1)), make_put("B", make_structure(1)), make_put("C", make_structure(2))
    )

    assert describe(outcomes) == [("A", "created"), ("B", "natural_key_taken"), ("C", "created")]


async def test_who_keeps_its_key_is_not_robbed_by_who_comes_first_in_the_batch(database: Database) -> None:
    await put_structures(database, make_put("A", make_structure(1)))

    outcomes = await put_structures(
        database, make_put("B", make_structure(1)), make_put("A", make_structure(1, brand="Toujours là"))
    )

    assert describe(outcomes) == [("B", "natural_key_taken"), ("A", "updated")]
    assert await list_keys(database) == {"A": 1}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_records_exchange_their_keys_within_a_batch(database: Database, order: tuple[int, ...]) -> None:
    await put_structures(database, *(make_put(name, make_structure(n)) for n, name in enumerate("ABC", start=1)))
    moved = [
        make_put("A", make_structure(2)),
        make_put("B", make_structure(3)),
        make_put("C", make_structure(1)),
    ]

    outcomes = await put_structures(database, *(moved[place] for place in order))

    assert {outcome.status for outcome in outcomes} == {"updated"}
    assert await list_keys(database) == {"A": 2, "B": 3, "C": 1}


async def test_a_key_given_up_in_a_batch_is_free_for_a_new_record(database: Database) -> None:
    await put_structures(database, make_put("A", make_structure(1)))

    outcomes = await put_structures(database, make_put("B", make_structure(1)), make_put("A", make_structure(2)))

    assert describe(outcomes) == [("B", "created"), ("A", "updated")]
    assert await list_keys(database) == {"A": 2, "B": 1}


async def test_who_may_not_leave_its_key_keeps_it_from_who_wanted_it(database: Database) -> None:
    await put_structures(
        database,
        make_put("A", make_structure(1)),
        make_put("B", make_structure(2)),
        make_put("C", make_structure(3)),
    )

    outcomes = await put_structures(
        database, make_put("B", make_structure(1)), make_put("A", make_structure(3)), make_put("D", make_structure(2))
    )

    assert describe(outcomes) == [
        ("B", "natural_key_taken"), ("A", "natural_key_taken"), ("D", "natural_key_taken"),
    ]  # fmt: skip
    assert await list_keys(database) == {"A": 1, "B": 2, "C": 3}


@pytest.mark.parametrize("is_stored", [False, True])
async def test_of_two_transactions_that_claim_a_key_the_first_gets_it(
    database: Database, owner_url: str, is_stored: bool
) -> None:
    watcher = await asyncpg.connect(owner_url.replace("+asyncpg", ""))
    if is_stored:
        await put_structures(database, make_put("B", make_structure(2)))
    async with database.begin() as first:
        await put_many(first, STRUCTURES, SOURCE, [make_put("A", make_structure(1))])
        late = asyncio.create_task(
            put_structures(database, make_put("B", make_structure(1)), make_put("C", make_structure(3)))
        )
        await wait_for_lock(watcher)
    await watcher.close()

    assert describe(await late) == [("B", "natural_key_taken"), ("C", "created")]
    assert (await list_keys(database))["A"] == 1


async def test_a_key_is_free_again_once_its_record_is_deleted(partners: Partners) -> None:
    partner = await partners.add("editeur")
    made = (await partner.put("/v1/structures/by-source/editeur/A", make_structure(1))).json()
    await partner.delete(f"/v1/structures/{made['id']}", if_match='"1"')

    heir = await partner.put("/v1/structures/by-source/editeur/B", make_structure(1))
    revived = await partner.put("/v1/structures/by-source/editeur/A", make_structure(1))

    assert heir.status_code == 201
    assert (revived.status_code, revived.json()["code"]) == (409, "natural_key_taken")
