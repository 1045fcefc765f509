"""The course of an offer: its states and the moves between them as data, and when it ends, as pure functions.

draft → (in_review) → active ⇄ suspended → filled | expired | cancelled → archived; rejected from in_review.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from raccord.kernel.clock import PARIS, read_now, read_today
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.records.kind import SOURCE_PARTY, Move
from raccord.records.rows import write_instant
from raccord.reference.job_offer_codes import OfferClosingReason
from raccord.resources.job_offers.shape import JobOfferCourse

_SOURCE = frozenset({SOURCE_PARTY})
_EMPLOYER = frozenset({"employer"})
_BOTH = _SOURCE | _EMPLOYER
_OPEN = frozenset({"active", "suspended"})
_CLOSED = frozenset({"filled", "expired", "cancelled"})
# Shown to nobody but its source and its employer.
UNPUBLISHED = frozenset({"draft", "in_review", "rejected"})
_REASON = frozenset({"closing_reason", "comment"})
_COMMENT = frozenset({"comment"})
_END = frozenset({"ends_on"})
MAX_PROLONGATION = timedelta(days=366)

MOVES = (
    Move("publish", frozenset({"draft"}), "active", _BOTH, optional=_END),
    Move("submit", frozenset({"draft", "rejected"}), "in_review", _SOURCE, optional=_COMMENT),
    Move("approve", frozenset({"in_review"}), "active", _EMPLOYER, optional=_END | _COMMENT),
    Move(
        "reject",
        frozenset({"in_review"}),
        "rejected",
        _EMPLOYER,
        required=_COMMENT,
        optional=frozenset({"closing_reason"}),
    ),
    Move("suspend", frozenset({"active"}), "suspended", _BOTH | {"system"}, optional=_REASON),
    Move("resume", frozenset({"suspended"}), "active", _BOTH, optional=_END | _COMMENT),
    Move("fill", _OPEN, "filled", _BOTH, optional=_COMMENT),
    Move("prolong", frozenset({"active"}), "active", _BOTH, required=_END, optional=_COMMENT),
    Move("prolong", frozenset({"suspended"}), "suspended", _BOTH, required=_END, optional=_COMMENT),
    Move("cancel", UNPUBLISHED | _OPEN, "cancelled", _BOTH, optional=_REASON),
    Move("reopen", _CLOSED, "active", _BOTH, optional=_END | _COMMENT),
    Move("archive", _CLOSED | UNPUBLISHED, "archived", _BOTH, optional=_COMMENT),
    Move("expire", _OPEN, "expired", frozenset({"system"})),
)
EXPIRE, SUSPEND = (next(move for move in MOVES if move.name == name) for name in ("expire", "suspend"))

_REASONS = {"fill": OfferClosingReason.FILLED, "expire": OfferClosingReason.EXPIRED}
# What the source's own wish does: from which state, by which move.
_PUBLISHING = {"draft": "publish", "suspended": "resume"} | dict.fromkeys(_CLOSED, "reopen")


@dataclass(frozen=True)
class EndPolicy:
    """When an offer ends whose source states no end.

    Units: days after publication, or after the employer's last update where that is told; None: no end of its own.
    """

    days: int | None
    is_from_update: bool = False


DEFAULT_END = EndPolicy(60)
# By system of origin. France Travail's offers end with their freshness: see visibility.py.
END_POLICIES: Mapping[str, EndPolicy] = {
    "les-emplois": EndPolicy(90, is_from_update=True),
    "france-travail": EndPolicy(None),
}


def start_course(content: JsonObject, before: JsonObject | None) -> JsonObject:
    """Return the course to store with a content that its source writes.

    What the source asks is what it changes: the same wish written again reverts no state.
    """
    if before is None:
        course: JsonObject = JobOfferCourse(prolongation_count=0).model_dump(mode="json")
    else:
        course = {name: before.get(name) for name in JobOfferCourse.model_fields}
        stated = state_end(content)
        if stated is not None and stated != state_end(before):
            course["expires_on"] = stated.isoformat()
    name = _read_wish(content, before, str(course["status"]))
    if name is not None:
        course = apply_move({**content, **course}, _find_move(name, str(course["status"])), {})
    if course["status"] == "active" and _is_filled(content) and (before is None or not _is_filled(before)):
        course = apply_move({**content, **course}, _find_move("fill", "active"), {})
    return course


def apply_move(document: JsonObject, move: Move, fields: JsonObject) -> JsonObject:
    """Return the course after the move."""
    now, today = read_now(), read_today()
    course: JsonObject = {name: document.get(name) for name in JobOfferCourse.model_fields}
    course |= {"status_comment": fields.get("comment"), "closing_reason": _choose_reason(document, move, fields)}
    if move.name == "prolong":
        count = int(str(document.get("prolongation_count") or 0)) + 1
        return {
            **course,
            "expires_on": fields["ends_on"],
            "prolonged_on": today.isoformat(),
            "prolongation_count": count,
        }
    course |= {"status": move.to_state, "status_changed_at": write_instant(now)}
    if move.to_state == "active":
        course["published_at"] = document.get("published_at") or write_instant(now)
        course["expires_on"] = _choose_end(document, move, fields, today)
    return course


def find_publishing_move(status: str) -> Move | None:
    """Find the move that shows an offer of that state to others; None if it is shown, or no single move does it."""
    if status == "active":
        return None
    return next((move for move in MOVES if move.to_state == "active" and status in move.from_states), None)


def check_move(_document: JsonObject, _move: Move, fields: JsonObject, _facts: JsonObject) -> None:
    """Check the new end of an offer.

    Errors: InvalidContentError.
    """
    if "ends_on" not in fields:
        return
    today, end = read_today(), date.fromisoformat(str(fields["ends_on"]))
    if not today <= end <= today + MAX_PROLONGATION:
        message = Text("D'aujourd'hui à un an.", "From today to one year.")
        raise InvalidContentError(errors=[FieldError("pointer", "/ends_on", "end_out_of_range", message)])


def read_parties(document: JsonObject) -> Mapping[str, frozenset[UUID]]:
    """Map the employer to its structure."""
    structure = document.get("structure_id")
    return {"employer": frozenset({UUID(str(structure))} if structure else ())}


def state_end(content: JsonObject) -> date | None:
    """Return the last day that the source states, or that its system's policy counts from the employer's update."""
    publication, provenance = content.get("publication"), content.get("provenance")
    stated = publication.get("ends_on") if isinstance(publication, dict) else None
    if stated is not None:
        return date.fromisoformat(str(stated))
    policy = find_policy(content)
    updated = provenance.get("updated_at") if isinstance(provenance, dict) else None
    if not policy.is_from_update or policy.days is None or updated is None:
        return None
    return datetime.fromisoformat(str(updated)).astimezone(PARIS).date() + timedelta(days=policy.days)


def find_policy(content: JsonObject) -> EndPolicy:
    """Find the policy of the offer's system of origin."""
    provenance = content.get("provenance")
    system = str(provenance["system"]) if isinstance(provenance, dict) else ""
    return END_POLICIES.get(system, DEFAULT_END)


def _choose_end(document: JsonObject, move: Move, fields: JsonObject, today: date) -> str | None:
    """Choose the last day of an offer that becomes active: what the move asks, what is known, or the policy's."""
    if "ends_on" in fields:
        return str(fields["ends_on"])
    stated = state_end(document)
    if stated is not None:
        return stated.isoformat()
    known = document.get("expires_on")
    # Reopened, an offer does not end on the day that closed it.
    if known is not None and (move.name != "reopen" or str(known) >= today.isoformat()):
        return str(known)
    days = find_policy(document).days
    return (today + timedelta(days=days)).isoformat() if days is not None else None


def _choose_reason(document: JsonObject, move: Move, fields: JsonObject) -> str | None:
    if move.name == "prolong":
        return str(document.get("closing_reason")) if document.get("closing_reason") else None
    given = fields.get("closing_reason")
    return str(given) if given else _REASONS.get(move.name)


def _read_wish(content: JsonObject, before: JsonObject | None, status: str) -> str | None:
    """Tell which move the source's change of `is_published` asks for, if any."""
    was = before is not None and bool(before["is_published"])
    if content["is_published"] and not was:
        return _PUBLISHING.get(status)
    return "suspend" if was and not content["is_published"] and status == "active" else None


def _is_filled(content: JsonObject) -> bool:
    openings = content["openings"]
    if not isinstance(openings, dict):
        return False
    opened, filled = int(str(openings["open_count"])), int(str(openings["filled_count"]))
    return filled >= opened > 0


def _find_move(name: str, state: str) -> Move:
    return next(move for move in MOVES if move.name == name and state in move.from_states)
