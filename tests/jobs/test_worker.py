"""The worker as a whole: it numbers changes whatever happens, runs what waits, keeps time, and stops within seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from raccord.bulk import ledger
from raccord.bulk.ledger import Order
from raccord.jobs.engine import Job, TaskName, enqueue
from raccord.kernel.database import Database
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.network_guard import NetworkGuard
from raccord.kernel.outbound import Outbound
from raccord.kernel.remote_hosts import SharedBook
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.records.store import Put, Writer, put_many
from raccord.records.upcasting import upcast_records
from raccord.resources.structures.kind import STRUCTURES
from raccord.settings import Settings
from raccord.sync.going import Engine
from raccord.worker import list_tasks, run_sequencer, run_worker

WRITER = Writer("annuaire", "annuaire", "test")


@asynccontextmanager
async def beside(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def write_structures(database: Database, *names: str) -> None:
    puts = [Put(name, f'{{"kind":"ACI","name":"Structure {name}"}}'.encode()) for name in names]
    async with database.begin() as tx:
        outcomes = await put_many(tx, STRUCTURES, WRITER, puts)
    assert {outcome.status for outcome in outcomes} == {"created"}


async def wait_for(condition: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def read_head(database: Database) -> int:
    return int((await database.fetch("SELECT position FROM feed_head"))[0]["position"])


async def test_the_sequencer_outlives_its_backend(database: Database, database_url: str) -> None:
    sequencing = Database(database_url, size=1)
    async with beside(run_sequencer(sequencing)):
        await write_structures(database, "1")

        async def has_first() -> bool:
            return await read_head(database) == 1

        await wait_for(has_first)
        async with database.begin() as tx:
            await tx.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        await database.close()
        await database.open()
        await write_structures(database, "2", "3")

        async def has_all() -> bool:
            return await read_head(database) == 3

        await wait_for(has_all)
    await sequencing.close()


async def test_the_worker_runs_an_import_numbers_its_changes_and_stops(
    database: Database, database_url: str, settings: Settings
) -> None:
    import_id = make_uuid7()
    async with database.begin() as tx:
        content = b'{"external_id":"1","kind":"ACI","name":"Jardin"}\n{"external_id":"2","kind":"?","name":"Jardin"}\n'
        await ledger.open_import(tx, import_id, Order("structures", "editeur", make_uuid7(), "ndjson"), content)
        await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": str(import_id)})

    async def is_done() -> bool:
        [row] = await database.fetch("SELECT state FROM imports")
        return row["state"] == "completed" and await read_head(database) == 1

    async with beside(run_worker(settings, database_url)):
        await wait_for(is_done)
        started = time.monotonic()
    assert time.monotonic() - started < 5


ON_DEMAND = (TaskName.RUN_IMPORT, TaskName.RUN_SYNC, TaskName.TAKE_MESSAGES, TaskName.DECIDE_DELETIONS)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[Engine]:
    """What runs of connections share, with no adapter to run."""
    outbound = Outbound(NetworkGuard(), SharedBook(database))
    yield Engine(database, Seals(b"a-key-of-tests"), outbound, {})
    await outbound.close()


@pytest.mark.parametrize("name", [name for name in TaskName if name not in ON_DEMAND])
async def test_each_periodic_task_runs_on_an_empty_house(database: Database, engine: Engine, name: TaskName) -> None:
    [task] = [task for task in list_tasks(database, engine) if task.name == name]

    await task.run(Job({}, False, lambda: False))

    assert task.cron is not None


async def test_every_task_name_has_its_function(database: Database, engine: Engine) -> None:
    assert [task.name for task in list_tasks(database, engine)] == list(TaskName)


async def test_old_documents_are_brought_up_without_a_version_or_a_change(database: Database) -> None:
    def add_brand(document: JsonObject) -> JsonObject:
        return {**document, "brand": f"Enseigne {document['external_id']}", "is_antenna": True}

    await write_structures(database, "1", "2", "3")
    newer = replace(STRUCTURES, shape_version=3, upcasters=(*STRUCTURES.upcasters, add_brand))

    async with database.begin() as tx:
        assert [await upcast_records(tx, newer, 2) for _ in range(3)] == [2, 1, 0]

    rows = await database.fetch(
        "SELECT version, shape_version, is_antenna, raw_hash, document::text AS document "
        "FROM structures ORDER BY external_id"
    )
    assert {(row["version"], row["shape_version"], row["is_antenna"]) for row in rows} == {(1, 3, True)}
    assert parse_object(rows[0]["document"].encode())["brand"] == "Enseigne 1"
    assert all(row["raw_hash"] for row in rows)
    assert (await database.fetch("SELECT count(*) FROM change_inbox"))[0]["count"] == 3
    assert await database.fetch("SELECT FROM record_versions") == []
