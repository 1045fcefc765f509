"""Build a career path for every person, coherent with what became of their prescriptions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from raccord.demo.documents import (
    CareerPathDocument,
    ParticipantDocument,
    PersonDocument,
    PrescriptionDocument,
    StructureDocument,
)
from raccord.reference.career_path_codes import CareerPathFramework, CareerPathStatus, ParticipantRole
from raccord.reference.prescription_codes import PrescriptionState
from raccord.reference.structure_kinds import StructureKind

FRAMEWORKS: Mapping[str, CareerPathFramework] = {
    StructureKind.ML.value: CareerPathFramework.MISSION_LOCALE,
    StructureKind.PLIE.value: CareerPathFramework.PLIE,
    StructureKind.FT.value: CareerPathFramework.FRANCE_TRAVAIL,
    StructureKind.CAP_EMPLOI.value: CareerPathFramework.CAP_EMPLOI,
    StructureKind.DEPT.value: CareerPathFramework.RSA,
    StructureKind.ODC.value: CareerPathFramework.RSA,
}
# Whose path may not be active: those without a live application nor a hiring.
QUIET_STATES = frozenset({PrescriptionState.REFUSED.value, PrescriptionState.CANCELLED.value})
QUIET_STATUSES = (
    CareerPathStatus.ACTIVE,
    CareerPathStatus.SUSPENDED,
    CareerPathStatus.ENDED,
    CareerPathStatus.CANCELLED,
)
WAITING_STATUSES = (
    CareerPathStatus.ACTIVE,
    CareerPathStatus.ACTIVE,
    CareerPathStatus.AWAITING_ORIENTATION,
    CareerPathStatus.DRAFT,
)
TITLES = (
    "Retour à l'emploi",
    "Reprise d'activité progressive",
    "Découverte d'un métier",
    "Projet d'insertion",
)


def build_career_paths(
    rng: Random,
    people: Sequence[PersonDocument],
    prescriptions: Sequence[PrescriptionDocument],
    structures: Mapping[str, StructureDocument],
    contributors: Sequence[StructureDocument],
) -> list[CareerPathDocument]:
    """Build one path for each person, in the order of the people."""
    sent: dict[str, list[PrescriptionDocument]] = defaultdict(list)
    for prescription in prescriptions:
        sent[prescription["person"]].append(prescription)
    return [
        build_career_path(rng, number, person, sent[person["external_id"]], structures=structures, others=contributors)
        for number, person in enumerate(people, start=1)
    ]


def build_career_path(
    rng: Random,
    number: int,
    person: PersonDocument,
    sent: Sequence[PrescriptionDocument],
    *,
    structures: Mapping[str, StructureDocument],
    others: Sequence[StructureDocument],
) -> CareerPathDocument:
    """Build the path of one person, led by the structure that follows them."""
    referent = structures[person["managing_structure"]]
    first_sent_on = date.fromisoformat(sent[0]["prescribed_on"])
    started_on = first_sent_on - timedelta(days=rng.randint(10, 120))
    status = choose_status(rng, sent)
    ended_on = date.fromisoformat(sent[-1]["prescribed_on"]) if is_over(status) else None
    path: CareerPathDocument = {
        "external_id": f"career-path-{number:03d}",
        "person": person["external_id"],
        "framework": choose_framework(rng, referent, status).value,
        "status": status.value,
        "started_on": started_on.isoformat(),
        "participants": [build_participant(referent, ParticipantRole.SINGLE_REFERENT, started_on, ended_on)],
    }
    if rng.random() < 0.6:
        path["title"] = rng.choice(TITLES)
    candidates = [item for item in others if item["external_id"] != referent["external_id"]]
    if rng.random() < 0.5:
        role = rng.choice((ParticipantRole.CONTRIBUTOR, ParticipantRole.CO_REFERENT, ParticipantRole.COMPANY_ADVISER))
        path["participants"].append(build_participant(rng.choice(candidates), role, first_sent_on, ended_on))
    return path


def choose_status(rng: Random, sent: Sequence[PrescriptionDocument]) -> CareerPathStatus:
    """Choose a status that the person's prescriptions allow."""
    states = {prescription["target_state"] for prescription in sent}
    if PrescriptionState.ACCEPTED.value in states:
        return CareerPathStatus.ACTIVE
    if sent[-1]["target_state"] in QUIET_STATES:
        return rng.choice(QUIET_STATUSES)
    return rng.choice(WAITING_STATUSES)


def is_over(status: CareerPathStatus) -> bool:
    """Tell whether a path in a status has an end."""
    return status in (CareerPathStatus.ENDED, CareerPathStatus.CANCELLED)


def choose_framework(rng: Random, referent: StructureDocument, status: CareerPathStatus) -> CareerPathFramework:
    """Choose the scheme of a path: the referent's own, or work integration once the path is active."""
    if status is CareerPathStatus.ACTIVE and rng.random() < 0.4:
        return CareerPathFramework.IAE
    return FRAMEWORKS.get(referent["kind"], CareerPathFramework.OTHER)


def build_participant(
    structure: StructureDocument, role: ParticipantRole, started_on: date, ended_on: date | None
) -> ParticipantDocument:
    """Build the part that a structure takes in a path."""
    participant: ParticipantDocument = {
        "structure": structure["external_id"],
        "role": role.value,
        "started_on": started_on.isoformat(),
    }
    if ended_on is not None:
        participant["ended_on"] = ended_on.isoformat()
    return participant
