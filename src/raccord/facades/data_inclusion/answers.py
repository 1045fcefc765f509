"""Answers in the dialect of data·inclusion: its pages, and its errors, {"detail": …} in English."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import cast

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from raccord.facades.data_inclusion.parameters import PageParameters
from raccord.kernel.errors import InvalidContentError, NotFoundError
from raccord.kernel.logs import describe_exception
from raccord.kernel.problems import classify_exception
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import Text

UNKNOWN_COMMUNE = InvalidContentError(Text("Commune inconnue.", "This commune does not exist."))
Endpoint = Callable[[Request], Coroutine[object, object, Response]]


class FacadeRoute(APIRoute):
    """A route whose errors, every one, are told in the dialect of data·inclusion."""

    def get_route_handler(self) -> Endpoint:
        """Wrap the route's endpoint."""
        endpoint = cast("Endpoint", super().get_route_handler())

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Exception as error:
                return answer_error(request, error)

        return answer


def answer_json(value: JsonValue) -> Response:
    """Answer the value."""
    return Response(dump_json(value), media_type="application/json")


def make_page(items: list[JsonValue], total: int, asked: PageParameters) -> JsonObject:
    """Make a page. Its size is the number of its items, not what was asked."""
    return {
        "items": items,
        "total": total,
        "page": asked.page,
        "size": len(items),
        "pages": -(-total // asked.size),
    }


def answer_error(request: Request, error: Exception) -> Response:
    """Answer any error; log those that are ours to mend. Never a value that was sent."""
    if isinstance(error, RequestValidationError):
        details: list[JsonValue] = [
            {"type": str(item["type"]), "loc": [*item["loc"]], "msg": str(item["msg"])} for item in error.errors()
        ]
        return Response(dump_json({"detail": details}), 422, media_type="application/json")
    problem = classify_exception(error)
    if problem.status >= 500:
        structlog.get_logger().error(
            "request failed", request_id=request.scope.get("request_id"), **describe_exception(error)
        )
    detail = "Not Found" if isinstance(problem, NotFoundError) else (problem.detail or problem.title).en
    return Response(dump_json({"detail": detail}), problem.status, dict(problem.headers), "application/json")
