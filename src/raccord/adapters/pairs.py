"""Fields that a tool and we both have, declared once and translated in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
Converter = Callable[[JsonValue], JsonValue]


def keep_value(value: JsonValue) -> JsonValue:
    """Keep the value as it is."""
    return value


@dataclass(frozen=True)
class Pair:
    """One field: where it is in the tool's payload, and where in our content.

    Shape: places are written `part/field`; a converter answers None for what the other side cannot say.
    """

    theirs: str
    ours: str
    read: Converter = keep_value
    write: Converter = keep_value


def pair_codes(theirs: str, ours: str, codes: Mapping[str, str]) -> Pair:
    """Pair two fields by a table of their codes; where two of theirs are one of ours, the first is written."""
    back: dict[str, str] = {}
    for code, value in codes.items():
        back.setdefault(value, code)
    return Pair(theirs, ours, lambda value: _look_up(codes, value), lambda value: _look_up(back, value))


def pair_items(theirs: str, ours: str, pairs: tuple[Pair, ...]) -> Pair:
    """Pair two lists of objects, field by field."""
    return Pair(
        theirs,
        ours,
        lambda items: [read_pairs(pairs, item) for item in list_objects(items)],
        lambda items: [write_pairs(pairs, item) for item in list_objects(items)],
    )


def read_pairs(pairs: Iterable[Pair], payload: JsonObject) -> JsonObject:
    """Read the paired fields of a payload; what has no value is left out."""
    content: JsonObject = {}
    for pair in pairs:
        set_at(content, pair.ours, _convert(pair.read, get_at(payload, pair.theirs)))
    return content


def write_pairs(pairs: Iterable[Pair], content: JsonObject) -> JsonObject:
    """Write the paired fields of our content; what has no value is left out."""
    payload: JsonObject = {}
    for pair in pairs:
        set_at(payload, pair.theirs, _convert(pair.write, get_at(content, pair.ours)))
    return payload


def get_at(value: JsonObject, place: str) -> JsonValue:
    """Get the value at the place; None where there is none."""
    found: JsonValue = value
    for name in place.split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def set_at(target: JsonObject, place: str, value: JsonValue) -> None:
    """Set the value at the place, in place; None sets nothing."""
    if value is None:
        return
    *parts, last = place.split("/")
    for name in parts:
        inner = target.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        target = inner
    target[last] = value


def list_objects(items: JsonValue) -> list[JsonObject]:
    """List the objects of a list; none of anything else."""
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def get_text(value: JsonObject, place: str) -> str:
    """Get the text at the place; an empty one where there is none."""
    found = get_at(value, place)
    return found if isinstance(found, str) else ""


def make_line(value: JsonValue, longest: int = 150) -> str:
    """Make one line of a text: what a name or a title may be here."""
    return _CONTROLS.sub(" ", str(value)).strip()[:longest].strip()


def _convert(converter: Converter, value: JsonValue) -> JsonValue:
    return None if value is None else converter(value)


def _look_up(codes: Mapping[str, str], value: JsonValue) -> str | None:
    return codes.get(value) if isinstance(value, str) else None
