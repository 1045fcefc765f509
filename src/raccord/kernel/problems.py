"""Answers to what goes wrong: every error the framework, the database or our code can raise becomes one problem.

Source: RFC 9457.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from raccord.kernel import errors
from raccord.kernel.logs import describe_exception
from raccord.kernel.refusals import FieldError, JsonValue, RaccordError
from raccord.kernel.strict_json import dump_json
from raccord.kernel.text import Text, choose_language
from raccord.kernel.validation import explain_errors

PROBLEM_JSON = "application/problem+json"
_BY_STATUS: dict[int, type[RaccordError]] = {
    400: errors.BadRequestError,
    401: errors.UnauthenticatedError,
    404: errors.NotFoundError,
    405: errors.MethodNotAllowedError,
    413: errors.BodyTooLargeError,
    415: errors.UnsupportedMediaTypeError,
}
# Deadlock, serialization, lock and statement time-outs, too many connections, server going down.
_PASSING = {"40001", "40P01", "55P03", "57014", "53300", "57P01", "57P02", "57P03", "25P03"}


def answer_problem(error: RaccordError, request: Request) -> Response:
    """Render the error as a problem, in the language that the caller prefers."""
    language = choose_language(request.headers.get("accept-language"))
    body: dict[str, JsonValue] = {
        "type": f"{request.app.state.public_url}/problems/{error.code}",
        "title": error.title.in_language(language),
        "status": error.status,
        "code": error.code,
        "detail": (error.detail or error.title).in_language(language),
        "remedy": error.remedy.in_language(language),
        "request_id": request.scope.get("request_id", ""),
    }
    if error.errors:
        body["errors"] = [
            {item.place: item.name, "code": item.code, "message": item.message.in_language(language)}
            for item in error.errors
        ]
    body.update(error.extensions)
    headers = {**error.headers, "Content-Language": language, "Cache-Control": "no-store"}
    return Response(dump_json(body), error.status, headers, PROBLEM_JSON)


def classify_exception(error: Exception) -> RaccordError:
    """Turn any exception into the error that the caller is told."""
    if isinstance(error, RaccordError):
        return error
    if isinstance(error, RequestValidationError):
        return _classify_parameters(error.errors())
    if isinstance(error, HTTPException):
        kind = _BY_STATUS.get(error.status_code, errors.BadRequestError)
        return kind(headers=error.headers or {})
    if _is_passing(error):
        return errors.UnavailableError(headers={"Retry-After": "1"})
    return errors.InternalError()


async def answer_exception(request: Request, error: Exception) -> Response:
    """Answer any exception; log those that are ours to mend."""
    problem = classify_exception(error)
    if problem.status == 405:
        problem.headers = {**problem.headers, **_list_allowed(request)}
    if problem.status >= 500:
        structlog.get_logger().error(
            "request failed", request_id=request.scope.get("request_id"), **describe_exception(error)
        )
    return answer_problem(problem, request)


def install_problem_handlers(app: FastAPI) -> None:
    """Make the app answer problems for the exceptions that the framework handles by itself."""
    for kind in (RaccordError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer_exception)


def _list_allowed(request: Request) -> dict[str, str]:
    """List the methods of the address: the framework lists those of one route, and an address has several."""
    paths, address = getattr(request.app.state, "document", {"paths": {}})["paths"], request.scope["path"]
    # An address without a parameter is that alone, even where it looks like another with one.
    matching = [address] if address in paths else [path for path in paths if compile_path(path)[0].match(address)]
    methods = {method.upper() for path in matching for method in paths[path]}
    return {"Allow": ", ".join(sorted(methods))} if methods else {}


def _is_passing(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate in _PASSING or str(error.sqlstate).startswith("08")
    # OSError: no route, no name, no socket; what is out of reach is only ever the database.
    return isinstance(error, PoolTimeoutError | asyncpg.InterfaceError | OSError | asyncio.TimeoutError)


def _classify_parameters(details: Sequence[ErrorDetails]) -> RaccordError:
    """Parameters only: bodies are read and validated by our own code."""
    places = {"query": "parameter", "path": "parameter", "header": "header"}
    found: list[FieldError] = []
    for detail in explain_errors(details):
        place, *rest = detail.path
        name = str(rest[0]) if rest else ""
        found.append(FieldError(places.get(str(place), "parameter"), name, detail.code, detail.message))
    if any(item.code == "extra_forbidden" for item in found):
        return errors.UnknownParameterError(errors=found)
    header = next((item for item in found if item.place == "header"), None)
    if header is not None:
        kind = errors.MissingHeaderError if header.code == "missing" else errors.InvalidHeaderError
        return kind(Text(f"En-tête {header.name}.", f"Header {header.name}."), found)
    return errors.InvalidParameterError(errors=found)
