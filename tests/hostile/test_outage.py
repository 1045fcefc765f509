"""When the database is out of reach, callers are told to come back: never a 500, never a wait without end."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from anyio import to_thread
from pydantic import SecretStr

from raccord.app import create_app
from raccord.kernel import database as databases
from raccord.kernel.embedded_postgres import Cluster, run_cluster
from raccord.kernel.schema import migrate
from raccord.settings import Settings
from tests.conftest import FAST, SECRET
from tests.operations import Operation, list_operations
from tests.partners import Partner, Partners
from tests.peers import World


def assert_unavailable(response: httpx.Response) -> None:
    assert response.status_code == 503, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) >= 1
    assert response.json()["code"] == "unavailable"


@dataclass
class Doomed:
    """A server of one's own, to stop."""

    folder: Path
    cluster: Cluster
    running: ExitStack


@pytest.fixture(scope="module")
def doomed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doomed]:
    folder = tmp_path_factory.mktemp("outage")
    with ExitStack() as running:
        cluster = running.enter_context(run_cluster(folder / "postgres", settings=FAST))
        migrate(cluster.url("raccord", "owner"))
        yield Doomed(folder, cluster, running)


@pytest.fixture(scope="module")
async def orphan(doomed: Doomed) -> AsyncIterator[Partner]:
    """A partner of an app whose database's server was stopped under it."""
    settings = Settings(data_dir=doomed.folder, secret_key=SecretStr(SECRET), public_url="http://raccord.test")
    app = create_app(settings, doomed.cluster.url("raccord", "app"))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://raccord.test") as http,
    ):
        partner = await Partners(http, app.state.database, app.state.keys).add("orphelin", kind="ACI")
        assert (await partner.get("/v1/me")).status_code == 200
        await to_thread.run_sync(doomed.running.close)
        yield partner


NEEDING = [o for o in list_operations() if o.path not in ("/health/live", "/.well-known/oauth-authorization-server")]


@pytest.mark.parametrize("operation", NEEDING, ids=str)
async def test_every_operation_says_to_come_back(orphan: Partner, operation: Operation) -> None:
    headers = {**orphan.headers, **operation.make_headers()}
    if operation.is_oauth:
        headers.pop("Authorization")
    named = {"id": "01920000-0000-7000-8000-000000000001", "source": orphan.source, "external_id": "x"}
    started = time.monotonic()

    response = await orphan.http.request(
        operation.method,
        operation.fill_path(named),
        content=operation.make_body() or None,
        headers=headers,
        auth=(str(orphan.client_id), orphan.secret) if operation.is_oauth else None,
    )

    if operation.path in ("/v1/me", "/v1/adapters") and response.status_code == 200:
        return  # the token is remembered for some seconds, and nothing else is asked
    assert_unavailable(response)
    assert time.monotonic() - started < 5
    assert "503" in operation.described["responses"]


async def test_the_process_stays_alive_and_says_it_is_not_ready(orphan: Partner) -> None:
    assert (await orphan.get("/health/live")).status_code == 200
    assert_unavailable(await orphan.get("/health/ready"))


async def test_when_every_connection_is_taken_nobody_waits_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "WAIT_S", 0.2)
    monkeypatch.setattr(world.database.engine.pool, "_timeout", 0.2)
    pool = world.database._pools[databases.PlanMode.USUAL]
    async with AsyncExitStack() as taken:
        for _ in range(world.app.state.database._size):
            await taken.enter_async_context(pool.acquire())
            transaction = await taken.enter_async_context(world.database.begin())
            await transaction.fetch("SELECT 1")
        for path in ("/v1/structures", "/v1/people", "/v1/changes", "/health/ready"):
            started = time.monotonic()
            response = await world.owner.get(path)
            assert_unavailable(response)
            assert time.monotonic() - started < 5
    assert (await world.owner.get("/v1/people")).status_code == 200
