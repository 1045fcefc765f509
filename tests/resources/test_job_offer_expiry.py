"""The end of an offer, as its readers live it: the worker ends it, search forgets it, its report says how to renew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from raccord.jobs.engine import Job, Task, TaskName
from raccord.kernel.clock import freeze_clock, read_today
from raccord.kernel.database import Database
from raccord.kernel.network_guard import NetworkGuard
from raccord.kernel.outbound import Outbound
from raccord.kernel.remote_hosts import SharedBook
from raccord.kernel.seals import Seals
from raccord.sync.going import Engine
from raccord.worker import list_tasks
from tests.partners import Partner, Partners
from tests.records.search.test_search import catch_up
from tests.resources.offers import PATH, make_offer, write_offer

Json = dict[str, Any]


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("logiciel", kind="ACI")


@pytest.fixture
async def expiry(database: Database) -> AsyncIterator[Task]:
    """What the worker does every hour."""
    outbound = Outbound(NetworkGuard(), SharedBook(database))
    tasks = list_tasks(database, Engine(database, Seals(b"a-key-of-tests"), outbound, {}))
    [found] = [task for task in tasks if task.name is TaskName.EXPIRE_OFFERS]
    yield found
    await outbound.close()


async def run(task: Task) -> None:
    await task.run(Job({}, is_last_attempt=False, is_stopping=lambda: False))


async def search(partner: Partner) -> list[str]:
    found = await partner.get(f"{PATH}/search")
    assert found.status_code == 200, found.text
    return [hit["record"]["id"] for hit in found.json()["data"]]


async def move(partner: Partner, path: str, transition: str, **fields: object) -> Json:
    response = await partner.move(path, transition, **fields)
    assert response.status_code == 200, response.text
    return dict(response.json())


@pytest.mark.parametrize("states_end", [True, False])
async def test_an_expired_offer_leaves_the_search_says_how_to_come_back_and_does(
    partner: Partner, database: Database, expiry: Task, states_end: bool
) -> None:
    now = datetime.now(UTC)
    with freeze_clock(now - timedelta(days=70)):
        end = (read_today() + timedelta(days=60)).isoformat()
        stated = {"publication": {"ends_on": end}} if states_end else {}
        offer = await write_offer(partner, make_offer(partner.structure_id, **stated))
    path = f"{PATH}/{offer['id']}"
    await catch_up(database)
    assert await search(partner) == [offer["id"]]
    _, cursor = await partner.read_feed()

    await run(expiry)

    [change], cursor = await partner.read_feed(cursor)
    assert (change["id"], change["type"], change["origin"]) == (offer["id"], "updated", "raccord")
    assert {"status", "closing_reason"} <= set(change["changed_fields"])
    await catch_up(database)
    assert await search(partner) == []
    report = (await partner.get(f"{path}/publication")).json()
    assert (report["status"], report["closing_reason"], report["expires_on"]) == ("expired", "expired", end)
    assert (report["publishing_transition"], report["is_publishable"]) == ("reopen", not states_end)
    assert [item["code"] for item in report["errors"]] == (["already_ended"] if states_end else [])

    until = (now + timedelta(days=30)).date().isoformat()
    reopened = await move(partner, path, report["publishing_transition"], ends_on=until)
    assert (reopened["status"], reopened["expires_on"], "closing_reason" in reopened) == ("active", until, False)
    await run(expiry)
    await catch_up(database)
    assert await search(partner) == [offer["id"]]
    report = (await partner.get(f"{path}/publication")).json()
    assert (report["closing_reason"], report["publishing_transition"], report["errors"]) == (None, None, [])


@pytest.mark.parametrize("moves", [[], ["submit"], ["publish", "suspend"], ["publish", "fill"], ["archive"]])
async def test_the_report_names_the_transition_that_publishes(partner: Partner, moves: list[str]) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id, is_published=False))
    path = f"{PATH}/{offer['id']}"
    for name in moves:
        await move(partner, path, name)

    named = (await partner.get(f"{path}/publication")).json()["publishing_transition"]

    legal = {item["transition"] for item in (await partner.get(f"{path}/transitions")).json()["data"]}
    assert named in legal if named is not None else moves == ["archive"]
