"""The shape of a job offer: what its source says of it, and the course that Raccord keeps.

Source: Les emplois de l'inclusion (fiche de poste), France Travail (offres d'emploi v2), La bonne alternance,
        Immersion facilitée, schema.org JobPosting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from raccord.kernel.shapes import Day, Envelope, ExternalId, Line, Paragraphs, Shape, explain_refusal
from raccord.reference.job_offer_codes import OfferClosingReason, OfferOrigin, OfferStatus, WorkMode
from raccord.reference.qualification_codes import QualificationLevel
from raccord.resources.extensions import Extensions
from raccord.resources.job_offers.conditions import (
    OfferAccessibility,
    OfferApplication,
    OfferIae,
    OfferLicence,
    OfferMobility,
    OfferProvenance,
    OfferPublication,
    OfferRequirements,
    OfferSignals,
)
from raccord.resources.job_offers.parts import (
    OfferContract,
    OfferDelegate,
    OfferEmployer,
    OfferOccupation,
    OfferOpenings,
    OfferPay,
    OfferWorkingTime,
    Workplace,
)

Title = Annotated[str, StringConstraints(min_length=3, max_length=150, pattern=r"^[^\x00-\x1f\x7f]*$")]
WantedProfile = Annotated[
    str, StringConstraints(min_length=1, max_length=5_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]


class JobOfferContent(Shape):
    """What an offer's source and Raccord both write of it."""

    structure_id: UUID | None = Field(None, description="Employeur, s'il a sa fiche dans Raccord.")
    employer: OfferEmployer | None = Field(None, description="Employeur tel que la source le décrit.")
    delegate: OfferDelegate | None = Field(None, description="Qui publie ou emploie pour le compte de l'employeur.")
    origin: OfferOrigin | None = Field(None, description="Comment l'offre est née.")
    title: Title = Field(description="Intitulé du poste.", examples=["Maraîcher / Maraîchère (H/F)"])
    description: Paragraphs | None = Field(None, description="Description, en Markdown.")
    wanted_profile: WantedProfile | None = Field(None, description="Profil recherché, en Markdown.")
    occupation: OfferOccupation | None = Field(None, description="Métier.")
    workplaces: list[Workplace] | None = Field(None, max_length=20, description="Lieux de travail.")
    work_mode: WorkMode | None = Field(None, description="Sur site, hybride ou à distance.")
    contract: OfferContract | None = Field(None, description="Contrat.")
    working_time: OfferWorkingTime | None = Field(None, description="Temps de travail.")
    pay: OfferPay | None = Field(None, description="Rémunération.")
    openings: OfferOpenings = Field(OfferOpenings(open_count=1, filled_count=0), description="Nombre de postes.")
    requirements: OfferRequirements | None = Field(None, description="Exigences.")
    acquired_skills: list[Line] | None = Field(None, max_length=50, description="Compétences acquises en poste.")
    qualification: QualificationLevel | None = Field(None, description="Qualification (codes de France Travail).")
    is_manager_status: bool | None = Field(None, description="Statut de cadre.")
    mobility: OfferMobility | None = Field(None, description="Mobilité.")
    accessibility: OfferAccessibility | None = Field(None, description="Handicap.")
    iae: OfferIae | None = Field(None, description="Insertion par l'activité économique.")
    application: OfferApplication | None = Field(None, description="Comment candidater.")
    publication: OfferPublication | None = Field(None, description="Dates et canaux de publication.")
    is_published: bool = Field(False, description="La source veut-elle l'offre publiée ?")
    licence: OfferLicence | None = Field(
        None, description="Licence de réutilisation ; obligatoire avec provenance. Absente : celle de Raccord."
    )
    provenance: OfferProvenance | None = Field(None, description="D'où vient une offre publiée d'abord ailleurs.")
    signals: OfferSignals | None = Field(None, description="Ce que la source compte.")
    extensions: Extensions | None = Field(
        None, description="Ce qui n'a de place que chez un système, par système ; 64 Ko au plus."
    )


class JobOfferInput(JobOfferContent):
    """A job offer as its source describes it. Its employer is named by Raccord's id, by the source's, or described."""

    structure_external_id: ExternalId | None = Field(
        None, description="Employeur, sous son external_id dans votre source ; au lieu de structure_id."
    )

    @model_validator(mode="after")
    def check_licence(self) -> Self:
        """Ask for the licence of what was published elsewhere.

        Errors: licence_missing.
        """
        if self.provenance is not None and self.licence is None:
            raise explain_refusal(
                "licence_missing",
                "Une offre publiée d'abord ailleurs porte sa licence.",
                "An offer first published elsewhere carries its licence.",
            )
        return self


class JobOfferCourse(Shape):
    """What Raccord keeps of an offer's course."""

    status: OfferStatus = Field(OfferStatus.DRAFT, description="État de l'offre.")
    status_changed_at: AwareDatetime | None = Field(None, description="Instant du dernier changement d'état (UTC).")
    published_at: AwareDatetime | None = Field(None, description="Première publication dans Raccord (UTC).")
    expires_on: Day | None = Field(None, description="Dernier jour avant expiration ; null : la source le dira.")
    prolonged_on: Day | None = Field(None, description="Jour de la dernière prolongation.")
    prolongation_count: int = Field(0, ge=0, description="Nombre de prolongations.")
    closing_reason: OfferClosingReason | None = Field(None, description="Motif de clôture, de suspension ou de rejet.")
    status_comment: Line | None = Field(None, description="Commentaire de la dernière transition.")


class JobOffer(JobOfferCourse, JobOfferContent, Envelope):
    """A job offer as Raccord serves it: what is null is not written, but for what is promised."""

    @classmethod
    def list_required(cls) -> Iterable[str]:
        """List what every offer holds."""
        return (*Envelope.model_fields, "title", "status", "is_published", "openings", "prolongation_count")


class JobOfferTransition(Shape):
    """A transition of an offer. Which fields go with which move: see the transition table."""

    transition: Literal[
        "publish",
        "submit",
        "approve",
        "reject",
        "suspend",
        "resume",
        "fill",
        "prolong",
        "cancel",
        "reopen",
        "archive",
    ] = Field(description="Transition demandée.")
    ends_on: Day | None = Field(None, description="Nouveau dernier jour ; obligatoire pour prolong.")
    closing_reason: OfferClosingReason | None = Field(None, description="Motif, pour suspend, cancel et reject.")
    comment: Line | None = Field(None, description="Commentaire, publié avec l'offre ; obligatoire pour reject.")
