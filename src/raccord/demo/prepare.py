"""Prepare the demo's database: migrate it, load the world into it, register the partners."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from raccord.adapters.registry import ADAPTERS_BY_NAME
from raccord.demo.clients import add_clients, renew_credentials, write_credentials
from raccord.demo.load import WorldLoader
from raccord.demo.tools import connect_tools
from raccord.demo.world import build_world
from raccord.kernel.clock import read_today
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster
from raccord.kernel.keys import Keys
from raccord.kernel.schema import migrate, read_code_revision
from raccord.kernel.seals import Seals
from raccord.reference.loading import install_shipped_lists
from raccord.settings import Settings


async def prepare_demo(settings: Settings, cluster: Cluster, path: Path, say: Callable[[str], None]) -> None:
    """Do what has not been done yet: the schema, the lists, the world, the credentials' file."""
    database = Database(cluster.url(role="app"), size=2)
    await database.open()
    try:
        if not await _is_migrated(database):
            say("Migrating…")
            await asyncio.to_thread(migrate, cluster.url(role="owner"))
        await install_shipped_lists(cluster.url(role="owner"))
        if not await database.fetch("SELECT 1 FROM oauth_clients LIMIT 1"):
            say("Loading the demo world (synthetic data)…")
            await _load(settings, database, path)
        elif not await asyncio.to_thread(path.exists):
            async with database.begin() as tx:
                renewed = await renew_credentials(tx, Keys(settings.read_secret()))
            write_credentials(path, settings.base_url, renewed)
    finally:
        await database.close()


async def connect_demo_tools(settings: Settings, cluster: Cluster, port: int) -> None:
    """Connect the demo's tools, which listen on the port."""
    database = Database(cluster.url(role="app"), size=1)
    try:
        async with database.begin() as tx:
            await connect_tools(tx, Seals(*settings.read_sealing_secrets()), ADAPTERS_BY_NAME, port)
    finally:
        await database.engine.dispose()


async def _is_migrated(database: Database) -> bool:
    if not (await database.fetch("SELECT to_regclass('alembic_version') IS NOT NULL AS is_there"))[0]["is_there"]:
        return False
    rows = await database.fetch("SELECT version_num FROM alembic_version")
    return [row["version_num"] for row in rows] == [read_code_revision()]


async def _load(settings: Settings, database: Database, path: Path) -> None:
    world = build_world(today=read_today())
    async with database.begin() as tx:
        loader = WorldLoader(tx, world, read_today(), _report_progress)
        await loader.load()
        credentials = await add_clients(tx, Keys(settings.read_secret()), world, loader.structures)
    write_credentials(path, settings.base_url, credentials)


def _report_progress(what: str, done: int, total: int) -> None:
    # A terminal sees one line move; a file gets one line for each kind, when it is done.
    if sys.stdout.isatty():
        print(f"\r  {what}: {done}/{total}", end="\n" if done == total else "", flush=True)
    elif done == total:
        print(f"  {what}: {total}", flush=True)
