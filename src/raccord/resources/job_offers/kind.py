"""The kind `job_offers`."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from raccord.access.caller import Caller
from raccord.kernel.database import Transaction
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.records.kind import Kind, Moved, NamedReference, Reference, Representation, View, Visibility, Workflow
from raccord.resources.job_offers import lifecycle
from raccord.resources.job_offers.columns import TABLE, derive_columns
from raccord.resources.job_offers.comparison import read_duplicates
from raccord.resources.job_offers.filters import JobOfferFilters
from raccord.resources.job_offers.licensing import mark_seen, may_be_exported
from raccord.resources.job_offers.search import SEARCH
from raccord.resources.job_offers.shape import JobOffer, JobOfferInput, JobOfferTransition
from raccord.resources.job_offers.views import (
    DuplicateLinks,
    PublicationReport,
    check_publication,
    read_publication,
    write_job_posting,
)

_EXAMPLE_ID = "019a0000-0000-7000-8000-00000000000b"


def list_references(document: JsonObject) -> Iterable[Reference]:
    """List the employer, if it has its record."""
    structure_id = document.get("structure_id")
    if structure_id:
        yield Reference("/structure_id", "structures", UUID(str(structure_id)), is_personal=False)


async def load_facts(_tx: Transaction, _caller: Caller, _document: JsonObject, _request: JsonObject) -> JsonObject:
    """Load nothing: what else is stored is checked by the write door, however a state comes."""
    return {}


async def react_to_move(_tx: Transaction, _moved: Moved) -> None:
    """Do nothing: readers of the change log follow."""


JOB_OFFERS = Kind(
    name="job_offers",
    singular="job_offer",
    path="job-offers",
    title="Job offers",
    content=JobOfferInput,
    record=JobOffer,
    table=TABLE,
    columns=derive_columns,
    filters=JobOfferFilters,
    search=SEARCH,
    may_be_exported=may_be_exported,
    start_state=lifecycle.start_course,
    list_references=list_references,
    named_references=(NamedReference("structure_id", "structure_external_id", "structures"),),
    check_stored=check_publication,
    visibility=Visibility("visible_until", "structure_id"),
    mark_seen=mark_seen,
    workflow=Workflow(
        state_field="status",
        moves=lifecycle.MOVES,
        request=JobOfferTransition,
        example={"transition": "suspend", "closing_reason": "other"},
        read_parties=lifecycle.read_parties,
        load_facts=load_facts,
        check=lifecycle.check_move,
        apply=lifecycle.apply_move,
        react=react_to_move,
    ),
    views=(
        View(
            "publication",
            "Lire le rapport de publication",
            "Ce qui empêche de publier l'offre, une entrée par champ, ce qui peut surprendre, et la transition qui la "
            "publie ; calculé à l'instant.",
            PublicationReport,
            {
                "status": "draft",
                "closing_reason": None,
                "publishing_transition": "publish",
                "is_publishable": False,
                "is_visible": False,
                "visible_until": None,
                "expires_on": None,
                "is_exportable": False,
                "attribution": None,
                "errors": [
                    {
                        "pointer": "/application/modes",
                        "code": "application_mode_missing",
                        "message": "Au moins une façon de candidater.",
                    }
                ],
                "warnings": [],
            },
            read_publication,
        ),
        View(
            "duplicates",
            "Lire les doublons probables",
            "Offres d'autres sources qui semblent la même, avec score et motifs. Elles sont liées, jamais fusionnées.",
            DuplicateLinks,
            {
                "is_canonical": True,
                "data": [
                    {
                        "id": _EXAMPLE_ID,
                        "source": "france-travail",
                        "score": 0.95,
                        "reasons": ["same_siret", "same_postal_code", "same_title", "same_contract_family"],
                        "is_canonical": False,
                        "computed_at": "2026-11-22T09:30:00.000000Z",
                    }
                ],
            },
            read_duplicates,
        ),
    ),
    representations=(
        Representation(
            "application/ld+json",
            "schema.org JobPosting",
            {
                "@context": "https://schema.org/",
                "@type": "JobPosting",
                "title": "Maraîcher / Maraîchère (H/F)",
                "employmentType": ["PART_TIME", "TEMPORARY"],
            },
            write_job_posting,
            Text(
                "Une offre jamais publiée n'est pas un JobPosting : …/publication dit ce qui manque.",
                "An offer that was never published is no JobPosting: …/publication says what is missing.",
            ),
        ),
    ),
    example={
        "structure_id": "01920000-0000-7000-8000-000000000001",
        "title": "Maraîcher / Maraîchère (H/F)",
        "description": "Culture de légumes biologiques, récolte et préparation des paniers. Débutants bienvenus.",
        "occupation": {
            "rome_code": "A1405",
            "appellation_code": "16128",
            "appellation_label": "Maraîcher / Maraîchère",
        },
        "workplaces": [
            {
                "postal_code": "69001",
                "insee_code": "69381",
                "city": "Lyon",
                "department": "69",
                "latitude": 45.7676,
                "longitude": 4.8344,
                "precision": "commune",
            }
        ],
        "work_mode": "on_site",
        "contract": {
            "type": "fixed_term_inclusion",
            "schemes": ["iae"],
            "duration_min": 6,
            "duration_unit": "month",
            "is_renewable": True,
            "start": "as_soon_as_possible",
        },
        "working_time": {"weekly_hours_min": 26, "time": "part_time"},
        "pay": {"min": "11.88", "period": "hour", "is_gross": True, "basis": "minimum_wage"},
        "openings": {"open_count": 2},
        "requirements": {"experience": {"level": "beginner_accepted"}},
        "mobility": {"is_reachable_by_public_transport": True},
        "iae": {
            "is_pass_required": True,
            "accepted_obstacles": [{"obstacle": "mobility", "acceptance": "supported"}],
        },
        "application": {"modes": [{"type": "platform"}]},
        "is_published": True,
    },
    example_state={
        "status": "active",
        "status_changed_at": "2026-11-22T09:30:00.000000Z",
        "published_at": "2026-11-22T09:30:00.000000Z",
        "expires_on": "2027-01-21",
        "prolonged_on": None,
        "prolongation_count": 0,
        "closing_reason": None,
        "status_comment": None,
    },
)
