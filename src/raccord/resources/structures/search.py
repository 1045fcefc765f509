"""How structures are searched."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from raccord.kernel.strict_json import JsonObject
from raccord.records.search.entry import Entry, Place, Searchable, SearchParameters
from raccord.records.search.tables import make_search_table
from raccord.reference.structure_codes import Habilitation
from raccord.reference.structure_kinds import STRUCTURE_KINDS, StructureKind


class StructureSearch(SearchParameters):
    """What structures are searched by."""

    kind: list[StructureKind] | None = Field(None, max_length=43, description="Types de structure (l'un d'eux).")
    habilitation: list[Habilitation] | None = Field(None, max_length=4, description="Habilitations (l'une d'elles).")
    is_open_to_spontaneous_applications: bool | None = Field(None, description="Reçoit des candidatures spontanées.")


def derive_entry(document: JsonObject, _parent: JsonObject | None) -> Entry | None:
    """Make the entry of a structure."""
    address = document.get("address")
    location = document.get("location")
    place = address if isinstance(address, dict) else {}
    point = location if isinstance(location, dict) else {}
    kind = str(document["kind"])
    return Entry(
        title=f"{document['name']} {document['brand'] or ''}",
        text=f"{document['description'] or ''} {kind} {STRUCTURE_KINDS.label(kind, 'fr')} {place.get('city', '')}",
        published_at=datetime.fromisoformat(str(document["created_at"])),
        tags={
            "kind": [kind],
            "habilitation": [str(document["habilitation"])] if document["habilitation"] else [],
            "is_open_to_spontaneous_applications": [str(bool(document["is_open_to_spontaneous_applications"])).lower()],
        },
        places=(read_place(place, point),),
    )


def read_place(address: JsonObject, point: JsonObject) -> Place:
    """Read where a structure is."""
    return Place(
        insee_code=read_text(address, "insee_code"),
        postal_code=read_text(address, "postal_code"),
        department=read_text(address, "department"),
        latitude=read_number(point, "latitude"),
        longitude=read_number(point, "longitude"),
    )


def read_text(part: JsonObject, name: str) -> str | None:
    """Read a text of the document, if it is there."""
    value = part.get(name)
    return value if isinstance(value, str) else None


def read_number(part: JsonObject, name: str) -> float | None:
    """Read a number of the document, if it is there."""
    value = part.get(name)
    return float(value) if isinstance(value, int | float) else None


SEARCH = Searchable(
    table=make_search_table("structures"),
    parameters=StructureSearch,
    derive=derive_entry,
    facets=("kind", "habilitation", "is_open_to_spontaneous_applications"),
)
