"""The API, assembled: the one place where its parts are joined."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter, FastAPI, Response

from raccord import __doc__ as _summary
from raccord.adapters.contract import Manifest
from raccord.adapters.registry import ADAPTERS_BY_NAME
from raccord.bulk.routes import build_imports_router
from raccord.facades.data_inclusion.routes import PREFIX as DATA_INCLUSION
from raccord.facades.data_inclusion.routes import build_facade
from raccord.kernel.database import Database
from raccord.kernel.documentation import install_documentation
from raccord.kernel.health import build_health_router
from raccord.kernel.keys import Keys
from raccord.kernel.network_guard import NetworkGuard
from raccord.kernel.openapi import Document, build_document, list_parameters
from raccord.kernel.problems import install_problem_handlers
from raccord.kernel.quota import Quota
from raccord.kernel.schema import read_code_revision
from raccord.kernel.seals import Seals
from raccord.kernel.web import RequestFrame
from raccord.oauth.routes import build_oauth_router
from raccord.oauth.tokens import TokenReader
from raccord.records.feed_routes import build_feed_router
from raccord.records.kind import Kind
from raccord.records.routes import KindRoutes
from raccord.records.search.answers import SearchMemory
from raccord.resources.me import build_me_router
from raccord.resources.reference_lists.routes import build_reference_router
from raccord.resources.registry import KINDS, list_scopes
from raccord.resources.structures.same_as_routes import build_same_as_router
from raccord.settings import Settings
from raccord.sync.message_routes import build_messages_router
from raccord.sync.routes import build_connections_router

VERSION = "1.0.0"
BULK_PATHS = ("/v1/imports",)


def create_app(
    settings: Settings, database_url: str, *, adapters: Mapping[str, Manifest] = ADAPTERS_BY_NAME
) -> FastAPI:
    """Create the API on the database."""
    app = FastAPI(
        title="Raccord",
        version=VERSION,
        description=(_summary or "").strip(),
        lifespan=_run,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    database = Database(database_url, size=settings.database_connections, is_pooled=settings.has_pooler)
    app.state.database = database
    app.state.keys = Keys(settings.read_secret())
    app.state.seals = Seals(*settings.read_sealing_secrets())
    app.state.adapters = adapters
    app.state.network_guard = NetworkGuard(settings.outbound_loopback)
    app.state.public_url = settings.base_url
    app.state.quota = Quota(settings.requests_per_minute)
    app.state.search_memory = SearchMemory()
    app.state.tokens = TokenReader(database, app.state.keys)
    app.state.listen_url = None if settings.has_pooler else database_url
    app.add_middleware(
        RequestFrame,
        max_body=settings.max_body_bytes,
        max_bulk_body=settings.max_import_bytes,
        bulk_paths=BULK_PATHS,
    )
    install_problem_handlers(app)
    _add_routes(app, settings)
    return app


@cache
def _list_routers() -> tuple[APIRouter, ...]:
    """Build the routes that no setting changes: once for a process, in the order in which they are tried."""
    # Those asked for most come first.
    kinds = (KindRoutes(kind).build() for kind in KINDS)
    return (
        *kinds,
        build_feed_router(KINDS),
        build_imports_router(),
        build_same_as_router(),
        build_connections_router(),
        build_health_router(read_code_revision()),
        build_me_router(),
        build_reference_router(),
    )


def _add_routes(app: FastAPI, settings: Settings) -> None:
    for router in _list_routers():
        app.include_router(router)
    app.include_router(
        build_messages_router(
            connection_limit=settings.messages_per_minute,
            origin_limit=10 * settings.messages_per_minute,
            waiting_limit=settings.max_waiting_messages,
        )
    )
    app.include_router(
        build_oauth_router(
            scopes_supported=list_scopes(),
            lifetime_s=settings.token_lifetime_s,
            client_limit=settings.token_requests_per_minute,
            origin_limit=10 * settings.token_requests_per_minute,
        )
    )
    install_documentation(app)
    # Another dialect, with its own errors and document: an application of its own, on this one's state.
    app.mount(DATA_INCLUSION, build_facade(app.state))
    described = _describe(app)
    app.state.document, app.state.parameters = described.document, described.parameters

    @app.get("/openapi.json", include_in_schema=False)
    async def read_openapi() -> Response:
        """Serve the document that describes the API."""
        return Response(described.text, media_type="application/json")


@dataclass(frozen=True)
class _Described:
    """What the document says, and what is read from it."""

    document: Document
    parameters: dict[tuple[str, str], dict[str, bool]]
    text: str


_described: dict[tuple[Kind, ...], _Described] = {}


def _describe(app: FastAPI) -> _Described:
    """Describe the API: once for its kinds, whatever the settings, for it takes four times as long as the routes."""
    if KINDS not in _described:
        document = build_document(app, list_scopes())
        text = json.dumps(document, ensure_ascii=False)
        _described[KINDS] = _Described(document, list_parameters(document), text)
    return _described[KINDS]


@asynccontextmanager
async def _run(app: FastAPI) -> AsyncIterator[None]:
    await app.state.database.open()
    listener = asyncio.create_task(app.state.tokens.listen(app.state.listen_url))
    try:
        yield
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
        await app.state.database.close()
