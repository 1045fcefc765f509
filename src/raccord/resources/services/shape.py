"""The shape of a service: what a structure does for people, and how one asks for it.

Source: data·inclusion schema v1, Service.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from raccord.kernel.shapes import (
    Email,
    Envelope,
    ExternalId,
    Line,
    Paragraphs,
    Phone,
    Shape,
    SourceDay,
    WebAddress,
    drop_repeats,
    explain_refusal,
)
from raccord.reference.service_codes import (
    Audience,
    Fee,
    MobilisationMode,
    Mobiliser,
    ReceptionMode,
    ServiceType,
)
from raccord.reference.topics import Topic
from raccord.resources.extensions import Extensions
from raccord.resources.places import Address, Location, OpeningHours

ServiceName = Annotated[str, StringConstraints(min_length=3, max_length=150, pattern=r"^[^\x00-\x1f\x7f]*$")]
Description = Annotated[
    str, StringConstraints(min_length=5, max_length=10_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]
# A commune or a country (five characters), a département, an EPCI (nine digits), or the whole of France.
EligibilityZone = Annotated[
    str,
    StringConstraints(pattern=r"^(?:france|[0-9]{9}|(?:[0-9]{2}|2[AB])[0-9]{3}|[0-9]{2}|2[AB]|9[78][0-9])$"),
]


def check_audiences(values: list[Audience]) -> list[Audience]:
    """Keep `tous-publics` alone.

    Errors: everyone_and_others.
    """
    if Audience.EVERYONE in values and len(values) > 1:
        raise explain_refusal(
            "everyone_and_others",
            "« tous-publics » ne se combine avec aucun autre public.",
            "`tous-publics` stands alone.",
        )
    return values


class ServiceContent(Shape):
    """What a service's source and Raccord both write of it."""

    structure_id: UUID | None = Field(None, description="Structure qui porte le service (identifiant Raccord).")
    name: ServiceName = Field(description="Nom du service.")
    description: Description = Field(
        description="Présentation, en texte simple ; de 200 à 2 000 caractères de préférence."
    )
    kind: ServiceType | None = Field(None, description="Type de service.")
    topics: Annotated[list[Topic], Field(max_length=69), AfterValidator(drop_repeats)] | None = Field(
        None, description="Thématiques."
    )
    fee: Fee | None = Field(None, description="Gratuit ou payant.")
    fee_details: Paragraphs | None = Field(None, description="Précisions sur les frais.")
    audiences: (
        Annotated[
            list[Audience],
            Field(min_length=1, max_length=14),
            AfterValidator(drop_repeats),
            AfterValidator(check_audiences),
        ]
        | None
    ) = Field(None, description="Publics visés ; « tous-publics » seul, si le service n'en vise aucun.")
    audience_details: Paragraphs | None = Field(None, description="Précisions sur les publics.")
    access_conditions: Paragraphs | None = Field(None, description="Prérequis et justificatifs.")
    address: Address | None = Field(None, description="Adresse où le service est rendu.")
    location: Location | None = Field(None, description="Coordonnées de ce lieu.")
    phone: Phone | None = Field(None, description="Téléphone, public.")
    email: Email | None = Field(None, description="Courriel, public.")
    contact_name: Line | None = Field(None, description="Nom et prénom du contact professionnel, public.")
    reception_modes: Annotated[list[ReceptionMode], Field(max_length=2), AfterValidator(drop_repeats)] | None = Field(
        None, description="Modes d'accueil."
    )
    eligibility_zones: (
        Annotated[list[EligibilityZone], Field(min_length=1, max_length=1_000), AfterValidator(drop_repeats)] | None
    ) = Field(
        None,
        description="Zone d'éligibilité : codes de commune, de département, d'EPCI ou de pays, ou « france ».",
        examples=[["69", "200093201"]],
    )
    mobilisation_modes: (
        Annotated[list[MobilisationMode], Field(min_length=1, max_length=4), AfterValidator(drop_repeats)] | None
    ) = Field(None, description="Comment demander le service.")
    mobilisers: Annotated[list[Mobiliser], Field(min_length=1, max_length=2), AfterValidator(drop_repeats)] | None = (
        Field(None, description="Qui peut le demander.")
    )
    mobilisation_details: Paragraphs | None = Field(None, description="Précisions sur la demande.")
    mobilisation_url: WebAddress | None = Field(None, description="Page où demander le service.")
    hours_per_week: float | None = Field(None, ge=0, le=168, description="Durée par semaine, en heures.")
    duration_weeks: int | None = Field(None, ge=1, le=1_000, description="Durée, en semaines.")
    opening_hours: OpeningHours | None = Field(
        None,
        description="Horaires d'accueil (format OpenStreetMap) ; sans eux, ceux de la structure.",
        examples=["Mo-Fr 08:30-12:30; PH off"],
    )
    source_url: WebAddress | None = Field(None, description="Page du service chez sa source.")
    source_updated_on: SourceDay | None = Field(None, description="Dernière mise à jour chez la source.")
    extensions: Extensions | None = Field(
        None, description="Ce qui n'a de place que chez un système, par système ; 64 Ko au plus."
    )


class ServiceInput(ServiceContent):
    """A service as its source describes it. Its structure is named by Raccord's id, or as its source knows it."""

    structure_external_id: ExternalId | None = Field(
        None,
        description="Structure qui porte le service, sous son external_id dans votre source ; au lieu de structure_id.",
    )

    @model_validator(mode="after")
    def check_structure(self) -> Self:
        """Ask for the structure, by one name or the other."""
        if self.structure_id is None and self.structure_external_id is None:
            raise explain_refusal(
                "structure_missing",
                "La structure est obligatoire : structure_id ou structure_external_id.",
                "The structure is required: structure_id or structure_external_id.",
            )
        return self


class Service(ServiceContent, Envelope):
    """A service as Raccord serves it. What has no value is left out."""

    structure_id: UUID = Field(description="Structure qui porte le service (identifiant Raccord).")

    @classmethod
    def list_required(cls) -> Iterable[str]:
        """List what every answer holds: what is null is left out."""
        return (*Envelope.model_fields, "structure_id", "name", "description")
