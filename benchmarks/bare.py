"""The yardstick: the least that serves the same bytes, with Starlette and asyncpg alone: no token, rule or log."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LIST = (
    "SELECT document::text AS document FROM structures WHERE deleted_at IS NULL "
    "AND kind = $1 ORDER BY updated_at, id LIMIT 100"
)
ONE = "SELECT document::text AS document FROM structures WHERE id = $1"


async def list_structures(request: Request) -> Response:
    """Answer the first hundred."""
    rows = await request.app.state.pool.fetch(LIST, request.query_params["kind"])
    body = b'{"data":[' + b",".join(row["document"].encode() for row in rows) + b'],"next_cursor":null}'
    return Response(body, media_type="application/json")


async def read_structure(request: Request) -> Response:
    """Answer one."""
    row = await request.app.state.pool.fetchrow(ONE, UUID(request.path_params["id"]))
    return Response(row["document"].encode(), media_type="application/json")


@asynccontextmanager
async def open_pool(app: Starlette) -> AsyncIterator[None]:
    """Hold the pool."""
    async with asyncpg.create_pool(sys.argv[2], min_size=1, max_size=10) as pool:
        app.state.pool = pool
        yield


def main() -> None:
    """Serve on the port, from the database."""
    routes = [
        Route("/v1/structures", list_structures),
        Route("/v1/structures/{id}", read_structure),
    ]
    app = Starlette(routes=routes, lifespan=open_pool)
    config = uvicorn.Config(
        app, port=int(sys.argv[1]), loop="uvloop", http="httptools", log_level="warning", access_log=False
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
