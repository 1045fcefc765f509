"""The ways from one page to the next: each gives what a call adds, and the position that follows an answer.

A position is a text or a number: it is the checkpoint, stored after every page and shown to people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from raccord.adapters.contract import Broken
from raccord.adapters.rest.client import Place
from raccord.adapters.rest.spec import (
    CursorPages,
    KeysetPages,
    LinkHeaderPages,
    NextUrlPages,
    OffsetPages,
    PagePages,
    Pages,
    RangePages,
)
from raccord.kernel.outbound import Reply
from raccord.kernel.refusals import JsonValue
from raccord.kernel.response_rules import read_pointer
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

Position = str | int | None
_RANGE = re.compile(r"[^0-9]*([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12}|\*)")


def place_page(pages: Pages, position: Position) -> Place:
    """Say what the call of the position adds."""
    match pages.type:
        case "none":
            return Place()
        case "next_url" | "link_header":
            return Place(url=str(position) if position is not None else None)
        case "cursor":
            return _add(pages, {pages.param: position} if position is not None else {})
        case "page":
            sized = {pages.size_param: pages.size} if pages.size_param and pages.size else {}
            return _add(pages, {pages.param: pages.first if position is None else position, **sized})
        case "offset":
            return _add(
                pages, {pages.param: position or 0, **({pages.size_param: pages.size} if pages.size_param else {})}
            )
        case "keyset":
            sized = {pages.size_param: pages.size} if pages.size_param else {}
            return _add(pages, {**({pages.param: position} if position is not None else {}), **sized})
        case "range_header":
            return _place_range(pages, int(position or 0))


def _add(pages: CursorPages | PagePages | OffsetPages | KeysetPages, given: dict[str, str | int]) -> Place:
    if pages.place == "body":
        return Place(body=given)
    return Place(params={name: str(value) for name, value in given.items()})


def _place_range(pages: RangePages, start: int) -> Place:
    last = start + pages.size - 1
    if pages.ceiling is not None:
        last = min(last, pages.ceiling - 1)
    asked = f"{start}-{last}"
    if pages.param is not None:
        return Place(params={pages.param: asked})
    return Place(headers={pages.header: f"{pages.unit}={asked}" if pages.unit else asked})


def find_next(pages: Pages, position: Position, reply: Reply, records: Sequence[JsonObject], url: str) -> Position:
    """Find the position of the next page; None after the last.

    Shape:  `records` are all the rows of the page, unreadable ones too; `url` is the address that was called.
    Errors: Broken where the answer does not say what the spec says it does.
    """
    match pages.type:
        case "none":
            return None
        case "cursor":
            return _find_token(pages, reply)
        case "next_url" | "link_header":
            return _join(url, _read_address(pages, reply))
        case "page":
            return _find_page(pages, pages.first if position is None else int(position), reply, len(records))
        case "offset" | "keyset":
            if len(records) < pages.size:
                return None
            return int(position or 0) + len(records) if pages.type == "offset" else _read_key(pages, records[-1])
        case "range_header":
            return _find_range(pages, reply)


def _read_body(reply: Reply) -> JsonValue:
    return reply.json if reply.content else None


def _find_token(pages: CursorPages, reply: Reply) -> Position:
    body = _read_body(reply)
    if pages.has_more is not None and read_pointer(body, pages.has_more) is not True:
        return None
    token = read_pointer(body, pages.pointer)
    if token is None or token == "":
        return None
    if isinstance(token, bool) or not isinstance(token, str | int):
        raise Broken(Text(f"{pages.pointer} n'est pas un curseur.", f"{pages.pointer} is no cursor."))
    return token


def _read_address(pages: NextUrlPages | LinkHeaderPages, reply: Reply) -> JsonValue:
    if pages.type == "next_url":
        return read_pointer(_read_body(reply), pages.pointer)
    return httpx.Response(200, headers={"link": reply.headers.get("link", "")}).links.get("next", {}).get("url")


def _join(url: str, following: JsonValue) -> Position:
    if following is None or following == "":
        return None
    if not isinstance(following, str):
        raise Broken(Text("L'adresse suivante n'est pas un texte.", "The next address is no text."))
    return urljoin(url, following)


def _find_page(pages: PagePages, number: int, reply: Reply, count: int) -> Position:
    if pages.page_count is not None:
        of = read_pointer(_read_body(reply), pages.page_count)
        if isinstance(of, bool) or not isinstance(of, int):
            raise Broken(Text(f"{pages.page_count} n'est pas un nombre.", f"{pages.page_count} is no number."))
        return number + 1 if number - pages.first + 1 < of else None
    return number + 1 if count >= (pages.size or 1) else None


def _read_key(pages: KeysetPages, record: JsonObject) -> Position:
    key = read_pointer(record, pages.field)
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise Broken(Text(f"{pages.field} n'est pas une clé.", f"{pages.field} is no key."))
    return key


def _read_range(reply: Reply) -> tuple[int, int | None] | None:
    found = _RANGE.fullmatch(reply.headers.get("content-range", "").strip())
    return (int(found[2]), int(found[3]) if found[3] != "*" else None) if found else None


def _find_range(pages: RangePages, reply: Reply) -> Position:
    if reply.status != 206:
        return None
    found = _read_range(reply)
    if found is None:
        raise Broken(Text("206 sans Content-Range lisible.", "206 without a readable Content-Range."))
    last, total = found
    following = last + 1
    if (total is not None and following >= total) or (pages.ceiling is not None and following >= pages.ceiling):
        return None
    return following


def read_range_total(pages: Pages, reply: Reply) -> int | None:
    """Read how many rows Content-Range says there are."""
    found = _read_range(reply) if pages.type == "range_header" else None
    return found[1] if found else None


def is_cut_by_ceiling(pages: Pages, total: int | None) -> bool:
    """Tell whether there are more rows than the tool gives."""
    if pages.type != "range_header" or pages.ceiling is None:
        return False
    return total is None or total > pages.ceiling


def strip_parameter(url: str, name: str) -> str:
    """Take a parameter out of an address: the key that a tool repeats in the address of its next page."""
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    return urlunsplit(parts._replace(query=urlencode(kept)))
