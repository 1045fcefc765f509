"""The ground of every test: a real PostgreSQL, a fresh database, the real API, and partners who call it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import httpx
import hypothesis
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from raccord.adapters.contract import Manifest
from raccord.app import create_app
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster, run_cluster
from raccord.kernel.keys import Keys
from raccord.kernel.schema import migrate
from raccord.reference.loading import install_shipped_lists
from raccord.settings import Settings
from tests.adapters.plain_list import TEST_ADAPTERS
from tests.databases import borrow_database, choose_folder, make_plain
from tests.once import copy_made, make_once
from tests.partners import Partners

# The same examples every time, and no time limit: the machine may be busy.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None)
hypothesis.settings.load_profile("house")

SECRET = "tests-" * 8
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One server for each test process, with durability off: nothing here outlives it."""
    made = make_once(tmp_path_factory, "made-postgres", _make_template)
    with (
        TemporaryDirectory(dir=choose_folder(tmp_path_factory), prefix="raccord-tests-") as folder,
        run_cluster(copy_made(made, Path(folder) / "postgres"), settings=FAST) as running,
    ):
        yield running


def _make_template(folder: Path) -> None:
    with run_cluster(folder, settings=FAST) as cluster:
        migrate(cluster.url("raccord", "owner"))
        asyncio.run(_install_few_communes(cluster.url("raccord", "owner")))


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The migrated database from which each test's own is copied, fast: of the communes it has the largest alone."""
    assert cluster.socket_dir.is_dir()
    return "raccord"


async def _install_few_communes(url: str) -> None:
    await install_shipped_lists(url)
    owner = await asyncpg.connect(make_plain(url))
    await owner.execute(
        "DELETE FROM reference_entries WHERE list = 'communes' AND code NOT IN "
        "(SELECT code FROM reference_entries WHERE list = 'communes' ORDER BY rank, code LIMIT 500)"
    )
    await owner.execute("VACUUM FULL reference_entries")
    await owner.close()


@pytest.fixture(scope="session")
def full_template(cluster: Cluster, template: str) -> str:
    """A template with every list that ships, for the tests that look for a place anywhere."""
    asyncio.run(_make_full(cluster, template, "raccord_full"))
    return "raccord_full"


async def _make_full(cluster: Cluster, template: str, name: str) -> None:
    owner = await asyncpg.connect(make_plain(cluster.url("postgres", "owner")))
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    await owner.close()
    full = await asyncpg.connect(make_plain(cluster.url(name, "owner")))
    await full.execute("DELETE FROM reference_editions")
    await full.close()
    await install_shipped_lists(cluster.url(name, "owner"))


@pytest.fixture
def chosen_template(template: str, request: pytest.FixtureRequest) -> str:
    """The template that the test asks for: `@pytest.mark.full_reference`, for all that ships.

    Not chosen by an async fixture: templates are made by a loop of their own, and loops do not nest.
    """
    is_full = request.node.get_closest_marker("full_reference") is not None
    return str(request.getfixturevalue("full_template")) if is_full else template


@pytest.fixture
async def database_name(cluster: Cluster, chosen_template: str) -> AsyncIterator[str]:
    """A database of the test's own."""
    async with borrow_database(cluster, chosen_template) as name:
        yield name


@pytest.fixture
def database_url(cluster: Cluster, database_name: str) -> str:
    return cluster.url(database_name, "app")


@pytest.fixture
def owner_url(cluster: Cluster, database_name: str) -> str:
    return cluster.url(database_name, "owner")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The database as the application's role sees it."""
    opened = Database(database_url, size=10)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key=SecretStr(SECRET), log_level="INFO", public_url="http://raccord.test")


@pytest.fixture
def keys(settings: Settings) -> Keys:
    return Keys(settings.read_secret())


@pytest.fixture
def adapters() -> Mapping[str, Manifest]:
    """The adapters that the API has: the tests' own; a module that tries the real ones says so by one of its own."""
    return TEST_ADAPTERS


@pytest.fixture
async def app(settings: Settings, database_url: str, adapters: Mapping[str, Manifest]) -> AsyncIterator[FastAPI]:
    """The API, running."""
    created = create_app(settings, database_url, adapters=adapters)
    async with created.router.lifespan_context(created):
        yield created


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://raccord.test") as http:
        yield http


@pytest.fixture
def partners(client: httpx.AsyncClient, database: Database, keys: Keys) -> Partners:
    """A maker of partners: clients, structures, grants, people."""
    return Partners(client, database, keys)


@pytest.fixture
def unknown_id() -> str:
    return str(uuid.uuid4())
