"""The columns of services: what is filtered or joined, derived from the document."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ARRAY, Column, Double, Index, Text, Uuid

from raccord.kernel.strict_json import JsonObject
from raccord.records.tables import make_kind_table
from raccord.resources.places import derive_place
from raccord.resources.topics import list_categories, list_codes

TABLE = make_kind_table(
    "services",
    Column("structure_id", Uuid),
    Column("kind", Text),
    Column("fee", Text),
    Column("topics", ARRAY(Text)),
    Column("topic_categories", ARRAY(Text)),
    Column("audiences", ARRAY(Text)),
    Column("reception_modes", ARRAY(Text)),
    Column("eligibility_zones", ARRAY(Text)),
    Column("department", Text),
    Column("insee_code", Text),
    Column("postal_code", Text),
    Column("latitude", Double),
    Column("longitude", Double),
)
Index(None, TABLE.c.structure_id)
Index(None, TABLE.c.department, TABLE.c.updated_at, TABLE.c.id)


def derive_columns(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns."""
    topics = list_codes(document, "topics")
    return {
        "structure_id": UUID(str(document["structure_id"])),
        **{name: document.get(name) for name in ("kind", "fee")},
        "topics": topics,
        "topic_categories": list_categories(topics),
        **{name: list_codes(document, name) for name in ("audiences", "reception_modes", "eligibility_zones")},
        **derive_place(document),
    }
