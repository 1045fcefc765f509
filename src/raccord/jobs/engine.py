"""Jobs over Procrastinate: enqueued in the caller's own transaction, run by workers until done.

What a task does is not known here: the worker hands in the functions. Arguments hold ids only, no personal data.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import procrastinate
import structlog
from procrastinate.exceptions import ProcrastinateException
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.jobs import Job as QueuedJob
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from raccord.kernel.clock import read_now
from raccord.kernel.database import Transaction
from raccord.kernel.logs import describe_exception

MAX_ATTEMPTS = 10
# A run of a slow tool waits most of the time: it must not keep the others from the worker.
CONCURRENCY = 6
# A NOTIFY that lands during an empty fetch is lost to the worker: it must not wait for the default 5 s.
POLL_S = 1.0
STOP_S = 8.0
CONNECTION_S = 5.0
_QUEUE = "default"
_PERIODIC = "periodic:"


class TaskName(StrEnum):
    """Every task there is. Jobs in the database bear these names: one in use is never renamed."""

    RUN_IMPORT = "run_import"
    TAKE_EXPIRED_ACCESS = "take_expired_access"
    DROP_OLD_KEYS = "drop_old_keys"
    DELETE_OLD_TOKENS = "delete_old_tokens"
    ADD_PARTITIONS = "add_partitions"
    UPCAST_RECORDS = "upcast_records"
    DROP_OLD_IMPORTS = "drop_old_imports"
    EXPIRE_OFFERS = "expire_offers"
    SUSPEND_ORPHAN_OFFERS = "suspend_orphan_offers"
    COMPARE_OFFERS = "compare_offers"
    RUN_SYNC = "run_sync"
    TAKE_MESSAGES = "take_messages"
    START_DUE_RUNS = "start_due_runs"
    DECIDE_DELETIONS = "decide_deletions"
    DROP_OLD_SYNCS = "drop_old_syncs"
    LINK_STRUCTURES = "link_structures"


class JobInterrupted(Exception):
    """The worker stops, and the job with it, at a place from which it can go on."""


@dataclass(frozen=True)
class Job:
    """One run of a job: its arguments, whether another attempt follows a failure, whether the worker stops."""

    args: Mapping[str, str]
    is_last_attempt: bool
    is_stopping: Callable[[], bool]


@dataclass(frozen=True)
class Task:
    """What a worker does under a name, and when by itself.

    Units: `cron` in UTC; a periodic task has no arguments, and one run of it at a time.
    """

    name: TaskName
    run: Callable[[Job], Awaitable[None]]
    cron: str | None = None


async def enqueue(
    tx: Transaction,
    task: TaskName,
    args: Mapping[str, str],
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
) -> int | None:
    """Enqueue a job that exists if the transaction commits.

    Shape: jobs of one `lock` run one after the other; returns None if a job of the `queueing_lock` waits already.
    """
    values = (_QUEUE, task.value, lock, queueing_lock, json.dumps(dict(args)))
    if queueing_lock is None:
        return int((await tx.fetch(_DEFER, *values))[0]["id"])
    try:
        async with tx.session.begin_nested():
            return int((await tx.fetch(_DEFER, *values))[0]["id"])
    except IntegrityError:
        return None


_DEFER = """
SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[
    ROW($1::varchar, $2::varchar, 0, $3::text, $4::text, $5::jsonb, NULL::timestamptz)
]::procrastinate_job_to_defer_v1[])) AS id
"""


async def run_jobs(
    database_url: str, tasks: Sequence[Task], *, is_pooled: bool = False, stalled_after_s: float = 30.0
) -> None:
    """Run jobs until cancelled, whatever happens to the database meanwhile.

    Shape: on cancellation running jobs are asked to stop, then cancelled after STOP_S; they go on at the next start.
    Units: a job whose worker gave no sign for `stalled_after_s` is taken up by another.
    """
    stopping = asyncio.Event()
    failures = 0
    while True:
        app = _build_app(database_url, tasks, stopping, is_pooled=is_pooled)
        try:
            async with app.open_async():
                failures = 0
                await _run_until_stopped(app, stopping, stalled_after_s, is_pooled=is_pooled)
        except Exception as error:
            structlog.get_logger().error("jobs interrupted", **describe_exception(error))
        failures += 1
        await asyncio.sleep(min(5.0, 0.1 * 2**failures))


async def _run_until_stopped(
    app: procrastinate.App, stopping: asyncio.Event, stalled_after_s: float, *, is_pooled: bool
) -> None:
    """Run the worker; it ends by itself when it loses the database."""
    worker = asyncio.create_task(
        app.run_worker_async(
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=POLL_S,
            shutdown_graceful_timeout=STOP_S,
            # LISTEN does not pass a pooler: there the poll alone must do.
            listen_notify=not is_pooled,
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
            install_signal_handlers=False,
            update_heartbeat_interval=stalled_after_s / 3,
            stalled_worker_timeout=stalled_after_s,
        )
    )
    rescue = asyncio.create_task(_rescue_stalled_jobs(app, stalled_after_s))
    try:
        await asyncio.shield(worker)
    except asyncio.CancelledError:
        stopping.set()
        worker.cancel()
        await asyncio.wait({worker})
        raise
    finally:
        rescue.cancel()
        with suppress(asyncio.CancelledError):
            await rescue


async def _rescue_stalled_jobs(app: procrastinate.App, stalled_after_s: float) -> None:
    """Put back the jobs of workers that died; one that has been tried too often is given up."""
    jobs = app.job_manager
    while True:
        try:
            for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=stalled_after_s):
                structlog.get_logger().warning("job stalled", job_id=job.id, task=job.task_name)
                if job.attempts + 1 < MAX_ATTEMPTS:
                    await jobs.retry_job(job)
                else:
                    await jobs.finish_job(job, Status.FAILED, delete_job=False)
        except ProcrastinateException as error:
            # Another worker was quicker, or the database is away: the next round sees.
            structlog.get_logger().info("stalled jobs left for later", **describe_exception(error))
        await asyncio.sleep(stalled_after_s / 2)


def _build_app(
    database_url: str, tasks: Sequence[Task], stopping: asyncio.Event, *, is_pooled: bool
) -> procrastinate.App:
    arguments = {"prepare_threshold": None} if is_pooled else {}
    connector = procrastinate.PsycopgConnector(
        conninfo=write_conninfo(database_url),
        kwargs=arguments,
        min_size=1,
        max_size=CONCURRENCY + 2,
        # A worker told to stop while the database is gone says goodbye to it: it must not wait the default 30 s.
        timeout=CONNECTION_S,
    )
    app = procrastinate.App(connector=connector)
    for task in tasks:
        _add_task(app, task, stopping)
    return app


def _add_task(app: procrastinate.App, task: Task, stopping: asyncio.Event) -> None:
    async def run(context: JobContext, /, **args: str) -> None:
        is_last = context.job.attempts + 1 >= MAX_ATTEMPTS
        await task.run(Job(args, is_last, stopping.is_set))

    app.task(name=task.name.value, pass_context=True, retry=_Retry())(run)
    if task.cron is None:
        return

    async def run_on_time(context: JobContext, timestamp: int) -> None:
        del timestamp
        await run(context)

    lock = _PERIODIC + task.name.value
    timed = app.task(name=lock, pass_context=True, lock=lock, queueing_lock=lock)(run_on_time)
    app.periodic(cron=task.cron)(timed)


class _Retry(BaseRetryStrategy):
    """Try again soon, then ever later; at once if only the worker stopped."""

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        """Decide."""
        if isinstance(exception, JobInterrupted | asyncio.CancelledError):
            return RetryDecision(retry_at=read_now())
        if job.attempts + 1 >= MAX_ATTEMPTS:
            return None
        return RetryDecision(retry_at=read_now() + timedelta(seconds=min(600, 2**job.attempts)))


def write_conninfo(database_url: str) -> str:
    """Write SQLAlchemy's URL as libpq reads it."""
    url = make_url(database_url).set(drivername="postgresql")
    query = {"sslmode" if name == "ssl" else name: value for name, value in url.query.items()}
    return url.set(query=query).render_as_string(hide_password=False)
