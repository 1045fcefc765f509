"""How a command runs: on the database, in one transaction, and what it tells the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from raccord.settings import Settings, load_settings

if TYPE_CHECKING:
    from raccord.kernel.database import Database, Transaction
    from raccord.kernel.keys import Keys

T = TypeVar("T")


def change(action: Callable[[Transaction, Keys], Awaitable[T]]) -> T:
    """Run the action in one transaction."""
    from raccord.kernel.keys import Keys

    keys = Keys(load_settings().read_secret())

    async def run(database: Database) -> T:
        async with database.begin() as tx:
            return await action(tx, keys)

    return run_on(run)


def run_on(action: Callable[[Database], Awaitable[T]], *, is_owner: bool = False) -> T:
    """Run the action on the database, as the application or as its owner."""
    from raccord.kernel.database import Database
    from raccord.serving import reach_database

    settings: Settings = load_settings()

    async def run(url: str) -> T:
        database = Database(url, size=4, is_pooled=settings.has_pooler)
        await database.open()
        try:
            return await action(database)
        finally:
            await database.close()

    with reach_database(settings) as urls:
        return asyncio.run(run(urls.owner if is_owner else urls.app))


def print_json(value: object) -> None:
    """Print a line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def show_count(name: str, count: int) -> None:
    """Show how far something has come."""
    show(f"{name}: {count}")


def show(progress: str) -> None:
    """Show progress on one line of a terminal."""
    typer.echo(f"\r{progress}", nl=False, err=True)


def say(is_done: bool, done: str, not_done: str) -> None:  # an outcome, not an option
    """Say what became of it; fail where it was not done."""
    if not is_done:
        fail(not_done)
    typer.echo(done)


def fail(message: str) -> NoReturn:
    """Say what is wrong in one line, and stop."""
    typer.echo(message, err=True)
    raise SystemExit(2)
