"""Which records of an open kind others see: one SQL condition for lists and reads, one rule for kept versions.

Only kinds that declare a visibility pay for it: the others are read as before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from raccord.access.caller import Caller
from raccord.kernel.clock import read_now
from raccord.kernel.strict_json import JsonObject
from raccord.records.kind import Kind


def write_visibility(kind: Kind, caller: Caller, bind: Callable[[object], str], alias: str = "r") -> list[str]:
    """Write the conditions under which the caller sees a row; none, where everybody sees all.

    Shape: `bind` takes a value and returns its placeholder.
    """
    if kind.visibility is None:
        return []
    until = f"{alias}.{kind.visibility.until_column}"
    condition = f"{until} IS NULL OR {until} > now() OR {alias}.source = {bind(caller.source)}"
    scope = kind.scope("write")
    granted = [structure_id for structure_id, scopes in caller.structures.items() if scope in scopes]
    if granted:
        condition += f" OR {alias}.{kind.visibility.structure_column} = ANY ({bind(granted)}::uuid[])"
    return [f"({condition})"]


def is_shown_to_others(kind: Kind, document: JsonObject, *, is_gone: bool) -> bool:
    """Tell whether a version that was kept is one that others than its own may see now.

    Shape: of a record that is gone only its tombstone is: what it said went with it.
    """
    if kind.visibility is None:
        return True
    if is_gone or "deleted_at" in document:
        return "deleted_at" in document
    until = kind.columns(document)[kind.visibility.until_column]
    return not isinstance(until, datetime) or until > read_now()
