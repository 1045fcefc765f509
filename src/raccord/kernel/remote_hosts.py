"""What is known of the systems that we call, by all processes together: calls made, waits asked for, failures.

It stands in the database, by its clock. Each question is one statement and a transaction of its own: no process holds
a host's row while it does something else, so one that hangs or is killed keeps no other from calling.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from sqlalchemy import ARRAY, Column, DateTime, Double, Integer, Table, Text, text

from raccord.kernel.consequences import TryLater
from raccord.kernel.database import Database, Row, Transaction
from raccord.kernel.response_rules import MAX_WAIT_S
from raccord.kernel.tables import metadata

LOST_AFTER = 5
FIRST_PAUSE_S = 30.0
MAX_PAUSE_S = 600.0
# Above so many calls in a window they are counted by blocks, each as if all of it were made with its last call.
MAX_BLOCKS = 100
# A smaller budget that nobody has declared for so long, or for its own window, holds no more.
DECLARED_FOR_S = 3_600.0
Sleep = Callable[[float], Awaitable[None]]

remote_hosts = Table(
    "remote_hosts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("per_s", Double, nullable=False),
    Column("declared_at", DateTime(timezone=True), nullable=False),
    Column("block_ends", ARRAY(DateTime(timezone=True)), nullable=False, server_default=text("'{}'")),
    Column("block_counts", ARRAY(Integer), nullable=False, server_default=text("'{}'")),
    Column("not_before", DateTime(timezone=True)),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    comment="Systems that we call: the budget that holds, the calls of its window by blocks, failures in a row.",
)


@dataclass(frozen=True)
class Budget:
    """How often a host may be called.

    Shape: never more than `calls` in any `per_s` seconds by all processes together; `concurrency` at once by each.
    """

    calls: int = 10
    per_s: float = 1.0
    concurrency: int = 4


@dataclass(frozen=True)
class Leave:
    """Whether a call may be made now: it is counted if `wait_s` is 0. `failures` is how many in a row there were."""

    wait_s: float
    failures: int


class HostBook(Protocol):
    """What is known of remote hosts, by name."""

    async def take_call(self, name: str, budget: Budget) -> Leave:
        """Count a call if the budget and the waits asked for allow it now; else tell how long to wait."""

    async def hold_back(self, name: str, wait_s: float) -> None:
        """Let nobody call the host for a time."""

    async def add_failure(self, name: str) -> int:
        """Count a failure; after each LOST_AFTER in a row the host is left alone for a time that doubles.

        Shape: the failures in a row; 0 where it did not count, because the host was being left alone already.
        """

    async def forget_failures(self, name: str) -> int:
        """Forget the failures in a row; returns how many they were, 0 to all but one of those who ask."""


class SharedBook:
    """The book of all processes. `now` stands in for the database's clock in tests, as seconds since 1970."""

    def __init__(self, database: Database, *, now: Callable[[], float] | None = None) -> None:
        self._database = database
        self._now = now

    async def take_call(self, name: str, budget: Budget) -> Leave:
        """Count a call, or tell how long to wait."""
        declared = (budget.calls, budget.per_s)
        while not (rows := await self._ask(_TAKE_CALL, name, *declared, DECLARED_FOR_S, MAX_BLOCKS)):
            await self._ask(_ADD_HOST, name, *declared)
        return Leave(rows[0]["wait_s"], rows[0]["failures"])

    async def hold_back(self, name: str, wait_s: float) -> None:
        """Let nobody call the host for a time."""
        await self._ask(_HOLD_BACK, name, wait_s)

    async def add_failure(self, name: str) -> int:
        """Count a failure."""
        rows = await self._ask(_ADD_FAILURE, name, LOST_AFTER, FIRST_PAUSE_S, MAX_PAUSE_S)
        return int(rows[0]["failures"]) if rows else 0

    async def forget_failures(self, name: str) -> int:
        """Forget the failures in a row."""
        rows = await self._ask(_FORGET_FAILURES, name)
        return int(rows[0]["failures"]) if rows else 0

    async def _ask(self, sql: str, name: str, *values: object) -> Sequence[Row]:
        now = self._now() if self._now is not None else None
        return await self._database.fetch_alone(sql, name, now, *values)


@dataclass
class Host:
    """One remote host, as this process calls it."""

    name: str
    book: HostBook
    sleep: Sleep
    concurrency: int
    _places: asyncio.Semaphore = field(init=False)
    _gate: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.concurrency)

    @asynccontextmanager
    async def take_place(self, budget: Budget) -> AsyncIterator[Leave]:
        """Wait until the host may be called, and hold one of the places.

        Errors: TryLater if that is not within MAX_WAIT_S.
        """
        async with self._places:
            # One asks for all who wait here, or each would ask at the same instant, in every process.
            async with self._gate:
                while (leave := await self.book.take_call(self.name, budget)).wait_s > 0:
                    if leave.wait_s > MAX_WAIT_S:
                        raise TryLater(leave.wait_s, f"{self.name} is not to be called yet")
                    await self.sleep(leave.wait_s)
            yield leave

    async def note_failure(self) -> None:
        """Count a failure; tell once, for all processes, that the host is lost."""
        if await self.book.add_failure(self.name) == LOST_AFTER:
            structlog.get_logger().warning("remote host lost", host=self.name)

    async def note_success(self, leave: Leave) -> None:
        """Forget the failures, where there were any; tell once that the host is back."""
        if leave.failures and await self.book.forget_failures(self.name) >= LOST_AFTER:
            structlog.get_logger().info("remote host back", host=self.name)


async def drop_old_hosts(tx: Transaction) -> None:
    """Forget the hosts that nobody has called for a week: no window and no wait is longer."""
    await tx.fetch("DELETE FROM remote_hosts WHERE declared_at < now() - interval '7 days'")


# In all of them $1 is the host and $2 the instant, if it is not the database's own.
_ADD_HOST = """
INSERT INTO remote_hosts (name, declared_at, calls, per_s)
VALUES ($1, coalesce(to_timestamp($2::double precision), clock_timestamp()), $3, $4)
ON CONFLICT (name) DO NOTHING
"""

_HOST = """
WITH host AS MATERIALIZED (
    SELECT * FROM remote_hosts WHERE name = $1 FOR UPDATE
), asked AS MATERIALIZED (
    -- The clock is read once the row is held, and not when the statement began to wait for it.
    SELECT host.*, coalesce(to_timestamp($2::double precision), clock_timestamp()) AS now,
        -- Nobody waits for a disk: a crash of the database can lose the last half second of calls.
        set_config('synchronous_commit', 'off', true)
    FROM host
)
"""

_TAKE_CALL = (
    _HOST  # noqa: S608 - two constants
    + """, ruled AS MATERIALIZED (
    SELECT name, now, not_before, failures, block_ends, block_counts,
        CASE WHEN is_held THEN calls ELSE $3::int END AS calls,
        CASE WHEN is_held THEN per_s ELSE $4::double precision END AS per_s,
        CASE WHEN is_held THEN declared_at ELSE now END AS declared_at
    FROM asked, LATERAL (
        SELECT calls / per_s < $3::int / $4::double precision
            AND declared_at > now - make_interval(secs => greatest(per_s, $5::double precision)) AS is_held
    ) budget
), kept AS MATERIALIZED (
    SELECT ruled.*, ends, counts, cardinality(ends) AS size,
        coalesce(counts[cardinality(counts)] < ceil(calls / $6::double precision), false) AS is_open,
        greatest(
            CASE WHEN total >= calls THEN ends[1] + make_interval(secs => per_s) END, not_before, now
        ) AS free_at
    FROM ruled, LATERAL (
        -- A clock that was set back left calls in the future: they count from now.
        SELECT coalesce(array_agg(least(block_end, now) ORDER BY place), '{}') AS ends,
            coalesce(array_agg(count ORDER BY place), '{}') AS counts, coalesce(sum(count), 0) AS total
        FROM unnest(block_ends, block_counts) WITH ORDINALITY AS block (block_end, count, place)
        WHERE block_end > now - make_interval(secs => per_s)
    ) blocks
), taken AS (
    UPDATE remote_hosts SET calls = kept.calls, per_s = kept.per_s, declared_at = kept.declared_at,
        block_ends = ends[1 : size - is_open::int] || now,
        block_counts = CASE WHEN is_open THEN counts[1 : size - 1] || counts[size] + 1 ELSE counts || 1 END
    FROM kept WHERE remote_hosts.name = kept.name AND free_at <= now
)
SELECT extract(epoch FROM free_at - now)::double precision AS wait_s, failures FROM kept
"""
)

_HOLD_BACK = (
    _HOST
    + """
UPDATE remote_hosts SET not_before = greatest(asked.not_before, now + make_interval(secs => $3::double precision))
FROM asked WHERE remote_hosts.name = asked.name
"""
)

# The exponent is bounded, above where the pause no longer grows: an outage may last for thousands of failures.
_ADD_FAILURE = (
    _HOST
    + """
UPDATE remote_hosts SET failures = asked.failures + 1,
    not_before = CASE WHEN (asked.failures + 1) % $3::int <> 0 THEN asked.not_before
        ELSE now + make_interval(secs => least($5, $4::double precision * 2 ^ least(asked.failures / $3::int, 10))) END
FROM asked WHERE remote_hosts.name = asked.name AND coalesce(asked.not_before <= now, true)
RETURNING remote_hosts.failures
"""
)

_FORGET_FAILURES = (
    _HOST
    + """
UPDATE remote_hosts SET failures = 0
FROM asked WHERE remote_hosts.name = asked.name AND asked.failures > 0 RETURNING asked.failures
"""
)
