"""The columns of structures: what is filtered or constrained, derived from the document."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Boolean, Column, Double, Index, Text

from raccord.kernel.strict_json import JsonObject
from raccord.records.tables import make_kind_table

TABLE = make_kind_table(
    "structures",
    Column("kind", Text),
    Column("siret", Text),
    Column("department", Text),
    Column("insee_code", Text),
    Column("postal_code", Text),
    Column("habilitation", Text),
    Column("is_antenna", Boolean),
    Column("latitude", Double),
    Column("longitude", Double),
    natural_key=("siret", "kind"),
)
Index(None, TABLE.c.siret)
Index(None, TABLE.c.department, TABLE.c.kind, TABLE.c.updated_at, TABLE.c.id)
Index(None, TABLE.c.kind, TABLE.c.updated_at, TABLE.c.id)


def derive_columns(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns."""
    address = document.get("address")
    place = address if isinstance(address, dict) else {}
    location = document.get("location")
    point = location if isinstance(location, dict) else {}
    return {
        "kind": document["kind"],
        "siret": document["siret"],
        "department": place.get("department"),
        "insee_code": place.get("insee_code"),
        "postal_code": place.get("postal_code"),
        "habilitation": document["habilitation"],
        "is_antenna": document["is_antenna"],
        "latitude": point.get("latitude"),
        "longitude": point.get("longitude"),
    }
