"""Where a structure, a service or an offer is, and when it is open: shapes that several kinds share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import opening_hours
from pydantic import AfterValidator, Field, StringConstraints

from raccord.kernel.refusals import JsonValue
from raccord.kernel.shapes import InseeCode, Line, PostalCode, Shape, explain_refusal
from raccord.kernel.strict_json import JsonObject, read_object
from raccord.reference.departments import DEPARTMENTS, Department


def check_opening_hours(value: str) -> str:
    """Check the syntax of opening hours.

    Errors: opening_hours.
    Source: OpenStreetMap, opening_hours; the library reads a blank as "always", which nobody means.
    """
    if not value.strip() or not opening_hours.validate(value):
        raise explain_refusal(
            "opening_hours",
            "Horaires au format OpenStreetMap attendus, par exemple « Mo-Fr 09:00-12:00 ».",
            "Opening hours in OpenStreetMap's syntax are expected, for example `Mo-Fr 09:00-12:00`.",
        )
    return value


OpeningHours = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$"),
    AfterValidator(check_opening_hours),
]


class Address(Shape):
    """A postal address in France."""

    line_1: Line | None = Field(None, description="Numéro et voie.")
    line_2: Line | None = Field(None, description="Complément d'adresse.")
    postal_code: PostalCode | None = Field(None, description="Code postal, CEDEX compris.")
    city: Line | None = Field(None, description="Commune, telle qu'écrite dans l'adresse.")
    insee_code: InseeCode | None = Field(None, description="Code INSEE de la commune.")
    department: Department | None = Field(None, description="Code du département.")
    resolved_address: Line | None = Field(None, description="Adresse reconnue par la Base Adresse nationale.")


class Location(Shape):
    """A point on the map (WGS 84)."""

    latitude: float = Field(ge=-90, le=90, description="Latitude en degrés.")
    longitude: float = Field(ge=-180, le=180, description="Longitude en degrés.")
    geocoding_score: float | None = Field(
        None, ge=0, le=1, description="Score de géocodage de la Base Adresse nationale ; fiable à partir de 0,8."
    )


def derive_place(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns that say where a record is."""
    address, location = (read_object(document, name) for name in ("address", "location"))
    return {
        **{name: address.get(name) for name in ("insee_code", "postal_code")},
        "department": address.get("department") or find_department(address.get("insee_code")),
        **{name: location.get(name) for name in ("latitude", "longitude")},
    }


def find_department(insee_code: JsonValue) -> str | None:
    """Find the département of a commune by its code: its first two characters, three overseas."""
    if not isinstance(insee_code, str):
        return None
    code = insee_code[:3] if insee_code.startswith(("97", "98")) else insee_code[:2]
    return code if code in DEPARTMENTS else None
