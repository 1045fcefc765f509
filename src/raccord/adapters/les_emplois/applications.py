"""An application of Les emplois: the person as it tells of them, and the prescription, whose state Raccord mirrors.

Its list of senders holds no number of an organisation, and its employer no id: who they are is found beforehand, and
stands beside what was received.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from raccord.adapters.contract import Drift, RecordRefused
from raccord.adapters.les_emplois.payloads import ApplicationPayload
from raccord.adapters.pairs import Pair, get_at, get_text, list_objects, read_pairs
from raccord.adapters.payload import split_payload
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.reference.prescription_codes import PrescriptionState, SenderKind

_PARIS = ZoneInfo("Europe/Paris")
# Not carried, so not even received: the number of social security, the PASS, who else was written to.
DROPPED = frozenset(
    {
        "candidat_nir",
        "candidat_pass_iae_statut",
        "candidat_pass_iae_numero",
        "candidat_pass_iae_date_debut",
        "candidat_pass_iae_date_fin",
        "entreprise_employeur_email",
        "entreprise_adresse",
        "orientation_emetteur_nom",
        "orientation_emetteur_prenom",
        "orientation_emetteur_email",
        "orientation_emetteur_organisme_telephone",
        "orientation_candidat_cv",
    }
)
_SENDERS: Mapping[str, SenderKind] = {
    "candidat": SenderKind.JOB_SEEKER,
    "prescripteur": SenderKind.PRESCRIBER,
    "employeur": SenderKind.EMPLOYER,
    **{kind.value: kind for kind in SenderKind},
}
_LONGEST_TITLE, _LONGEST_MESSAGE = 255, 10_000
_PERSON = (
    Pair("candidat_prenom", "first_name"),
    Pair("candidat_nom", "last_name"),
    Pair("candidat_date_naissance", "birth_date"),
    Pair("candidat_email", "email", lambda value: value or None),
    Pair("candidat_telephone", "phone", lambda value: value or None),
)
_OF_PERSON = frozenset(pair.theirs for pair in _PERSON)


def describe_person(applications: Sequence[JsonObject], managing_structure_id: str) -> JsonObject:
    """Take what the last application says of the person, and who follows them here."""
    last = max(applications, key=lambda row: get_text(row, "mis_a_jour_le"))
    said = {name: value for name, value in last.items() if name in _OF_PERSON}
    return {**said, "managing_structure_id": managing_structure_id}


def describe_application(row: JsonObject, person: str, employer: str | None, sender: JsonObject) -> JsonObject:
    """Put beside an application who is in it: the person and the employer by their names, the sender by its record."""
    kept = {name: value for name, value in row.items() if name not in DROPPED | _OF_PERSON}
    return {"application": kept, "person": person, "employer": employer, "sender": sender}


def read_person(raw: JsonObject) -> JsonObject:
    """Read a person into content for the write door."""
    return {**read_pairs(_PERSON, raw), "managing_structure_id": raw["managing_structure_id"]}


def read_application(raw: JsonObject) -> tuple[JsonObject, list[Drift]]:
    """Read an application into content for the write door.

    Errors: RecordRefused for a state or a sender that is not known, an employer or a prescriber that has no record.
    """
    said = raw.get("application")
    known, drifts = split_payload(ApplicationPayload, said if isinstance(said, dict) else {})
    sender = _SENDERS.get(get_text(known, "orientation_emetteur_type").casefold())
    if sender is None:
        raise _refuse("unknown_sender", "/orientation_emetteur_type", _UNKNOWN)
    if get_text(known, "statut") not in {state.value for state in PrescriptionState}:
        raise _refuse("unknown_state", "/statut", _UNKNOWN)
    if not isinstance(raw.get("employer"), str):
        raise _refuse("not_in_settings", "/entreprise_siret", _NO_EMPLOYER)
    content: JsonObject = {
        "person_external_id": raw["person"],
        "recipient_structure_external_id": raw["employer"],
        "sender_kind": sender.value,
        "prescribed_on": _read_day(known["cree_le"]),
        "state_authority": "external",
        "mirrored_state": known["statut"],
        "job_title": _choose_title(known)[:_LONGEST_TITLE] or None,
        "message": get_text(known, "orientation_candidat_message")[:_LONGEST_MESSAGE] or None,
    }
    if sender is not SenderKind.JOB_SEEKER:
        content |= _name_prescriber(raw.get("sender"))
    return content, drifts


def _name_prescriber(sender: JsonValue) -> JsonObject:
    found: dict[Literal["id", "external_id"], str] = {}
    if isinstance(sender, dict):
        for name in ("id", "external_id"):
            if isinstance(value := sender.get(name), str):
                found[name] = value
    if not found:
        raise _refuse("not_in_settings", "/orientation_emetteur_organisme", _NO_PRESCRIBER)
    return {f"prescriber_structure_{name}": value for name, value in found.items()}


def _choose_title(known: JsonObject) -> str:
    wanted = list_objects(known.get("orientation_postes_recherches"))
    return get_text({"retained": get_at(known, "contrat_poste_retenu")}, "retained/titre") or (
        get_text(wanted[0], "titre") if wanted else ""
    )


def _read_day(value: JsonValue) -> str:
    try:
        return datetime.fromisoformat(str(value)).astimezone(_PARIS).date().isoformat()
    except ValueError:
        raise _refuse("unreadable_payload", "/cree_le", _UNREADABLE) from None


def _refuse(code: str, pointer: str, message: Text) -> RecordRefused:
    return RecordRefused(code, message, f"/application{pointer}")


_UNKNOWN = Text(
    "Valeur inconnue de l'adaptateur : signalez-la à son équipe, puis rejouez.",
    "A value that the adapter does not know: tell its team, then replay.",
)
_UNREADABLE = Text("Date illisible : signalez-la à Les emplois.", "An unreadable date: tell Les emplois.")
_NO_EMPLOYER = Text(
    "Employeur introuvable : ajoutez son département à la connexion. Une antenne, nommée par son seul SIREN, ne se "
    "retrouve pas.",
    "Employer not found: add its département to the connection. An antenna, named by its SIREN alone, cannot be found.",
)
_NO_PRESCRIBER = Text(
    "Organisme prescripteur sans fiche : ajoutez-le aux prescripteurs de la connexion, avec l'identifiant Raccord de "
    "sa structure.",
    "Prescriber without a record: add it to the connection's prescribers, with the Raccord id of its structure.",
)
