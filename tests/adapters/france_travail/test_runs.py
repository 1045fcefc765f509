"""France Travail's offers through the engine: fresh as their licence wants, and gone when they are gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from raccord.adapters.france_travail.manifest import MANIFEST
from raccord.kernel import clock
from raccord.kernel.database import Database
from raccord.records.changes import sequence_changes
from raccord.records.search.indexing import index_changes
from raccord.resources.job_offers.licensing import NEVER
from raccord.resources.registry import KINDS
from tests.adapters.france_travail.stand_in import (
    BASE,
    CLIENT_ID,
    CLIENT_SECRET,
    TOKEN_PATH,
    FranceTravailTool,
    make_offer,
)
from tests.adapters.runs import Json, Named, RunsSuite, ToolBench

URL = "http://france-travail.test"


async def make_bench(database: Database, count: int) -> ToolBench:
    rows = [make_offer(n, created=f"2026-11-{1 + n % 20:02}T08:30:00.000Z") for n in range(1, count + 1)]
    made = ToolBench(
        database, MANIFEST, FranceTravailTool(rows), {"url": URL + BASE, "token_url": URL + TOKEN_PATH},
        {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, "france-travail", total=count,
    )  # fmt: skip
    await made.connect()
    return made


class TestRuns(RunsSuite):
    @pytest.fixture
    async def bench(self, database: Database) -> ToolBench:
        return await make_bench(database, 160)

    def remove_one(self, bench: Any) -> Named:
        return "job_offers", bench.tool.rows.pop(3)["id"]

    def spoil_one(self, bench: Any) -> tuple[Named, Callable[[], object]]:
        offer = bench.tool.rows[5]
        title, offer["intitule"] = offer["intitule"], 42
        return ("job_offers", offer["id"]), lambda: offer.update(intitule=title)

    def rotate(self, bench: Any) -> Json:
        bench.tool.secret = "another-key"
        return {"client_id": CLIENT_ID, "client_secret": "another-key"}


async def test_an_incremental_run_writes_what_is_new(database: Database) -> None:
    bench = await make_bench(database, 20)
    await bench.run()
    bench.tool.rows.append(make_offer(21, created="2026-11-24T08:30:00.000Z"))

    run = await bench.run("incremental")

    assert run["walk_mode"] == "incremental"
    assert run["counts"]["created"] == 1
    assert run["counts"].get("deleted") is None


async def read_freshness(bench: ToolBench) -> tuple[Any, Any, Any, Any]:
    [row] = await bench.database.fetch(
        "SELECT o.visible_until, o.version, o.document #>> '{provenance,last_seen_at}' AS seen, "
        "s.visible_until AS searched_until FROM job_offers AS o LEFT JOIN search_job_offers AS s ON s.record_id = o.id"
    )
    return row["visible_until"], row["version"], row["seen"], row["searched_until"]


async def test_an_offer_that_is_still_there_stays_fresh_and_no_change_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = await make_bench(database, 1)
    await bench.run()
    await sequence_changes(database)
    await index_changes(database, KINDS)
    changes = await bench.count_changes()
    until, version, seen, searched = await read_freshness(bench)
    later = clock.read_now() + timedelta(hours=20)
    monkeypatch.setattr("raccord.sync.pages.read_now", lambda: later)

    await bench.run()

    assert searched == until
    assert (await read_freshness(bench))[1] == version
    assert await bench.count_changes() == changes
    assert await read_freshness(bench) == (
        later + timedelta(hours=24), version, later.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), later + timedelta(hours=24),
    )  # fmt: skip
    assert seen is not None
    assert until < later + timedelta(hours=24)


async def test_an_offer_seen_an_hour_ago_is_left_as_it_is(database: Database) -> None:
    bench = await make_bench(database, 1)
    await bench.run()
    before = await read_freshness(bench)

    await bench.run()

    assert await read_freshness(bench) == before


async def test_what_is_replayed_was_not_seen_again(database: Database) -> None:
    bench = await make_bench(database, 1)
    bench.tool.rows[0]["champNouveau"] = "?"
    await set_policy(database, "quarantine")
    await bench.run()
    refused = await bench.list_rejections()
    await set_policy(database, "accept")

    await bench.run("replay")

    until, *_ = await read_freshness(bench)
    assert refused == [("001DEMO", "drift_new_field", "/champNouveau")]
    assert until == NEVER, "nobody knows how fresh it is"
    await bench.run()
    assert (await read_freshness(bench))[0] > clock.read_now()


async def set_policy(database: Database, policy: str) -> None:
    async with database.begin() as tx:
        await tx.fetch("UPDATE connections SET drift_policy = $1", policy)
