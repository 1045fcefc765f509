"""The shape of a structure.

Source: Les emplois de l'inclusion (companies and prescriber organisations) and data·inclusion v1.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from raccord.kernel.shapes import (
    Email,
    Envelope,
    InseeCode,
    Line,
    NafCode,
    Paragraphs,
    Phone,
    PostalCode,
    Shape,
    Siret,
    WebAddress,
    explain_refusal,
)
from raccord.reference.departments import Department
from raccord.reference.structure_codes import Habilitation, StructureSource
from raccord.reference.structure_kinds import PRESCRIBER_KINDS, StructureKind

StructureName = Annotated[str, StringConstraints(min_length=3, max_length=150, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Address(Shape):
    """A postal address in France."""

    line_1: Line | None = Field(None, description="Numéro et voie.")
    line_2: Line | None = Field(None, description="Complément d'adresse.")
    postal_code: PostalCode = Field(description="Code postal, CEDEX compris.")
    city: Line = Field(description="Commune, telle qu'écrite dans l'adresse.")
    insee_code: InseeCode | None = Field(None, description="Code INSEE de la commune.")
    department: Department | None = Field(None, description="Code du département.")


class Location(Shape):
    """A point on the map (WGS 84)."""

    latitude: float = Field(ge=-90, le=90, description="Latitude en degrés.")
    longitude: float = Field(ge=-180, le=180, description="Longitude en degrés.")


class StructureInput(Shape):
    """A structure as its source describes it: an employer of insertion, or a prescriber."""

    kind: StructureKind = Field(description="Type de structure (code du secteur).")
    siret: Siret | None = Field(
        None,
        description="SIRET de l'établissement ; null pour une antenne au SIRET fictif.",
        examples=["13002526500013"],
    )
    parent_siret: Siret | None = Field(None, description="SIRET de la structure mère d'une antenne.")
    is_antenna: bool = Field(False, description="Antenne d'une structure conventionnée.")
    name: StructureName = Field(description="Raison sociale.")
    brand: Line | None = Field(None, description="Enseigne, nom d'usage.")
    description: Paragraphs | None = Field(None, description="Présentation, en texte simple.")
    naf_code: NafCode | None = Field(None, description="Code NAF rév. 2, sans point.", examples=["8899B"])
    phone: Phone | None = Field(None, description="Téléphone de contact, public.")
    email: Email | None = Field(None, description="Courriel de contact, public.")
    website: WebAddress | None = Field(None, description="Site web.")
    address: Address | None = Field(None, description="Adresse postale.")
    location: Location | None = Field(None, description="Coordonnées.")
    habilitation: Habilitation | None = Field(
        None, description="Habilitation d'un prescripteur à diagnostiquer l'éligibilité."
    )
    is_brsa: bool = Field(False, description="Suit des bénéficiaires du RSA par délégation du département.")
    is_open_to_spontaneous_applications: bool | None = Field(
        None, description="Un employeur reçoit-il des candidatures spontanées ?"
    )
    created_from: StructureSource | None = Field(None, description="Origine de la fiche dans le secteur.")

    @model_validator(mode="after")
    def check_habilitation(self) -> Self:
        """Keep habilitation to prescribers, and apply its three rules.

        Source: Les emplois de l'inclusion; « Autre » is never validated, ODC validated implies is_brsa.
        """
        is_other, is_validated = self.kind is StructureKind.OTHER, self.habilitation is Habilitation.VALIDATED
        if self.habilitation is not None and self.kind not in PRESCRIBER_KINDS:
            raise explain_refusal(
                "habilitation_of_employer",
                "Seul un prescripteur a une habilitation.",
                "Only prescribers have a habilitation.",
            )
        if is_other and is_validated:
            raise explain_refusal(
                "habilitation_of_other",
                "Le type « Autre » n'est jamais habilité.",
                "The kind Autre is never habilitated.",
            )
        if self.habilitation is Habilitation.NOT_REQUIRED and not is_other:
            raise explain_refusal(
                "habilitation_required", "Seul le type « Autre » s'en passe.", "Only the kind Autre needs none."
            )
        if self.kind is StructureKind.ODC and is_validated and not self.is_brsa:
            raise explain_refusal(
                "odc_without_brsa",
                "Une ODC habilitée suit des bénéficiaires du RSA (is_brsa).",
                "A habilitated ODC follows RSA beneficiaries (is_brsa).",
            )
        return self


class Structure(StructureInput, Envelope):
    """A structure as Raccord serves it."""
