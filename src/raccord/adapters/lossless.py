"""Translations that lose nothing: what a payload says beyond our content is kept with the record, under its system.

A payload is read, written back, and compared with itself. What differs is the remainder:

- `kept`: what our content has no place for, as it came and where it was;
- `changed`: what our content says otherwise (a label in another form, a value that our shape refuses), each with what
  we would write (`ours`) and what came (`theirs`; absent if nothing came).

Written back, a value of the remainder returns only while our content still says what it said: an edited one wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from raccord.kernel.refusals import JsonValue
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject, dump_json

_MAX_REPAIRS = 10
Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Translation:
    """A kind of payload of a system and a kind of ours, translated in both directions.

    Shape: `read` and `write` translate what both can say; `write(read(payload))` may lack or change anything.
    """

    system: str
    shape: type[Shape]
    read: Callable[[JsonObject], JsonObject]
    write: Callable[[JsonObject], JsonObject]

    def read_payload(self, payload: JsonObject) -> JsonObject:
        """Read a payload into content for the write door.

        Shape: what our shape refuses is left out, and kept; a required field without a value is for the door to refuse.
        """
        said = drop_nulls(payload)
        content = fit_shape(self.shape, self.read(said))
        remainder = find_remainder(said, drop_nulls(self.write(content)))
        return {**content, "extensions": {self.system: remainder}} if remainder else content

    def write_payload(self, document: JsonObject) -> JsonObject:
        """Write a record, or its content, as the system's payload."""
        extensions = document.get("extensions")
        remainder = extensions.get(self.system) if isinstance(extensions, dict) else None
        written = drop_nulls(self.write(document))
        return restore_remainder(written, remainder) if isinstance(remainder, dict) else written


def fit_shape(shape: type[Shape], content: JsonObject) -> JsonObject:
    """Return the content in the form in which the shape writes it, without the values that the shape refuses."""
    content = drop_nulls(content)
    for _ in range(_MAX_REPAIRS):
        try:
            return drop_nulls(shape.model_validate_json(dump_json(content)).model_dump(mode="json"))
        except ValidationError as error:
            places = [item["loc"] for item in error.errors(include_url=False, include_input=False)]
            if not _remove_all(content, places):
                return content
    return content


def find_remainder(said: JsonObject, written: JsonObject) -> JsonObject:
    """Find what the payload says beyond what we would write in its stead."""
    kept: JsonObject = {}
    changed: list[JsonValue] = [dict(change) for change in _compare(said, written, kept, [])]
    remainder: JsonObject = {}
    if kept:
        remainder["kept"] = kept
    if changed:
        remainder["changed"] = changed
    return remainder


def restore_remainder(written: JsonObject, remainder: JsonObject) -> JsonObject:
    """Put back what was kept, where our content still says what it said then."""
    restored = drop_nulls(written)
    changed = remainder.get("changed")
    for change in changed if isinstance(changed, list) else ():
        if isinstance(change, dict):
            _restore_change(restored, change)
    kept = remainder.get("kept")
    return _fill(restored, kept) if isinstance(kept, dict) else restored


def drop_nulls(value: JsonObject) -> JsonObject:
    """Copy the object without the fields that are null, at any depth: null and absent say the same."""
    return {name: _drop_inner(inner) for name, inner in value.items() if inner is not None}


def _drop_inner(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return drop_nulls(value)
    return [_drop_inner(item) for item in value] if isinstance(value, list) else value


def _compare(said: JsonObject, written: JsonObject, kept: JsonObject, path: list[JsonValue]) -> Iterator[JsonObject]:
    """Fill `kept`, and tell each change."""
    for name, theirs in said.items():
        ours = written.get(name)
        if ours is None:
            kept[name] = theirs
        elif isinstance(theirs, dict) and isinstance(ours, dict):
            inner: JsonObject = {}
            yield from _compare(theirs, ours, inner, [*path, name])
            if inner:
                kept[name] = inner
        elif not _is_same(ours, theirs):
            yield {"path": [*path, name], "ours": ours, "theirs": theirs}
    for name in written:
        if name not in said:
            yield {"path": [*path, name], "ours": written[name]}


def _restore_change(target: JsonObject, change: JsonObject) -> None:
    path, ours = change.get("path"), change.get("ours")
    if not isinstance(path, list) or not path:
        return
    *parts, last = (str(name) for name in path)
    for name in parts:
        inner = target.get(name)
        if not isinstance(inner, dict):
            return
        target = inner
    if not _is_same(target.get(last), ours):
        return
    if "theirs" in change:
        target[last] = change["theirs"]
    else:
        del target[last]


def _fill(target: JsonObject, kept: JsonObject) -> JsonObject:
    """Add to the target what it lacks."""
    filled = dict(target)
    for name, value in kept.items():
        present = filled.get(name)
        if present is None:
            filled[name] = value
        elif isinstance(present, dict) and isinstance(value, dict):
            filled[name] = _fill(present, value)
    return filled


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    """Tell whether two values are the same JSON: in Python, True equals 1, and 1 equals 1.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_is_same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and one == other


def _remove_all(content: JsonObject, places: Sequence[Place]) -> bool:
    """Remove the innermost value that each place of an error leads to; tell whether there was any."""
    found = {_find_innermost(content, place) for place in places} - {()}
    # From the end, so that taking an item from a list moves none that is still to be taken.
    for place in sorted(found, key=_order, reverse=True):
        holder: JsonValue = content
        for part in place[:-1]:
            holder = _step(holder, part)
        last = place[-1]
        if isinstance(holder, dict):
            holder.pop(str(last), None)
        elif isinstance(holder, list) and isinstance(last, int):
            del holder[last]
    return bool(found)


def _find_innermost(content: JsonObject, place: Place) -> Place:
    """Find how far the place leads: to a field that is missing, it leads to what lacks it."""
    value: JsonValue = content
    for depth, part in enumerate(place):
        value = _step(value, part)
        if value is None:
            return place[:depth]
    return place


def _step(value: JsonValue, part: int | str) -> JsonValue:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def _order(place: Place) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (0, part) for part in place]
