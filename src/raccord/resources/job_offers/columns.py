"""The columns of job offers: what is filtered, joined or decides on showing, derived from the document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import Column, Date, Double, Index, Text, Uuid

from raccord.kernel.strict_json import JsonObject, read_object
from raccord.records.tables import INSTANT, make_kind_table
from raccord.resources.job_offers.licensing import find_visible_until

TABLE = make_kind_table(
    "job_offers",
    Column("structure_id", Uuid),
    Column("siret", Text),
    Column("status", Text),
    Column("rome_code", Text),
    Column("contract_type", Text),
    Column("work_mode", Text),
    Column("department", Text),
    Column("insee_code", Text),
    Column("postal_code", Text),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("licence_code", Text),
    Column("system", Text),
    Column("expires_on", Date),
    Column("visible_until", INSTANT),
)
Index(None, TABLE.c.structure_id)
Index(None, TABLE.c.department, TABLE.c.updated_at, TABLE.c.id)
Index(
    "job_offers_expires_on_idx",
    TABLE.c.expires_on,
    postgresql_where=TABLE.c.expires_on.is_not(None),
)


def derive_columns(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns. The place is the first one; the end is that of an offer that can still expire."""
    structure_id, end = document.get("structure_id"), document.get("expires_on")
    places = document.get("workplaces")
    place = places[0] if isinstance(places, list) and places and isinstance(places[0], dict) else {}
    can_expire = end is not None and document["status"] in ("active", "suspended")
    return {
        "structure_id": UUID(str(structure_id)) if structure_id else None,
        "siret": read_object(document, "employer").get("siret"),
        "status": document["status"],
        "rome_code": read_object(document, "occupation").get("rome_code"),
        "contract_type": read_object(document, "contract").get("type"),
        "work_mode": document.get("work_mode"),
        "department": place.get("department"),
        "insee_code": place.get("insee_code"),
        "postal_code": place.get("postal_code"),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        "licence_code": read_object(document, "licence").get("code"),
        "system": read_object(document, "provenance").get("system"),
        "expires_on": date.fromisoformat(str(end)) if can_expire else None,
        "visible_until": find_visible_until(document),
    }
