"""Whether a structure is active, on which day: pure functions of its content and of the day.

A stored document cannot say "today". It says the dates until which something is so, and whoever reads it compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.reference.structure_codes import ACTIVE_ANNEX_STATES, StructureSource
from raccord.reference.structure_facts import StructureActivity, StructureRole
from raccord.reference.structure_kinds import EMPLOYER_KINDS, PRESCRIBER_KINDS, SIAE_KINDS, StructureKind

GRACE_DAYS = 30
SPONTANEOUS_APPLICATIONS_DAYS = 90


@dataclass(frozen=True)
class Activity:
    """What is known of a structure's activity.

    Shape: while `status` is active, the structure is so until the end of `until_on`, or without a known end;
           an inactive one may know since when. A grace period follows a dated end.
    """

    status: StructureActivity
    until_on: date | None = None

    @property
    def grace_until_on(self) -> date | None:
        """The last day of partial access after the end of a convention.

        Units: 30 days counted from the day of the end, as Les emplois adds them to its instant.
        """
        return self.until_on + timedelta(days=1 + GRACE_DAYS) if self.until_on is not None else None

    def is_active(self, day: date) -> bool | None:
        """Tell whether the structure is active on the day; None if its source does not say."""
        if self.status is StructureActivity.NOT_STATED:
            return None
        if self.until_on is not None:
            return day <= self.until_on
        return self.status is StructureActivity.ACTIVE

    def is_in_grace(self, day: date) -> bool:
        """Tell whether the day falls in the grace period."""
        if self.until_on is None or self.grace_until_on is None:
            return False
        return self.until_on < day <= self.grace_until_on


def find_activity(content: JsonObject) -> Activity:
    """Find what the structure's content says of its activity.

    Shape:  a GEIQ is active; so is an OPCS that is searchable, and what the staff of Les emplois created; a SIAE is
            if its convention is; other employers are not. A prescriber, or a structure without a kind, has nothing
            that could end.
    Source: Les emplois de l'inclusion, August 2026.
    """
    kind = _read_kind(content)
    if kind not in EMPLOYER_KINDS or kind is StructureKind.GEIQ:
        return Activity(StructureActivity.ACTIVE)
    if content.get("created_from") == StructureSource.STAFF_CREATED:
        return Activity(StructureActivity.ACTIVE)
    if kind is StructureKind.OPCS:
        is_hidden = content.get("is_searchable") is False
        return Activity(StructureActivity.INACTIVE if is_hidden else StructureActivity.ACTIVE)
    if kind not in SIAE_KINDS:
        return Activity(StructureActivity.INACTIVE)
    return _find_convention_activity(content.get("convention"))


def _find_convention_activity(convention: JsonValue) -> Activity:
    if not isinstance(convention, dict):
        return Activity(StructureActivity.NOT_STATED)
    status = StructureActivity.ACTIVE if convention["is_active"] else StructureActivity.INACTIVE
    ended_on, resumed_on = (_read_day(convention.get(name)) for name in ("deactivated_on", "reactivated_on"))
    if ended_on is None or (resumed_on is not None and resumed_on >= ended_on):
        return Activity(status)
    return Activity(status, ended_on - timedelta(days=1))


def list_active_annexes(content: JsonObject, day: date) -> Sequence[JsonObject]:
    """List the financial annexes that are in force on the day: in an active state, and not at their end."""
    annexes = content.get("financial_annexes")
    return [
        annex
        for annex in (annexes if isinstance(annexes, list) else ())
        if isinstance(annex, dict)
        and annex["state"] in ACTIVE_ANNEX_STATES
        and date.fromisoformat(str(annex["starts_on"])) <= day < date.fromisoformat(str(annex["ends_on"]))
    ]


def list_roles(content: JsonObject) -> list[StructureRole]:
    """List the roles of the structure: that of its kind, and provider of services where it says so or has no kind."""
    kind = _read_kind(content)
    roles = []
    if kind in EMPLOYER_KINDS:
        roles.append(StructureRole.EMPLOYER)
    if kind in PRESCRIBER_KINDS:
        roles.append(StructureRole.PRESCRIBER)
    if kind is None or content.get("is_service_provider"):
        roles.append(StructureRole.SERVICE_PROVIDER)
    return roles


def find_closing_day(content: JsonObject) -> date | None:
    """Find the last day on which the structure takes spontaneous applications: 90 days after it opened."""
    opened_on = _read_day(content.get("spontaneous_applications_open_since_on"))
    return opened_on + timedelta(days=SPONTANEOUS_APPLICATIONS_DAYS) if opened_on is not None else None


def derive_facts(content: JsonObject, _before: JsonObject | None = None) -> JsonObject:
    """Derive what Raccord keeps with a structure: nothing here depends on the day of writing."""
    activity = find_activity(content)
    return {
        "roles": [role.value for role in list_roles(content)],
        "activity": activity.status.value,
        "active_until_on": _write_day(activity.until_on),
        "grace_until_on": _write_day(activity.grace_until_on),
        "spontaneous_applications_open_until_on": _write_day(find_closing_day(content)),
    }


def add_facts(document: JsonObject) -> JsonObject:
    """Bring a document of the first shape, which had no facts, to the second."""
    return {**document, **derive_facts(document)}


def read_last_active_day(document: JsonObject) -> date | None:
    """Read the column that a filter compares with the present day.

    Shape: the last day of activity; the end of time for one without end, its beginning for an undated end; None
           where the source does not say.
    """
    until_on = _read_day(document.get("active_until_on"))
    if document["activity"] == StructureActivity.NOT_STATED:
        return None
    if until_on is not None:
        return until_on
    return date.max if document["activity"] == StructureActivity.ACTIVE else date.min


def _read_kind(content: JsonObject) -> StructureKind | None:
    kind = content.get("kind")
    return StructureKind(str(kind)) if kind is not None else None


def _read_day(value: JsonValue) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _write_day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
