"""Addresses that no honest client asks for: parameters, cursors, identifiers, external ids, lengths."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from raccord.kernel.pages import fingerprint_question, write_cursor
from tests.hostile.refusals import CANARY, assert_refused
from tests.operations import METHODS, Operation, add_query, list_operations, list_protected, read_document
from tests.peers import World

# Generated for every operation, along the same few lines: to measure them too would double what they cost.
pytestmark = [pytest.mark.usefixtures("unchanged"), pytest.mark.no_cover]


def on(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=str)


READS = [operation for operation in list_protected() if operation.method == "GET"]
CONTINUED = [operation for operation in READS if operation.kind or operation.path == "/v1/changes"]
PAGED = [o for o in CONTINUED if any(p["name"] in ("cursor", "after") for p in o.list_parameters("query"))]
FILTERED = [operation for operation in READS if operation.list_parameters("query")]
BY_ID = [operation for operation in list_protected() if "{id}" in operation.path and operation.kind]
BY_SOURCE = [operation for operation in list_protected() if "{external_id}" in operation.path]

NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")
VALUES = [
    "",
    " ",
    "0",
    "-1",
    "201",
    "+1",
    "1.0",
    "1e3",
    "0x10",
    "٣",
    "99999999999999999999",
    CANARY,
    "a\x00b",
    "a\nb",
    "\x7f",
    "'; DROP TABLE structures; --",
    "%",
    "_",
    "\\",
    "null",
    "true",
    "٦٩٠٠١",
    "x" * 3_000,
]
IDS = [
    "1",
    "me",
    "%00",
    "%0a",
    "..%2f..%2fetc%2fpasswd",
    "é",
    quote("٠" * 36),
    "00000000-0000-0000-0000-00000000000g",
    "%7B00000000-0000-0000-0000-000000000000%7D",
    "00000000-0000-0000-0000-000000000000%00",
    "00000000-0000-0000-0000-000000000000%20",
    "00000000000000000000000000000000",
    "urn:uuid:00000000-0000-0000-0000-000000000000",
    quote("' OR 1=1 --"),
    "x" * 2_000,
]
SOURCES = ["%00", "a%00b", "A", quote("é"), "a%20b", "-a", "a" * 64, quote("' OR 1=1 --"), "%25", "%F0%9F%92%A9", "%E9"]
EXTERNAL_IDS = [
    "%00",
    "a%00b",
    "%0a",
    "%1b[31m",
    "%7f",
    "%20",
    "a%20b",
    "a%25b",
    "a%3Fb",
    "a%23b",
    "x" * 129,
    "%C2%A0",
    "%E2%80%A8",
    # Latin-1, in which é and è would become one and the same name: two records would be taken for one.
    "dossier-%E9",
    "dossier-%E8",
    "%EF%BF%BD",
]


@on(list_protected())
async def test_unknown_parameters_are_named_and_their_values_are_not(world: World, operation: Operation) -> None:
    response = await call(world, operation, f"inconnu={quote(CANARY)}")
    problem = assert_refused(operation, response)
    assert problem["code"] == "unknown_parameter"
    assert [(item["parameter"], item["code"]) for item in problem["errors"]] == [("inconnu", "unknown_parameter")]


@on(FILTERED)
async def test_repeated_parameters_are_refused(world: World, operation: Operation) -> None:
    for parameter in operation.list_parameters("query"):
        if parameter["schema"].get("type") == "array":
            continue
        name = parameter["name"]
        problem = assert_refused(operation, await call(world, operation, f"{name}=1&{name}=1"))
        assert [(i["parameter"], i["code"]) for i in problem["errors"]] == [(name, "repeated_parameter")]


@on(FILTERED)
async def test_wrong_values_of_parameters_are_refused(world: World, operation: Operation) -> None:
    components = {"components": read_document()["components"]}
    for parameter in operation.list_parameters("query"):
        schema = parameter["schema"].get("items", parameter["schema"])
        validator = Draft202012Validator({**components, **schema}, format_checker=FormatChecker())
        is_number = schema.get("type") == "integer"
        for value in VALUES:
            read: object = int(value) if is_number and value.isascii() and value.isdigit() else value
            if schema.get("type") == "number" and NUMBER.fullmatch(value):
                read = float(value)
            read = {"true": True, "false": False}.get(value, read) if schema.get("type") == "boolean" else read
            if validator.is_valid(read) and parameter["name"] not in ("cursor", "after"):
                continue
            response = await call(world, operation, f"{parameter['name']}={quote(value)}")
            problem = assert_refused(operation, response)
            assert response.status_code == 400
            assert [item["parameter"] for item in problem["errors"]] == [parameter["name"]], value


@on(FILTERED)
async def test_too_many_values_are_refused(world: World, operation: Operation) -> None:
    for parameter in operation.list_parameters("query"):
        if parameter["schema"].get("type") == "array":
            items = parameter["schema"]["items"]
            value = (items.get("enum") or items["examples"])[0]
            query = "&".join([f"{parameter['name']}={quote(value)}"] * (parameter["schema"]["maxItems"] + 1))
            problem = assert_refused(operation, await call(world, operation, f"{query}"))
            assert problem["errors"][0]["parameter"] == parameter["name"]


@on(READS)
@pytest.mark.parametrize("query", ["%ff=1", "limit=%ff", "a%00=1", "&".join(f"x{n}=1" for n in range(900))])
async def test_unreadable_queries_are_refused(world: World, operation: Operation, query: str) -> None:
    problem = assert_refused(operation, await call(world, operation, query))
    assert problem["code"] in ("unknown_parameter", "invalid_parameter")


@on(PAGED)
async def test_cursors_of_others_and_changed_ones_are_refused(world: World, operation: Operation) -> None:
    own = await read_cursors(world)
    [name] = [p["name"] for p in operation.list_parameters("query") if p["name"] in ("cursor", "after")]
    mine = own[operation.path]
    raw = base64.urlsafe_b64decode(mine + "=" * (-len(mine) % 4))
    changed = [raw[:-1] + bytes([raw[-1] ^ 1]), bytes([raw[0] ^ 1]) + raw[1:], raw[:12], raw[:11], raw + b" ", b""]
    # Whatever JSON stands where a cursor holds its place.
    changed += [raw[:12] + payload for payload in (b"1", b"null", b"true", b"[]", b"{}", b'""', b"[" * 5_000)]
    wrong = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in changed]
    wrong += [mine[:-4], mine[1:], f"{mine}AAAA", mine.swapcase(), "e30", "bnVsbA", "W10", "..", "é", "\x00"]
    wrong += [cursor for path, cursor in own.items() if path != operation.path]
    for cursor in wrong:
        problem = assert_refused(operation, await call(world, operation, f"{name}={quote(cursor)}"))
        assert problem["code"] == "invalid_cursor", cursor
        assert [item["parameter"] for item in problem["errors"]] == [name]
    if name == "cursor":
        filtered = await call(world, operation, f"{name}={mine}&source=autre")
        assert assert_refused(operation, filtered)["code"] == "invalid_cursor"
        stranger = await world.stranger.get(f"{operation.path}?cursor={mine}")
        assert assert_refused(operation, stranger)["code"] == "invalid_cursor"
    assert (await call(world, operation, f"{name}={mine}")).status_code == 200


@on(BY_ID)
async def test_wrong_identifiers_are_refused(world: World, operation: Operation) -> None:
    for given in IDS:
        path = operation.path.replace("{id}", given)
        response = await world.call(operation, world.owner, path=path)
        assert response.status_code in (400, 404, 405), given
        assert_problem(response)
        if response.status_code == 400:
            assert [item["parameter"] for item in assert_refused(operation, response)["errors"]] == ["id"]


@on(BY_SOURCE)
async def test_wrong_sources_and_external_ids_are_refused(world: World, operation: Operation) -> None:
    for source in SOURCES:
        path = operation.path.replace("{source}", source).replace("{external_id}", "x")
        assert_refused(operation, await world.call(operation, world.owner, path=path))
    for name in EXTERNAL_IDS:
        path = operation.path.replace("{source}", world.owner.source).replace("{external_id}", name)
        response = await world.call(operation, world.owner, path=path)
        problem = assert_refused(operation, response)
        assert response.status_code == 400, name
        assert [item["parameter"] for item in problem["errors"]] == ["external_id"]


@on([operation for operation in BY_SOURCE if operation.method == "GET"])
async def test_odd_external_ids_are_merely_unknown(world: World, operation: Operation) -> None:
    for name in ("%C3%A9", "%F0%9F%92%A9", "_", "'", "%5C", "a;b", "x" * 128, quote("٣" * 14), ".", "a.."):
        path = operation.path.replace("{source}", world.owner.source).replace("{external_id}", name)
        assert (await world.call(operation, world.owner, path=path)).status_code == 404, name


@on([operation for operation in list_protected() if "{" in operation.path and operation.kind])
async def test_a_slash_in_disguise_reaches_no_record(world: World, operation: Operation) -> None:
    assert operation.kind is not None
    for name in ("a%2Fb", "%2E%2E%2Fx", "%2F"):
        path = world.fill_path(operation).replace(str(world.records[operation.kind.name]["id"]), name)
        path = path.replace(f"X-{operation.kind.singular}-1", name)
        assert_problem(await world.call(operation, world.owner, path=path))


@on(READS)
async def test_overlong_addresses_are_refused(world: World, operation: Operation) -> None:
    response = await call(world, operation, f"inconnu={'x' * 9_000}")
    assert response.status_code == 414
    assert_problem(response)


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v2/structures", "/v1/structures/", "/.git/config", "/%00", "//"]
)
async def test_addresses_of_nothing_are_problems(world: World, path: str) -> None:
    response = await world.http.get(path, headers=world.owner.headers)
    assert response.status_code == 404
    assert_problem(response)


@pytest.mark.parametrize("path", sorted({operation.path for operation in list_operations()}))
async def test_other_methods_are_refused_with_those_allowed(world: World, path: str) -> None:
    allowed = {operation.method for operation in list_operations() if operation.path == path}
    address = path.replace("{id}", world.records["structures"]["id"])
    address = address.replace("{source}", "a").replace("{external_id}", "b")
    for method in [*sorted({method.upper() for method in METHODS} - allowed), "PROPFIND", "QUERY"]:
        response = await world.http.request(method, address, headers=world.owner.headers)
        assert response.status_code == 405, method
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["cache-control"] == "no-store"
        assert set(response.headers["Allow"].split(", ")) == allowed


async def read_cursors(world: World) -> dict[str, str]:
    """Read one cursor of each list and of the feed."""
    cursors: dict[str, str] = {}
    for operation in PAGED:
        kind = operation.kind
        if kind is None:
            cursors[operation.path] = (await call(world, operation, "limit=1")).json()["next_cursor"]
        else:
            # One record makes no second page: the cursor is written as the list would.
            instant, record_id = "2026-01-01T00:00:00+00:00", world.records[kind.name]["id"]
            question = fingerprint_question(kind.name, kind.filters(), world.owner.client_id)
            place = [instant, record_id, "f"]
            if kind.search is not None and operation.path.endswith("/search"):
                question = fingerprint_question("search", kind.name, kind.search.parameters(), world.owner.client_id)
                place = [instant, instant, record_id]
            cursors[operation.path] = write_cursor(world.app.state.keys, question, place)
    return cursors


async def call(world: World, operation: Operation, query: str) -> httpx.Response:
    return await world.call(operation, world.owner, path=add_query(world.fill_path(operation), query))


def assert_problem(response: httpx.Response) -> dict[str, Any]:
    assert 400 <= response.status_code < 500, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = dict(response.json())
    assert problem["status"] == response.status_code
    assert CANARY not in response.text
    return problem
