"""Headers in, headers out: entity tags, preconditions, cursors and links of the routes that every kind has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from raccord.kernel.errors import InvalidHeaderError, InvalidParameterError, PreconditionRequiredError
from raccord.kernel.keys import Keys
from raccord.kernel.pages import DEFAULT_LIMIT, MAX_LIMIT, fingerprint_question, read_cursor, write_cursor
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.shapes import EXTERNAL_ID_PATTERN
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import Text
from raccord.kernel.validation import explain_errors
from raccord.records.kind import Kind
from raccord.records.lists import Page, PageQuery, Place
from raccord.records.reads import Served, Viewer
from raccord.records.store import ANY_VERSION

_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})(?:-[0-9a-f]{12})?"')
_NAMES = {
    "source": (
        re.compile(r"[a-z0-9][a-z0-9_-]{0,62}"),
        Text("1 à 63 caractères parmi a-z, 0-9, _ et -.", "1 to 63 characters among a-z, 0-9, _ and -."),
    ),
    "external_id": (
        re.compile(EXTERNAL_ID_PATTERN),
        Text(
            "1 à 128 caractères en UTF-8, sans / ? # % ni espace.",
            "1 to 128 characters in UTF-8, without / ? # % or space.",
        ),
    ),
}
M = TypeVar("M", bound=BaseModel)


def read_if_match(request: Request) -> int:
    """Read the version on which a change is based; ANY_VERSION for `*`.

    Errors: PreconditionRequiredError, InvalidHeaderError.
    """
    header = request.headers.get("if-match")
    if header is None:
        raise PreconditionRequiredError
    if header.strip() == "*":
        return ANY_VERSION
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        message = Text("Renvoyez l'ETag tel que reçu.", "Send the ETag as received.")
        raise InvalidHeaderError(message, [FieldError("header", "If-Match", "invalid_etag", message)])
    return int(found[1])


def read_create_only(request: Request) -> bool:
    """Tell whether the record must not exist yet (`If-None-Match: *`).

    Errors: InvalidHeaderError for a tag, which a write is not compared with.
    """
    header = request.headers.get("if-none-match")
    if header is None or header.strip() == "*":
        return header is not None
    message = Text("Seul `*` a un sens ici.", "Only `*` makes sense here.")
    raise InvalidHeaderError(message, [FieldError("header", "If-None-Match", "invalid_etag", message)])


def answer_record(
    request: Request,
    served: Served,
    *,
    is_personal: bool,
    status: int = 200,
    media_type: str = "application/json",
) -> Response:
    """Answer a record, or 304 if the caller has this very one."""
    headers = {"ETag": served.etag, "Cache-Control": "no-store" if is_personal else "private, no-cache"}
    known = request.headers.get("if-none-match")
    if status == 200 and request.method == "GET" and known and knows_etag(known, served.etag):
        return Response(status_code=304, headers=headers)
    return Response(served.body, status, headers, media_type)


def knows_etag(header: str, etag: str) -> bool:
    """Tell whether If-None-Match names the tag."""
    return header.strip() == "*" or etag in (part.strip().removeprefix("W/") for part in header.split(","))


class ListQuestion:
    """What a list request asks: filters, limit, and where to continue."""

    def __init__(self, request: Request, kind: Kind, viewer: Viewer) -> None:
        self._request, self._kind, self._viewer = request, kind, viewer
        parameters = request.query_params
        self._keys: Keys = request.app.state.keys
        self.filters = read_filters(kind.filters, request)
        self._question = fingerprint_question(kind.name, self.filters, viewer.caller.client_id)
        self.limit = read_limit(parameters.get("limit"))
        cursor = parameters.get("cursor")
        self.place = self._read_place(cursor) if cursor is not None else None

    def write_query(self) -> PageQuery:
        """Write the query of the page asked for."""
        return PageQuery(self._kind, self._viewer, self._list_conditions(), self.place, self.limit)

    def _list_conditions(self) -> list[tuple[str, object]]:
        """List the SQL conditions of the filters given, each with its value."""
        conditions: list[tuple[str, object]] = []
        for name in self._kind.filters.model_fields:
            value = getattr(self.filters, name)
            if value is None:
                continue
            if name in self._kind.person_fields:
                value = self._viewer.pairwise.reveal(value)
            elif isinstance(value, list):
                value = [str(item) for item in value]
            conditions.append(self._kind.write_condition(name, value))
        return conditions

    def answer(self, page: Page) -> Response:
        """Answer the page, with the cursors that continue it both ways, in the body and as links."""
        is_backward = self.place is not None and self.place.is_backward
        has_next = page.has_more if not is_backward else True
        has_previous = self.place is not None if not is_backward else page.has_more
        following = self._write_place(page.last, "f") if has_next and page.last else None
        previous = self._write_place(page.first, "b") if has_previous and page.first else None
        cursor = b"null" if following is None else b'"' + following.encode() + b'"'
        body = b'{"data":[' + page.documents + b'],"next_cursor":' + cursor + b"}"
        links = [write_link(self._request, c, rel) for c, rel in ((following, "next"), (previous, "prev")) if c]
        headers = {"Cache-Control": "no-store" if self._kind.is_personal else "private, no-cache"}
        if links:
            headers["Link"] = ", ".join(links)
        return Response(body, 200, headers, "application/json")

    def _read_place(self, cursor: str) -> Place:
        updated_at, record_id, direction = read_cursor(self._keys, self._question, cursor)
        key = self._viewer.reveal_id(self._kind, UUID(str(record_id)))
        return Place(datetime.fromisoformat(str(updated_at)), key, is_backward=direction == "b")

    def _write_place(self, key: tuple[datetime, UUID], direction: str) -> str:
        record_id = self._viewer.conceal_id(self._kind, key[1])
        return write_cursor(self._keys, self._question, [key[0].isoformat(), str(record_id), direction])


def write_link(request: Request, cursor: str, rel: str) -> str:
    """Write the link to the page at the cursor of the same question.

    Source: RFC 8288.
    """
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    query = urlencode([*kept, ("cursor", cursor)])
    return f'<{request.app.state.public_url}{request.url.path}?{query}>; rel="{rel}"'


def read_limit(value: str | None) -> int:
    """Read the size of a page.

    Errors: InvalidParameterError.
    """
    if value is None:
        return DEFAULT_LIMIT
    if re.fullmatch(r"[0-9]{1,4}", value) and 1 <= int(value) <= MAX_LIMIT:
        return int(value)
    message = Text(f"Un entier de 1 à {MAX_LIMIT}.", f"An integer from 1 to {MAX_LIMIT}.")
    raise InvalidParameterError(message, [FieldError("parameter", "limit", "invalid_limit", message)])


def read_id(value: str) -> UUID:
    """Read the id in an address.

    Errors: InvalidParameterError.
    """
    if re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        return UUID(value)
    message = Text("Un UUID est attendu.", "A UUID is expected.")
    raise InvalidParameterError(message, [FieldError("parameter", "id", "uuid_parsing", message)])


def read_name(request: Request) -> tuple[str, str]:
    """Read the source and the external id in an address.

    Errors: InvalidParameterError.
    """
    found: list[FieldError] = []
    for name, (pattern, message) in _NAMES.items():
        if not pattern.fullmatch(request.path_params[name]):
            found.append(FieldError("parameter", name, f"invalid_{name}", message))
    if found:
        raise InvalidParameterError(errors=found)
    return request.path_params["source"], request.path_params["external_id"]


def _read_scalar(annotation: str, text: str) -> JsonValue:
    """Read a number or a yes or no from its text; what is neither is left for the shape to refuse."""
    if "bool" in annotation:
        return {"true": True, "false": False}.get(text, text)
    if "float" in annotation and re.fullmatch(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?", text):
        return float(text)
    return text


def read_before(request: Request) -> int | None:
    """Read the version before which a history continues.

    Errors: InvalidParameterError.
    """
    value = request.query_params.get("before_version")
    if value is None:
        return None
    if re.fullmatch(r"[1-9][0-9]{0,8}", value):
        return int(value)
    message = Text("Un numéro de version.", "A version number.")
    raise InvalidParameterError(message, [FieldError("parameter", "before_version", "invalid_version", message)])


def answer_history(entries: Sequence[tuple[int, JsonObject]], limit: int, *, is_personal: bool) -> Response:
    """Answer a stretch of history, and from which version it goes on."""
    shown = entries[:limit]
    versions: list[JsonValue] = [
        {
            "version": version,
            "at": document.get("updated_at") or document.get("deleted_at"),
            "document": document,
        }
        for version, document in shown
    ]
    next_before = shown[-1][0] if len(entries) > limit else None
    headers = {"Cache-Control": "no-store" if is_personal else "private, no-cache"}
    return Response(dump_json({"data": versions, "next_before_version": next_before}), 200, headers, "application/json")


@cache
def _read_annotations(model: type[BaseModel]) -> dict[str, str]:
    return {name: str(field.annotation) for name, field in model.model_fields.items()}


def read_filters(model: type[M], request: Request) -> M:
    """Read the query parameters that the shape names.

    Errors: InvalidParameterError with one entry for each at fault.
    """
    given: JsonObject = {}
    annotations = _read_annotations(model)
    # By what was sent, not by what could be: a search has thirty filters, and is asked with three.
    for name in request.query_params:
        if name in annotations:
            values, annotation = request.query_params.getlist(name), annotations[name]
            given[name] = [*values] if "list[" in annotation else _read_scalar(annotation, values[-1])
    if not given:
        return model()
    try:
        # As JSON, whose strict reading takes lists of codes: the reading of strings takes none.
        return model.model_validate_json(dump_json(given))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        found = [FieldError("parameter", str(e.path[0]), e.code, e.message) for e in explain_errors(details)]
        raise InvalidParameterError(errors=found) from None
