"""What surrounds every request: its id, its limits, its log line, its security headers, and the last catch.

One ASGI layer, because each layer costs every request.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import AsyncIterator, Iterable
from urllib.parse import parse_qsl

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from raccord.kernel.database import Transaction
from raccord.kernel.errors import (
    BodyTooLargeError,
    InvalidHeaderError,
    MalformedBodyError,
    UnknownParameterError,
    UnsupportedMediaTypeError,
    UriTooLongError,
)
from raccord.kernel.problems import answer_exception, answer_problem
from raccord.kernel.refusals import FieldError, RaccordError
from raccord.kernel.text import Text

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
MAX_URI = 8_192
API_VERSION = "2026-11-22"
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"api-version", API_VERSION.encode()),
)
_JSON_TYPES = ("application/json", "application/merge-patch+json")


class RequestFrame:
    """The ASGI layer around the app."""

    def __init__(self, app: ASGIApp, *, max_body: int, max_bulk_body: int, bulk_paths: Iterable[str]) -> None:
        self._app = app
        self._max_body = max_body
        self._max_bulk_body = max_bulk_body
        self._bulk_paths = frozenset(bulk_paths)
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _choose_request_id(scope)
        scope["request_id"] = request_id
        status = 0

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                ours = (*scope.get("quota_fields", ()), *_HEADERS, (b"x-request-id", request_id.encode()))
                headers = [*message.get("headers", ()), *ours]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._serve(scope, receive, send_framed)
        except Exception as error:
            if status:
                raise
            response = await answer_exception(Request(scope), error)
            await response(scope, receive, send_framed)
        finally:
            self._write_line(scope, status, started)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._max_bulk_body if scope["path"] in self._bulk_paths else self._max_body
        refusal = _refuse_early(scope, limit)
        if refusal is not None:
            await answer_problem(refusal, Request(scope))(scope, receive, send)
            return
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _refuse_size(limit)
            return message

        await self._app(scope, receive_bounded, send)

    def _write_line(self, scope: Scope, status: int, started: float) -> None:
        route = scope.get("route")
        # The route's template and never the path: an address may hold an external id.
        self._log.info(
            "request",
            method=scope["method"],
            route=getattr(route, "path_format", getattr(route, "path", "-")),
            status=status,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
            request_id=scope["request_id"],
            client_id=scope.get("client_id"),
        )


async def open_transaction(request: Request) -> AsyncIterator[Transaction]:
    """Open the transaction of a request: it is committed before the answer is sent, and rolled back on any error."""
    async with request.app.state.database.begin() as tx:
        yield tx


async def read_body(request: Request, *types: str) -> bytes:
    """Read the whole body, after checking that its type is one that the operation reads.

    Errors: UnsupportedMediaTypeError, BodyTooLargeError, MalformedBodyError for an empty one.
    """
    allowed = types or _JSON_TYPES
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower()
    if given.strip().lower() not in allowed or charset not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise UnsupportedMediaTypeError(
            Text(f"Types lus : {', '.join(allowed)}, en UTF-8.", f"Types read: {', '.join(allowed)}, in UTF-8."),
            headers={"Accept": ", ".join(allowed)},
        )
    body = await request.body()
    if not body:
        raise MalformedBodyError(Text("Le corps est vide.", "The body is empty."))
    return body


def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query parameter that the operation does not have, or a single one given twice."""
    query = request.scope["query_string"]
    if not query:
        return
    known: dict[str, bool] = request.app.state.parameters.get((request.method, request.scope["route"].path_format), {})
    try:
        given = [name for name, _ in parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")]
    except ValueError:
        raise UnknownParameterError(Text("Requête non ASCII.", "The query is not ASCII.")) from None
    for name in dict.fromkeys(given):
        if name not in known:
            message = Text("Paramètre inconnu.", "Unknown parameter.")
            raise UnknownParameterError(message, [FieldError("parameter", name[:64], "unknown_parameter", message)])
        if given.count(name) > 1 and not known[name]:
            message = Text("Paramètre répété.", "Repeated parameter.")
            raise UnknownParameterError(message, [FieldError("parameter", name, "repeated_parameter", message)])


def _choose_request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return secrets.token_hex(12)


def _refuse_early(scope: Scope, limit: int) -> RaccordError | None:
    if len(scope["query_string"]) + len(scope["path"]) > MAX_URI:
        return UriTooLongError()
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > limit:
            return _refuse_size(limit)
        if name == b"api-version" and value != API_VERSION.encode():
            message = Text(f"Version connue : {API_VERSION}.", f"Known version: {API_VERSION}.")
            return InvalidHeaderError(message, [FieldError("header", "Api-Version", "unknown_version", message)])
    return None


def _refuse_size(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(Text(f"La limite est de {limit} octets.", f"The limit is {limit} bytes."))
