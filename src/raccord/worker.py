"""The worker, assembled: the sequencer of the change feed, the jobs, and what is done at fixed times."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

import structlog

from raccord.adapters.contract import Manifest
from raccord.adapters.registry import ADAPTERS_BY_NAME
from raccord.bulk.imports import run_queued_import
from raccord.bulk.ledger import drop_old_imports
from raccord.jobs.engine import Job, Task, TaskName, run_jobs
from raccord.kernel.database import Database, Transaction
from raccord.kernel.logs import describe_exception
from raccord.kernel.network_guard import NetworkGuard
from raccord.kernel.outbound import Outbound
from raccord.kernel.remote_hosts import SharedBook
from raccord.kernel.seals import Seals
from raccord.oauth.tokens import delete_old_tokens
from raccord.records.changes import BATCH, sequence_changes
from raccord.records.entitlements import take_expired_access
from raccord.records.idempotency import drop_old_keys
from raccord.records.search.indexing import BATCH as INDEX_BATCH
from raccord.records.search.indexing import index_changes
from raccord.records.upcasting import upcast_records
from raccord.resources.job_offers.comparison import compare_changed
from raccord.resources.job_offers.kind import JOB_OFFERS
from raccord.resources.job_offers.upkeep import expire_offers, suspend_orphans
from raccord.resources.registry import KINDS
from raccord.resources.structures.same_as import link_changed
from raccord.settings import Settings
from raccord.sync.going import Engine
from raccord.sync.scheduling import decide_queued, drop_old_syncs, run_queued, start_due_runs, take_queued

FOLLOWER_PAUSE_S = 0.1
MAX_BACKOFF_S = 5.0
UPCAST_BATCH = 500
_KEPT_AFTER_EXPIRY = timedelta(days=7)


async def run_worker(
    settings: Settings, database_url: str, *, adapters: Mapping[str, Manifest] = ADAPTERS_BY_NAME
) -> None:
    """Run the worker until cancelled; a running import stops at the end of a batch, and goes on at the next start."""
    is_pooled = settings.has_pooler
    # The sequencer and the indexer throw their connections away at any error: each has its own.
    sequencing = Database(database_url, size=1, is_pooled=is_pooled)
    indexing = Database(database_url, size=1, is_pooled=is_pooled)
    working = Database(database_url, size=8, is_pooled=is_pooled)
    outbound = Outbound(NetworkGuard(allows_loopback=settings.outbound_loopback), SharedBook(working))
    engine = Engine(working, Seals(*settings.read_sealing_secrets()), outbound, adapters, settings.sync_dir)
    sequencer = asyncio.create_task(run_sequencer(sequencing))
    indexer = asyncio.create_task(run_indexer(indexing))
    try:
        await run_jobs(database_url, list_tasks(working, engine), is_pooled=is_pooled)
    finally:
        for follower in (sequencer, indexer):
            follower.cancel()
        await asyncio.wait({sequencer, indexer})
        await sequencing.close()
        await indexing.close()
        await working.close()
        await outbound.close()


async def run_sequencer(database: Database) -> None:
    """Number committed changes as they come."""
    await _follow("sequencer", database, lambda: sequence_changes(database), BATCH)


async def run_indexer(database: Database) -> None:
    """Keep the search tables in step with the change log."""
    await _follow("indexer", database, lambda: index_changes(database, KINDS), INDEX_BATCH)


async def _follow(name: str, database: Database, step: Callable[[], Awaitable[int]], batch: int) -> None:
    """Do the step as long as there is something to do, then wait a little, for ever: no failure ends it."""
    failures = 0
    while True:
        try:
            done = await step()
            failures = 0
        except Exception as error:
            structlog.get_logger().error("follower failed", follower=name, **describe_exception(error))
            # A killed backend can leave a connection that looks open: none is kept.
            await database.engine.dispose()
            failures += 1
            await asyncio.sleep(min(MAX_BACKOFF_S, FOLLOWER_PAUSE_S * 2**failures))
            continue
        if done < batch:
            await asyncio.sleep(FOLLOWER_PAUSE_S)


def list_tasks(database: Database, engine: Engine) -> list[Task]:
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
        Task(TaskName.RUN_SYNC, lambda job: run_queued(engine, job)),
        Task(TaskName.TAKE_MESSAGES, lambda job: take_queued(engine, job)),
        Task(TaskName.START_DUE_RUNS, repeat(start_due_runs), "* * * * *"),
        Task(TaskName.DECIDE_DELETIONS, lambda job: decide_queued(engine, job)),
        Task(TaskName.DROP_OLD_SYNCS, lambda _job: _do_once(database, drop_old_syncs), "13 3 * * *"),
        Task(TaskName.LINK_STRUCTURES, repeat(link_changed), "* * * * *"),
    ]


async def _repeat_until_done(database: Database, action: Callable[[Transaction], Awaitable[object]], job: Job) -> None:
    """Run the action, one transaction at a time, until it finds nothing more to do or the worker stops."""
    while not job.is_stopping():
        async with database.begin() as tx:
            if not await action(tx):
                return


async def _do_once(database: Database, action: Callable[[Transaction], Awaitable[None]]) -> None:
    async with database.begin() as tx:
        await action(tx)


async def _add_partitions(tx: Transaction) -> None:
    """Make the partitions that the logs will need."""
    await tx.fetch("SELECT add_partitions()")
