"""A tool on loopback that lists synthetic structures by page, and the adapter that reads it."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator

import uvicorn
from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.ground import make_structure
from raccord.adapters.contract import (
    Batch,
    Broken,
    Budget,
    Capability,
    Change,
    End,
    Equipment,
    Inbound,
    Item,
    Manifest,
    Receipt,
    Translation,
    Walk,
)
from raccord.kernel.shapes import Shape
from raccord.kernel.text import Text

PAGE = 1_000
SIZE = 1_300


class ToolSettings(Shape):
    """Where the tool is."""

    url: str = Field(description="Adresse.")


class ToolCursor(Shape):
    """The next page."""

    page: int = Field(description="Page suivante.")


class ToolAdapter:
    """Reads page after page."""

    def __init__(self, given: Equipment) -> None:
        budget = Budget(calls=10_000, per_s=1.0)
        self.remote = given.outbound.reach(given.settings_as(ToolSettings).url, budget=budget)

    async def check(self) -> None:
        await self.remote.get_json("0")

    async def pull(self, walk: Walk) -> AsyncIterator[Batch]:
        page = walk.cursor.page if isinstance(walk.cursor, ToolCursor) else 0
        while True:
            answer = await self.remote.get_json(str(page))
            rows = answer["rows"] if isinstance(answer, dict) else None
            if not isinstance(rows, list):
                raise Broken(Text("Page illisible.", "Unreadable page."))
            items = [Item("structures", str(row["id"]), row) for row in rows if isinstance(row, dict)]
            page, is_last = page + 1, len(rows) < PAGE
            ends = [End("structures", is_snapshot=True)] if is_last else []
            yield Batch(items, cursor=None if is_last else ToolCursor(page=page), ends=ends, is_last=is_last)
            if is_last:
                return

    def translate(self, item: Item) -> Translation:
        return Translation({name: value for name, value in item.raw.items() if name != "id"})

    async def push(self, change: Change) -> Receipt:
        raise NotImplementedError

    async def receive(self, inbound: Inbound) -> Batch:
        raise NotImplementedError


MANIFEST = Manifest(
    name="tool",
    title=Text("Outil de mesure", "Measured tool"),
    description=Text("Structures de mesure.", "Structures to measure."),
    reads=("structures",),
    capabilities=frozenset({Capability.PULL}),
    build=ToolAdapter,
    settings=ToolSettings,
    cursor=ToolCursor,
    owner="Raccord",
    contact="—",
    quality={},
)


def serve(port: int, count: int) -> None:
    """Serve so many structures; pages are made when they are asked for, as a tool does."""

    async def answer(request: Request) -> Response:
        start = int(request.path_params["page"]) * PAGE
        rows = [{"id": f"T-{n}", **make_structure(n, SIZE)} for n in range(start, min(start + PAGE, count))]
        return Response(json.dumps({"rows": rows}, ensure_ascii=False), media_type="application/json")

    app = Starlette(routes=[Route("/{page}", answer)])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
