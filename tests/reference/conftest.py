"""One world for each file that only reads."""

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
async def world(cluster: Cluster, full_template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"), secret_key=SecretStr(SECRET), public_url="http://raccord.test"
    )
    async with open_world(cluster, full_template, settings) as opened:
        yield opened
