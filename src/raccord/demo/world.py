"""Build the whole demonstration world from a seed and a date; loading it belongs to `run`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from raccord.demo.agreements import describe_agreements
from raccord.demo.career_paths import build_career_paths
from raccord.demo.documents import (
    CareerPathDocument,
    JobOfferDocument,
    PersonDocument,
    PrescriptionDocument,
    ServiceDocument,
    StructureDocument,
)
from raccord.demo.job_offers import build_job_offers
from raccord.demo.people import build_people
from raccord.demo.prescriptions import Cast, build_prescriptions
from raccord.demo.services import build_services
from raccord.demo.structures import DEMO_EMPLOYER_KINDS, DEMO_PRESCRIBER_KINDS, build_structures
from raccord.reference.structure_codes import Habilitation
from raccord.reference.structure_kinds import SIAE_KINDS


@dataclass(frozen=True)
class World:
    """Hold the synthetic documents, linked to each other by external id.

    Shape: load structures, services, job offers, people and career paths, then play the prescriptions one by one in
    list order; prescriber_structures and employer_structures are the external ids for which the clients act.
    """

    structures: list[StructureDocument]
    services: list[ServiceDocument]
    job_offers: list[JobOfferDocument]
    people: list[PersonDocument]
    prescriptions: list[PrescriptionDocument]
    career_paths: list[CareerPathDocument]
    prescriber_structures: tuple[str, ...]
    employer_structures: tuple[str, ...]


def build_world(seed: int = 2026, *, today: date) -> World:
    """Build the world: the same seed and the same day give the same documents."""
    rng = Random(seed)
    structures = build_structures(rng)
    prescribers = structures[: len(DEMO_PRESCRIBER_KINDS)]
    employers = structures[len(prescribers) : len(prescribers) + len(DEMO_EMPLOYER_KINDS)]
    others = structures[len(prescribers) + len(employers) :]
    outside_prescribers = [item for item in others if item.get("habilitation") == Habilitation.VALIDATED.value]
    outside_employers = [item for item in others if item["kind"] in SIAE_KINDS]
    people = build_people(rng, today, prescribers, outside_prescribers)
    prescriptions = build_prescriptions(rng, today, people, Cast(employers, outside_employers))
    by_external_id = {item["external_id"]: item for item in structures}
    # A generator of its own: what is added to structures leaves the people of the story as they were.
    details = Random(f"{seed} details")
    describe_agreements(details, today, structures, frozenset(list_external_ids(employers)))
    return World(
        structures=structures,
        services=build_services(details, today, structures),
        job_offers=build_job_offers(Random(f"{seed} job offers"), today, structures),
        people=people,
        prescriptions=prescriptions,
        career_paths=build_career_paths(rng, people, prescriptions, by_external_id, prescribers),
        prescriber_structures=list_external_ids(prescribers),
        employer_structures=list_external_ids(employers),
    )


def list_external_ids(structures: Sequence[StructureDocument]) -> tuple[str, ...]:
    """List the external ids of structures."""
    return tuple(item["external_id"] for item in structures)
