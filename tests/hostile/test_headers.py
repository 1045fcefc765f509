"""Headers that no honest client sends."""

from __future__ import annotations

import httpx
import pytest

from tests.hostile.refusals import CANARY, assert_refused
from tests.operations import Operation, add_query, list_operations, list_personal, list_protected
from tests.peers import World

# Generated for every operation, along the same few lines: to measure them too would double what they cost.
pytestmark = [pytest.mark.usefixtures("unchanged"), pytest.mark.no_cover]


def on(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=str)


def asking(name: str) -> list[Operation]:
    """List the operations that require the header."""
    return [
        operation
        for operation in list_operations()
        if any(p["name"] == name and p.get("required") for p in operation.list_parameters("header"))
    ]


ETAGS = [
    b"",
    b" ",
    b'"',
    b'""',
    b"1",
    b'"1',
    b'"1", "2"',
    b'"-1"',
    b'"1e3"',
    b'"99999999999999999999"',
    b'"1-xyz"',
    b'"\xd9\xa3"',
    b'"1"\x00',
    b'"1"\r\nX-Injected: 1',
    b'W/"',
    b"**",
    b'"' + b"1" * 5_000 + b'"',
]
KEYS = [b"abc\n", b"", b" ", b"a b", b"x" * 129, "é".encode(), b"a\x00", b"a\nb", b"\x7f"]
ACTORS = [b"abc\n", b"", b"a b", b"x" * 129, "é".encode(), b"a\nb: c", b"\x00", CANARY.encode()]
AUTHORIZATIONS = [
    b"",
    b"Bearer",
    b"Bearer ",
    b"Bearer  ",
    b"bearer x y",
    b"Bearer \x00",
    b"Bearer \xff\xfe",
    b"Bearer " + b"x" * 50_000,
    b"Bearer rac_at_" + b"A" * 50,
    b"Bearer rac_at_%00",
    b"Basic OnB3bmVk",
    b"Basic \xff",
    b"Digest username=x",
    b"Token x",
    b"Bearer ' OR 1=1 --",
    b"\x00",
]
LANGUAGES = [
    b"",
    b"*",
    b"fr;q=abc",
    b"en;q=" + b"9" * 400,
    b"en;q=nan",
    b"en;q=inf",
    b"\xff\xfe",
    b"x" * 50_000,
    b",,;;=",
    b"en;q=-1",
]
ACCEPTS = [b"", b"image/png", b"application/xml", b"\xff", b"*/*;q=0"]


@on(asking("If-Match"))
async def test_entity_tags_that_are_none_are_refused(world: World, operation: Operation) -> None:
    for tag in ETAGS:
        problem = assert_refused(operation, await call(world, operation, "If-Match", tag))
        assert [item["header"] for item in problem["errors"]] == ["If-Match"], tag
    missing = await call(world, operation, "If-Match", None)
    assert missing.status_code == 428
    assert_refused(operation, missing)
    stale = await call(world, operation, "If-Match", b'"9"')
    assert stale.status_code == 412
    assert assert_refused(operation, stale)["current_version"] == 1


@on([operation for operation in list_operations() if operation.name.startswith("upsert_")])
async def test_create_only_is_said_with_a_star(world: World, operation: Operation) -> None:
    for given in (b"", b'"1"', b"* *", b"\xff", b'*, "1"'):
        problem = assert_refused(operation, await call(world, operation, "If-None-Match", given))
        assert [item["header"] for item in problem["errors"]] == ["If-None-Match"], given
    taken = await call(world, operation, "If-None-Match", b"*")
    assert assert_refused(operation, taken)["code"] == "external_id_taken"


@on(asking("Idempotency-Key"))
async def test_idempotency_keys_that_are_none_are_refused(world: World, operation: Operation) -> None:
    for key in (*KEYS, None):
        problem = assert_refused(operation, await call(world, operation, "Idempotency-Key", key))
        assert problem["code"] in ("invalid_header", "missing_header")
        assert [item["header"] for item in problem["errors"]] == ["Idempotency-Key"], key


@on(list_personal())
async def test_actors_that_are_no_reference_are_refused(world: World, operation: Operation) -> None:
    for actor in ACTORS:
        problem = assert_refused(operation, await call(world, operation, "Raccord-Actor", actor))
        assert problem["code"] == "invalid_header"
        assert [item["header"] for item in problem["errors"]] == ["Raccord-Actor"], actor


@on(list_personal())
async def test_purposes_that_are_none_are_refused(world: World, operation: Operation) -> None:
    for purpose in (b"", b"\x00", b"\xff", b"prescription\n", b"PRESCRIPTION", CANARY.encode(), b"x" * 50_000):
        problem = assert_refused(operation, await call(world, operation, "Raccord-Purpose", purpose))
        assert problem["code"] == "purpose_not_allowed"


@on(list_protected())
async def test_authorizations_that_are_none_are_refused(world: World, operation: Operation) -> None:
    for given in AUTHORIZATIONS:
        response = await call(world, operation, "Authorization", given)
        assert response.status_code == 401, given
        assert response.headers["WWW-Authenticate"].startswith("Bearer ")
        assert_refused(operation, response)


@on(list_protected())
async def test_two_tokens_at_once_are_refused(world: World, operation: Operation) -> None:
    token = f"Bearer {world.owner.token}".encode()
    headers = [(b"authorization", token), (b"authorization", token)]
    response = await world.http.request(operation.method, world.fill_path(operation), headers=headers)
    assert response.status_code == 401
    in_address = await world.http.request(
        operation.method, add_query(world.fill_path(operation), f"access_token={world.owner.token}")
    )
    assert in_address.status_code in (400, 401)
    assert world.owner.token not in in_address.text


async def test_no_language_is_too_odd(world: World) -> None:
    for given in LANGUAGES:
        headers = [(b"accept-language", given)]
        response = await world.http.get("/v1/me", headers=headers)
        assert response.status_code == 401
        assert response.headers["content-language"] in ("fr", "en")


async def test_what_a_caller_accepts_never_breaks_an_answer(world: World) -> None:
    for given in ACCEPTS:
        response = await world.http.get("/v1/structures", headers=[(b"accept", given), *encode(world.owner.headers)])
        assert response.status_code in (200, 406)
        refused = await world.http.get("/v1/me", headers=[(b"accept", given)])
        assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("given", [b"", b"a", b"x" * 65, b"a\nb", b"\xff" * 10, CANARY.encode(), b"aaaaaaaa\n"])
async def test_request_ids_that_are_none_are_replaced(world: World, given: bytes) -> None:
    response = await world.http.get("/v1/me", headers=[(b"x-request-id", given)])
    assert response.headers["x-request-id"].encode() != given
    assert response.json()["request_id"] == response.headers["x-request-id"]


async def test_a_request_id_of_the_caller_is_kept(world: World) -> None:
    response = await world.http.get("/v1/me", headers={"X-Request-Id": "a-caller.s_own-1"})
    assert response.json()["request_id"] == response.headers["x-request-id"] == "a-caller.s_own-1"


@pytest.mark.parametrize("length", [b"-1", b"abc", b"1e9", b"9" * 400, "٣".encode(), b"0" * 30 + b"999999999"])
async def test_a_false_length_changes_nothing(world: World, length: bytes) -> None:
    response = await world.http.put(
        f"/v1/structures/by-source/{world.owner.source}/nothing",
        content=b"{}",
        headers=[*encode(world.owner.headers), (b"content-length", length), (b"content-type", b"application/json")],
    )
    assert response.status_code in (413, 422)
    assert response.headers["content-type"] == "application/problem+json"


def encode(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def call(world: World, operation: Operation, name: str, value: bytes | None) -> httpx.Response:
    """Call the operation rightly but for one header."""
    headers = {**world.owner.headers, **operation.make_headers()}
    given = [(n, v) for n, v in encode(headers) if n.decode().lower() != name.lower()]
    given += [] if value is None else [(name.encode(), value)]
    return await world.http.request(
        operation.method, world.fill_path(operation), content=world.make_body(operation, world.owner), headers=given
    )
