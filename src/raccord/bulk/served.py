"""Lines that are records as Raccord serves them, which is what an export writes: an import takes them back.

What Raccord makes itself (id, version, dates, what it derives, the course of an offer) is no content, and left aside;
only an operator's import keeps it, of a record that is new here: a partner decides of none of it.
"""

from __future__ import annotations

from functools import cache

from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.validation import validate_content
from raccord.records.kind import Kind


def read_content(kind: Kind, fields: JsonObject) -> JsonObject:
    """Read what the source says; a field that no record has is left for validation to refuse."""
    made = _list_made(kind)
    return {name: value for name, value in fields.items() if name not in made}


def was_served(fields: JsonObject) -> bool:
    """Tell a record that was served from a line that only a source wrote."""
    return "id" in fields and "version" in fields


def read_former(kind: Kind, fields: JsonObject) -> JsonObject:
    """Read the record as it was served.

    Errors: InvalidContentError with one entry for each field that was never served so.
    """
    served: JsonObject = {name: value for name, value in fields.items() if name in kind.record.model_fields}
    return validate_content(kind.record, dump_json(served)).model_dump(mode="json")


@cache
def _list_made(kind: Kind) -> frozenset[str]:
    return frozenset(kind.record.model_fields) - frozenset(kind.content_fields)
