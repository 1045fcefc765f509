"""Where a record is, as search asks: its address and its point, for the kinds that have them."""

from __future__ import annotations

from raccord.kernel.strict_json import JsonObject, read_number, read_object, read_text
from raccord.records.search.entry import Place


def find_place(document: JsonObject) -> Place:
    """Find where a record is, for search."""
    address, location = read_object(document, "address"), read_object(document, "location")
    return Place(
        insee_code=read_text(address, "insee_code"),
        postal_code=read_text(address, "postal_code"),
        department=read_text(address, "department"),
        latitude=read_number(location, "latitude"),
        longitude=read_number(location, "longitude"),
    )
