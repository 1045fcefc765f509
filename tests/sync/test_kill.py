"""A process that dies in the middle of a run: another goes on from the last page, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from raccord.sync.runner import run_sync
from tests.adapters.plain_list import make_rows
from tests.commands import leave_unmeasured
from tests.sync.conftest import Bench, counts

ROOT = Path(__file__).parents[2]
WORKER = """
import asyncio, sys
from uuid import UUID
from raccord.kernel.database import Database
from raccord.sync.runner import run_sync
from tests.adapters.plain_list import ListTool, make_rows
from tests.sync.conftest import TOKEN, Bench

class SlowTool(ListTool):
    async def answer(self, request):
        await asyncio.sleep(0.05)
        return await super().answer(request)

async def main() -> None:
    database = Database(sys.argv[1], size=4)
    await database.open()
    await run_sync(Bench(database, SlowTool(make_rows(400), token=TOKEN)).engine, UUID(sys.argv[2]))

asyncio.run(main())
"""


async def test_a_killed_run_goes_on_from_its_last_page(bench: Bench, database_url: str) -> None:
    bench.tool.rows = make_rows(400)
    run_id = await bench.open_run()

    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, database_url, str(run_id), cwd=ROOT,
        env=leave_unmeasured(os.environ), stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(2_000):
        if (await bench.read_run(run_id))["seen_count"] >= 100:
            break
        await asyncio.sleep(0.01)
    killed.kill()
    assert await killed.wait() == -signal.SIGKILL
    left = await bench.read_run(run_id)

    await run_sync(bench.engine, run_id)
    done = await bench.read_run(run_id)

    assert left["state"] == "running"
    assert 100 <= left["seen_count"] < 400
    assert bench.tool.calls[0].params["page"] == str(left["seen_count"] // 10 + 1)
    assert (done["state"], counts(done)) == ("completed", {"seen": 400, "created": 400})
    assert await bench.count_changes() == 400
    assert counts(await bench.run("full")) == {"seen": 400, "unchanged": 400}
