"""The demo's tools: stand-ins of third-party software, served on loopback, and the demo's connections to them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from raccord.adapters.contract import Manifest
from raccord.demo.stand_ins import DEPARTMENTS, KEY, directory, platform
from raccord.kernel.clock import read_now
from raccord.kernel.database import Transaction
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import JsonObject
from raccord.sync import connections
from raccord.sync.connections import Connection, Order


@dataclass(frozen=True)
class DemoTool:
    """One tool of the demo.

    Shape: `app` makes its stand-in; `settings` are those of its connection, given the address of the stand-in.
    """

    name: str
    adapter: str
    source: str
    app: Callable[[], ASGIApp]
    settings: Callable[[str], JsonObject]
    secrets: JsonObject
    schedule: str = "*/15 * * * *"


# A tool is added here, and in adapters/registry.py its adapter.
TOOLS: tuple[DemoTool, ...] = (
    DemoTool(
        "data-inclusion", "data_inclusion", "data-inclusion", lambda: directory, lambda url: {"url": url},
        {"token": KEY},
    ),
    DemoTool(
        "les-emplois", "les_emplois", "les-emplois", lambda: platform,
        lambda url: {"url": url, "access": "user", "departments": [*DEPARTMENTS]}, {"token": KEY},
    ),
)  # fmt: skip


def serve_tools(port: int, tools: Sequence[DemoTool] = TOOLS) -> None:
    """Serve every tool, each under its name, until told to stop."""
    uvicorn.run(build_app(tools), host="127.0.0.1", port=port, log_level="warning", access_log=False)


def build_app(tools: Sequence[DemoTool]) -> Starlette:
    """Build what serves the tools."""

    @contextlib.asynccontextmanager
    async def run(_app: Starlette) -> AsyncIterator[None]:
        yield

    return Starlette(routes=[Mount(f"/{tool.name}", tool.app()) for tool in tools], lifespan=run)


async def connect_tools(
    tx: Transaction,
    seals: Seals,
    adapters: Mapping[str, Manifest],
    port: int,
    *,
    tools: Sequence[DemoTool] = TOOLS,
) -> list[Connection]:
    """Connect the tools that are not yet, tell the others where theirs listens now; all run at once."""
    made: list[Connection] = []
    for tool in tools:
        settings = tool.settings(f"http://127.0.0.1:{port}/{tool.name}")
        known = await connections.find_by_name(tx, tool.name)
        if known:
            found = known[0]
            await connections.save_connection(tx, replace(found, settings=settings), seals, tool.secrets)
        else:
            order = Order(tool.name, tool.source, settings, tool.secrets, schedule=tool.schedule)
            found = await connections.add_connection(tx, seals, adapters[tool.adapter], order)
        await tx.fetch("UPDATE connections SET next_run_at = $2 WHERE id = $1", found.id, read_now())
        made.append(found)
    return made
