"""From a record of the tool to the content of a kind, and from a record of Raccord to what the tool takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from raccord.adapters.contract import Drift, Translation
from raccord.adapters.field_rules import Scalar, apply_rule, apply_transforms, write_code
from raccord.adapters.rest.records import PARENT
from raccord.adapters.rest.spec import SentSpec, StreamSpec, WriteSpec
from raccord.kernel.refusals import JsonValue
from raccord.kernel.response_rules import read_pointer
from raccord.kernel.strict_json import JsonObject
from raccord.resources.field_paths import place_value, read_value


def translate_record(stream: StreamSpec, readers: Mapping[str, str], raw: JsonObject) -> Translation:
    """Make the content that the spec's map draws from the record.

    Errors: RecordRefused for a value that a transform cannot read.
    """
    content: JsonObject = {}
    drifts: list[Drift] = []
    for path, rule in stream.map.items():
        received = read_pointer(raw, rule.pointer) if rule.pointer is not None else None
        value = apply_rule(rule, readers[path], received, rule.pointer or "", drifts.append)
        if value is not None:
            place_value(content, path.split("."), value)
    if stream.drift.is_watched:
        drifts += _list_unknown(raw, "", frozenset(_list_known(stream)))
    return Translation(content, drifts)


def _list_known(stream: StreamSpec) -> Iterator[str]:
    yield from stream.drift.known
    yield from (rule.pointer for rule in stream.map.values() if rule.pointer is not None)
    yield from (stream.records.id, f"/{PARENT}")
    if stream.cursor is not None and stream.cursor.field is not None:
        yield stream.cursor.field
    if stream.deletes.type == "tombstone_field":
        yield stream.deletes.field
    if stream.write is not None and stream.write.echo is not None:
        yield stream.write.echo.field
    if stream.receive is not None and not stream.receive.pointer:
        # The record is the message itself, which says what it tells.
        conditions = (stream.receive.when, stream.receive.gone)
        yield from (one.pointer for one in conditions if one is not None and one.pointer is not None)


def _list_unknown(value: JsonObject, pointer: str, known: frozenset[str]) -> Iterator[Drift]:
    for name, inner in value.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if place in known:
            continue
        if isinstance(inner, dict) and any(one.startswith(place + "/") for one in known):
            yield from _list_unknown(inner, place, known)
        elif not any(one.startswith(place + "/") for one in known):
            yield Drift("new_field", place, inner)


# ── Back ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_body(stream: StreamSpec, write: WriteSpec, document: JsonObject, *, keeps_nulls: bool) -> JsonObject:
    """Make what the tool is sent: the map read backwards, then what `write.map` says otherwise, then the echo's mark.

    Errors: RecordRefused for a value that a transform cannot read.
    """
    body: JsonObject = {}
    for pointer, sent in {**_reverse(stream), **write.map}.items():
        value = _write_field(sent, document)
        if value is not None or (keeps_nulls and sent.field is not None):
            _place_at(body, pointer, value)
    if write.echo is not None:
        _place_at(body, write.echo.field, write.echo.value)
    return body


def _reverse(stream: StreamSpec) -> dict[str, SentSpec]:
    reversed_: dict[str, SentSpec] = {}
    for path, rule in stream.map.items():
        if rule.pointer is None or rule.pointer in reversed_ or rule.pointer.startswith(f"/{PARENT}"):
            continue
        codes: dict[str, Scalar] | None = None
        if rule.codes is not None:
            # Of two codes of the tool that mean the same, the first is told.
            codes = {write_code(ours): theirs for theirs, ours in reversed([*rule.codes.items()]) if ours is not None}
        reversed_[rule.pointer] = SentSpec(field=path, codes=codes)
    return reversed_


def _write_field(sent: SentSpec, document: JsonObject) -> JsonValue:
    value = read_value(document, sent.field.split(".")) if sent.field is not None else None
    if value is not None and sent.codes is not None:
        value = _write_codes(sent.codes, value)
    value = apply_transforms(sent.transforms, value, "/" + (sent.field or "").replace(".", "/"))
    return sent.default if value is None else value


def _write_codes(codes: Mapping[str, Scalar], value: JsonValue) -> JsonValue:
    """Say it in the tool's codes; what it has no code for is not said."""
    if isinstance(value, list):
        found = [codes.get(write_code(item)) for item in value]
        return [item for item in found if item is not None]
    return codes.get(write_code(value))


def _place_at(body: JsonObject, pointer: str, value: JsonValue) -> None:
    names: Sequence[str] = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
    for name in names[:-1]:
        inner = body.get(name)
        if not isinstance(inner, dict):
            inner = body[name] = {}
        body = inner
    body[names[-1]] = value
