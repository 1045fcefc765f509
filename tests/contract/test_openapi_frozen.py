"""The published contract: frozen, valid, and complete enough to work from without asking anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from raccord.contract import make_documents, render_document
from raccord.kernel.problems import PROBLEM_JSON
from raccord.resources.registry import list_scopes
from tests.operations import Operation, list_operations, read_document, resolve

Json = dict[str, Any]
FOLDER = Path(__file__).parents[2] / "openapi"
EVERY = pytest.mark.parametrize("operation", list_operations(), ids=str)


def check_value(value: object, schema: Json) -> None:
    components = {"components": read_document()["components"]}
    validator = Draft202012Validator({**components, **schema}, format_checker=FormatChecker())
    assert [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)] == []


@pytest.mark.parametrize("name", sorted(make_documents()))
def test_the_committed_document_is_the_code_s(name: str) -> None:
    committed = (FOLDER / name).read_text(encoding="utf-8")
    assert committed == render_document(make_documents()[name]), (
        f"openapi/{name} is not what the code says: run `make openapi`, and review the difference as a partner would"
    )


@pytest.mark.no_cover  # the validator's work, not ours: measured, it takes twice as long
@pytest.mark.parametrize("name", sorted(make_documents()))
def test_the_document_is_valid(name: str) -> None:
    OpenAPIV31SpecValidator(make_documents()[name]).validate()


def test_the_document_for_generators_has_no_webhooks_and_one_media_type_a_message() -> None:
    whole, plain = make_documents()["raccord.v1.json"], make_documents()["raccord.v1.codegen.json"]
    assert plain.keys() == whole.keys() - {"webhooks"}
    assert plain["components"] == whole["components"]
    for path, item in whole["paths"].items():
        for method, described in item.items():
            other = plain["paths"][path][method]
            varying = {"requestBody": None, "responses": None}
            assert {**other, **varying} == {**described, **varying}
            for status, answer in described["responses"].items():
                first = dict(list(answer["content"].items())[:1]) if "content" in answer else None
                assert other["responses"][status].get("content") == first
            if "requestBody" in described:
                first, *_ = described["requestBody"]["content"]
                assert list(other["requestBody"]["content"]) == [first]


def test_operation_ids_are_unique() -> None:
    names = [operation.name for operation in list_operations()]
    assert len(names) == len(set(names))


def test_every_scope_declared_exists() -> None:
    known = set(list_scopes())
    assert {scope for operation in list_operations() for scope in operation.scopes or ()} <= known


@EVERY
def test_every_operation_says_what_it_does(operation: Operation) -> None:
    described = operation.described
    assert operation.name.islower()
    assert described["summary"]
    assert described["description"]
    assert described["tags"]
    for parameter in described.get("parameters", ()):
        assert parameter.get("description"), parameter["name"]
    for status, answer in described["responses"].items():
        assert status.isdigit(), "an answer of any status promises nothing"
        assert answer["description"]


@pytest.mark.no_cover  # as above
@EVERY
def test_every_example_is_valid(operation: Operation) -> None:
    bodies = [operation.described.get("requestBody", {}), *operation.described["responses"].values()]
    for media in (media for body in bodies for media in body.get("content", {}).values()):
        check_value(media["example"], media["schema"])
    for parameter in operation.described.get("parameters", ()):
        for example in parameter["schema"].get("examples", ()):
            check_value(example, parameter["schema"])


@EVERY
def test_every_success_and_every_body_has_an_example(operation: Operation) -> None:
    answers = operation.described["responses"]
    success = [answer for status, answer in answers.items() if status.startswith("2")]
    assert success
    for body in (*success, operation.described.get("requestBody", {})):
        for media in body.get("content", {}).values():
            assert "example" in media


@EVERY
def test_every_refusal_it_may_give_is_declared(operation: Operation) -> None:
    expected: set[str] = set()
    if operation.scopes is not None:
        expected |= {"400", "401", "414", "429", "503"}
    if operation.scopes:
        expected |= {"403"}
    if "{" in operation.path:
        expected |= {"404"}
    if operation.body_types:
        expected |= {"400", "413", "415"} | (set() if operation.is_oauth else {"422"})
    if any(p["name"] == "If-Match" and p.get("required") for p in operation.list_parameters("header")):
        expected |= {"412", "428"}
    assert expected <= operation.described["responses"].keys()


@EVERY
def test_every_refusal_is_a_problem(operation: Operation) -> None:
    for status, answer in operation.described["responses"].items():
        if status[0] in "45":
            own = {"application/json"} if operation.is_oauth else set()
            assert PROBLEM_JSON in answer["content"] or own == answer["content"].keys()
            assert answer["content"].keys() <= {PROBLEM_JSON} | own


def list_properties() -> Iterator[tuple[str, Json]]:
    for name, schema in read_document()["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            yield f"{name}.{field}", described


def test_every_property_is_described() -> None:
    assert [name for name, described in list_properties() if not described.get("description")] == []


def test_every_schema_is_described() -> None:
    schemas = read_document()["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []


def list_unbounded(schema: Json, place: str) -> Iterator[str]:
    """List the texts, arrays and objects under the schema that may be of any size."""
    schema = resolve(schema)
    for option in schema.get("anyOf", ()):
        yield from list_unbounded(option, place)
    if schema.get("type") == "string":
        is_fixed = {"enum", "const", "maxLength"} & schema.keys() or is_bounded(schema.get("pattern", "*"))
        if not is_fixed and schema.get("format") not in ("uuid", "date", "date-time"):
            yield place
    if schema.get("type") == "array":
        if "maxItems" not in schema:
            yield place
        yield from list_unbounded(schema["items"], f"{place}[]")
    if schema.get("type") == "object":
        for name, inner in schema.get("properties", {}).items():
            yield from list_unbounded(inner, f"{place}.{name}")


def is_bounded(pattern: str) -> bool:
    """Tell whether the pattern matches texts of a bounded length only."""
    bare = re.sub(r"\[[^\]]*\]", "x", re.sub(r"\\.", "x", pattern))
    return re.search(r"[*+]|,\}", bare) is None


@EVERY
def test_everything_that_a_caller_sends_is_bounded(operation: Operation) -> None:
    unbounded: list[str] = []
    # A form or a file has one bound for the whole of it; an entity tag that is not ours merely matches nothing.
    if operation.body_types and "application/json" in operation.body_types:
        unbounded += list_unbounded(operation.body_schema, "body")
    for parameter in operation.described.get("parameters", ()):
        if parameter["name"] != "If-None-Match":
            unbounded += list_unbounded(parameter["schema"], parameter["name"])
    assert unbounded == []


def test_the_documents_hold_no_secret_and_no_address_of_a_machine() -> None:
    text = json.dumps(make_documents())
    assert "127.0.0.1" not in text
    assert "localhost" not in text
