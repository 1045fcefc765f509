"""Build the prescriptions and the moves that lead each to its state; the table of moves is the resource's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from raccord.demo.documents import PersonDocument, PrescriptionDocument, StructureDocument, TransitionStep
from raccord.reference.prescription_codes import (
    GEIQ_REASONS,
    SIAE_REASONS,
    PrescriptionState,
    SenderKind,
)
from raccord.reference.structure_kinds import StructureKind

NEW = PrescriptionState.NEW
PROCESSING = PrescriptionState.PROCESSING
POSTPONED = PrescriptionState.POSTPONED
PRIOR_TO_HIRE = PrescriptionState.PRIOR_TO_HIRE
ACCEPTED = PrescriptionState.ACCEPTED
REFUSED = PrescriptionState.REFUSED
CANCELLED = PrescriptionState.CANCELLED
OBSOLETE = PrescriptionState.OBSOLETE
POOL = PrescriptionState.POOL

# What may happen to a person's prescriptions, in order, and how many people out of a hundred it happens to.
# An acceptance makes the earlier open ones obsolete, so an obsolete one always comes before an accepted one.
STORIES: Mapping[tuple[PrescriptionState, ...], int] = {
    (NEW,): 14,
    (NEW, PROCESSING): 8,
    (PROCESSING,): 8,
    (POSTPONED, NEW): 6,
    (POSTPONED,): 4,
    (PRIOR_TO_HIRE,): 6,
    (ACCEPTED,): 14,
    (OBSOLETE, ACCEPTED): 8,
    (OBSOLETE, OBSOLETE, ACCEPTED): 4,
    (REFUSED, ACCEPTED): 6,
    (REFUSED,): 8,
    (REFUSED, NEW): 4,
    (CANCELLED,): 4,
    (OBSOLETE, CANCELLED): 2,
    (POOL,): 4,
}

# The moves that lead from new to a state; one to be obsolete stays open until another is accepted.
ROUTES: Mapping[PrescriptionState, Sequence[Sequence[str]]] = {
    NEW: ((),),
    PROCESSING: (("process",),),
    POSTPONED: (("postpone",), ("process", "postpone")),
    PRIOR_TO_HIRE: (("move_to_prior_to_hire",), ("process", "move_to_prior_to_hire")),
    ACCEPTED: (("accept",), ("process", "accept"), ("process", "postpone", "accept")),
    REFUSED: (("refuse",), ("process", "refuse")),
    CANCELLED: (("accept", "cancel"), ("process", "accept", "cancel")),
    OBSOLETE: ((), ("process",), ("postpone",)),
    POOL: (("add_to_pool",), ("process", "add_to_pool")),
}
OPEN_STATES = frozenset({NEW, PROCESSING, POSTPONED, PRIOR_TO_HIRE, POOL})

JOB_TITLES = (
    "Agent d'entretien", "Aide maraîcher", "Agent de tri", "Manœuvre du bâtiment", "Commis de cuisine",
    "Préparateur de commandes", "Agent d'espaces verts", "Opérateur de blanchisserie",
)  # fmt: skip
MESSAGES = (
    "Personne motivée, disponible immédiatement, suivie depuis plusieurs mois.",
    "Souhaite reprendre une activité à temps partiel, projet validé avec sa conseillère.",
    "Première expérience réussie dans ce métier, recherche un emploi proche de son domicile.",
    "Prescription de démonstration : projet professionnel confirmé par une immersion.",
)
POSTPONE_COMMENT = "Poste ouvert le mois prochain : nous reprendrons contact."
REFUSE_COMMENT = "Réponse de démonstration, discutée avec le prescripteur."


@dataclass(frozen=True)
class Cast:
    """Group the structures between which prescriptions circulate."""

    employers: Sequence[StructureDocument]
    outside_employers: Sequence[StructureDocument]


def build_prescriptions(
    rng: Random, today: date, people: Sequence[PersonDocument], cast: Cast
) -> list[PrescriptionDocument]:
    """Build every prescription, person after person, each person's in the order of their story."""
    stories = [story for story, weight in STORIES.items() for _ in range(weight)]
    stories = [stories[position % len(stories)] for position in range(len(people))]
    rng.shuffle(stories)
    prescriptions: list[PrescriptionDocument] = []
    for person, story in zip(people, stories, strict=True):
        for document in build_story(rng, today, person, story, cast=cast):
            document["external_id"] = f"prescription-{len(prescriptions) + 1:03d}"
            prescriptions.append(document)
    return prescriptions


def build_story(
    rng: Random, today: date, person: PersonDocument, story: Sequence[PrescriptionState], *, cast: Cast
) -> list[PrescriptionDocument]:
    """Build the prescriptions of one person, sent some days apart to different employers."""
    # An open prescription is recent: without an answer for 60 days the sector refuses it.
    age_days = rng.randint(25, 50) if OPEN_STATES & set(story) else rng.randint(60, 300)
    prescribed_on = today - timedelta(days=age_days)
    documents = []
    for state, recipient in zip(story, choose_recipients(rng, story, cast), strict=True):
        documents.append(build_prescription(rng, person, recipient, state, prescribed_on=prescribed_on))
        prescribed_on += timedelta(days=rng.randint(2, 5))
    return documents


def choose_recipients(rng: Random, story: Sequence[PrescriptionState], cast: Cast) -> list[StructureDocument]:
    """Choose a different employer for each step of a story, a GEIQ where the state asks for one."""
    geiqs = [item for item in cast.employers if item["kind"] == StructureKind.GEIQ.value]
    if PRIOR_TO_HIRE in story:
        return [rng.choice(geiqs) for _ in story]
    pool = [*cast.employers, rng.choice(cast.outside_employers)]
    return rng.sample(pool, len(story))


def build_prescription(
    rng: Random,
    person: PersonDocument,
    recipient: StructureDocument,
    state: PrescriptionState,
    *,
    prescribed_on: date,
) -> PrescriptionDocument:
    """Build one prescription and the moves that lead it to a state."""
    moves = rng.choice(ROUTES[state])
    document: PrescriptionDocument = {
        "external_id": "",
        "person": person["external_id"],
        "prescriber_structure": person["managing_structure"],
        "recipient_structure": recipient["external_id"],
        "sender_kind": SenderKind.PRESCRIBER.value,
        "message": rng.choice(MESSAGES),
        "prescribed_on": prescribed_on.isoformat(),
        "transitions": [build_step(rng, move, recipient, prescribed_on) for move in moves],
        "target_state": state.value,
    }
    if rng.random() < 0.7:
        document["job_title"] = rng.choice(JOB_TITLES)
    return document


def build_step(rng: Random, move: str, recipient: StructureDocument, prescribed_on: date) -> TransitionStep:
    """Build one move with the payload that it requires."""
    if move == "postpone":
        return move, {"comment": POSTPONE_COMMENT}
    if move == "refuse":
        reasons = GEIQ_REASONS if recipient["kind"] == StructureKind.GEIQ.value else SIAE_REASONS
        return move, {"refusal_reason": rng.choice(sorted(reasons)).value, "comment": REFUSE_COMMENT}
    if move == "accept":
        return move, build_hiring(rng, prescribed_on)
    return move, {}


def build_hiring(rng: Random, prescribed_on: date) -> dict[str, str]:
    """Build the dates of a hiring: begun before today, with an end unless the contract has none."""
    started_on = prescribed_on + timedelta(days=rng.randint(7, 30))
    hiring = {"hiring_start_on": started_on.isoformat()}
    if rng.random() < 0.8:
        hiring["hiring_end_on"] = (started_on + timedelta(days=rng.choice((122, 183, 365)))).isoformat()
    return hiring
