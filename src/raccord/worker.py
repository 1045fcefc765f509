"""The worker, assembled: the sequencer of the change feed, the jobs, and what is done at fixed times."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog

from raccord.bulk.imports import run_queued_import
from raccord.bulk.ledger import drop_old_imports
from raccord.jobs.engine import Job, Task, TaskName, run_jobs
from raccord.kernel.database import Database, Transaction
from raccord.kernel.logs import describe_exception
from raccord.oauth.tokens import delete_old_tokens
from raccord.records.changes import BATCH, sequence_changes
from raccord.records.entitlements import take_expired_access
from raccord.records.idempotency import drop_old_keys
from raccord.records.upcasting import upcast_records
from raccord.resources.job_offers.comparison import compare_changed
from raccord.resources.job_offers.kind import JOB_OFFERS
from raccord.resources.job_offers.upkeep import expire_offers, suspend_orphans
from raccord.resources.registry import KINDS
from raccord.settings import Settings

SEQUENCER_PAUSE_S = 0.1
MAX_BACKOFF_S = 5.0
UPCAST_BATCH = 500
_KEPT_AFTER_EXPIRY = timedelta(days=7)


async def run_worker(settings: Settings, database_url: str) -> None:
    """Run the worker until cancelled; a running import stops at the end of a batch, and goes on at the next start."""
    is_pooled = settings.has_pooler
    # The sequencer throws its connections away at any error: it has its own.
    sequencing = Database(database_url, size=1, is_pooled=is_pooled)
    working = Database(database_url, size=4, is_pooled=is_pooled)
    sequencer = asyncio.create_task(run_sequencer(sequencing))
    try:
        await run_jobs(database_url, list_tasks(working), is_pooled=is_pooled)
    finally:
        sequencer.cancel()
        await asyncio.wait({sequencer})
        await sequencing.close()
        await working.close()


async def run_sequencer(database: Database) -> None:
    """Number committed changes as they come, for ever: no failure of the database ends it."""
    failures = 0
    while True:
        try:
            moved = await sequence_changes(database)
            failures = 0
        except Exception as error:
            structlog.get_logger().error("sequencer failed", **describe_exception(error))
            # A killed backend can leave a connection that looks open: none is kept.
            await database.engine.dispose()
            failures += 1
            await asyncio.sleep(min(MAX_BACKOFF_S, SEQUENCER_PAUSE_S * 2**failures))
            continue
        if moved < BATCH:
            await asyncio.sleep(SEQUENCER_PAUSE_S)


def list_tasks(database: Database) -> list[Task]:
    """List what the worker does: the one place where names of tasks meet functions."""

    def repeat(action: Callable[[Transaction], Awaitable[object]]) -> Callable[[Job], Awaitable[None]]:
        return lambda job: _repeat_until_done(database, action, job)

    async def upcast(job: Job) -> None:
        for kind in KINDS:
            await _repeat_until_done(database, partial(upcast_records, kind=kind, limit=UPCAST_BATCH), job)

    return [
        Task(TaskName.RUN_IMPORT, lambda job: run_queued_import(database, job)),
        Task(TaskName.TAKE_EXPIRED_ACCESS, repeat(take_expired_access), "* * * * *"),
        Task(TaskName.DROP_OLD_KEYS, repeat(drop_old_keys), "7 * * * *"),
        Task(
            TaskName.DELETE_OLD_TOKENS,
            repeat(lambda tx: delete_old_tokens(tx, ended_for=_KEPT_AFTER_EXPIRY)),
            "17 * * * *",
        ),
        Task(TaskName.ADD_PARTITIONS, repeat(_add_partitions), "23 2 * * *"),
        Task(TaskName.UPCAST_RECORDS, upcast, "41 2 * * *"),
        Task(TaskName.DROP_OLD_IMPORTS, repeat(drop_old_imports), "53 2 * * *"),
        # Hourly: days end at midnight in Paris, whichever hour that is here.
        Task(TaskName.EXPIRE_OFFERS, repeat(partial(expire_offers, kind=JOB_OFFERS)), "3 * * * *"),
        Task(TaskName.SUSPEND_ORPHAN_OFFERS, repeat(partial(suspend_orphans, kind=JOB_OFFERS)), "33 * * * *"),
        Task(TaskName.COMPARE_OFFERS, repeat(partial(compare_changed, kind=JOB_OFFERS)), "* * * * *"),
    ]


async def _repeat_until_done(database: Database, action: Callable[[Transaction], Awaitable[object]], job: Job) -> None:
    """Run the action, one transaction at a time, until it finds nothing more to do or the worker stops."""
    while not job.is_stopping():
        async with database.begin() as tx:
            if not await action(tx):
                return


async def _add_partitions(tx: Transaction) -> None:
    """Make the partitions that the logs will need."""
    await tx.fetch("SELECT add_partitions()")
