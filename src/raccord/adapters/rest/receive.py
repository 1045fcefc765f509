"""A message of the tool: which streams it is about, and the records that it holds for each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from raccord.adapters.contract import Batch, Broken, Gone, Inbound, Item, Unnamed
from raccord.adapters.rest.message_spec import MatchSpec, MessageSpec
from raccord.adapters.rest.records import has_value, read_id
from raccord.adapters.rest.sorting import NO_ID, sort_record
from raccord.adapters.rest.walk import Step
from raccord.kernel.errors import MalformedBodyError
from raccord.kernel.refusals import JsonValue
from raccord.kernel.response_rules import read_pointer
from raccord.kernel.strict_json import JsonObject, parse_json
from raccord.kernel.text import Text


def read_message(inbound: Inbound, steps: Sequence[Step]) -> Batch:
    """Read the message; one that no stream is about holds nothing.

    Errors: Broken for what is not as the spec says.
    """
    try:
        message = parse_json(inbound.body)
    except MalformedBodyError as error:
        raise Broken(error.detail or error.title) from None
    items: list[Item] = []
    gone: list[Gone] = []
    unnamed: list[Unnamed] = []
    for step in steps:
        for made in _read_stream(inbound, message, step):
            if isinstance(made, Item):
                items.append(made)
            elif isinstance(made, Gone):
                gone.append(made)
            else:
                unnamed.append(made)
    return Batch(items=items, gone=gone, unnamed=unnamed)


def _read_stream(inbound: Inbound, message: JsonValue, step: Step) -> Iterator[Item | Gone | Unnamed]:
    told = step.stream.receive
    if told is None or (told.when is not None and not _matches(told.when, inbound, message)):
        return
    is_gone = told.gone is not None and _matches(told.gone, inbound, message)
    for record in _list_records(told, message):
        made = _read_gone(step, record) if is_gone else sort_record(step.stream, step.part, record)
        if made is not None:
            yield made


def _read_gone(step: Step, record: JsonObject) -> Gone | Unnamed:
    """Read a tombstone: of what is gone, the id alone is needed."""
    name = read_id(record, step.stream.records.id)
    return Gone(step.kind, name) if name is not None else Unnamed(step.kind, record, NO_ID)


def _list_records(told: MessageSpec, message: JsonValue) -> list[JsonObject]:
    found = read_pointer(message, told.pointer)
    listed = found if isinstance(found, list) else [found]
    records = [one for one in listed if isinstance(one, dict)]
    if len(records) != len(listed):
        place = told.pointer or "/"
        raise Broken(Text(f"Pas de fiche à {place}.", f"No record at {place}."))
    return records


def _matches(condition: MatchSpec, inbound: Inbound, message: JsonValue) -> bool:
    if condition.header is not None:
        return inbound.headers.get(condition.header.lower()) in condition.values
    return has_value(read_pointer(message, condition.pointer or ""), condition.values)
