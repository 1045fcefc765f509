"""Connections as the command line handles them: made, checked, run with live progress, told."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from typing import cast
from uuid import UUID

from raccord.adapters.contract import Broken, CredentialsRefused, Manifest, TryLater
from raccord.kernel.clock import read_now
from raccord.kernel.database import Row
from raccord.kernel.errors import InvalidContentError, NotFoundError
from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import Text
from raccord.kernel.validation import validate_content
from raccord.sync import connections, ledger
from raccord.sync.connections import Connection, Order
from raccord.sync.editing import read_edit, save_edit
from raccord.sync.going import Engine
from raccord.sync.ledger import Mode
from raccord.sync.replaying import plan_replay
from raccord.sync.runner import build_adapter, run_sync
from raccord.sync.shapes import ConnectionInput
from raccord.sync.showing import measure_rate, show_connection, show_run

_REPORT_EVERY_S = 0.5
# Longer than this nobody sits before a terminal: the worker goes on.
_LONGEST_WAIT_S = 300.0
Tell = Callable[[str], None]


async def describe_connections(engine: Engine) -> list[JsonObject]:
    """List every connection as the API shows it."""
    return [show_connection(engine.seals, each) for each in await connections.list_connections(engine.database)]


async def add_connection(engine: Engine, source: str, asked: JsonObject) -> JsonObject:
    """Make a connection of an operator's source.

    Errors: InvalidContentError, ConflictError.
    """
    order = validate_content(ConnectionInput, dump_json(asked))
    manifest = engine.adapters.get(order.adapter)
    if manifest is None:
        message = Text("Adaptateur inconnu.", f"Unknown adapter; one of: {', '.join(engine.adapters)}.")
        raise InvalidContentError(message, [FieldError("pointer", "/adapter", "unknown_code", message)])
    _check_addresses(engine, manifest, order.settings)
    plain = {name: getattr(order, name) for name in ConnectionInput.model_fields if name != "adapter"}
    async with engine.database.begin() as tx:
        made = await connections.add_connection(tx, engine.seals, manifest, Order(source=source, **plain))
    return show_connection(engine.seals, made)


async def edit_connection(engine: Engine, connection: Connection, patch: JsonObject) -> JsonObject:
    """Change a connection, whoever made it; secrets that are given replace all those before.

    Errors: NotFoundError, InvalidContentError, ConflictError.
    """
    async with engine.database.begin() as tx:
        found = await connections.find_connection(tx, connection.id, is_locked=True)
        if found is None:
            raise NotFoundError
        manifest, edit = engine.adapters[found.adapter], read_edit(found, patch)
        if edit.settings != found.settings:
            _check_addresses(engine, manifest, edit.settings)
        await save_edit(tx, engine.seals, manifest, found, edit)
        changed = await connections.find_connection(tx, connection.id)
    assert changed is not None
    return show_connection(engine.seals, changed)


def _check_addresses(engine: Engine, manifest: Manifest, settings: dict[str, object]) -> None:
    checked = connections.check_settings(manifest, cast("JsonObject", settings))
    connections.check_addresses(manifest, checked, engine.outbound.guard)


async def check_connection(engine: Engine, connection: Connection) -> str:
    """Ask the tool whether it answers; returns what is to be told."""
    try:
        _, adapter = build_adapter(engine, connection, engine.outbound)
        await adapter.check()
    except TryLater as error:
        return f"The tool cannot answer now: {error}."
    except CredentialsRefused:
        return "The tool refuses the secrets."
    except Broken as error:
        return f"Broken: {error.reason.en}"
    return "The tool answers, and the secrets open."


async def describe_runs(engine: Engine, connection: Connection, last: int) -> list[JsonObject]:
    """List the last runs of a connection as the API shows them."""
    return [show_run(row, "en") for row in await ledger.list_runs(engine.database, connection.id, None, last)]


async def run_connection(engine: Engine, connection: Connection, mode: str, tell: Tell | None = None) -> str:
    """Run the connection, or what was left of its last run, or watch the worker at it; returns the run's state."""
    tell = tell or _tell
    found = await ledger.find_open_run(engine.database, connection.id)
    if found is not None and found["is_held"]:
        tell("A worker is at it.\n")
        return await _watch(engine, found, tell)
    if found is not None:
        tell(f"Going on with the {found['mode']} run of {found['created_at']:%d/%m %H:%M}.\n")
        run_id: UUID = found["id"]
    else:
        async with engine.database.begin() as tx:
            run_id = await ledger.open_run(tx, connection.id, cast("Mode", mode))
    return await _run(engine, connection, run_id, tell)


async def replay_connection(engine: Engine, connection: Connection, ids: list[UUID] | None) -> str:
    """Try again what is set aside."""
    async with engine.database.begin() as tx:
        run_id = await ledger.open_run(tx, connection.id, "replay", plan_replay(ids))
    return await _run(engine, connection, run_id, _tell)


async def _run(engine: Engine, connection: Connection, run_id: UUID, tell: Tell) -> str:
    while True:
        await run_sync(engine, run_id, report=_show_progress(tell))
        row = await _read(engine, connection.id, run_id)
        wait_s = (row["resume_at"] - read_now()).total_seconds() if row["resume_at"] is not None else 0.0
        if row["state"] != "waiting" or wait_s > _LONGEST_WAIT_S:
            tell(_summarise(row))
            return str(row["state"])
        tell(f"\nThe tool asks to wait {wait_s:.0f} s.\n")
        await asyncio.sleep(max(wait_s, 0.1))


async def _watch(engine: Engine, row: Row, tell: Tell) -> str:
    while row["finished_at"] is None:
        tell(_write_counts({name: row[f"{name}_count"] for name in ledger.COUNTED}, measure_rate(row)))
        await asyncio.sleep(_REPORT_EVERY_S)
        row = await _read(engine, row["connection_id"], row["id"])
    tell(_summarise(row))
    return str(row["state"])


async def _read(engine: Engine, connection_id: UUID, run_id: UUID) -> Row:
    row = await ledger.read_run(engine.database, connection_id, run_id)
    if row is None:
        raise NotFoundError
    return row


def _show_progress(tell: Tell) -> Callable[[Mapping[str, int]], None]:
    """Make what tells the progress, a few times a second at most; on a terminal in one line that changes."""
    started = shown = time.monotonic()

    def show(counts: Mapping[str, int]) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= _REPORT_EVERY_S:
            shown = now
            tell(_write_counts(counts, counts.get("seen", 0) / (now - started)))

    return show


def _write_counts(counts: Mapping[str, int], rate: float) -> str:
    written = counts.get("created", 0) + counts.get("updated", 0)
    told = f"{counts.get('seen', 0)} seen, {written} written, {counts.get('unchanged', 0)} unchanged, "
    told += f"{counts.get('rejected', 0)} set aside ({rate:.0f}/s)   "
    return f"\r{told}" if sys.stderr.isatty() else f"{told}\n"


def _summarise(row: Row) -> str:
    shown = show_run(row, "en")
    counts = ", ".join(f"{row[f'{name}_count']} {name}" for name in ledger.COUNTED if row[f"{name}_count"])
    lines = [f"\n{row['state']}: {counts or 'nothing'} ({shown['seen_per_s']}/s)."]
    if row["failure_en"]:
        lines.append(f"{row['failure_code']}: {row['failure_en']}")
    if row["state"] == "asking":
        lines.append(f"{shown['pending_deletions_count']} deletions wait: raccord sync confirm, or confirm --keep.")
    differences = shown["differences"]
    if isinstance(differences, list):
        lines.extend(_write_difference(each) for each in differences if isinstance(each, dict))
    return "\n".join(lines) + "\n"


def _write_difference(difference: JsonObject) -> str:
    fields = difference["fields"]
    names = [str(field["name"]) for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []
    about = f"{difference['code']} {difference['pointer'] or ''}" if difference["code"] else ", ".join(names[:8])
    return f"  {difference['status']:<8} {difference['kind']} {difference['external_id']}: {about}"


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
