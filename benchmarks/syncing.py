"""Synchronising: 100,000 records of a tool on loopback, pages of 1,000, twice; the second time nothing has changed.

python -m benchmarks.syncing [count]  measures it alone, with so many records.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.ground import SECRET, find_port, serve
from benchmarks.tool import MANIFEST, SIZE
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster, run_cluster
from raccord.kernel.network_guard import NetworkGuard
from raccord.kernel.outbound import Outbound
from raccord.kernel.remote_hosts import SharedBook
from raccord.kernel.schema import migrate
from raccord.kernel.seals import Seals
from raccord.sync import connections, ledger
from raccord.sync.connections import Order
from raccord.sync.going import Engine
from raccord.sync.runner import run_sync

COUNT = 100_000
BARS = {"first": 2_000, "unchanged": 8_000}
GROWTH_MB = 200


async def measure(cluster: Cluster, folder: Path, count: int = COUNT) -> list[dict[str, object]]:
    """Synchronise twice and report each run."""
    port = find_port()
    database = Database(cluster.url(role="app"), size=4)
    await database.open()
    outbound = Outbound(NetworkGuard(allows_loopback=True), SharedBook(database))
    engine = Engine(database, Seals(SECRET.encode()), outbound, {MANIFEST.name: MANIFEST})
    try:
        with serve(["-m", "benchmarks.tool", str(port), str(count)], port, "/0", folder / "tool.log"):
            order = Order("mesure", "mesure-sync", {"url": f"http://127.0.0.1:{port}"}, {})
            async with database.begin() as tx:
                made = await connections.add_connection(tx, engine.seals, MANIFEST, order)
            return [await _run(engine, made.id, what, count) for what in ("first", "unchanged")]
    finally:
        await outbound.close()
        await database.close()


async def _run(engine: Engine, connection_id: object, what: str, count: int) -> dict[str, object]:
    async with engine.database.begin() as tx:
        run_id = await ledger.open_run(tx, connection_id, "full")  # type: ignore[arg-type]  # an id is an id
    memory: list[float] = []
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(done, memory))
    watcher.start()
    started = time.perf_counter()
    await run_sync(engine, run_id)
    elapsed = time.perf_counter() - started
    done.set()
    watcher.join()
    [row] = await engine.database.fetch("SELECT state, seen_count, created_count FROM sync_runs WHERE id = $1", run_id)
    if row["state"] != "completed" or row["seen_count"] != count:
        raise RuntimeError(f"the run ended {dict(row)}")
    growth = max(memory) - memory[0]
    result: dict[str, object] = {
        "what": f"synchronisation of {count} structures of {SIZE} B, {what}",
        "records_per_s": round(count / elapsed),
        "bar": BARS[what],
        "is_reached": count / elapsed >= BARS[what] and growth < GROWTH_MB,
        "seconds": round(elapsed, 1),
        "growth_mb": round(growth, 1),
    }
    print(json.dumps(result), flush=True)
    return result


def _watch(done: threading.Event, memory: list[float]) -> None:
    status = Path("/proc/self/status")
    while not done.is_set():
        lines = status.read_text("ascii").splitlines()
        memory += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")]
        done.wait(0.1)


def main() -> None:
    """Measure alone."""
    with tempfile.TemporaryDirectory(prefix="raccord-bench-") as name, run_cluster(Path(name) / "postgres") as cluster:
        migrate(cluster.url(role="owner"))
        asyncio.run(measure(cluster, Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))


if __name__ == "__main__":
    main()
