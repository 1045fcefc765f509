"""The proof that the change feed misses nothing: a race with rivals, rollbacks and kills; a move to a new cluster."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from raccord.access.row_security import see_everything
from raccord.app import create_app
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import run_cluster
from raccord.kernel.embedded_setup import Layout, find_programs
from raccord.records.changes import sequence_changes
from raccord.records.store import Put, Writer, put_one
from raccord.resources.structures.kind import STRUCTURES
from raccord.settings import Settings
from tests.conftest import FAST
from tests.partners import Partner, Partners
from tests.records.feed_race import PositionReader, Race, find_backend, list_written, wait_for_lock


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """A second process's way into the database."""
    opened = Database(database_url, size=15)
    yield opened
    await opened.close()


async def test_every_committed_change_is_read_exactly_once_in_order(
    partners: Partners, database: Database, other: Database, database_url: str
) -> None:
    partner = await partners.add("lecteur", kind="ML")
    race = Race(database_url, UUID(partner.structure_id), random.Random(2026))
    reader = PositionReader(database, partner.client_id)

    await run_race(race, other, reader)

    expected = Counter(await list_written(database))
    assert race.rollbacks > 0
    assert race.kills > 0
    assert Counter(reader.seen) == expected
    assert set(expected.values()) == {1}
    assert await list_positions(database) == list(range(1, len(expected) + 1))
    assert reader.positions == list(range(1, len(expected) + 1))
    assert find_disorder(reader) == []


async def run_race(race: Race, other: Database, reader: PositionReader) -> None:
    """Let all run until the writers have written; then let the reader read on to the end."""
    async with asyncio.TaskGroup() as around:
        around.create_task(race.kill_sequencers(other))
        around.create_task(reader.follow(race.is_written))
        for number in range(3):
            around.create_task(race.sequence(number))
        async with asyncio.TaskGroup() as writing:
            writing.create_task(race.write_bulk(other))
            for _ in range(8):
                writing.create_task(race.write(other, turns=45))
        race.is_written.set()
    while await sequence_changes(other):
        pass
    await reader.read_on()


def find_disorder(reader: PositionReader) -> list[tuple[str, UUID]]:
    """Find the records whose versions were not read as 1, 2, 3 and so on."""
    versions: defaultdict[tuple[str, UUID], list[int]] = defaultdict(list)
    for kind, record_id, version in reader.seen:
        versions[kind, record_id].append(version)
    return [key for key, read in versions.items() if any(b != a + 1 for a, b in pairwise([0, *read]))]


async def list_positions(database: Database) -> list[int]:
    """List the positions of the whole log."""
    async with database.begin() as tx, see_everything(tx):
        return [row["position"] for row in await tx.fetch("SELECT position FROM change_log ORDER BY position")]


async def test_a_sequencer_killed_in_the_middle_of_a_move_loses_and_doubles_nothing(
    partners: Partners, database: Database, other: Database, owner_url: str, database_url: str
) -> None:
    await add_structures(partners, 5)
    victim = Database(database_url, size=1)
    owner = await asyncpg.connect(owner_url.replace("+asyncpg", ""))
    backend = await find_backend(victim)
    pid = backend.get_server_pid()
    # The move has taken the head and emptied the inbox, and waits here to write to the log.
    async with owner.transaction():
        await owner.execute("LOCK TABLE change_log IN SHARE MODE")
        moving = asyncio.create_task(sequence_changes(victim))
        await wait_for_lock(owner, pid)

        assert await sequence_changes(other) == 0
        async with other.begin() as tx:
            await tx.fetch("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(DBAPIError):
            await moving
    await owner.close()
    backend.terminate()
    with suppress(Exception):
        await victim.close()

    assert await sequence_changes(other) == 5
    assert await list_positions(database) == [1, 2, 3, 4, 5]


async def add_structures(partners: Partners, count: int) -> None:
    """Write structures, each a change."""
    for _ in range(count):
        await partners.add_structure()


ReadNew = Callable[[], Awaitable[set[str]]]


def read_by_time(database: Database) -> ReadNew:
    """Make a naive reader: what was updated after the last instant seen."""
    last = {"at": None}

    async def read_new() -> set[str]:
        rows = await database.fetch(
            "SELECT external_id, updated_at FROM structures WHERE $1::timestamptz IS NULL OR updated_at > $1 "
            "ORDER BY updated_at",
            last["at"],
        )
        last["at"] = rows[-1]["updated_at"] if rows else last["at"]
        return {row["external_id"] for row in rows}

    return read_new


def read_by_serial(database: Database) -> ReadNew:
    """Make a naive reader: what has a number, taken when the row was inserted, above the last one seen."""
    last = {"id": 0}

    async def read_new() -> set[str]:
        rows = await database.fetch(
            "SELECT i.id, s.external_id FROM change_inbox i JOIN structures s ON s.id = i.record_id "
            "WHERE i.id > $1 ORDER BY i.id",
            last["id"],
        )
        last["id"] = rows[-1]["id"] if rows else last["id"]
        return {row["external_id"] for row in rows}

    return read_new


def read_by_position(database: Database) -> ReadNew:
    """Make the reader of the feed."""
    reader = PositionReader(database, UUID(int=0))

    async def read_new() -> set[str]:
        await sequence_changes(database)
        before = len(reader.seen)
        await reader.read_on()
        ids = [record_id for _, record_id, _ in reader.seen[before:]]
        rows = await database.fetch("SELECT external_id FROM structures WHERE id = ANY ($1::uuid[])", ids)
        return {row["external_id"] for row in rows}

    return read_new


@pytest.mark.parametrize(
    ("make_reader", "lost"),
    [(read_by_time, {"slow"}), (read_by_serial, {"slow"}), (read_by_position, set())],
)
async def test_a_naive_cursor_loses_what_commits_late_and_the_feed_does_not(
    database: Database, make_reader: Callable[[Database], ReadNew], lost: set[str]
) -> None:
    read_new = make_reader(database)
    async with database.begin() as slow:
        await put_one(slow, STRUCTURES, Writer("s", "s", "t"), make_put("slow"))
        async with database.begin() as quick:
            await put_one(quick, STRUCTURES, Writer("s", "s", "t"), make_put("quick"))
        read = await read_new()

    read |= await read_new()

    assert {"slow", "quick"} - read == lost


def make_put(name: str) -> Put:
    """Make a structure of this name."""
    return Put(name, json.dumps({"kind": "ACI", "name": f"Structure {name}"}).encode())


async def test_a_reader_continues_with_its_cursor_in_a_fresh_cluster(
    partners: Partners, owner_url: str, settings: Settings, tmp_path: Path
) -> None:
    reader = await partners.add("lecteur", kind="ML")
    person = await reader.add_person()
    await add_structures(partners, 6)
    first = (await reader.get("/v1/changes?limit=5")).json()
    rest, _ = await reader.read_feed(first["next_cursor"])
    # These are committed and not yet numbered when the copy is taken.
    await reader.add_person(first_name="Claude")
    await add_structures(partners, 2)

    with run_cluster(tmp_path / "fresh", settings=FAST) as fresh:
        copy_database(owner_url, fresh.url(role="owner"), tmp_path / "dump.sql")
        async with serve(settings, fresh.url()) as (app, http):
            moved = Partner(http, **{n: v for n, v in vars(reader).items() if n != "http"})
            after, cursor = await moved.read_feed(first["next_cursor"])
            there = Partners(http, app.state.database, app.state.keys)
            await there.add_structure(siret=None)
            await moved.add_person(first_name="Dominique")
            new, _ = await moved.read_feed(cursor)

    assert after[: len(rest)] == rest
    assert [change["kind"] for change in after[len(rest) :]] == ["people", "structures", "structures"]
    assert [(change["kind"], change["version"]) for change in new] == [("structures", 2), ("people", 3)]
    assert new[-1]["id"] == person["id"]


@asynccontextmanager
async def serve(settings: Settings, url: str) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """Serve the API on the database."""
    app = create_app(settings, url)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://raccord.test") as http:
            yield app, http


def copy_database(source: str, target: str, dump: Path) -> None:
    """Copy a database as an administrator does, with pg_dump and psql, as the owner of both."""
    folder = find_programs(Layout(dump.parent)).folder
    options = ["--enable-row-security", "--no-comments", "--file", str(dump)]
    run_as_owner([str(folder / "pg_dump"), *options], source)
    run_as_owner([str(folder / "psql"), "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(dump)], target)


def run_as_owner(command: list[str], url: str) -> None:
    """Run a PostgreSQL program on the database, for all rows and not for those of some client."""
    address = make_url(url)
    environment = {
        "PATH": os.environ["PATH"],
        "PGHOST": str(address.query["host"]),
        "PGDATABASE": str(address.database),
        "PGUSER": str(address.username),
        "PGPASSWORD": str(address.password),
        "PGOPTIONS": "-c raccord.is_system=on -c client_min_messages=error",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
