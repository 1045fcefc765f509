"""The worker and a tool on a real socket: a run that was asked for arrives, and what was sealed is in no log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn

from raccord.kernel.database import Database
from raccord.kernel.seals import Seals
from raccord.settings import Settings
from raccord.sync import connections, ledger
from raccord.sync.connections import Order
from raccord.sync.messages import keep_message
from raccord.sync.scheduling import enqueue_run, start_due_runs
from raccord.worker import run_worker
from tests.adapters.plain_list import MANIFEST, TEST_ADAPTERS, ListTool, make_row, make_rows, write_message
from tests.servers import find_free_port

TOKEN = "s3cret-of-the-tool"


@asynccontextmanager
async def serve(tool: ListTool) -> AsyncIterator[str]:
    port = find_free_port()
    server = uvicorn.Server(uvicorn.Config(tool, host="127.0.0.1", port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    for _ in range(500):
        if server.started:
            break
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}/api"
    server.should_exit = True
    await serving


async def wait_until_ended(database: Database) -> str:
    for _ in range(1_500):
        rows = await database.fetch("SELECT state FROM sync_runs WHERE finished_at IS NOT NULL OR state = 'waiting'")
        if rows:
            return str(rows[0]["state"])
        await asyncio.sleep(0.02)
    raise AssertionError("no run has ended")


@pytest.mark.parametrize("may_call", [True, False])
async def test_the_worker_calls_this_machine_only_where_it_may(
    database: Database, database_url: str, settings: Settings, may_call: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    allowed = settings.model_copy(update={"outbound_loopback": may_call})
    seals = Seals(*settings.read_sealing_secrets())
    tool = ListTool(make_rows(25), token=TOKEN)
    async with serve(tool) as url:
        async with database.begin() as tx:
            order = Order("liste", "outil", {"url": url, "page_size": 10}, {"token": TOKEN})
            made = await connections.add_connection(tx, seals, MANIFEST, order)
            await enqueue_run(tx, made.id, await ledger.open_run(tx, made.id, "full"))
        working = asyncio.create_task(run_worker(allowed, database_url, adapters=TEST_ADAPTERS))
        state = await wait_until_ended(database)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    written = await database.fetch("SELECT FROM structures WHERE source = 'outil'")
    assert (state, len(written), len(tool.calls)) == (("completed", 25, 3) if may_call else ("failed", 0, 0))
    told = capfd.readouterr()
    assert TOKEN not in told.out + told.err


async def test_a_message_is_written_by_the_worker(
    database: Database, database_url: str, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    seals = Seals(*settings.read_sealing_secrets())
    async with database.begin() as tx:
        order = Order("liste", "outil", {"url": "https://x.example"}, {"token": TOKEN})
        made = await connections.add_connection(tx, seals, MANIFEST, order)
        await keep_message(tx, seals, made.id, write_message(make_row(1)))

    working = asyncio.create_task(run_worker(settings, database_url, adapters=TEST_ADAPTERS))
    state = await wait_until_ended(database)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working

    rows = await database.fetch("SELECT external_id FROM structures WHERE source = 'outil'")
    assert (state, [row["external_id"] for row in rows]) == ("completed", ["S-1"])
    told = capfd.readouterr()
    assert "Structure 00001" not in told.out + told.err


async def test_runs_left_waiting_or_by_a_dead_worker_are_taken_up_again(database: Database, settings: Settings) -> None:
    seals = Seals(*settings.read_sealing_secrets())
    async with database.begin() as tx:
        for name, state in (("a", "waiting"), ("b", "running"), ("c", "running")):
            order = Order(name, "outil", {"url": "https://x.example"}, {"token": TOKEN})
            made = await connections.add_connection(tx, seals, MANIFEST, order)
            run_id = await ledger.open_run(tx, made.id, "full")
            held = "now() + interval '1 minute'" if name == "c" else "now() - interval '2 minutes'"
            await tx.fetch(
                f"UPDATE sync_runs SET state = $2, resume_at = now(), held_until = {held} WHERE id = $1", run_id, state
            )

    async with database.begin() as tx:
        await start_due_runs(tx)

    rows = await database.fetch(
        "SELECT c.name, r.state FROM sync_runs r JOIN connections c ON c.id = r.connection_id ORDER BY c.name"
    )
    assert [tuple(row.values()) for row in rows] == [("a", "pending"), ("b", "pending"), ("c", "running")]
    [queued] = await database.fetch("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'run_sync'")
    assert queued["count"] == 2
