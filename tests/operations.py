"""The operations of the API, read from its own OpenAPI document: what tests of every operation are made from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from raccord.contract import make_documents
from raccord.records.kind import Kind
from raccord.resources.registry import KINDS

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """One operation, as the document describes it."""

    name: str
    method: str
    path: str
    described: Json

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> Kind | None:
        """The kind it works on, if it is one of a kind's."""
        return next((k for k in KINDS if self.path == f"/v1/{k.path}" or self.path.startswith(f"/v1/{k.path}/")), None)

    @property
    def is_oauth(self) -> bool:
        """Whether its errors are those of RFC 6749, and not problems."""
        return self.path.startswith("/oauth/")

    @property
    def scopes(self) -> list[str] | None:
        """The scopes that it declares; None where no token is asked."""
        for requirement in self.described.get("security", ()):
            if "oauth2" in requirement:
                return list(requirement["oauth2"])
        return None

    @property
    def body_types(self) -> list[str]:
        """The media types of its body; none where it reads no body."""
        return list(self.described.get("requestBody", {}).get("content", {}))

    @property
    def body_schema(self) -> Json:
        """The schema of its body; empty where it reads none."""
        if not self.body_types:
            return {}
        return dict(self.described["requestBody"]["content"][self.body_types[0]]["schema"])

    def list_parameters(self, place: str) -> list[Json]:
        """List its parameters of a place: path, query or header."""
        return [p for p in self.described.get("parameters", ()) if p["in"] == place]

    def make_body(self, content: object = None) -> bytes:
        """Write a body: the content, or the document's own example."""
        if not self.body_types:
            return b""
        media = self.described["requestBody"]["content"][self.body_types[0]]
        value = media["example"] if content is None else content
        if self.body_types[0].endswith("json"):
            return json.dumps(value).encode()
        return urlencode(value).encode() if isinstance(value, dict) else str(value).encode()

    def make_headers(self) -> dict[str, str]:
        """Write the headers that it requires, but for the purpose: that is the partner's to state."""
        headers = {"Content-Type": self.body_types[0]} if self.body_types else {}
        for parameter in self.list_parameters("header"):
            if parameter.get("required") and parameter["name"] != "Raccord-Purpose":
                headers[parameter["name"]] = parameter["schema"].get("examples", ["a-key-of-a-test"])[0]
        return headers

    def fill_path(self, values: Mapping[str, str]) -> str:
        """Write its address with the values of its path's parameters, and the query that it requires."""
        known = {p["name"]: p["example"] for p in self.list_parameters("path") if "example" in p} | {**values}
        path = re.sub(r"\{(\w+)\}", lambda found: quote(known[found[1]], safe=""), self.path)
        needed = {p["name"]: p["schema"]["enum"][0] for p in self.list_parameters("query") if p.get("required")}
        return f"{path}?{urlencode(needed)}" if needed else path


def add_query(path: str, query: str) -> str:
    """Add to the query of an address, whether it has one or not."""
    return f"{path}{'&' if '?' in path else '?'}{query}"


@cache
def read_document() -> Json:
    """Read the document of this code."""
    return make_documents()["raccord.v1.json"]


@cache
def list_operations() -> list[Operation]:
    """List every operation."""
    return [
        Operation(described["operationId"], method.upper(), path, described)
        for path, item in read_document()["paths"].items()
        for method, described in item.items()
        if method in METHODS
    ]


def list_protected() -> list[Operation]:
    """List the operations that ask for a token."""
    return [operation for operation in list_operations() if operation.scopes is not None]


def list_scoped() -> list[Operation]:
    """List the operations that ask for a scope."""
    return [operation for operation in list_protected() if operation.scopes]


def list_personal() -> list[Operation]:
    """List the operations on personal kinds."""
    return [operation for operation in list_operations() if operation.kind and operation.kind.is_personal]


def list_private() -> list[Operation]:
    """List the operations on one record that only some may see: of a personal kind, or of one client."""
    return [
        operation
        for operation in list_protected()
        if "{id}" in operation.path and not (operation.kind and not operation.kind.is_personal)
    ]


def list_writing() -> list[Operation]:
    """List the operations that read a body."""
    return [operation for operation in list_operations() if operation.body_types]


def resolve(schema: Json) -> Json:
    """Follow the schema's reference, if it is one."""
    found = schema
    while "$ref" in found:
        found = read_document()["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return found


def list_fields(schema: Json, pointer: str = "") -> Iterator[tuple[str, Json, bool]]:
    """List every field under the schema: its pointer, its schema, and whether it is required."""
    schema = resolve(schema)
    for name, described in schema.get("properties", {}).items():
        place = f"{pointer}/{name}"
        yield place, described, name in schema.get("required", ())
        for option in (described, *described.get("anyOf", ())):
            found = resolve(option)
            if found.get("type") == "object":
                yield from list_fields(found, place)
            elif found.get("type") == "array":
                yield from list_fields(found["items"], f"{place}/0")
