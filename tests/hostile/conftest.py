"""One world for each file: whatever is sent to it, nothing in it changes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from raccord.kernel.embedded_postgres import Cluster
from raccord.settings import Settings
from tests.conftest import SECRET
from tests.peers import World, open_world

MAX_BODY = 100_000
MAX_IMPORT = 200_000


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def world(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        secret_key=SecretStr(SECRET),
        public_url="http://raccord.test",
        max_body_bytes=MAX_BODY,
        max_import_bytes=MAX_IMPORT,
        token_requests_per_minute=100_000,
    )
    async with open_world(cluster, template, settings) as opened:
        yield opened


@pytest.fixture
async def unchanged(world: World) -> AsyncIterator[None]:
    """Nothing is stored by what the test sends."""
    before = await world.digest_tables()
    yield
    assert await world.digest_tables() == before
