"""The kind `toys`, as short as a kind can be."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field
from sqlalchemy import Column, Text

from raccord.kernel.shapes import Envelope, Line, Shape
from raccord.kernel.strict_json import JsonObject
from raccord.records.kind import Filters, Kind
from raccord.records.tables import make_kind_table


class ToyInput(Shape):
    """A toy."""

    name: Line = Field(description="Nom du jouet.")
    colour: Line | None = Field(None, description="Couleur.")


class Toy(ToyInput, Envelope):
    """A toy as Raccord serves it."""


class ToyFilters(Filters):
    """What to look for."""

    colour: Line | None = Field(None, description="Couleur.")


def derive_columns(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns."""
    return {"colour": document["colour"]}


TOYS = Kind(
    name="toys",
    singular="toy",
    path="toys",
    title="Toys",
    content=ToyInput,
    record=Toy,
    table=make_kind_table("toys", Column("colour", Text)),
    columns=derive_columns,
    filters=ToyFilters,
    example={"name": "Toupie", "colour": "rouge"},
)
