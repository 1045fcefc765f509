"""A run, from its beginning or from where it was stopped, to its end: what is done, in which order, and what failed.

Killed at any moment, a run goes on from its last page. A page that is read twice writes nothing the second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

import structlog

from raccord.access.caller import Caller
from raccord.adapters.contract import Adapter, Batch, Broken, CredentialsRefused, Equipment, Manifest, TryLater, Walk
from raccord.jobs.engine import JobInterrupted
from raccord.kernel.clock import read_now
from raccord.kernel.database import Transaction
from raccord.kernel.logs import describe_exception
from raccord.kernel.outbound import Outbound
from raccord.kernel.refusals import RaccordError
from raccord.kernel.seals import SealBrokenError
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import Text
from raccord.oauth.clients import load_caller
from raccord.sync import connections, ledger, rejections
from raccord.sync.connections import Connection
from raccord.sync.ending import can_be_incremental, finish_walk
from raccord.sync.going import Engine, Going
from raccord.sync.ledger import HOLD, Failure, HoldLostError, Run
from raccord.sync.messages import take_messages
from raccord.sync.pages import write_page
from raccord.sync.pushing import push_changes
from raccord.sync.replaying import replay_all

Report = Callable[[Mapping[str, int]], None]
_MAX_RETRY = timedelta(hours=1)
_MIN_RETRY = timedelta(seconds=30)


async def run_sync(
    engine: Engine,
    run_id: UUID,
    *,
    report: Report = lambda _counts: None,
    is_stopping: Callable[[], bool] = lambda: False,
    is_last_attempt: bool = True,
) -> None:
    """Take the run up, and bring it to its end, or as far as it goes now.

    Errors: JobInterrupted when asked to stop; what may pass with time, until the last attempt.
    """
    holder = uuid4()
    async with engine.database.begin() as tx:
        run = await ledger.take_run(tx, run_id, holder)
        connection = await connections.find_connection(tx, run.connection_id) if run is not None else None
    if run is None or connection is None:
        return
    try:
        async with _keep_hold(engine, run):
            going = await _set_out(engine, connection, run, report, is_stopping)
            await _go(going)
    except HoldLostError:
        return
    except JobInterrupted:
        async with engine.database.begin() as tx:
            await ledger.let_go(tx, run)
        raise
    except Exception as error:
        await _fail(engine, connection, run, error, is_last_attempt=is_last_attempt)


@asynccontextmanager
async def _keep_hold(engine: Engine, run: Run) -> AsyncIterator[None]:
    """Say now and then that somebody is at the run, also while a tool makes us wait."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(HOLD.total_seconds() / 3)
            with suppress(Exception):
                async with engine.database.begin() as tx:
                    await ledger.hold(tx, run)

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing


async def _set_out(
    engine: Engine, connection: Connection, run: Run, report: Report, is_stopping: Callable[[], bool]
) -> Going:
    outbound = engine.outbound.observe()
    manifest, adapter = build_adapter(engine, connection, outbound)
    async with engine.database.begin() as tx:
        caller = await _load_client(tx, manifest, connection)
        has_rejections = await rejections.has_open(tx, connection.id)
    going = Going(engine, connection, manifest, adapter, run, caller, outbound, is_stopping, report)
    going.has_rejections = has_rejections
    return going


async def _load_client(tx: Transaction, manifest: Manifest, connection: Connection) -> Caller | None:
    """Load the client in whose name the connection writes, with the rights that it has now.

    Errors: Broken if it has none any more.
    """
    if connection.client_id is None:
        return None
    caller = await load_caller(tx, connection.client_id)
    if caller is None or not connections.list_scopes(manifest, connection.direction) <= caller.scopes:
        raise Broken(_NO_RIGHT)
    return caller


def build_adapter(engine: Engine, connection: Connection, outbound: Outbound) -> tuple[Manifest, Adapter]:
    """Build the adapter of a connection, for one run, and give its manifest narrowed to the connection's settings.

    Errors: Broken for an adapter that is gone; CredentialsRefused for secrets that open no more; InvalidContentError
            for settings that the adapter no longer takes.
    """
    manifest = engine.adapters.get(connection.adapter)
    if manifest is None:
        raise Broken(Text("Cet adaptateur n'existe plus.", "There is no such adapter any more."))
    try:
        secrets = connections.open_secrets(engine.seals, connection)
    except SealBrokenError:
        raise CredentialsRefused("the sealing key is another") from None
    settings = connections.parse(manifest.settings, connection.settings)
    given = Equipment(
        settings=settings,
        secrets=connections.parse(manifest.secrets, secrets),
        outbound=outbound,
        now=read_now,
        log=structlog.get_logger().bind(connection=str(connection.id), adapter=manifest.name),
        # Each source has its own: a connection reads nobody else's files.
        folder=engine.folder / connection.source if engine.folder is not None else None,
    )
    return manifest.narrow_to(settings), manifest.build(given)


async def _go(going: Going) -> None:
    run, connection = going.run, going.connection
    is_settled = True
    if run.mode in ("replay", "receive"):
        # Outside a walk, what comes is as well known as the last one knew it.
        going.run = replace(run, walk=connection.walk)
        await (replay_all if run.mode == "replay" else take_messages)(going)
    elif connection.direction != "push":
        is_settled = await _pull(going)
    if run.mode not in ("replay", "receive", "dry_run") and connection.direction != "pull":
        await push_changes(going)
    async with going.engine.database.begin() as tx:
        await ledger.hold(tx, run)
        if not going.is_dry and connection.state != "paused":
            await connections.set_state(tx, connection.id, "active")
        if is_settled:
            await ledger.close_run(tx, run.id)
        else:
            await _ask(tx, run)


async def _ask(tx: Transaction, run: Run) -> None:
    """End the run asking: the connection runs on, and what is missing waits for a person."""
    await ledger.close_run(tx, run.id)
    await tx.fetch("UPDATE sync_runs SET state = 'asking' WHERE id = $1", run.id)


async def _pull(going: Going) -> bool:
    """Walk, unless that was done before the run was stopped; then settle what was not met."""
    if going.run.walk_mode is None or going.is_dry:
        await _begin(going)
    if not going.run.progress.is_walked:
        await _walk(going)
    if not going.run.progress.settled:
        await finish_walk(going)
    return going.run.progress.settled != "asking"


async def _begin(going: Going) -> None:
    connection, asked = going.connection, going.run.mode
    is_due = connection.reconcile_every > 0 and connection.runs_since_full >= connection.reconcile_every
    is_full = asked in ("full", "reconcile") or is_due or not can_be_incremental(going)
    mode: Literal["full", "incremental"] = "full" if is_full else "incremental"
    number = going.connection.walk
    if going.is_dry:
        going.run = replace(going.run, walk_mode=mode, progress=ledger.Progress())
        return
    async with going.engine.database.begin() as tx:
        await ledger.hold(tx, going.run)
        number = await ledger.begin_walk(tx, going.run, connection, mode)
        await tx.fetch("UPDATE connections SET runs_since_full = runs_since_full + 1 WHERE id = $1", connection.id)
    going.run = replace(going.run, walk=number, walk_mode=mode)
    going.connection = replace(connection, walk=number)


async def _walk(going: Going) -> None:
    async with aclosing(_read_ahead(going.adapter.pull(_plan(going)))) as batches:
        async for batch in batches:
            await write_page(going, batch)
            if not batch.is_last and going.is_stopping():
                raise JobInterrupted
    if not going.run.progress.is_walked:
        raise Broken(_CUT_SHORT)
    if not going.is_dry:
        await _save_checkpoint(going)


async def _read_ahead(batches: AsyncIterator[Batch]) -> AsyncGenerator[Batch, None]:
    """Read the next page while one is written: tool and database do not wait for each other."""
    reading = asyncio.ensure_future(anext(batches, None))
    try:
        while (batch := await reading) is not None:
            if batch.is_last:
                yield batch
                return
            reading = asyncio.ensure_future(anext(batches, None))
            yield batch
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def _plan(going: Going) -> Walk:
    """Plan the walk: from its own cursor if it was stopped, else from where the last one ended, less the look-back."""
    progress, connection = going.run.progress, going.connection
    mode = going.run.walk_mode or "full"
    cursor, since = progress.cursor, None
    if mode == "incremental":
        cursor = cursor if cursor is not None else _as_object(connection.checkpoint.get("cursor"))
        if isinstance(text := connection.checkpoint.get("since"), str):
            since = datetime.fromisoformat(text) - timedelta(seconds=connection.look_back_s)
    place = connections.parse(going.manifest.cursor, cursor) if cursor is not None else None
    return Walk(mode, place, since, is_dry=going.is_dry)


async def _save_checkpoint(going: Going) -> None:
    """Put down from where the next incremental walk goes: never later than this one began, by the tool's clock."""
    progress = going.run.progress
    checkpoint: JsonObject = {"cursor": progress.cursor, "since": going.connection.checkpoint.get("since")}
    if progress.newest is not None:
        began = going.run.started_at - timedelta(seconds=going.outbound.lag_s)
        checkpoint["since"] = min(datetime.fromisoformat(progress.newest), began).isoformat()
    async with going.engine.database.begin() as tx:
        await ledger.hold(tx, going.run)
        await tx.fetch(
            "UPDATE connections SET checkpoint = $2::text::json WHERE id = $1",
            going.connection.id,
            dump_json(checkpoint).decode(),
        )


async def _fail(engine: Engine, connection: Connection, run: Run, error: Exception, *, is_last_attempt: bool) -> None:
    """Do what the error's name says."""
    log = structlog.get_logger().bind(connection=str(connection.id), run=str(run.id))
    if isinstance(error, TryLater):
        wait = min(_MAX_RETRY, max(_MIN_RETRY, timedelta(seconds=error.after_s)))
        async with engine.database.begin() as tx:
            if not await ledger.let_wait(tx, run, read_now() + wait):
                await ledger.close_run(tx, run.id, Failure("unreachable", _UNREACHABLE))
        return
    state: connections.ConnectionState = "broken"
    if isinstance(error, CredentialsRefused):
        state, failure = "credentials_refused", Failure("credentials_refused", _REFUSED)
    elif isinstance(error, Broken):
        failure = Failure("broken", error.reason)
    elif isinstance(error, RaccordError):
        failure = Failure(error.code, error.detail or error.title)
    else:
        log.error("sync run failed", **describe_exception(error))
        if not is_last_attempt:
            async with engine.database.begin() as tx:
                await ledger.let_go(tx, run)
            raise error
        failure = Failure("internal_error", _INTERNAL)
    log.warning("sync run ended", consequence=type(error).__name__)
    async with engine.database.begin() as tx:
        await ledger.close_run(tx, run.id, failure)
        if run.mode != "dry_run":
            await connections.set_state(tx, connection.id, state)


def _as_object(value: object) -> JsonObject | None:
    return value if isinstance(value, dict) else None


_CUT_SHORT = Text("L'outil a cessé de répondre avant la fin.", "The tool stopped answering before the end.")
_INTERNAL = Text("Erreur interne ; l'équipe Raccord en est avertie.", "Internal error; the Raccord team is told.")
_UNREACHABLE = Text("L'outil est resté injoignable 24 heures.", "The tool could not be reached for 24 hours.")
_NO_RIGHT = Text(
    "Le client de la connexion n'a plus les portées qu'il lui faut.",
    "The connection's client no longer has the scopes that it needs.",
)
_REFUSED = Text(
    "L'outil refuse les secrets de la connexion : remplacez-les.",
    "The tool refuses the connection's secrets: replace them.",
)
