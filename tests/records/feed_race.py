"""The parts of a race for the change feed: writers, rival sequencers, their killer, a reader."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from raccord.access.row_security import enter_as_client, see_everything
from raccord.kernel.database import Database, Transaction
from raccord.records.changes import CHANGE_TYPES, read_changes, sequence_changes
from raccord.records.kind import Kind
from raccord.records.store import Put, Writer, put_many
from raccord.resources.people.kind import PEOPLE
from raccord.resources.structures.kind import STRUCTURES

WRITER = Writer("course", "course", "course")
RACED = (STRUCTURES, PEOPLE)
Seen = tuple[str, UUID, int]


class AbandonedError(Exception):
    """A writer changes its mind after having written."""


@dataclass
class Race:
    """One race: a seed, a database, what everybody has to know of the others."""

    url: str
    structure_id: UUID
    rng: random.Random
    is_written: asyncio.Event = field(default_factory=asyncio.Event)
    sequencer_pids: dict[int, int] = field(default_factory=dict)
    kills: int = 0
    rollbacks: int = 0

    def make_put(self, kind: Kind, name: str) -> Put:
        """Make a record that always says something new."""
        number = self.rng.randrange(10**9)
        if kind is STRUCTURES:
            body: dict[str, object] = {"kind": "ACI", "name": f"Structure {number}"}
        else:
            body = {
                "first_name": f"Prénom {number}",
                "last_name": "Exemple",
                "birth_date": "1990-01-01",
                "managing_structure_id": str(self.structure_id),
            }
        return Put(name, json.dumps(body).encode())

    async def write(self, database: Database, turns: int) -> None:
        """Write small batches on shared records, pause before each commit, give up one in ten."""
        for _ in range(turns):
            kind = self.rng.choice((STRUCTURES, STRUCTURES, PEOPLE))
            names = self.rng.sample(range(25), self.rng.randint(1, 3))
            puts = [self.make_put(kind, f"R-{name}") for name in names]
            with suppress(AbandonedError):
                async with database.begin() as tx:
                    await _put_all(tx, kind, puts)
                    await asyncio.sleep(self.rng.uniform(0, 0.02))
                    if self.rng.random() < 0.1:
                        self.rollbacks += 1
                        raise AbandonedError

    async def write_bulk(self, database: Database) -> None:
        """Write many records of its own in one transaction that stays open for a second."""
        async with database.begin() as tx:
            puts = [self.make_put(STRUCTURES, f"B-{number}") for number in range(150)]
            await _put_all(tx, STRUCTURES, puts)
            await asyncio.sleep(1.0)

    async def sequence(self, number: int) -> None:
        """Sequence until all is written; any error means: connect again."""
        while not self.is_written.is_set():
            database = Database(self.url, size=1)
            backend = await find_backend(database)
            self.sequencer_pids[number] = backend.get_server_pid()
            try:
                while not self.is_written.is_set():
                    await sequence_changes(database, batch=self.rng.randint(1, 40))
                    await asyncio.sleep(self.rng.uniform(0, 0.01))
            except Exception:
                continue  # the point: nothing that happens to it may matter
            finally:
                # A killed one may look open for ever: it is dropped and not asked to close.
                backend.terminate()
                with suppress(Exception):
                    await database.close()

    async def kill_sequencers(self, database: Database) -> None:
        """Terminate the connection of one sequencer after another."""
        while not self.is_written.is_set():
            await asyncio.sleep(self.rng.uniform(0.02, 0.1))
            if self.sequencer_pids:
                pid = self.rng.choice(list(self.sequencer_pids.values()))
                async with database.begin() as tx:
                    rows = await tx.fetch("SELECT pg_terminate_backend($1) AS is_sent", pid)
                self.kills += rows[0]["is_sent"]


class PositionReader:
    """A reader that walks the log by position, a few changes at a time, as one client."""

    def __init__(self, database: Database, client_id: UUID, limit: int = 7) -> None:
        self._database, self._client_id, self._limit = database, client_id, limit
        self.position = 0
        self.positions: list[int] = []
        self.seen: list[Seen] = []

    async def read_page(self) -> bool:
        """Read one page; returns whether the end was reached."""
        async with self._database.begin() as tx:
            await enter_as_client(tx, self._client_id)
            kinds = [kind.name for kind in RACED]
            page = await read_changes(tx, self.position, self._limit, kinds, CHANGE_TYPES, window=20)
        assert page.position >= self.position
        self.position = page.position
        self.positions += [position for position, _, _ in page.changes]
        self.seen += [(change.kind, change.record_id, change.version) for _, _, change in page.changes]
        return page.is_caught_up

    async def read_on(self) -> None:
        """Read to the present end."""
        while not await self.read_page():
            pass

    async def follow(self, is_written: asyncio.Event) -> None:
        """Read while others write."""
        while not is_written.is_set():
            if await self.read_page():
                await asyncio.sleep(0.005)


async def list_written(database: Database, kinds: Sequence[Kind] = RACED) -> list[Seen]:
    """List what the feed must tell, from the records alone: each version of each of them, once."""
    written: list[Seen] = []
    async with database.begin() as tx, see_everything(tx):
        for kind in kinds:
            rows = await tx.fetch(f"SELECT id, version FROM {kind.name}")
            written += [(kind.name, row["id"], v + 1) for row in rows for v in range(row["version"])]
    return written


async def find_backend(database: Database) -> asyncpg.Connection[asyncpg.Record]:
    """Find the driver's connection of a database that has a single one."""
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, asyncpg.Connection)
    return driver


async def wait_for_lock(
    watcher: asyncpg.Connection[asyncpg.Record], pid: int | None = None, *, waiting: int = 1
) -> None:
    """Wait until this backend, or so many of the database, wait for a lock."""
    for _ in range(4000):
        found = await watcher.fetchval(
            "SELECT count(DISTINCT pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "WHERE NOT granted AND a.datname = current_database() AND ($1::int IS NULL OR pid = $1)",
            pid,
        )
        if found >= waiting:
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nobody waits for a lock")


async def _put_all(tx: Transaction, kind: Kind, puts: list[Put]) -> None:
    for outcome in await put_many(tx, kind, WRITER, puts):
        assert outcome.status in ("created", "updated"), outcome
