"""Bodies that no honest client sends: each is refused where it is wrong, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.hostile.conftest import MAX_BODY, MAX_IMPORT
from tests.hostile.refusals import CANARY, assert_refused
from tests.operations import (
    Operation,
    list_fields,
    list_writing,
    read_document,
    resolve,
)
from tests.peers import World

# Generated for every operation, along the same few lines: to measure them too would double what they cost.
pytestmark = [pytest.mark.usefixtures("unchanged"), pytest.mark.no_cover]

JSON_TYPES = ("application/json", "application/merge-patch+json")
IN_JSON = [operation for operation in list_writing() if operation.kind and operation.body_types[0] in JSON_TYPES]
WRITING = pytest.mark.parametrize("operation", list_writing(), ids=str)
WRITING_JSON = pytest.mark.parametrize("operation", IN_JSON, ids=str)

RAW = {
    "empty": b"",
    "blank": b"  \n ",
    "cut": b'{"name": "' + CANARY.encode(),
    "trailing": b'{"name": 1} x',
    "array": b"[]",
    "text": json.dumps(CANARY).encode(),
    "null": b"null",
    "number": b"1",
    "not a number": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "repeated key": b'{"name": "a", "name": "b"}',
    "repeated key, spelled otherwise": b'{"name": "a", "n\\u0061me": "b"}',
    "repeated key, inside": b'{"address": {"city": "a", "city": "b"}}',
    "deep arrays": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "rather deep": b'{"a":' * 40 + b"1" + b"}" * 40,
    "huge integer": b'{"name": ' + b"9" * 5_000 + b"}",
    "large integer": b'{"name": ' + b"9" * 4_000 + b"}",
    "raw NUL": b'{"name": "a\x00b"}',
    "raw control": b'{"name": "a\x1bb"}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "lone surrogate as a key": b'{"\\udfff": 1}',
    "NUL as a key": b'{"\\u0000": 1}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"name": "a"}'.encode("utf-16-le"),
    "UTF-32": '{"name": "a"}'.encode("utf-32"),
    "bad UTF-8": b'{"name": "\xff\xfe"}',
    "overlong UTF-8": b'{"name": "\xc0\x80"}',
    "byte order mark": b'\xef\xbb\xbf{"name": "a"}',
    "single quotes": b"{'name': 'a'}",
    "comment": b'{"name": "a" /* b */}',
    "form": b"name=a&name=b",
    "XML": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
}

TYPES = [
    None,
    "",
    "text/plain",
    "text/plain; charset=utf-8",
    "application/xml",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "application/json, text/plain",
    "application/json-patch+json",
    "*/*",
    "/",
    "a" * 5_000,
]

HOSTILE: list[Any] = [
    None,
    True,
    0,
    12345,
    10**300,
    [],
    {},
    [CANARY],
    {"x": CANARY},
    "",
    " ",
    CANARY,
    CANARY * 2_000,
    f"\x00{CANARY}",
    f"{CANARY}\x1b[31m",
    "\ud800",
    "31/12/2025",
    "2025-02-30",
    "2025-12-31T00:00:00Z",
    "1735603200",
    "0000-01-01",
    "٢٠٢٥-١٢-٣١",
    "٠٠٠١٠٠٠٠٨٠٠٠١٠",
    "٦٩٠٠١",
    "00010000800011",
    "'; DROP TABLE structures; --",
    "%_\\",
    "javascript:alert(1)",
    f"{CANARY} <a@example.org>",
]


@pytest.mark.parametrize("operation", [o for o in list_writing() if o in IN_JSON or o.is_oauth], ids=str)
async def test_what_is_no_json_object_is_refused(world: World, operation: Operation) -> None:
    for body in RAW.values():
        assert_refused(operation, await send(world, operation, body))


@WRITING
async def test_other_media_types_are_refused(world: World, operation: Operation) -> None:
    for given in TYPES:
        response = await send(world, operation, operation.make_body(), media=given)
        assert response.status_code == 415, given
        assert_refused(operation, response)


@WRITING
async def test_huge_bodies_are_refused_whether_they_say_their_size_or_not(world: World, operation: Operation) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        for _ in range(2 * MAX_IMPORT // 10_000):
            yield b"x" * 10_000

    whole = await send(world, operation, b" " * (2 * MAX_IMPORT))
    assert whole.status_code == 413
    assert_refused(operation, whole)
    chunked = await send(world, operation, trickle())
    assert chunked.status_code == 413
    assert_refused(operation, chunked)


@WRITING_JSON
async def test_a_body_below_the_limit_is_not_too_large(world: World, operation: Operation) -> None:
    response = await send(world, operation, b'{"inconnu": "' + b"x" * (MAX_BODY - 100) + b'"}')
    assert_refused(operation, response)
    assert response.status_code == 422


@WRITING_JSON
async def test_unknown_fields_are_named(world: World, operation: Operation) -> None:
    content = read_content(world, operation)
    places = ["", *(pointer for pointer, schema, _ in list_fields(read_schema(operation)) if is_object(schema))]
    for place in places:
        if find_parent(content, f"{place}/x") is None:
            continue
        response = await send_content(world, operation, content, [f"{place}/inconnu"], 1)
        problem = assert_refused(operation, response)
        assert f"{place}/inconnu" in [item["pointer"] for item in problem["errors"]]


@WRITING_JSON
async def test_what_raccord_writes_is_not_taken_from_a_caller(world: World, operation: Operation) -> None:
    assert operation.kind is not None
    kept = operation.kind.record.model_fields.keys() - resolve(read_schema(operation))["properties"].keys()
    assert {"id", "version", "source", "external_id", "created_at", "updated_at"} <= kept
    record = world.records[operation.kind.name]
    for name in sorted(kept):
        response = await send_content(world, operation, read_content(world, operation), [f"/{name}"], record.get(name))
        if record.get(name) is None and operation.method == "PATCH":
            continue  # null takes away: there is nothing to take
        problem = assert_refused(operation, response)
        assert response.status_code == 422
        assert f"/{name}" in [item["pointer"] for item in problem["errors"]]


@WRITING_JSON
async def test_required_fields_are_asked_for(world: World, operation: Operation) -> None:
    if operation.method == "PATCH":
        return
    for name in resolve(read_schema(operation)).get("required", ()):
        content = read_content(world, operation)
        del content[name]
        problem = assert_refused(operation, await send(world, operation, json.dumps(content).encode()))
        assert {"pointer": f"/{name}", "code": "missing"}.items() <= problem["errors"][0].items()


@WRITING_JSON
async def test_wrong_values_are_refused_where_they_stand(world: World, operation: Operation) -> None:
    content = read_content(world, operation)
    count = 0
    for pointers, value in batch_wrong_values(operation, content):
        count += len(pointers)
        response = await send_content(world, operation, content, pointers, value)
        problem = assert_refused(operation, response)
        assert response.status_code == 422, (pointers, value, response.text)
        places = [item["pointer"] for item in problem["errors"]]
        # A lone surrogate is no JSON text at all: the whole body is at fault.
        for pointer in pointers:
            assert value == "\ud800" or any(p.startswith(pointer) for p in places), (pointer, value, places)
    assert count > 10


def batch_wrong_values(operation: Operation, content: dict[str, Any]) -> Iterator[tuple[list[str], Any]]:
    """Put a value in several places at once, none within another: each of them is told."""
    together: dict[tuple[str, int], tuple[list[str], Any]] = {}
    for pointer, value in list_wrong_values(operation, content):
        pointers, _ = together.setdefault((repr(value)[:200], pointer.count("/")), ([], value))
        pointers.append(pointer)
    for pointers, value in together.values():
        # All of them within what a body may hold.
        size = max(1, min(8, MAX_BODY // 2 // len(json.dumps(value))))
        for start in range(0, len(pointers), size):
            yield pointers[start : start + size], value


def list_wrong_values(operation: Operation, content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    components = {"components": read_document()["components"]}
    for pointer, schema, _ in list_fields(read_schema(operation)):
        parent = find_parent(content, pointer)
        if parent is None or (operation.method == "PATCH" and pointer.count("/") > 1):
            continue
        validator = Draft202012Validator({**components, **schema}, format_checker=FormatChecker())
        for place, value in enumerate(HOSTILE):
            # One validation stands behind upsert, create and patch: the last two are tried with fewer values.
            if place % 4 and operation.name.startswith(("create_", "patch_")):
                continue
            # In a patch null takes a field away, and an object is merged.
            if operation.method == "PATCH" and (value is None or value == {}):
                continue
            if not validator.is_valid(value):
                yield pointer, value


def read_schema(operation: Operation) -> dict[str, Any]:
    """The schema of the whole content: a patch bears on that of its kind."""
    if operation.method == "PATCH":
        assert operation.kind is not None
        return {"$ref": f"#/components/schemas/{operation.kind.content.__name__}"}
    return operation.body_schema


def read_content(world: World, operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(world.make_body(operation, world.owner))
    return content


def is_object(schema: dict[str, Any]) -> bool:
    return any(resolve(option).get("type") == "object" for option in (schema, *schema.get("anyOf", ())))


def find_parent(content: Any, pointer: str) -> Any:
    """Find what holds the place in the content; None if nothing does."""
    for part in pointer.strip("/").split("/")[:-1]:
        try:
            content = content[int(part) if isinstance(content, list) else part]
        except (KeyError, IndexError):
            return None
    return content


async def send_content(world: World, operation: Operation, content: Any, pointers: list[str], value: object) -> Any:
    """Send the content with this value at the places."""
    changed = json.loads(json.dumps(content))
    for pointer in pointers:
        parent, name = find_parent(changed, pointer), pointer.rpartition("/")[2]
        parent[int(name) if isinstance(parent, list) else name] = value
    return await send(world, operation, json.dumps(changed).encode())


async def send(
    world: World, operation: Operation, body: bytes | AsyncIterator[bytes], media: str | None = "own"
) -> Any:
    headers = {**world.owner.headers, **operation.make_headers()}
    if operation.is_oauth:
        headers.pop("Authorization")
    if media != "own":
        headers.pop("Content-Type")
        headers |= {} if media is None else {"Content-Type": media}
    path = world.fill_path(operation)
    return await world.http.request(operation.method, path, content=body, headers=headers)
