"""Searching: 600,000 offers loaded by the documented commands, then words + commune + 25 km + contract over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import quote

import asyncpg
import httpx

from benchmarks.ground import SECRET, make_token, serve_raccord
from benchmarks.load import Load, measure, write_request
from benchmarks.world import CONTRACTS, OFFERS, SERVICES, SHARES, STRUCTURES, choose_communes, choose_occupations
from benchmarks.world import write_files as write_world
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster
from raccord.kernel.french import split_words
from raccord.records.changes import sequence_changes
from raccord.records.search.indexing import index_changes
from raccord.resources.registry import KINDS

CONNECTIONS = 8
BAR_P95_MS = 30.0
FEW = 10_000
# The first few questions of a person: enough that no answer is a repetition.
QUESTIONS = 400
# Of these, some hundreds are answered by a full page of the few.
MANY_QUESTIONS = 4_000
PAGE = 20


def measure_search(cluster: Cluster, folder: Path, offers: int = OFFERS) -> list[dict[str, object]]:
    """Load, index and search, with few offers and with all."""
    few = min(FEW, offers)
    files = write_world(folder / "few", STRUCTURES, SERVICES, few)
    results = [_import(cluster, kind, files[kind]) for kind in ("structures", "services", "job_offers")]
    full: list[str] = []
    results += [asyncio.run(_index(cluster, "few")), *asyncio.run(_search(cluster, folder, few, full))]
    if offers > few:
        files = write_world(folder / "many", STRUCTURES, 0, offers)
        results.append(_import(cluster, "job_offers", files["job_offers"]))
        results += [asyncio.run(_index(cluster, "many")), *asyncio.run(_search(cluster, folder, offers, full))]
    return results


def _import(cluster: Cluster, kind: str, path: Path) -> dict[str, object]:
    environment = {
        **os.environ,
        "RACCORD_DATABASE_URL": cluster.url(role="app"),
        "RACCORD_MIGRATION_URL": cluster.url(role="owner"),
        "RACCORD_SECRET_KEY": SECRET,
    }
    with path.open(encoding="utf-8") as lines:
        count = sum(1 for _ in lines)
    started = time.perf_counter()
    command = [sys.executable, "-m", "raccord", "import", kind, str(path), "--source", "mesure-monde", "--strict"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _report({"what": f"import of {count} {kind}", "lines_per_s": round(count / (time.perf_counter() - started))})


async def _index(cluster: Cluster, what: str) -> dict[str, object]:
    """Let the sequencer and the indexer do what a worker does all the time."""
    database = Database(cluster.url(role="app"), size=2)
    started, count = time.perf_counter(), 0
    while await sequence_changes(database):
        pass
    while done := await index_changes(database, KINDS):
        count += done
    seconds = time.perf_counter() - started
    await database.engine.dispose()
    # As autovacuum does in its time, after so many insertions.
    owner = await asyncpg.connect(cluster.url(role="owner").replace("postgresql+asyncpg", "postgresql"))
    await owner.execute("VACUUM (ANALYZE) search_job_offers, search_job_offers_shelves, job_offers, search_words")
    await owner.close()
    return _report({"what": f"indexing of {count} changes, {what}", "changes_per_s": round(count / seconds)})


async def _search(cluster: Cluster, folder: Path, offers: int, full: list[str]) -> list[dict[str, object]]:
    """Ask as people do; then only what is answered by a full page whatever is there, which `full` keeps.

    Among few offers most answers are empty: that of the same size takes as long among many is seen on full pages.
    """
    with serve_raccord(cluster, folder / "search.log") as (port, _pid):
        token = await make_token(cluster, port, "job_offers:read")
        if not full:
            full += await _find_full(port, token)
        asked = {
            "words + commune + 25 km + contract": list(islice(_list_questions(), QUESTIONS)),
            "the same, of which few fill a page too": full,
        }
        return [
            _report_load(f"search among {offers} offers: {what}, {CONNECTIONS} connections", await measure(
                port, [write_request(path, token) for path in questions], connections=CONNECTIONS, seconds=15
            ))
            for what, questions in asked.items()
        ]  # fmt: skip


async def _find_full(port: int, token: str) -> list[str]:
    """Find the questions that are answered by a full page."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as http:
        return [path for path in islice(_list_questions(), MANY_QUESTIONS) if await _fills_page(http, path)]


async def _fills_page(http: httpx.AsyncClient, path: str) -> bool:
    answer = await http.get(path)
    return len(answer.raise_for_status().json()["data"]) == PAGE


def _report_load(what: str, load: Load) -> dict[str, object]:
    return _report(
        {
            "what": what,
            "requests_per_s": round(load.rate),
            "p50_ms": round(load.p50_ms, 2),
            "p95_ms": round(load.p95_ms, 2),
            "bytes": load.mean_bytes,
            "bar_p95_ms": BAR_P95_MS,
            "is_reached": load.p95_ms < BAR_P95_MS,
        }
    )


def _list_questions() -> Iterator[str]:
    """Ask as people do: the first words of an occupation, where people live, a contract."""
    rng, communes, occupations = Random("questions"), choose_communes(), choose_occupations()
    while True:
        words = " ".join(split_words(occupations.draw(rng)["name"])[: rng.choice((1, 1, 2))])
        contract = rng.choices(CONTRACTS, SHARES)[0]
        commune = communes.draw(rng)["code"]
        yield (
            f"/v1/job-offers/search?q={quote(words)}&commune={commune}&radius_km=25&contract_type={contract}&limit={PAGE}"
        )


def _report(result: dict[str, object]) -> dict[str, object]:
    print(json.dumps(result, ensure_ascii=False), flush=True)
    return {"is_reached": True, **result}
