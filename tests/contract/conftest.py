"""A real server on a fresh database, and partners who reach it over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from raccord.kernel.database import Database
from raccord.kernel.keys import Keys
from tests.conftest import SECRET
from tests.partners import Partners
from tests.servers import Server, run_server


@pytest.fixture
def server(tmp_path: Path, database_url: str, owner_url: str) -> Iterator[Server]:
    with run_server(
        tmp_path / "server",
        database_url=database_url,
        migration_url=owner_url,
        secret_key=SECRET,
        token_requests_per_minute=100_000,
    ) as running:
        yield running


@pytest.fixture
async def served(server: Server, database: Database, keys: Keys) -> AsyncIterator[Partners]:
    """A maker of partners who call the server."""
    async with httpx.AsyncClient(base_url=server.base_url) as http:
        yield Partners(http, database, keys)
