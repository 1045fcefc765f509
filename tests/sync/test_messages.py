"""Messages of a tool over HTTP: proven, kept, written by a job as a run, lost by nothing and echoed to nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from raccord.adapters.contract import Batch, Capability, Equipment, Inbound
from raccord.app import create_app
from raccord.jobs.engine import Job, JobInterrupted
from raccord.kernel.database import Database
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import parse_object
from raccord.settings import Settings
from raccord.sync import ledger
from raccord.sync.deciding import decide_deletions
from raccord.sync.going import Engine
from raccord.sync.messages import keep_message
from raccord.sync.scheduling import drop_old_syncs, run_queued, start_due_runs, take_queued
from tests.adapters.plain_list import (
    MANIFEST,
    TEST_ADAPTERS,
    TOKEN,
    ListAdapter,
    ListTool,
    make_row,
    make_rows,
    write_message,
)
from tests.adapters.stand_in import FakeTime, open_outbound
from tests.commands import leave_unmeasured
from tests.partners import Partner, Partners
from tests.sync.conftest import Bench, counts

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
FIRST = "(SELECT id FROM sync_messages ORDER BY id LIMIT 1)"
BODY: Json = {
    "name": "Liste",
    "adapter": "plain_list",
    "settings": {"url": "http://tool.test/api"},
    "secrets": {"token": TOKEN},
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"outbound_loopback": True})


@pytest.fixture
def tool() -> ListTool:
    return ListTool(make_rows(3), token=TOKEN)


@pytest.fixture
def engine(database: Database, tool: ListTool, settings: Settings) -> Engine:
    outbound = open_outbound(tool, FakeTime())
    return Engine(database, Seals(*settings.read_sealing_secrets()), outbound, {MANIFEST.name: MANIFEST})


@pytest.fixture
async def owner(partners: Partners) -> Partner:
    return await partners.add("outil")


@pytest.fixture
async def connection(owner: Partner) -> Json:
    return await connect(owner)


async def connect(owner: Partner, **fields: Any) -> Json:
    response = await owner.post("/v1/connections", {**BODY, **fields}, idempotency_key=f"{fields.get('name')}")
    assert response.status_code == 201, response.text
    return dict(response.json())


async def send(client: httpx.AsyncClient, connection_id: str, inbound: Inbound) -> httpx.Response:
    return await client.post(
        f"/v1/connections/{connection_id}/messages", content=inbound.body, headers=dict(inbound.headers)
    )


async def work(engine: Engine) -> None:
    """Do what the worker does with the jobs that wait."""
    rows = await engine.database.fetch("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo'")
    async with engine.database.begin() as tx:
        await tx.fetch("DELETE FROM procrastinate_jobs")
    for row in rows:
        job = make_job(row)
        await (take_queued if row["task_name"] == "take_messages" else run_queued)(engine, job)


def make_job(row: Mapping[str, Any], *, is_stopping: bool = False) -> Job:
    args = {name: str(value) for name, value in parse_object(row["args"].encode()).items()}
    return Job(args, True, lambda: is_stopping)


async def count_waiting(database: Database) -> int:
    [row] = await database.fetch("SELECT count(*) AS count FROM sync_messages")
    return int(row["count"])


async def list_runs(owner: Partner, connection: Json) -> list[Json]:
    return list((await owner.get(f"/v1/connections/{connection['id']}/runs")).json()["data"])


async def test_a_message_is_kept_and_written_as_a_run(
    client: httpx.AsyncClient, owner: Partner, connection: Json, engine: Engine
) -> None:
    answer = await send(client, connection["id"], write_message(make_row(7)))
    kept = await engine.database.fetch("SELECT id, payload FROM sync_messages")
    await work(engine)

    assert answer.status_code == 202
    assert answer.json() == {"id": str(kept[0]["id"])}
    assert b"Structure" not in kept[0]["payload"]
    assert await count_waiting(engine.database) == 0
    [run] = await list_runs(owner, connection)
    assert (run["mode"], run["walk_mode"], run["state"], run["seen_count"], run["created_count"]) == (
        "receive", None, "completed", 1, 1,
    )  # fmt: skip
    [record] = (await owner.get("/v1/structures?source=outil")).json()["data"]
    assert record["external_id"] == "S-7"
    changes = await engine.database.fetch("SELECT origin FROM change_inbox UNION SELECT origin FROM change_log")
    assert f"connection:{connection['id']}" in {row["origin"] for row in changes}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"headers": {"content-type": "application/json"}}, 401, "proof_refused"),
        ({"headers": {"content-type": "application/json", "x-signature": "wrong"}}, 401, "proof_refused"),
        ({"body": b'{"name": "x"}'}, 401, "proof_refused"),
        ({"body": b""}, 400, "malformed_body"),
        ({"headers": {"content-type": "text/plain"}}, 415, "unsupported_media_type"),
    ],
)
async def test_what_is_not_the_tools_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, connection: Json, database: Database, change: Json, status: int, code: str
) -> None:
    answer = await send(client, connection["id"], replace(write_message(make_row(1)), **change))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)
    assert await count_waiting(database) == 0
    assert await database.fetch("SELECT id FROM procrastinate_jobs") == []


async def test_what_cannot_be_read_is_refused_at_once(
    client: httpx.AsyncClient, connection: Json, database: Database
) -> None:
    answer = await send(client, connection["id"], write_message({"name": "Zélie"}))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unreadable_message")
    assert "Zélie" not in answer.text
    assert await count_waiting(database) == 0


async def test_a_connection_that_takes_no_messages_is_answered_as_none(
    app: FastAPI, client: httpx.AsyncClient, owner: Partner, unknown_id: str, database: Database
) -> None:
    silent = replace(MANIFEST, name="silent", capabilities=frozenset({Capability.PULL}))
    deaf = replace(MANIFEST, name="deaf", receives=lambda _settings: False)
    app.state.adapters = {each.name: each for each in (MANIFEST, silent, deaf, replace(MANIFEST, name="old"))}
    pushed = await connect(owner, name="b", direction="push")
    paused = await connect(owner, name="c")
    await owner.patch(f"/v1/connections/{paused['id']}", {"state": "paused"}, if_match="*")
    made = [await connect(owner, name=name, adapter=name) for name in ("silent", "deaf")]
    old = await connect(owner, name="d", adapter="old")
    del app.state.adapters["old"]
    ids = [unknown_id, *(each["id"] for each in (pushed, paused, old, *made))]

    answers = [await send(client, each, write_message(make_row(1))) for each in ids]

    bodies = {answer.text.replace(answer.json()["request_id"], "-") for answer in answers}
    assert {answer.status_code for answer in answers} == {404}
    assert len(bodies) == 1
    assert await count_waiting(database) == 0


async def test_a_connection_that_opens_no_more_asks_the_tool_to_come_back(
    client: httpx.AsyncClient, connection: Json, database: Database
) -> None:
    async with database.begin() as tx:
        await tx.fetch('UPDATE connections SET settings = \'{"of": "another version"}\'')

    answer = await send(client, connection["id"], write_message(make_row(1)))

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "errors" not in answer.json()


async def test_to_read_a_message_calls_nothing(
    app: FastAPI, client: httpx.AsyncClient, connection: Json, tool: ListTool
) -> None:
    class Calling(ListAdapter):
        async def receive(self, inbound: Inbound) -> Batch:
            await self.check()
            return await super().receive(inbound)

    def build(given: Equipment) -> ListAdapter:
        assert given.folder is None
        return Calling(given)

    app.state.adapters = {MANIFEST.name: replace(MANIFEST, build=build)}

    answer = await send(client, connection["id"], write_message(make_row(1)))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unreadable_message")
    assert "n'appelle pas cette adresse" in answer.json()["detail"]


async def test_a_message_of_a_share_that_is_spent_comes_back_later(
    client: httpx.AsyncClient, settings: Settings, database_url: str, connection: Json
) -> None:
    narrow = create_app(settings.model_copy(update={"messages_per_minute": 2}), database_url, adapters=TEST_ADAPTERS)
    async with (
        narrow.router.lifespan_context(narrow),
        httpx.AsyncClient(transport=httpx.ASGITransport(narrow), base_url="http://raccord.test") as http,
    ):
        forged = replace(write_message(make_row(1)), headers={"content-type": "application/json"})
        statuses = [(await send(http, connection["id"], forged)).status_code for _ in range(5)]
        statuses += [(await send(http, connection["id"], write_message(make_row(n)))).status_code for n in (1, 2)]
        spent = await send(http, connection["id"], write_message(make_row(3)))

    assert statuses == [401] * 5 + [202] * 2, "a stranger uses up nothing"
    assert spent.status_code == 429
    assert 0 < int(spent.headers["Retry-After"]) <= 60


async def test_no_more_messages_wait_than_may(
    settings: Settings, database_url: str, owner: Partner, engine: Engine
) -> None:
    first, second = await connect(owner), await connect(owner, name="Autre")
    narrow = create_app(settings.model_copy(update={"max_waiting_messages": 2}), database_url, adapters=TEST_ADAPTERS)
    async with (
        narrow.router.lifespan_context(narrow),
        httpx.AsyncClient(transport=httpx.ASGITransport(narrow), base_url="http://raccord.test") as http,
    ):
        taken = [await send(http, first["id"], write_message(make_row(number))) for number in (1, 2)]
        full = await send(http, first["id"], write_message(make_row(3)))
        forged = await send(http, first["id"], write_message(make_row(3), "another"))
        other = await send(http, second["id"], write_message(make_row(4)))
        waiting = await count_waiting(engine.database)
        await work(engine)
        again = await send(http, first["id"], write_message(make_row(3)))

    assert [each.status_code for each in (*taken, other, again)] == [202] * 4
    assert (full.status_code, full.json()["code"], full.headers["Retry-After"]) == (429, "too_many_messages", "60")
    assert "Structure" not in full.text
    assert forged.status_code == 401, "who is not the tool is told nothing of it"
    assert (waiting, await count_waiting(engine.database)) == (3, 1)


async def test_messages_are_taken_in_their_order_and_a_tombstone_deletes(
    client: httpx.AsyncClient, owner: Partner, connection: Json, engine: Engine
) -> None:
    for row in (make_row(1), make_row(2), {**make_row(1), "name": "Renommée"}, {"id": "S-2", "deleted": True}):
        assert (await send(client, connection["id"], write_message(row))).status_code == 202
    jobs = await engine.database.fetch("SELECT lock, queueing_lock FROM procrastinate_jobs")
    await work(engine)

    assert [tuple(job.values()) for job in jobs] == [(f"sync:{connection['id']}", f"messages:{connection['id']}")]
    [run] = await list_runs(owner, connection)
    assert {name: run[f"{name}_count"] for name in ("seen", "created", "updated", "deleted")} == {
        "seen": 3, "created": 2, "updated": 1, "deleted": 1,
    }  # fmt: skip
    records = (await owner.get("/v1/structures?source=outil")).json()["data"]
    assert [(record["external_id"], record["name"]) for record in records] == [("S-1", "Renommée")]


async def test_messages_wait_for_the_run_that_somebody_else_holds(
    client: httpx.AsyncClient, owner: Partner, connection: Json, engine: Engine
) -> None:
    async with engine.database.begin() as tx:
        other = await ledger.open_run(tx, UUID(connection["id"]), "full")
    await send(client, connection["id"], write_message(make_row(9)))
    await work(engine)
    async with engine.database.begin() as tx:
        await start_due_runs(tx)
    assert await engine.database.fetch("SELECT id FROM procrastinate_jobs") == []
    assert await count_waiting(engine.database) == 1

    async with engine.database.begin() as tx:
        await ledger.close_run(tx, other)
        await start_due_runs(tx)
    await work(engine)

    assert [run["mode"] for run in await list_runs(owner, connection)] == ["receive", "full"]
    assert await count_waiting(engine.database) == 0


async def test_a_scheduled_run_is_put_off_by_messages_and_not_left_out(
    owner: Partner, connection: Json, database: Database
) -> None:
    async with database.begin() as tx:
        await ledger.open_run(tx, UUID(connection["id"]), "receive")
        await tx.fetch("UPDATE connections SET schedule = '15 3 1 1 *', next_run_at = now()")
        await start_due_runs(tx)
    [row] = await database.fetch("SELECT next_run_at - now() < interval '2 minutes' AS is_soon FROM connections")

    assert row["is_soon"]


async def test_a_job_that_was_stopped_goes_on_with_its_run(
    client: httpx.AsyncClient, owner: Partner, connection: Json, engine: Engine
) -> None:
    for number in (1, 2):
        await send(client, connection["id"], write_message(make_row(number)))
    [row] = await engine.database.fetch("SELECT args FROM procrastinate_jobs")

    with pytest.raises(JobInterrupted):
        await take_queued(engine, make_job(row, is_stopping=True))
    assert await count_waiting(engine.database) == 1
    await take_queued(engine, make_job(row))
    await take_queued(engine, make_job(row))

    [run] = await list_runs(owner, connection)
    assert (run["state"], run["created_count"]) == ("completed", 2)


async def test_a_connection_frozen_by_drift_keeps_its_messages_until_a_person_has_looked(
    client: httpx.AsyncClient, owner: Partner, connection: Json, engine: Engine
) -> None:
    one = f"/v1/connections/{connection['id']}"
    await owner.patch(one, {"drift_policy": "freeze"}, if_match="*")
    await send(client, connection["id"], write_message({**make_row(1), "couleur": "bleu"}))
    await work(engine)
    broken = (await owner.get(one)).json()["state"]
    taken = await send(client, connection["id"], write_message(make_row(2)))
    await work(engine)
    assert (broken, taken.status_code, await count_waiting(engine.database)) == ("broken", 202, 2)

    await owner.patch(one, {"drift_policy": "accept"}, if_match="*")
    async with engine.database.begin() as tx:
        await start_due_runs(tx)
    await work(engine)

    last, first = await list_runs(owner, connection)
    assert (first["failure"]["code"], last["state"], last["created_count"]) == ("broken", "completed", 2)
    assert last["drifts"] == {"new_field /couleur": 1}


async def test_a_message_that_is_read_no_more_is_set_aside(
    client: httpx.AsyncClient, owner: Partner, connection: Json, engine: Engine
) -> None:
    for number in (1, 2):
        await send(client, connection["id"], write_message(make_row(number)))
    async with engine.database.begin() as tx:
        await tx.fetch(f"UPDATE sync_messages SET payload = 'x' WHERE id = {FIRST}")
    await work(engine)

    [run] = await list_runs(owner, connection)
    [aside] = (await owner.get(f"/v1/connections/{connection['id']}/rejections")).json()["data"]
    assert (run["state"], run["created_count"], run["rejected_count"]) == ("completed", 1, 1)
    assert (aside["kind"], aside["code"], aside["is_replayable"]) == ("messages", "unreadable_payload", False)


async def test_a_secret_that_changes_while_a_message_waits_loses_nothing(
    client: httpx.AsyncClient, owner: Partner, connection: Json, engine: Engine
) -> None:
    await send(client, connection["id"], write_message(make_row(1)))
    await owner.patch(f"/v1/connections/{connection['id']}", {"secrets": {"token": "the-new-one"}}, if_match="*")
    await work(engine)

    [run] = await list_runs(owner, connection)
    assert (run["state"], run["created_count"], run["rejected_count"]) == ("completed", 1, 0)


async def test_what_a_tool_says_by_itself_is_never_told_back_to_it(
    client: httpx.AsyncClient, owner: Partner, engine: Engine, tool: ListTool
) -> None:
    both = await connect(owner, direction="both")
    await send(client, both["id"], write_message(make_row(7)))
    await work(engine)
    await owner.read_feed()

    await owner.post(f"/v1/connections/{both['id']}/runs", {}, idempotency_key="r")
    await work(engine)

    assert {call.method for call in tool.calls} == {"GET"}


async def test_messages_are_forgotten_with_their_connection_and_after_thirty_days(
    client: httpx.AsyncClient, owner: Partner, connection: Json, database: Database
) -> None:
    for number in (1, 2):
        await send(client, connection["id"], write_message(make_row(number)))
    async with database.begin() as tx:
        await tx.fetch(f"UPDATE sync_messages SET received_at = now() - interval '31 days' WHERE id = {FIRST}")
        await drop_old_syncs(tx)
    left = await count_waiting(database)

    await owner.delete(f"/v1/connections/{connection['id']}", if_match="*")

    assert (left, await count_waiting(database)) == (1, 0)


async def test_what_a_message_tells_of_is_no_longer_asked_about(bench: Bench) -> None:
    await bench.run()
    gone = bench.tool.rows[12:]
    del bench.tool.rows[12:]
    asking = await bench.run("full")
    async with bench.database.begin() as tx:
        await keep_message(tx, bench.seals, bench.connection_id, write_message(gone[0]))
    await work(bench.engine)

    deleted = await decide_deletions(bench.engine, bench.connection_id, is_confirmed=True)

    assert (asking["state"], deleted) == ("asking", 12)
    assert gone[0]["id"] in await bench.list_names()


WORKER = """
import asyncio, sys
from dataclasses import replace
from raccord.jobs.engine import Job
from raccord.kernel.database import Database
from raccord.sync.scheduling import take_queued
from tests.adapters.plain_list import MANIFEST, ListAdapter, ListTool
from tests.sync.conftest import TOKEN, Bench

class Slow(ListAdapter):
    async def receive(self, inbound):
        await asyncio.sleep(0.01)
        return await super().receive(inbound)

async def main() -> None:
    database = Database(sys.argv[1], size=4)
    await database.open()
    engine = Bench(database, ListTool([], token=TOKEN)).engine
    engine = replace(engine, adapters={MANIFEST.name: replace(MANIFEST, build=Slow)})
    await take_queued(engine, Job({"connection_id": sys.argv[2]}, True, lambda: False))

asyncio.run(main())
"""


async def test_a_worker_killed_among_messages_loses_none_and_doubles_none(bench: Bench, database_url: str) -> None:
    async with bench.database.begin() as tx:
        for number in range(1, 101):
            await keep_message(tx, bench.seals, bench.connection_id, write_message(make_row(number)))
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, database_url, str(bench.connection_id), cwd=ROOT,
        env=leave_unmeasured(os.environ), stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(2_000):
        if await count_waiting(bench.database) <= 80:
            break
        await asyncio.sleep(0.005)
    killed.kill()
    assert await killed.wait() == -signal.SIGKILL
    left = await count_waiting(bench.database)
    assert 0 < left <= 80
    assert len(await bench.list_names()) == 100 - left

    async with bench.database.begin() as tx:
        await tx.fetch("UPDATE sync_runs SET held_until = now() - interval '2 minutes'")
        await start_due_runs(tx)
    await work(bench.engine)

    [row] = await bench.database.fetch("SELECT * FROM sync_runs")
    assert (row["mode"], row["state"], counts(row)) == ("receive", "completed", {"seen": 100, "created": 100})
    assert await bench.count_changes() == 100
    assert await count_waiting(bench.database) == 0
