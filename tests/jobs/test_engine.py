"""Jobs exist with their transaction, run, and outlive their worker."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from procrastinate.schema import SchemaManager

from raccord.jobs.engine import MAX_ATTEMPTS, Job, JobInterrupted, Task, TaskName, enqueue, run_jobs, write_conninfo
from raccord.kernel.database import Database
from tests.commands import leave_unmeasured

ENDLESS = """
import asyncio, sys
from raccord.jobs.engine import Job, Task, TaskName, run_jobs

async def hang(job: Job) -> None:
    print("started", flush=True)
    await asyncio.sleep(600)

asyncio.run(run_jobs(sys.argv[1], [Task(TaskName.RUN_IMPORT, hang)]))
"""


@asynccontextmanager
async def running(url: str, tasks: Sequence[Task], stalled_after_s: float = 30.0) -> AsyncIterator[None]:
    worker = asyncio.create_task(run_jobs(url, tasks, stalled_after_s=stalled_after_s))
    try:
        yield
    finally:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


async def wait_for(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def count_jobs(database: Database, where: str = "true") -> int:
    return int((await database.fetch(f"SELECT count(*) FROM procrastinate_jobs WHERE {where}"))[0]["count"])


def collect(done: asyncio.Queue[str]) -> Task:
    async def note(job: Job) -> None:
        done.put_nowait(job.args["import_id"])

    return Task(TaskName.RUN_IMPORT, note)


async def test_a_job_rolls_back_with_its_transaction(database: Database) -> None:
    with suppress(ZeroDivisionError):
        async with database.begin() as tx:
            assert await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "1"})
            raise ZeroDivisionError

    assert await count_jobs(database) == 0


async def test_a_job_enqueued_runs_once_and_is_forgotten(database: Database, database_url: str) -> None:
    done: asyncio.Queue[str] = asyncio.Queue()

    async with running(database_url, [collect(done)]):
        async with database.begin() as tx:
            await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "7"})
        assert await asyncio.wait_for(done.get(), 20) == "7"

        async def is_forgotten() -> bool:
            return await count_jobs(database) == 0

        await wait_for(is_forgotten)
    assert done.empty()


async def test_a_queueing_lock_keeps_one_waiting_job_and_the_transaction(database: Database) -> None:
    async with database.begin() as tx:
        assert await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "1"}, queueing_lock="one") is not None
        assert await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "2"}, queueing_lock="one") is None
        assert await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "3"}, queueing_lock="other") is not None

    assert await count_jobs(database) == 2


async def test_jobs_of_one_lock_run_one_after_the_other(database: Database, database_url: str) -> None:
    running_now, most, done = 0, 0, asyncio.Event()

    async def overlap(job: Job) -> None:
        nonlocal running_now, most
        running_now += 1
        most = max(most, running_now)
        await asyncio.sleep(0.05)
        running_now -= 1
        if job.args["import_id"] == "2":
            done.set()

    async with database.begin() as tx:
        for number in range(3):
            await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": str(number)}, lock="same")
    async with running(database_url, [Task(TaskName.RUN_IMPORT, overlap)]):
        await asyncio.wait_for(done.wait(), 20)

    assert most == 1


async def test_a_failed_job_is_tried_again(database: Database, database_url: str) -> None:
    attempts: asyncio.Queue[bool] = asyncio.Queue()

    async def fail_once(job: Job) -> None:
        attempts.put_nowait(job.is_last_attempt)
        if attempts.qsize() == 1:
            raise ConnectionError

    async with database.begin() as tx:
        await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "1"})
    async with running(database_url, [Task(TaskName.RUN_IMPORT, fail_once)]):

        async def is_over() -> bool:
            return attempts.qsize() == 2 and await count_jobs(database) == 0

        await wait_for(is_over)

    assert [attempts.get_nowait(), attempts.get_nowait()] == [False, False]


async def test_a_stopping_worker_leaves_its_job_to_the_next(database: Database, database_url: str) -> None:
    started = asyncio.Event()

    async def stop_when_asked(job: Job) -> None:
        started.set()

        async def is_stopping() -> bool:
            return job.is_stopping()

        await wait_for(is_stopping)
        raise JobInterrupted

    async with database.begin() as tx:
        await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "9"})
    async with running(database_url, [Task(TaskName.RUN_IMPORT, stop_when_asked)]):
        await asyncio.wait_for(started.wait(), 20)
    assert await count_jobs(database, "status = 'todo'") == 1

    done: asyncio.Queue[str] = asyncio.Queue()
    async with running(database_url, [collect(done)]):
        assert await asyncio.wait_for(done.get(), 20) == "9"


async def test_a_job_whose_worker_was_killed_is_taken_up(database: Database, database_url: str) -> None:
    async with database.begin() as tx:
        await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "5"})
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ENDLESS, database_url,
        env=leave_unmeasured(os.environ), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert killed.stdout is not None
    assert await killed.stdout.readline() == b"started\n"
    killed.kill()
    await killed.wait()
    assert await count_jobs(database, "status = 'doing'") == 1

    done: asyncio.Queue[str] = asyncio.Queue()
    async with running(database_url, [collect(done)], stalled_after_s=1.0):
        assert await asyncio.wait_for(done.get(), 30) == "5"


async def test_a_job_that_costs_every_worker_its_life_is_given_up(database: Database, database_url: str) -> None:
    async with database.begin() as tx:
        await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "5"})
        await tx.fetch("UPDATE procrastinate_jobs SET status = 'doing', attempts = $1", MAX_ATTEMPTS - 1)

    async def is_given_up() -> bool:
        return await count_jobs(database, "status = 'failed'") == 1

    async with running(database_url, []):
        await wait_for(is_given_up)


async def test_a_worker_outlives_the_loss_of_all_its_connections(database: Database, database_url: str) -> None:
    done: asyncio.Queue[str] = asyncio.Queue()

    async with running(database_url, [collect(done)]):
        async with database.begin() as tx:
            await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "1"})
        assert await asyncio.wait_for(done.get(), 20) == "1"

        async def is_acknowledged() -> bool:
            return await count_jobs(database) == 0

        await wait_for(is_acknowledged)
        async with database.begin() as tx:
            assert await tx.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        await database.engine.dispose()
        async with database.begin() as tx:
            await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": "2"})
        assert await asyncio.wait_for(done.get(), 30) == "2"


async def test_a_periodic_task_runs_by_itself(database_url: str) -> None:
    ran = asyncio.Event()

    async def note(job: Job) -> None:
        assert job.args == {}
        ran.set()

    async with running(database_url, [Task(TaskName.ADD_PARTITIONS, note, "* * * * *")]):
        await asyncio.wait_for(ran.wait(), 20)


def test_the_url_is_written_for_libpq() -> None:
    written = write_conninfo("postgresql+asyncpg://u:p%40ss@/base?host=/run/pg&ssl=require")

    assert written == "postgresql://u:p%40ss@/base?host=%2Frun%2Fpg&sslmode=require"


def test_procrastinates_schema_is_the_one_that_the_migration_was_written_for() -> None:
    digest = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()

    # Another schema means another version: add a revision with each of its migration files, then note it here.
    assert digest == "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
