"""The code lists, for programs that show them or translate them: which there are, what each holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response, Security

from raccord.access.caller import Caller
from raccord.kernel.database import Database
from raccord.kernel.errors import InvalidParameterError, NotFoundError
from raccord.kernel.pages import fingerprint_question, read_cursor, write_cursor
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import Language, Text, choose_language
from raccord.kernel.web import API_VERSION
from raccord.oauth.authentication import get_caller
from raccord.records.answers import knows_etag, read_limit, write_link
from raccord.records.rows import write_instant
from raccord.reference.catalogue import EntriesQuery, find_edition, find_entry, read_editions, read_entries
from raccord.reference.entries import Edition, Entry
from raccord.reference.titles import LIST_TITLES
from raccord.resources.reference_lists.descriptions import (
    CODE_PATTERN,
    MAX_Q,
    describe_entries,
    describe_entry,
    describe_lists,
)

Called = Annotated[Caller, Security(get_caller)]


def build_reference_router() -> APIRouter:
    """Build the router."""
    router = APIRouter(tags=["Reference"])
    router.add_api_route("/v1/reference", list_lists, methods=["GET"], **describe_lists())
    router.add_api_route("/v1/reference/{list}", list_entries, methods=["GET"], **describe_entries())
    router.add_api_route("/v1/reference/{list}/{code}", read_entry, methods=["GET"], **describe_entry())
    return router


async def list_lists(request: Request, _caller: Called) -> Response:
    """List every list."""
    editions = await read_editions(_database(request))
    answer = Answer(request, *editions)
    data: list[JsonValue] = [show_edition(edition, answer.language) for edition in editions]
    return answer.unchanged() or answer.send({"data": data})


async def list_entries(request: Request, _caller: Called) -> Response:
    """List the values of a list.

    Errors: NotFoundError for an unknown list, or one that is not loaded.
    """
    edition = await _find_edition(request)
    parameters = request.query_params
    q, parent = _read_q(parameters.get("q")), _read_parent(parameters.get("parent"))
    limit = read_limit(parameters.get("limit"))
    question = fingerprint_question("reference", edition.name, q, parent)
    cursor = parameters.get("cursor")
    keys = request.app.state.keys
    place = read_cursor(keys, question, cursor) if cursor is not None else None
    answer = Answer(request, edition.digest, question, limit, place)
    if (unchanged := answer.unchanged()) is not None:
        return unchanged
    after = (int(place[0]), str(place[1])) if place else None
    page = await read_entries(_database(request), EntriesQuery(edition.name, limit, q, parent, after))
    following = write_cursor(keys, question, page.next_place) if page.next_place else None
    data: list[JsonValue] = [show_entry(entry, answer.language) for entry in page.entries]
    links = {"Link": write_link(request, following, "next")} if following else {}
    return answer.send({"data": data, "next_cursor": following}, links)


async def read_entry(request: Request, _caller: Called) -> Response:
    """Read one value.

    Errors: NotFoundError.
    """
    edition = await _find_edition(request)
    code = request.path_params["code"]
    entry = await find_entry(_database(request), edition.name, code) if re.fullmatch(CODE_PATTERN, code) else None
    if entry is None:
        raise NotFoundError
    answer = Answer(request, edition.digest)
    return answer.unchanged() or answer.send(show_entry(entry, answer.language))


class Answer:
    """An answer in the caller's language, which a cache may keep for an hour and then ask for again by its ETag."""

    def __init__(self, request: Request, *content: object) -> None:
        self._request = request
        self.language: Language = choose_language(request.headers.get("accept-language"))
        digest = hashlib.sha256(repr((API_VERSION, self.language, content)).encode()).hexdigest()
        self._headers = {
            "ETag": f'"{digest[:24]}"',
            "Cache-Control": "private, max-age=3600",
            "Vary": "Accept-Language",
            "Content-Language": self.language,
        }

    def unchanged(self) -> Response | None:
        """Answer 304, if the caller has this very answer."""
        known = self._request.headers.get("if-none-match")
        has_it = known is not None and knows_etag(known, self._headers["ETag"])
        return Response(status_code=304, headers=self._headers) if has_it else None

    def send(self, body: JsonObject, headers: Mapping[str, str] | None = None) -> Response:
        """Answer the body."""
        return Response(dump_json(body), 200, {**self._headers, **(headers or {})}, "application/json")


def show_edition(edition: Edition, language: Language) -> JsonObject:
    """Write a list as it is answered."""
    title = LIST_TITLES[edition.name]
    return {
        "name": edition.name,
        "label": title.in_language(language),
        "labels": {"fr": title.fr, "en": title.en},
        "version": edition.version,
        "source": edition.source,
        "licence": edition.licence,
        "count": edition.count,
        "valid_from_on": _write_day(edition.valid_from_on),
        "loaded_at": write_instant(edition.loaded_at) if edition.loaded_at else None,
    }


def show_entry(entry: Entry, language: Language) -> JsonObject:
    """Write a value as it is answered."""
    place = entry.location
    return {
        "code": entry.code,
        "label": (entry.label_en if language == "en" else None) or entry.label_fr,
        "labels": {"fr": entry.label_fr, "en": entry.label_en},
        "parent_code": entry.parent,
        "valid_from_on": _write_day(entry.valid_from_on),
        "valid_until_on": _write_day(entry.valid_until_on),
        "crosswalks": {**entry.crosswalks},
        "attributes": entry.attributes,
        "location": {"latitude": place.latitude, "longitude": place.longitude, "precision": place.precision}
        if place
        else None,
    }


async def _find_edition(request: Request) -> Edition:
    edition = await find_edition(_database(request), request.path_params["list"])
    if edition is None:
        raise NotFoundError
    return edition


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _write_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read_q(value: str | None) -> str | None:
    if value is None or 1 <= len(value) <= MAX_Q:
        return value
    raise _refuse("q", Text(f"De 1 à {MAX_Q} caractères.", f"1 to {MAX_Q} characters."))


def _read_parent(value: str | None) -> str | None:
    if value is None or re.fullmatch(CODE_PATTERN, value):
        return value
    raise _refuse("parent", Text("Un code de liste.", "A code of a list."))


def _refuse(name: str, message: Text) -> InvalidParameterError:
    return InvalidParameterError(message, [FieldError("parameter", name, f"invalid_{name}", message)])
