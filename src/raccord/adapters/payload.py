"""What a tool sends, typed as received: what it adds one day is told apart from what it documents."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from raccord.adapters.contract import Drift, Received, RecordRefused, list_new_fields
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

P = TypeVar("P", bound="Payload")


class Payload(Received):
    """What a tool sends: types are checked as its documentation gives them, unknown fields are let through."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)


def check_payload(model: type[P], raw: JsonObject) -> P:
    """Check that what was received is what the tool documents.

    Errors: RecordRefused, at the first field that is not.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        place = "".join(f"/{part}" for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise RecordRefused("unreadable_payload", _UNREADABLE, place) from None


def split_payload(model: type[Payload], raw: JsonObject) -> tuple[JsonObject, list[Drift]]:
    """Split what was received into what the tool documents, and the fields that it does not.

    Errors: RecordRefused.
    """
    payload = check_payload(model, raw)
    return _keep_documented(payload, raw), list(list_new_fields(payload))


def _keep_documented(payload: BaseModel, raw: JsonObject) -> JsonObject:
    fields = type(payload).model_fields
    return {name: _keep(getattr(payload, name), value) for name, value in raw.items() if name in fields}


def _keep(typed: object, value: JsonValue) -> JsonValue:
    if isinstance(typed, BaseModel) and isinstance(value, dict):
        return _keep_documented(typed, value)
    if isinstance(typed, list) and isinstance(value, list):
        return [_keep(inner, item) for inner, item in zip(typed, value, strict=True)]
    return value


_UNREADABLE = Text(
    "Ce champ n'a pas le type que l'outil documente ; corrigez la fiche dans l'outil, ou signalez-le à son éditeur.",
    "This field has not the type that the tool documents; correct the record there, or tell the tool's publisher.",
)
