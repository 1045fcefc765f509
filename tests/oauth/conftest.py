"""A small app around the OAuth routes, whose limits and lifetimes each test may choose."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Security

from raccord.access.caller import Caller
from raccord.kernel.database import Database
from raccord.kernel.keys import Keys
from raccord.kernel.problems import install_problem_handlers
from raccord.kernel.quota import Quota
from raccord.kernel.web import RequestFrame
from raccord.oauth.authentication import get_caller
from raccord.oauth.clients import Client, create_client
from raccord.oauth.routes import build_oauth_router
from raccord.oauth.tokens import TokenReader

SCOPES = ("prescriptions:read", "structures:read", "structures:write", "tokens:introspect")


@dataclass
class World:
    """The app, its parts, and ways to call it."""

    app: FastAPI
    framed: RequestFrame
    database: Database
    keys: Keys
    tokens: TokenReader
    http: httpx.AsyncClient

    async def register(self, source: str = "tool", *scopes: str) -> tuple[Client, str]:
        async with self.database.begin() as tx:
            return await create_client(
                tx,
                self.keys,
                name="Un logiciel",
                source=source,
                scopes=scopes or SCOPES[:2],
                purposes=["prescription"],
            )

    async def ask_token(self, client: Client, secret: str, **form: str) -> httpx.Response:
        data = {"grant_type": "client_credentials", **form}
        return await self.http.post("/oauth/token", data=data, auth=(str(client.id), secret))

    async def get_token(self, client: Client, secret: str, **form: str) -> str:
        answer = await self.ask_token(client, secret, **form)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def read_me(self, token: str) -> httpx.Response:
        return await self.http.get("/me", headers={"Authorization": f"Bearer {token}"})


def build_app(database: Database, keys: Keys, **limits: int) -> FastAPI:
    app = FastAPI(title="oauth", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(build_oauth_router(scopes_supported=SCOPES, **limits))

    @app.get("/me", operation_id="read_me", response_model=None)
    async def read_me(
        caller: Annotated[Caller, Security(get_caller, scopes=["structures:read"])],
    ) -> dict[str, object]:
        return {
            "client_id": str(caller.client_id),
            "scopes": sorted(caller.scopes),
            "purposes": sorted(caller.purposes),
            "structures": {str(key): sorted(value) for key, value in caller.structures.items()},
            "request_id": caller.request_id,
        }

    @app.post("/structures", operation_id="write", response_model=None)
    async def write(
        caller: Annotated[Caller, Security(get_caller, scopes=["structures:write"])],
    ) -> dict[str, str]:
        return {"client": caller.name}

    install_problem_handlers(app)
    app.state.public_url = "https://api.raccord.example"
    app.state.database = database
    app.state.keys = keys
    app.state.quota = Quota(10_000)
    app.state.tokens = TokenReader(database, keys)
    app.state.parameters = {}
    return app


async def open_world(stack: AsyncExitStack, database: Database, keys: Keys, **limits: int) -> World:
    app = build_app(database, keys, **limits)
    framed = RequestFrame(app, max_body=1_000_000, max_bulk_body=1_000_000, bulk_paths=())
    transport = httpx.ASGITransport(framed)
    http = await stack.enter_async_context(
        httpx.AsyncClient(transport=transport, base_url="http://api.raccord.example")
    )
    return World(app, framed, database, keys, app.state.tokens, http)


@pytest.fixture
async def world(database: Database, keys: Keys) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield await open_world(stack, database, keys)
