"""The door to PostgreSQL: one engine for transactions, one plain pool for reads of what is open to all.

What is said in one statement and is nobody else's business (`fetch_alone`) is a transaction of its own.

SQL is written with $1, $2 … and run by `fetch`: the same text serves a transaction and the readers' pool.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any, Protocol, cast

import asyncpg
from sqlalchemy.engine import CursorResult, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

# A row by column name. Values come typed from PostgreSQL; the reader of a row knows its columns.
Row = Mapping[str, Any]
# How long a request waits for a connection before it is told to come back.
WAIT_S = 10
# Of queries planned once, a process has no more at once, and the others wait their turn: that keeps two processors
# busy, and with ten at once all were later (p95 of a search 28 ms, with four 25).
ONCE_AT_ONCE = 4
# Of each connection, by the text of the statement; a plan that is kept takes some hundred kilobytes of the server.
STATEMENTS_KEPT = 200
_TIMEOUTS = {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s", "lock_timeout": "10s"}


class PlanMode(Enum):
    """How PostgreSQL plans the queries of a pool: as it chooses, anew for each query's values, or once for all values.

    ANEW is for what is planned one way for rare values and another for common ones; ONCE, for what has one good plan.
    """

    USUAL = "auto"
    ANEW = "force_custom_plan"
    ONCE = "force_generic_plan"


class Reader(Protocol):
    """Anything that answers a query: the readers' pool, or an open transaction."""

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        """Run the query and return its rows."""


class Transaction:
    """An open transaction, by the session that holds it."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        """Run the statement in the transaction and return its rows, if it has any."""
        connection = await self.session.connection()
        return _read_rows(await connection.exec_driver_sql(sql, values), sql)

    async def set_local(self, name: str, value: str) -> None:
        """Set a setting until the transaction ends, never for the session: the pool does not reset those."""
        await self.fetch("SELECT set_config($1, $2, true)", name, value)


class Database:
    """The ways in: `begin` for transactions, `fetch_alone` for one of a single statement, `fetch` for open records."""

    def __init__(self, url: str, *, size: int = 10, is_pooled: bool = False) -> None:
        self.url = url
        self._size = size
        self._is_pooled = is_pooled
        self.engine = make_engine(url, size=size, is_pooled=is_pooled)
        self._alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._pools: dict[PlanMode, asyncpg.Pool[asyncpg.Record]] = {}

    async def open(self) -> None:
        """Open the readers' pools; the engine opens by itself at first use."""
        self._pools = {mode: await self._open_pool(mode) for mode in PlanMode}

    async def _open_pool(self, mode: PlanMode) -> asyncpg.Pool[asyncpg.Record]:
        url = make_url(self.url)
        # Plans for many workers are not weighed: all of them are at work for somebody already.
        planning = {"plan_cache_mode": mode.value, "max_parallel_workers_per_gather": "0"}
        reading = {"default_transaction_read_only": "on", **_TIMEOUTS, **planning}
        return await asyncpg.create_pool(
            url.set(drivername="postgresql").render_as_string(hide_password=False),
            min_size=1 if mode is PlanMode.USUAL else 0,
            max_size=min(self._size, ONCE_AT_ONCE) if mode is PlanMode.ONCE else self._size,
            # Nothing is set on these connections, so nothing has to be reset: it would cost a second round trip.
            reset=_keep_connection,
            # Behind a pooler every statement is planned.
            statement_cache_size=0 if self._is_pooled else STATEMENTS_KEPT,
            server_settings={} if self._is_pooled else reading,
        )

    async def close(self) -> None:
        """Give back every connection."""
        for pool in self._pools.values():
            await pool.close()
        await self.engine.dispose()

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        """Run one query of open records, on its own, through the readers' pool."""
        return await self.fetch_as(PlanMode.USUAL, sql, *values)

    async def fetch_as(self, mode: PlanMode, sql: str, *values: object) -> Sequence[Row]:
        """Run one query of open records, planned in this way."""
        pool = self._pools.get(mode)
        if pool is None:
            raise RuntimeError("the database is not open")
        # To time a wait costs a twentieth of a read: only where there is one.
        wait = None if pool.get_idle_size() else WAIT_S
        async with pool.acquire(timeout=wait) as connection:
            return cast("Sequence[Row]", await connection.fetch(sql, *values))

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Open a transaction; commit at the end of the block, roll back if it raises."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield Transaction(session)

    async def fetch_alone(self, sql: str, *values: object) -> Sequence[Row]:
        """Run one statement as a transaction of its own: what it locks is free again before its answer is here."""
        if self._is_pooled:
            # Only within a transaction does a pooler keep to one server from the parsing to the running.
            async with self.begin() as tx:
                return await tx.fetch(sql, *values)
        async with self._alone.connect() as connection:
            return _read_rows(await connection.exec_driver_sql(sql, values), sql)


def make_engine(url: str, *, size: int = 10, is_pooled: bool = False) -> AsyncEngine:
    """Make the engine of transactions.

    With `is_pooled` (PgBouncer in transaction mode) no statement is cached and no setting is sent at connection:
    the next transaction may run on another server connection.
    """
    if is_pooled:
        pooled: dict[str, object] = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        pooled["prepared_statement_name_func"] = lambda: ""
        return create_async_engine(url, hide_parameters=True, poolclass=NullPool, connect_args=pooled)
    arguments = {"server_settings": dict(_TIMEOUTS)}
    return create_async_engine(
        url, hide_parameters=True, pool_size=size, max_overflow=0, pool_timeout=WAIT_S, connect_args=arguments
    )


def _read_rows(result: CursorResult[Any], sql: str) -> Sequence[Row]:
    if result.returns_rows:
        return cast("Sequence[Row]", result.mappings().all())
    # Of rows without columns (`SELECT FROM …`) SQLAlchemy keeps no more than how many there are.
    return [{}] * result.rowcount if sql.lstrip()[:6].upper() == "SELECT" else []


async def _keep_connection(_connection: object) -> None:
    """Leave the connection as it is."""
