"""The demo's tools: connected once, found again at another port, and read."""

from __future__ import annotations

import httpx

from raccord.demo.tools import DemoTool, build_app, connect_tools
from raccord.kernel.database import Database
from raccord.kernel.network_guard import NetworkGuard
from raccord.kernel.outbound import Outbound
from raccord.kernel.remote_hosts import SharedBook
from raccord.kernel.seals import Seals
from raccord.sync import ledger
from raccord.sync.going import Engine
from raccord.sync.runner import run_sync
from tests.adapters.plain_list import TEST_ADAPTERS, ListTool, make_rows

SEALS = Seals(b"a-sealing-key-of-the-demo")
TOOLS = (
    DemoTool(
        "annuaire", "plain_list", "annuaire-outil", lambda: ListTool(make_rows(12), token="t"),
        lambda url: {"url": url}, {"token": "t"},
    ),
)  # fmt: skip


async def test_a_tool_is_connected_once_found_at_its_port_and_read(database: Database) -> None:
    made = []
    for port in (9_001, 9_002):
        async with database.begin() as tx:
            made += await connect_tools(tx, SEALS, TEST_ADAPTERS, port, tools=TOOLS)
    assert made[0].id == made[1].id
    async with database.begin() as tx:
        run_id = await ledger.open_run(tx, made[0].id, "full")
    guard, transport = NetworkGuard(allows_loopback=True), httpx.ASGITransport(build_app(TOOLS))
    outbound = Outbound(guard, SharedBook(database), transport=transport)

    await run_sync(Engine(database, SEALS, outbound, TEST_ADAPTERS), run_id)

    [stored] = await database.fetch(
        "SELECT settings::text AS settings, next_run_at <= now() AS is_due FROM connections"
    )
    assert "http://127.0.0.1:9002/annuaire" in stored["settings"]
    assert stored["is_due"]
    assert len(await database.fetch("SELECT FROM structures WHERE source = 'annuaire-outil'")) == 12
