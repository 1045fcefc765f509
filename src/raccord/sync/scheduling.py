"""When runs go: those that a schedule asks for, those that a tool made wait, those that a dead worker left."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from raccord.jobs.engine import Job, TaskName, enqueue
from raccord.kernel.clock import read_now
from raccord.kernel.database import Row, Transaction
from raccord.kernel.errors import RunUnderWayError
from raccord.kernel.remote_hosts import drop_old_hosts
from raccord.sync import deletions, ledger, messages, rejections
from raccord.sync.connections import find_next_run
from raccord.sync.deciding import decide_deletions, undo_deletions
from raccord.sync.going import Engine
from raccord.sync.runner import run_sync

_BATCH = 100
_SOON = timedelta(minutes=1)


async def enqueue_run(tx: Transaction, connection_id: UUID, run_id: UUID) -> None:
    """Hand a run to the workers; those of one connection go one after the other."""
    await enqueue(
        tx, TaskName.RUN_SYNC, {"run_id": str(run_id)}, lock=f"sync:{connection_id}", queueing_lock=f"sync:{run_id}"
    )


async def start_due_runs(tx: Transaction) -> int:
    """Start what the clock asks for; returns how many of a full batch are left, so 0 when all is done."""
    due = await tx.fetch(
        "SELECT id, schedule FROM connections WHERE state = 'active' AND next_run_at <= now() "
        "ORDER BY next_run_at LIMIT $1 FOR UPDATE SKIP LOCKED",
        _BATCH,
    )
    for row in due:
        next_run_at = await _start(tx, row)
        await tx.fetch("UPDATE connections SET next_run_at = $2 WHERE id = $1", row["id"], next_run_at)
    await _resume_runs(tx)
    await messages.enqueue_forgotten(tx)
    return len(due) if len(due) == _BATCH else 0


async def _start(tx: Transaction, row: Row) -> datetime | None:
    """Start the run of a connection that is due; returns when the next is."""
    try:
        await enqueue_run(tx, row["id"], await ledger.open_run(tx, row["id"], "incremental"))
    except RunUnderWayError:
        found = await ledger.find_open_run(tx, row["id"])
        if found is not None and found["mode"] == "receive":
            # Messages take a moment: the run is put off, not left out.
            return read_now() + _SOON
        structlog.get_logger().info("run skipped: the last one goes on", connection=str(row["id"]))
    return find_next_run(row["schedule"])


async def _resume_runs(tx: Transaction) -> None:
    """Take up what a tool has made wait, and what was held by somebody who says nothing more."""
    rows = await tx.fetch(
        "UPDATE sync_runs SET state = 'pending', resume_at = NULL, holder = NULL WHERE id IN ("
        "SELECT id FROM sync_runs WHERE (state = 'waiting' AND resume_at <= now()) "
        "OR (state = 'running' AND held_until < now() - interval '1 minute') FOR UPDATE SKIP LOCKED) "
        "RETURNING id, connection_id"
    )
    for row in rows:
        await enqueue_run(tx, row["connection_id"], row["id"])


async def run_queued(engine: Engine, job: Job) -> None:
    """Run what a job names.

    Errors: JobInterrupted when the worker stops; what may pass with time, until the last attempt.
    """
    run_id = UUID(job.args["run_id"])
    await run_sync(engine, run_id, is_stopping=job.is_stopping, is_last_attempt=job.is_last_attempt)


async def take_queued(engine: Engine, job: Job) -> None:
    """Take the messages of the connection that a job names; where another run goes on, they wait for the next scan.

    Errors: as run_queued.
    """
    run_id: UUID | None = None
    with suppress(RunUnderWayError):
        async with engine.database.begin() as tx:
            run_id = await messages.open_taking_run(tx, UUID(job.args["connection_id"]))
    if run_id is not None:
        await run_sync(engine, run_id, is_stopping=job.is_stopping, is_last_attempt=job.is_last_attempt)


async def decide_queued(engine: Engine, job: Job) -> None:
    """Do what a person decided of deletions."""
    connection_id, decision = UUID(job.args["connection_id"]), job.args["decision"]
    if decision == "undo":
        await undo_deletions(engine, connection_id, UUID(job.args["run_id"]))
    else:
        await decide_deletions(engine, connection_id, is_confirmed=decision == "confirm")


async def drop_old_syncs(tx: Transaction) -> None:
    """Forget what is kept no longer: payloads, undone deletions, runs, hosts."""
    await rejections.drop_old(tx)
    await deletions.drop_old(tx)
    await messages.drop_old(tx)
    await ledger.drop_old_runs(tx)
    await drop_old_hosts(tx)
