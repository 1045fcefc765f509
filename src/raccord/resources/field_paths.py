"""The plain fields of a shape by dotted paths, `address.postal_code`: how mappings name them, read and fill them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from pydantic import BaseModel

from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, read_object, read_objects, read_text

# How text becomes a plain value of the shape, by its JSON type.
_READERS: Mapping[str | None, str] = {"string": "text", "boolean": "boolean", "number": "number", "integer": "number"}
# Of a list of objects, a mapping fills the first alone.
FIRST = "0"


def list_paths(shape: type[BaseModel]) -> dict[str, str]:
    """List the dotted paths of the shape's plain fields, each with the transform that reads its type from text."""
    schema: JsonObject = shape.model_json_schema()
    return dict(_list_paths(schema, read_object(schema, "$defs"), ""))


def _list_paths(schema: JsonObject, definitions: JsonObject, prefix: str) -> Iterator[tuple[str, str]]:
    fields = read_object(schema, "properties")
    for name in fields:
        described = read_object(fields, name)
        for option in read_objects(described, "anyOf") or [described]:
            inner, items = _resolve(option, definitions), _resolve(read_object(option, "items"), definitions)
            if "properties" in inner:
                yield from _list_paths(inner, definitions, f"{prefix}{name}.")
            elif (type_ := read_text(inner, "type")) in _READERS:
                yield prefix + name, _READERS[type_]
            elif type_ == "array" and items.get("type") == "string":
                yield prefix + name, "list"
            elif type_ == "array" and "properties" in items:
                yield from _list_paths(items, definitions, f"{prefix}{name}.{FIRST}.")


def _resolve(schema: JsonObject, definitions: JsonObject) -> JsonObject:
    reference = read_text(schema, "$ref")
    return read_object(definitions, reference.rpartition("/")[2]) if reference is not None else schema


def place_value(content: JsonObject, path: Sequence[str], value: JsonValue) -> None:
    """Put the value at the path, making the objects and lists on the way."""
    for name, following in pairwise(path):
        if name == FIRST:
            continue
        made = content.setdefault(name, [{}] if following == FIRST else {})
        inner = made[0] if isinstance(made, list) else made
        if not isinstance(inner, dict):
            raise TypeError("checked when the mapping was made")
        content = inner
    content[path[-1]] = value


def read_value(content: JsonValue, path: Sequence[str]) -> JsonValue:
    """Read the value at the path; None where nothing is."""
    for name in path:
        if isinstance(content, list) and name == FIRST:
            content = content[0] if content else None
        elif isinstance(content, dict):
            content = content.get(name)
        else:
            return None
    return content
