"""What the tests of access share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from raccord.kernel.database import Database
from tests.access.invariants import Check, check_access
from tests.partners import Partner, Partners


@pytest.fixture
async def holds(database: Database) -> AsyncIterator[Check]:
    """A check that access is what links, grants and agreements say; done at the end of the test too."""

    async def check() -> None:
        await check_access(database)

    yield check
    await check()


@pytest.fixture
async def watcher(owner_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection of its own, to see who waits for whom."""
    connection = await asyncpg.connect(owner_url.replace("+asyncpg", ""))
    yield connection
    await connection.close()


@pytest.fixture
async def prescriber(partners: Partners) -> Partner:
    return await partners.add("prescripteur", kind="ML")


@pytest.fixture
async def employer(partners: Partners) -> Partner:
    return await partners.add("employeur", kind="ACI")


@pytest.fixture
async def stranger(partners: Partners) -> Partner:
    return await partners.add("etranger", kind="EI")
