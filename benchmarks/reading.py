"""Reading open records: against the least that serves the same bytes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from benchmarks.ground import make_structure, make_token, serve_bare, serve_raccord
from benchmarks.load import Load, measure, write_request
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster
from raccord.records.store import Put, Writer, put_many
from raccord.resources.structures.kind import STRUCTURES

ROUNDS = 3
SIZES = (1_300, 5_000)
KINDS = {1_300: "ACI", 5_000: "EI"}
BARS = {"list": 0.50, "read": 0.40}


async def fill(cluster: Cluster, size: int, count: int = 5_000) -> list[str]:
    """Write structures of the size, under a source of their own; returns their ids."""
    database = Database(cluster.url(role="app"), size=2)
    writer = Writer(f"mesure-{size}", "mesure", "mesure")
    ids: list[str] = []
    for start in range(0, count, 1000):
        puts = [
            Put(str(number), json.dumps({**make_structure(number, size), "kind": KINDS[size]}).encode())
            for number in range(start, start + 1000)
        ]
        async with database.begin() as tx:
            ids += [str(outcome.id) for outcome in await put_many(tx, STRUCTURES, writer, puts)]
    async with database.begin() as tx:
        await tx.fetch("SELECT 1")
    await database.engine.dispose()
    return ids


async def compare(cluster: Cluster, folder: Path) -> list[dict[str, object]]:
    """Measure ours and the yardstick in turn, several rounds, and keep the best of each."""
    results: list[dict[str, object]] = []
    ids = {size: await fill(cluster, size) for size in SIZES}
    probe = f"/v1/structures/{ids[SIZES[0]][0]}"
    with (
        serve_raccord(cluster, folder / "serve.log") as (ours, _pid),
        serve_bare(cluster, folder / "bare.log", probe) as bare,
    ):
        token = await make_token(cluster, ours)
        for size in SIZES:
            paths = {
                "list": [f"/v1/structures?kind={KINDS[size]}&limit=100"],
                "read": [f"/v1/structures/{record_id}" for record_id in ids[size][:1000]],
            }
            for what, addresses in paths.items():
                results.append(await _compare_one(what, size, addresses, (ours, token, bare)))
    return results


async def _compare_one(what: str, size: int, addresses: list[str], servers: tuple[int, str, int]) -> dict[str, object]:
    ours_port, token, bare_port = servers
    ours: list[Load] = []
    bare: list[Load] = []
    for _ in range(ROUNDS):
        bare.append(await measure(bare_port, [write_request(address) for address in addresses]))
        ours.append(await measure(ours_port, [write_request(address, token) for address in addresses]))
        await asyncio.sleep(0.2)
    best, yard = max(ours, key=lambda load: load.rate), max(bare, key=lambda load: load.rate)
    share = best.rate / yard.rate
    result = {
        "what": f"{what}, documents of {size} B",
        "requests_per_s": round(best.rate),
        "bare_requests_per_s": round(yard.rate),
        "share": round(share, 3),
        "bar": BARS[what],
        "is_reached": share >= BARS[what],
        "p50_ms": round(best.p50_ms, 2),
        "p95_ms": round(best.p95_ms, 2),
        "bytes": best.bytes_each,
    }
    print(json.dumps(result), flush=True)
    return result
