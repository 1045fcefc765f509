"""Substitution in texts: `{config.x}`, `{state.x}`, `{parent.x}`, and nothing else. Nothing is evaluated.

A value is never looked into for another substitution, and never changes the structure of the address it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from raccord.adapters.contract import Broken
from raccord.kernel.refusals import JsonValue
from raccord.kernel.response_rules import read_pointer
from raccord.kernel.shapes import explain_refusal
from raccord.kernel.text import Text

_PART = re.compile(r"\{\{|\}\}|\{(config|state|parent)\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)\}|[{}]")
_HEADER = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True)
class Values:
    """What is filled in."""

    config: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, str] = field(default_factory=dict)
    parent: JsonValue = None

    def find(self, scope: str, name: str) -> str | None:
        """Find a value as text; None if it is not known."""
        if scope == "parent":
            return _write(read_pointer(self.parent, "/" + name.replace(".", "/")))
        return (self.config if scope == "config" else self.state).get(name)


def _write(value: JsonValue) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def check_template(text: str) -> str:
    """Check that the text holds no other braces than substitutions and doubled ones.

    Errors: unknown_substitution.
    """
    if any(found[0] in ("{", "}") for found in _PART.finditer(text)):
        raise explain_refusal(
            "unknown_substitution",
            "Seuls {config.x}, {state.x} et {parent.x} sont remplacés ; une accolade s'écrit {{ ou }}.",
            "Only {config.x}, {state.x} and {parent.x} are substituted; a brace is written {{ or }}.",
        )
    return text


def list_names(text: str) -> Iterator[tuple[str, str]]:
    """List the substitutions of a text: scope and name."""
    return ((found[1], found[2]) for found in _PART.finditer(text) if found[1])


def fill(text: str, values: Values) -> str | None:
    """Fill the text in; None if one of its values is not known."""
    if any(values.find(scope, name) is None for scope, name in list_names(text)):
        return None
    return _PART.sub(lambda found: (values.find(found[1], found[2]) or "") if found[1] else found[0][0], text)


def fill_path(text: str, values: Values) -> str:
    """Fill a path in; each value is one segment or a piece of one, whatever it holds.

    Errors: Broken for a value that is not known, is empty, or would climb up the path.
    """

    def write(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0][0]
        value = values.find(found[1], found[2])
        if not value or value in (".", ".."):
            raise Broken(Text(f"Valeur absente : {found[0]}.", f"No value: {found[0]}."))
        return quote(value, safe="")

    return _PART.sub(write, text)


def fill_map(texts: Mapping[str, str], values: Values) -> dict[str, str]:
    """Fill parameters in; those whose value is not known are left out."""
    filled = {name: fill(text, values) for name, text in texts.items()}
    return {name: value for name, value in filled.items() if value is not None}


def fill_headers(texts: Mapping[str, str], values: Values) -> dict[str, str]:
    """Fill headers in.

    Errors: Broken for a value that no header can hold.
    """
    filled = fill_map(texts, values)
    for name, value in filled.items():
        if not _HEADER.fullmatch(value):
            raise Broken(Text(f"Valeur impossible dans l'en-tête {name}.", f"Impossible value in header {name}."))
    return filled


def fill_body(value: JsonValue, values: Values) -> JsonValue:
    """Fill the texts of a body in; a field whose value is not known is left out."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, list):
        return [fill_body(inner, values) for inner in value]
    if isinstance(value, dict):
        filled = {name: fill_body(inner, values) for name, inner in value.items()}
        return {name: inner for name, inner in filled.items() if inner is not None}
    return value


def list_body_texts(value: JsonValue) -> Iterator[str]:
    """List the texts of a body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from list_body_texts(inner)
