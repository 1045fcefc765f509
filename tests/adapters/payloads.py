"""Payloads drawn over all the documented fields of a tool, and the equality that a translation must keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from hypothesis import strategies as st

from raccord.adapters.lossless import drop_nulls
from raccord.adapters.payload import Payload
from raccord.kernel.strict_json import JsonObject

Drawn = st.SearchStrategy[Any]
# Without NUL, which the write door refuses: the record that holds one is set aside.
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TEXTS = st.one_of(
    st.text(_CHARACTERS, max_size=20), st.sampled_from(["", " ", "É", "x" * 300, "a\x01b", "ligne\nligne", "😀"])
)
_BY_TYPE: Mapping[type, Drawn] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(-5, 20_000),
    float: st.one_of(st.floats(-200, 200), st.sampled_from([0.0, -0.0, 1e300, 5e-324])),
}


def draw_payloads(model: type[Payload], chosen: Mapping[str, Drawn]) -> st.SearchStrategy[JsonObject]:
    """Draw payloads of the model: any field absent, null, ordinary or extreme, and one that nobody documented.

    Shape: `chosen` gives the values of fields by name, at any depth; half of the draws take them.
    """
    optional = {
        name: st.one_of(st.none(), chosen[name], _draw(field.annotation, chosen))
        if name in chosen
        else st.one_of(st.none(), _draw(field.annotation, chosen))
        for name, field in model.model_fields.items()
        if not field.is_required()
    }
    required = {
        name: chosen.get(name, _draw(field.annotation, chosen))
        for name, field in model.model_fields.items()
        if field.is_required()
    }
    return st.fixed_dictionaries(required, optional={**optional, "champNouveau": st.one_of(TEXTS, st.just([1, None]))})


def list_gaps(model: type[Payload], payload: JsonObject) -> list[str]:
    """List the fields of the model, at any depth, that the payload does not set."""
    gaps: list[str] = []
    for name, field in model.model_fields.items():
        value = payload.get(name)
        inner = _find_model(field.annotation)
        if value is None:
            gaps.append(name)
        elif inner is not None:
            first = value[0] if isinstance(value, list) else value
            assert isinstance(first, dict)
            gaps += [f"{name}/{gap}" for gap in list_gaps(inner, first)]
    return gaps


def write_canonical(payload: JsonObject) -> str:
    """Write the payload so that equal ones are the same text: keys in order, absent for null, 1 apart from 1.0."""
    return json.dumps(drop_nulls(payload), sort_keys=True, ensure_ascii=False)


def _draw(annotation: object, chosen: Mapping[str, Drawn]) -> Drawn:
    if get_origin(annotation) in (Union, UnionType):
        return st.one_of([_draw(option, chosen) for option in get_args(annotation) if option is not NoneType])
    if get_origin(annotation) is list:
        return st.lists(_draw(get_args(annotation)[0], chosen), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, Payload):
        return draw_payloads(annotation, chosen)
    assert isinstance(annotation, type)
    return _BY_TYPE[annotation]


def _find_model(annotation: object) -> type[Payload] | None:
    if isinstance(annotation, type) and issubclass(annotation, Payload):
        return annotation
    return next((found for option in get_args(annotation) if (found := _find_model(option)) is not None), None)
