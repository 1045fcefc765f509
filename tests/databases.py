"""A database for one test: made on the test's server, dropped after it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from raccord.kernel.embedded_postgres import Cluster

# Far more than the databases of two test processes hold.
MEMORY_NEEDED = 4_000_000_000


@asynccontextmanager
async def borrow_database(cluster: Cluster, template: str = "template1") -> AsyncIterator[str]:
    """Give the name of a fresh copy of the template, dropped at the end of the block.

    The drop is not forced: PostgreSQL waits for those who are leaving and sends the autovacuum away by itself,
    where a forced drop by an ordinary role is refused as soon as it meets one of them.
    """
    name = f"test_{secrets.token_hex(6)}"
    owner = await asyncpg.connect(make_plain(cluster.url("postgres", "owner")))
    try:
        # Copied as files: the template holds the reference lists, which would cost more through the log.
        await owner.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield name
        await owner.execute(f"DROP DATABASE {name}")
    finally:
        await owner.close()


def choose_folder(temporary: pytest.TempPathFactory) -> Path:
    """Choose where the test's server keeps its files: in memory where there is room, for each test copies hundreds."""
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_NEEDED
    return memory if has_room else temporary.mktemp("postgres")


def make_plain(url: str) -> str:
    """Give the URL as asyncpg takes it, without SQLAlchemy's driver."""
    return url.replace("postgresql+asyncpg", "postgresql")
