"""The states of a prescription: the transition table as data, and the pure rules around it.

Source: Les emplois de l'inclusion, candidature, August 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from raccord.kernel.clock import read_now
from raccord.kernel.errors import InvalidContentError, StructureNotGrantedError
from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.records.kind import Move
from raccord.records.rows import write_instant
from raccord.reference.prescription_codes import GEIQ_REASONS, SIAE_REASONS, PrescriptionState, RefusalReason
from raccord.resources.prescriptions.shape import PrescriptionAnswer

STATES = frozenset(str(state) for state in PrescriptionState)
DECIDED = frozenset({"accepted", "refused", "cancelled", "obsolete"})
OPEN = STATES - DECIDED
_EMPLOYER = frozenset({"recipient"})
_SYSTEM = frozenset({"system"})
_TALK = frozenset({"comment", "answer", "answer_to_prescriber"})

MOVES = (
    Move("process", frozenset({"new", "pool"}), "processing", _EMPLOYER),
    Move(
        "postpone",
        frozenset({"new", "pool", "processing", "prior_to_hire"}),
        "postponed",
        _EMPLOYER,
        required=frozenset({"comment"}),
    ),
    Move(
        "add_to_pool",
        frozenset({"new", "processing", "postponed", "cancelled", "obsolete"}),
        "pool",
        _EMPLOYER,
        optional=frozenset({"comment"}),
    ),
    Move(
        "move_to_prior_to_hire",
        frozenset({"new", "pool", "processing", "postponed", "obsolete", "refused", "cancelled"}),
        "prior_to_hire",
        _EMPLOYER,
        optional=frozenset({"comment"}),
    ),
    Move("cancel_prior_to_hire", frozenset({"prior_to_hire"}), "processing", _EMPLOYER | _SYSTEM),
    Move(
        "accept",
        STATES - {"accepted"},
        "accepted",
        _EMPLOYER,
        required=frozenset({"hiring_start_on"}),
        optional=_TALK | {"hiring_end_on"},
    ),
    Move(
        "refuse",
        frozenset({"new", "pool", "processing", "postponed", "prior_to_hire"}),
        "refused",
        _EMPLOYER | _SYSTEM,
        required=frozenset({"refusal_reason"}),
        optional=_TALK | {"is_refusal_reason_shared_with_person"},
    ),
    Move("cancel", frozenset({"accepted"}), "cancelled", _EMPLOYER, optional=frozenset({"comment"})),
    Move("render_obsolete", frozenset({"new", "processing", "postponed"}), "obsolete", _SYSTEM),
    Move("transfer", STATES - {"accepted"}, "new", _EMPLOYER, required=frozenset({"recipient_structure_id"})),
    Move(
        "external_transfer",
        frozenset({"refused"}),
        "refused",
        _EMPLOYER,
        required=frozenset({"recipient_structure_id"}),
        optional=frozenset({"comment"}),
    ),
    Move("reset", frozenset({"obsolete"}), "new", _SYSTEM),
)


def read_recipient(document: JsonObject) -> UUID:
    """Return the structure that now decides: the recipient, or the one it transferred to."""
    return UUID(str(document.get("transferred_to_structure_id") or document["recipient_structure_id"]))


def read_parties(document: JsonObject) -> Mapping[str, frozenset[UUID]]:
    """Map the parties to their structures."""
    prescriber = document["prescriber_structure_id"]
    return {
        "recipient": frozenset({read_recipient(document)}),
        "prescriber": frozenset({UUID(str(prescriber))} if prescriber else ()),
    }


def check_rules(document: JsonObject, move: Move, fields: JsonObject, facts: JsonObject) -> None:
    """Check what depends on the kinds of the structures and on dates.

    Errors: InvalidContentError, by field.
    """
    if move.name == "move_to_prior_to_hire" and facts["recipient_kind"] != "GEIQ":
        raise _refuse("transition", "geiq_only", "Réservé aux GEIQ.", "For a GEIQ only.")
    if move.name == "refuse":
        reasons = GEIQ_REASONS if facts["recipient_kind"] == "GEIQ" else SIAE_REASONS
        if RefusalReason(str(fields["refusal_reason"])) not in reasons:
            raise _refuse(
                "refusal_reason",
                "reason_not_selectable",
                "Motif non sélectionnable.",
                "Reason not selectable.",
            )
    if move.name == "accept" and "hiring_end_on" in fields:
        start, end = (date.fromisoformat(str(fields[name])) for name in ("hiring_start_on", "hiring_end_on"))
        if end < start:
            raise _refuse("hiring_end_on", "ends_before_start", "Fin avant le début.", "Ends before it starts.")
    if "transfer" in move.name:
        _check_transfer(document, fields, facts, is_internal=move.name == "transfer")


def apply_move(document: JsonObject, move: Move, fields: JsonObject) -> JsonObject:
    """Return what Raccord keeps after the move: decided states carry processed_at, others never."""
    now = write_instant(read_now())
    answer = {name: document.get(name) for name in PrescriptionAnswer.model_fields}
    if move.name == "external_transfer":
        return {**answer, "state_changed_at": now}
    answer |= {"state": move.to_state, "state_changed_at": now, "processed_at": None}
    if move.to_state in DECIDED:
        answer["processed_at"] = now
    if move.to_state != "accepted":
        answer |= {"hiring_start_on": None, "hiring_end_on": None}
    if move.to_state != "refused":
        answer |= {"refusal_reason": None, "is_refusal_reason_shared_with_person": None}
    if move.name == "transfer":
        cleared = dict.fromkeys(("answer", "answer_to_prescriber", "comment"))
        return {**answer, **cleared, "transferred_to_structure_id": fields["recipient_structure_id"]}
    return {**answer, "comment": None, **fields}


def start_state(content: JsonObject, before: JsonObject | None) -> JsonObject:
    """Return the state to store with a content that its source writes: the present one is never reverted.

    A state decided elsewhere is mirrored as its source tells it.
    """
    kept = {name: (before or {}).get(name) for name in PrescriptionAnswer.model_fields}
    if before is None:
        kept["state"] = "new"
    if content["state_authority"] == "external" and kept["state"] != content["mirrored_state"]:
        now = write_instant(read_now())
        decided = now if content["mirrored_state"] in DECIDED else None
        kept |= {"state": content["mirrored_state"], "state_changed_at": now, "processed_at": decided}
    return kept


def _check_transfer(document: JsonObject, fields: JsonObject, facts: JsonObject, *, is_internal: bool) -> None:
    if str(fields["recipient_structure_id"]) == str(read_recipient(document)):
        raise _refuse("recipient_structure_id", "same_recipient", "Destinataire inchangé.", "Same recipient.")
    if facts["target_kind"] is None:
        raise _refuse("recipient_structure_id", "unknown_reference", "Structure inconnue.", "Unknown structure.")
    # Inside one employer's software the same people answer for both; towards others a refused one is sent anew.
    if is_internal and not facts["is_target_granted"]:
        message = Text("Transfert : vous agissez pour les deux.", "Transfer: you act for both.")
        raise StructureNotGrantedError(
            message, [FieldError("pointer", "/recipient_structure_id", "structure_not_granted", message)]
        )


def _refuse(name: str, code: str, fr: str, en: str) -> InvalidContentError:
    return InvalidContentError(errors=[FieldError("pointer", f"/{name}", code, Text(fr, en))])
