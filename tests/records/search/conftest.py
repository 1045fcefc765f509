"""What the tests of searching share: an app for a whole file, where the tests only read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from raccord.kernel.embedded_postgres import Cluster
from raccord.settings import Settings
from tests.conftest import SECRET
from tests.peers import OpenApp, open_app


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def lasting_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("data")
    return Settings(data_dir=folder, secret_key=SecretStr(SECRET), public_url="http://raccord.test")


@pytest.fixture(scope="module")
async def lasting(cluster: Cluster, template: str, lasting_settings: Settings) -> AsyncIterator[OpenApp]:
    """An app on a database that is empty at first, for all tests of the file that ask for it."""
    async with open_app(cluster, template, lasting_settings) as opened:
        yield opened
