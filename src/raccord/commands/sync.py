"""The commands on connections to tools: made, checked, run with live progress, decided on."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from raccord.commands.proposing import propose
from raccord.commands.running import fail, print_json, run_on, say, show_count
from raccord.settings import load_settings

if TYPE_CHECKING:
    from raccord.kernel.database import Database
    from raccord.kernel.strict_json import JsonObject
    from raccord.sync.connections import Connection
    from raccord.sync.going import Engine

T = TypeVar("T")
sync = typer.Typer(help="Connections to tools, and their synchronisations.", no_args_is_help=True)
sync.command("propose")(propose)
Name = Annotated[str, typer.Argument(help="The connection's name, or its id.")]


@sync.command("connections")
def list_all() -> None:
    """List the connections."""
    from raccord.sync.command import describe_connections

    for line in _run(describe_connections):
        print_json(line)


@sync.command("adapters")
def list_adapters() -> None:
    """List the adapters, and what each asks for."""
    from raccord.adapters.registry import ADAPTERS
    from raccord.sync.showing import show_adapter

    for manifest in ADAPTERS:
        print_json(show_adapter(manifest, "en"))


@sync.command("add")
def add_connection(
    name: Annotated[str, typer.Argument(help="The connection's name.")],
    adapter: Annotated[str, typer.Option(help="The adapter's name.")],
    source: Annotated[str, typer.Option(help="The source that its records will belong to.")],
    settings: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Its settings: JSON, or a TOML spec.")],
    secrets: Annotated[str | None, typer.Option(help="Its secrets, as a JSON file; - reads them from here.")] = None,
    schedule: Annotated[str | None, typer.Option(help="Cron of five fields, in UTC.")] = None,
    direction: Annotated[str, typer.Option(help="pull, push or both.")] = "pull",
) -> None:
    """Make a connection, for the operator's own source."""
    from raccord.sync.command import add_connection as add

    given = _read_settings(settings)
    read = _read_text(secrets) if secrets else "{}"
    asked: JsonObject = {"name": name, "adapter": adapter, "settings": given, "secrets": _read_json(read),
                         "schedule": schedule, "direction": direction}  # fmt: skip
    print_json(_run(lambda engine: add(engine, source, asked)))


@sync.command("edit")
def edit(
    name: Name,
    changes: Annotated[str, typer.Argument(help="What changes, as a JSON file (Merge Patch); - reads it from here.")],
) -> None:
    """Change a connection: its settings, secrets (all at once), schedule, `drift_policy`, state or checkpoint."""
    from raccord.sync.command import edit_connection

    patch = _read_json(_read_text(changes))
    print_json(_use(name, lambda engine, found: edit_connection(engine, found, patch)))


@sync.command("check")
def check(name: Name) -> None:
    """Ask the tool whether it answers, and the secrets open. Writes nothing."""
    from raccord.sync.command import check_connection

    typer.echo(_use(name, check_connection))


@sync.command("run")
def run(
    name: Name,
    full: Annotated[bool, typer.Option("--full", help="Read all again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change, and keep nothing.")] = False,
) -> None:
    """Run a connection here and now, or go on with a run that was stopped; tells its progress."""
    from raccord.sync.command import run_connection

    mode = "dry_run" if dry_run else "full" if full else "incremental"
    state = _use(name, lambda engine, found: run_connection(engine, found, mode))
    if state in ("failed", "waiting"):
        raise typer.Exit(1)
    if state == "asking":
        raise typer.Exit(3)


@sync.command("status")
def status(name: Name, last: Annotated[int, typer.Option(min=1, max=100, help="How many runs.")] = 5) -> None:
    """Tell the last runs of a connection."""
    from raccord.sync.command import describe_runs

    for line in _use(name, lambda engine, found: describe_runs(engine, found, last)):
        print_json(line)


@sync.command("confirm")
def confirm(
    name: Name, keep: Annotated[bool, typer.Option("--keep", help="Delete nothing, and ask no more.")] = False
) -> None:
    """Delete what a run has asked about, or keep it."""
    from raccord.sync.deciding import decide_deletions

    count = _use(name, lambda engine, found: decide_deletions(engine, found.id, is_confirmed=not keep))
    typer.echo(f"{count} records {'kept' if keep else 'deleted'}.")


@sync.command("undo")
def undo(name: Name, run_id: Annotated[UUID, typer.Argument(help="The run that deleted.")]) -> None:
    """Bring back what a run deleted, within seven days."""
    from raccord.sync.deciding import undo_deletions

    count = _use(name, lambda engine, found: undo_deletions(engine, found.id, run_id))
    typer.echo(f"{count} records brought back.")


@sync.command("replay")
def replay(
    name: Name,
    rejection: Annotated[list[UUID] | None, typer.Option("--id", help="Of these alone (repeat).")] = None,
) -> None:
    """Try again what was set aside."""
    from raccord.sync.command import replay_connection

    _use(name, lambda engine, found: replay_connection(engine, found, rejection))


@sync.command("rejections")
def save_rejections(
    name: Name, file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write, as CSV.")]
) -> None:
    """Write what is set aside as CSV, with what to do about each."""
    from raccord.sync.rejections import write_csv

    async def write(engine: Engine, found: Connection) -> None:
        with file.open("w", encoding="utf-8", newline="") as written:
            async for piece in write_csv(engine.database, found.id):
                written.write(piece)

    _use(name, write)


@sync.command("remove")
def remove(name: Name) -> None:
    """Forget a connection; the records that it wrote stay."""
    from raccord.sync.connections import delete_connection

    async def delete(engine: Engine, found: Connection) -> bool:
        async with engine.database.begin() as tx:
            await delete_connection(tx, found.id)
        return True

    say(_use(name, delete), "Forgotten.", "No such connection.")


@sync.command("reseal")
def reseal() -> None:
    """Seal all that is sealed anew under the present key, before the retired one is forgotten; goes on if stopped."""
    from raccord.sync.resealing import reseal as seal_anew

    done = _run(lambda engine: seal_anew(engine.database, engine.seals, show_count))
    typer.echo(err=True)
    typer.echo(f"{', '.join(f'{each.done} {each.name}' for each in done)} sealed anew.")
    broken = [f"{each.broken} {each.name}" for each in done if each.broken]
    if broken:
        fail(f"{', '.join(broken)} open under none of the keys given.")


def _run(action: Callable[[Engine], Awaitable[T]]) -> T:
    """Run the action with an engine of this process."""
    from raccord.adapters.registry import ADAPTERS_BY_NAME
    from raccord.kernel.logs import configure_logs
    from raccord.kernel.network_guard import NetworkGuard
    from raccord.kernel.outbound import Outbound
    from raccord.kernel.remote_hosts import SharedBook
    from raccord.kernel.seals import Seals
    from raccord.sync.going import Engine

    settings = load_settings()
    configure_logs("ERROR")

    async def act(database: Database) -> T:
        outbound = Outbound(NetworkGuard(allows_loopback=settings.outbound_loopback), SharedBook(database))
        seals = Seals(*settings.read_sealing_secrets())
        try:
            return await action(Engine(database, seals, outbound, ADAPTERS_BY_NAME, settings.sync_dir))
        finally:
            await outbound.close()

    return run_on(act)


def _use(name: str, action: Callable[[Engine, Connection], Awaitable[T]]) -> T:
    """Run the action on the connection of that name."""

    async def act(engine: Engine) -> T:
        from raccord.sync.connections import find_by_name

        found = await find_by_name(engine.database, name)
        if len(found) != 1:
            fail("No such connection." if not found else "Several connections have this name: give the id.")
        return await action(engine, found[0])

    return _run(act)


def _read_settings(file: Path) -> JsonObject:
    """Read settings; a TOML file is the spec of a `rest` connection."""
    text = file.read_text("utf-8")
    return {"spec": text} if file.suffix == ".toml" else _read_json(text)


def _read_text(place: str) -> str:
    """Read a file, or what is typed or piped: secrets are no arguments, which others of the machine see."""
    return sys.stdin.read() if place == "-" else Path(place).read_text("utf-8")


def _read_json(text: str) -> JsonObject:
    try:
        value = json.loads(text)
    except ValueError:
        fail("Not JSON.")
    if not isinstance(value, dict):
        fail("A JSON object is expected.")
    return value
