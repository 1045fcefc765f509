"""The shape of a prescription: what its source says of it, and the state that only transitions change.

Source: Les emplois de l'inclusion, candidature.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from raccord.kernel.shapes import Day, Envelope, ExternalId, Line, Paragraphs, Shape, explain_refusal
from raccord.reference.prescription_codes import (
    PrescriptionOrigin,
    PrescriptionState,
    RefusalReason,
    SenderKind,
)


class PrescriptionContent(Shape):
    """What a source says of a prescription."""

    person_id: UUID | None = Field(None, description="Personne orientée, sous l'identifiant propre à votre logiciel.")
    prescriber_structure_id: UUID | None = Field(
        None, description="Structure qui prescrit ; null si la personne candidate d'elle-même."
    )
    recipient_structure_id: UUID | None = Field(None, description="Structure destinataire.")
    career_path_id: UUID | None = Field(None, description="Parcours dans lequel la prescription s'inscrit.")
    sender_kind: SenderKind = Field(SenderKind.PRESCRIBER, description="Qui envoie.")
    origin: PrescriptionOrigin = Field(PrescriptionOrigin.DEFAULT, description="Origine de la candidature.")
    prescribed_on: Day = Field(description="Date d'envoi.")
    job_title: Line | None = Field(None, description="Poste visé.")
    message: Paragraphs | None = Field(None, description="Message au destinataire.")
    state_authority: Literal["raccord", "external"] = Field(
        "raccord", description="Qui décide de l'état : Raccord, ou le système d'origine, que Raccord reflète."
    )
    mirrored_state: PrescriptionState | None = Field(
        None, description="État dans le système d'origine ; seulement si state_authority vaut external."
    )


class PrescriptionInput(PrescriptionContent):
    """A prescription as its source describes it: who is in it is named by Raccord's ids, or as the source does."""

    person_external_id: ExternalId | None = Field(
        None, description="Personne orientée, sous son external_id dans votre source ; au lieu de person_id."
    )
    prescriber_structure_external_id: ExternalId | None = Field(
        None, description="Structure qui prescrit, sous son external_id dans votre source."
    )
    recipient_structure_external_id: ExternalId | None = Field(
        None, description="Structure destinataire, sous son external_id dans votre source."
    )

    @model_validator(mode="after")
    def check_parties(self) -> Self:
        """Ask for the person and the recipient, by one name or the other."""
        if self.person_id is None and self.person_external_id is None:
            raise explain_refusal(
                "person_missing",
                "La personne est obligatoire : person_id ou person_external_id.",
                "The person is required: person_id or person_external_id.",
            )
        if self.recipient_structure_id is None and self.recipient_structure_external_id is None:
            raise explain_refusal(
                "recipient_missing",
                "Le destinataire est obligatoire : recipient_structure_id ou recipient_structure_external_id.",
                "The recipient is required: recipient_structure_id or recipient_structure_external_id.",
            )
        return self

    @model_validator(mode="after")
    def check_coherence(self) -> Self:
        """Keep sender and state authority coherent."""
        has_prescriber = self.prescriber_structure_id is not None or self.prescriber_structure_external_id is not None
        if has_prescriber == (self.sender_kind is SenderKind.JOB_SEEKER):
            raise explain_refusal(
                "sender_incoherent",
                "prescriber_structure_id va avec tout expéditeur autre que la personne elle-même.",
                "prescriber_structure_id goes with every sender but the job seeker.",
            )
        if (self.mirrored_state is None) != (self.state_authority == "raccord"):
            raise explain_refusal(
                "mirrored_state_incoherent",
                "mirrored_state va avec state_authority external, et lui seul.",
                "mirrored_state goes with state_authority external, and only with it.",
            )
        return self


class PrescriptionAnswer(Shape):
    """What Raccord keeps of a prescription's course."""

    state: PrescriptionState = Field(PrescriptionState.NEW, description="État.")
    state_changed_at: AwareDatetime | None = Field(None, description="Instant du dernier changement d'état (UTC).")
    processed_at: AwareDatetime | None = Field(None, description="Instant de la décision (UTC).")
    refusal_reason: RefusalReason | None = Field(None, description="Motif de refus.")
    is_refusal_reason_shared_with_person: bool | None = Field(None, description="Motif partagé avec la personne.")
    answer: Paragraphs | None = Field(None, description="Réponse à la personne.")
    answer_to_prescriber: Paragraphs | None = Field(None, description="Réponse au prescripteur seul.")
    comment: Paragraphs | None = Field(None, description="Commentaire de la dernière transition.")
    hiring_start_on: Day | None = Field(None, description="Début d'embauche.")
    hiring_end_on: Day | None = Field(None, description="Fin d'embauche prévue.")
    transferred_to_structure_id: UUID | None = Field(
        None, description="Destinataire actuel, après transfert par le premier."
    )


class Prescription(PrescriptionAnswer, PrescriptionContent, Envelope):
    """A prescription as the caller may see it."""

    restrictions: list[str] = Field(default=[], description="Catégories de données masquées pour cet appel.")

    @classmethod
    def list_required(cls) -> Iterable[str]:
        """List what no projection withholds."""
        return (*Envelope.model_fields, "person_id", "recipient_structure_id", "state", "restrictions")


class PrescriptionTransition(Shape):
    """A transition of a prescription. Which fields go with which move: see the transition table."""

    transition: Literal[
        "process",
        "postpone",
        "add_to_pool",
        "move_to_prior_to_hire",
        "cancel_prior_to_hire",
        "accept",
        "refuse",
        "cancel",
        "render_obsolete",
        "transfer",
        "external_transfer",
        "reset",
    ] = Field(description="Transition demandée.")
    comment: Paragraphs | None = Field(None, description="Commentaire ; obligatoire pour postpone.")
    refusal_reason: RefusalReason | None = Field(None, description="Motif ; obligatoire pour refuse.")
    is_refusal_reason_shared_with_person: bool | None = Field(None, description="Partager le motif.")
    answer: Paragraphs | None = Field(None, description="Réponse à la personne.")
    answer_to_prescriber: Paragraphs | None = Field(None, description="Réponse au prescripteur seul.")
    hiring_start_on: Day | None = Field(None, description="Début d'embauche ; obligatoire pour accept.")
    hiring_end_on: Day | None = Field(None, description="Fin d'embauche ; absente pour un CDI d'inclusion.")
    recipient_structure_id: UUID | None = Field(None, description="Nouveau destinataire, pour un transfert.")
