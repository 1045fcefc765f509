"""What licences do to offers: until when one is shown, and whether it may be passed on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from raccord.kernel.strict_json import JsonObject
from raccord.records.rows import write_instant
from raccord.reference.licences import LICENCES_BY_CODE, Licence, LicenceCode
from raccord.resources.job_offers.lifecycle import UNPUBLISHED

# A walk that meets an offer again within this writes nothing.
_FRESH_ENOUGH = timedelta(hours=1)
# Before every reading: shown to nobody but those whose offer it is.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def find_visible_until(document: JsonObject) -> datetime | None:
    """Tell until when others than its own are shown the offer; None if nothing ends that."""
    if document["status"] in UNPUBLISHED:
        return NEVER
    licence, provenance = find_licence(document), document.get("provenance")
    if licence is None or licence.must_refresh_within_hours is None:
        return None
    seen = provenance.get("last_seen_at") if isinstance(provenance, dict) else None
    # Terms that ask for freshness, and nobody knows how fresh it is.
    if seen is None:
        return NEVER
    return datetime.fromisoformat(str(seen)) + timedelta(hours=licence.must_refresh_within_hours)


def mark_seen(document: JsonObject, seen_at: datetime) -> JsonObject | None:
    """Mark the offer as seen at its source; None where its licence asks for no freshness, or it is fresh enough."""
    licence, provenance = find_licence(document), document.get("provenance")
    if licence is None or licence.must_refresh_within_hours is None or not isinstance(provenance, dict):
        return None
    seen = provenance.get("last_seen_at")
    if seen is not None and seen_at - datetime.fromisoformat(str(seen)) < _FRESH_ENOUGH:
        return None
    return {**document, "provenance": {**provenance, "last_seen_at": write_instant(seen_at)}}


def may_be_exported(document: JsonObject, day: date) -> bool:
    """Tell whether the offer may leave Raccord in an export made on that day."""
    if document.get("status") != "active":
        return False
    licence, until = find_licence(document), find_visible_until(document)
    is_allowed = licence is None or licence.allows_onward_export
    return is_allowed and (until is None or until.date() >= day)


def find_licence(document: JsonObject) -> Licence | None:
    """Find the terms of the offer's licence; None for an offer first published here."""
    licence = document.get("licence")
    return LICENCES_BY_CODE[LicenceCode(str(licence["code"]))] if isinstance(licence, dict) else None
