"""The columns of structures: what is filtered or constrained, derived from the document."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ARRAY, Boolean, Column, Date, Double, Index, Text

from raccord.kernel.strict_json import JsonObject
from raccord.records.tables import make_kind_table
from raccord.resources.places import derive_place
from raccord.resources.structures.activity import read_last_active_day
from raccord.resources.topics import list_categories, list_codes

NATURAL_KEYS = (("siret", "kind"), ("safir_code",))

TABLE = make_kind_table(
    "structures",
    Column("kind", Text),
    Column("siret", Text),
    Column("siren", Text),
    Column("safir_code", Text),
    Column("department", Text),
    Column("insee_code", Text),
    Column("postal_code", Text),
    Column("habilitation", Text),
    Column("is_antenna", Boolean),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("roles", ARRAY(Text)),
    Column("networks", ARRAY(Text)),
    Column("topics", ARRAY(Text)),
    Column("topic_categories", ARRAY(Text)),
    Column("active_until_on", Date),
    natural_keys=NATURAL_KEYS,
)
Index(None, TABLE.c.siret)
Index(None, TABLE.c.siren)
Index(None, TABLE.c.department, TABLE.c.kind, TABLE.c.updated_at, TABLE.c.id)
Index(None, TABLE.c.kind, TABLE.c.updated_at, TABLE.c.id)


def derive_columns(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns."""
    siret, topics = document.get("siret"), list_codes(document, "topics")
    return {
        "kind": document.get("kind"),
        "siret": siret,
        "siren": str(siret)[:9] if siret else document.get("siren"),
        "safir_code": document.get("safir_code"),
        "habilitation": document.get("habilitation"),
        "is_antenna": document["is_antenna"],
        "roles": list_codes(document, "roles"),
        "networks": list_codes(document, "networks"),
        "topics": topics,
        "topic_categories": list_categories(topics),
        "active_until_on": read_last_active_day(document),
        **derive_place(document),
    }
