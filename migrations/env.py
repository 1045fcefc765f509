"""Run the migrations: one at a time, as the owner, giving up rather than holding up the service."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

import raccord.access.tables
import raccord.app
import raccord.reference.tables
import raccord.resources.job_offers.tables
import raccord.resources.structures.same_as
import raccord.sync.tables  # noqa: F401  # so that every table is known
from raccord.kernel.tables import metadata

_LOCK = 7_202_611_220


def _include(name: str | None, kind: str, parents: object) -> bool:
    """Leave out what is not described as tables: partitions, and the jobs' own schema."""
    del parents
    return kind != "table" or name in metadata.tables


def _run(connection: Connection) -> None:
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
    connection.commit()
    context.configure(
        connection=connection, target_metadata=metadata, include_name=_include, compare_server_default=False
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
    connection.commit()


async def _run_online() -> None:
    engine = create_async_engine(context.config.attributes["url"])
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


# Called from a command that may itself run in an event loop's thread.
asyncio.run(_run_online())
