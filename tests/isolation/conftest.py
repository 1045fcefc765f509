"""One world for all: what these tests ask changes nothing in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from raccord.kernel.embedded_postgres import Cluster
from raccord.settings import Settings
from tests.conftest import SECRET
from tests.peers import World, open_world


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def world(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        secret_key=SecretStr(SECRET),
        public_url="http://raccord.test",
        # One token and more for each operation of each kind.
        token_requests_per_minute=100_000,
    )
    async with open_world(cluster, template, settings) as opened:
        yield opened
