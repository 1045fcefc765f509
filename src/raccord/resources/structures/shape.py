"""The shape of a structure.

Source: Les emplois de l'inclusion (companies and prescriber organisations) and data·inclusion v1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from raccord.kernel.shapes import (
    Day,
    Email,
    Envelope,
    Line,
    NafCode,
    Paragraphs,
    Phone,
    Shape,
    Siren,
    Siret,
    SourceDay,
    WebAddress,
    WorkingDay,
    drop_repeats,
)
from raccord.reference.networks import Network
from raccord.reference.structure_codes import Habilitation, StructureSource
from raccord.reference.structure_facts import StructureActivity, StructureRole
from raccord.reference.structure_kinds import StructureKind
from raccord.reference.topics import Topic
from raccord.resources.extensions import Extensions
from raccord.resources.places import Address, Location, OpeningHours
from raccord.resources.structures import rules
from raccord.resources.structures.convention import Convention, FinancialAnnex

StructureName = Annotated[str, StringConstraints(min_length=3, max_length=150, pattern=r"^[^\x00-\x1f\x7f]*$")]
SafirCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
RdvSolidaritesId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]


class StructureInput(Shape):
    """A structure as its source describes it: an employer of insertion, a prescriber, or a provider of services."""

    kind: StructureKind | None = Field(
        None, description="Type de structure (code du secteur) ; null si aucun ne convient, pour une association."
    )
    siret: Siret | None = Field(
        None,
        description="SIRET de l'établissement ; null pour une antenne au SIRET fictif.",
        examples=["13002526500013"],
    )
    siren: Siren | None = Field(None, description="SIREN, s'il est connu sans SIRET.")
    uid: UUID | None = Field(
        None, description="Identifiant public donné par la source, qui ne change pas même si le SIRET change."
    )
    parent_siret: Siret | None = Field(None, description="SIRET de la structure mère d'une antenne.")
    is_antenna: bool = Field(False, description="Antenne d'une structure conventionnée.")
    name: StructureName = Field(description="Raison sociale.")
    brand: Line | None = Field(None, description="Enseigne, nom d'usage.")
    description: Paragraphs | None = Field(None, description="Présentation, en texte simple.")
    provided_support: Paragraphs | None = Field(None, description="Accompagnement proposé aux personnes.")
    naf_code: NafCode | None = Field(None, description="Code NAF rév. 2, sans point.", examples=["8899B"])
    phone: Phone | None = Field(None, description="Téléphone de contact, public.")
    email: Email | None = Field(None, description="Courriel de contact, public.")
    website: WebAddress | None = Field(None, description="Site web.")
    address: Address | None = Field(None, description="Adresse postale.")
    location: Location | None = Field(None, description="Coordonnées.")
    opening_hours: OpeningHours | None = Field(
        None, description="Horaires d'accueil (format OpenStreetMap).", examples=["Mo-Fr 08:30-12:30; PH off"]
    )
    accessibility_url: WebAddress | None = Field(None, description="Page Acceslibre du lieu.")
    networks: Annotated[list[Network], Field(max_length=108), AfterValidator(drop_repeats)] | None = Field(
        None, description="Réseaux, organisations ou administrations qui portent la structure."
    )
    topics: Annotated[list[Topic], Field(max_length=69), AfterValidator(drop_repeats)] | None = Field(
        None, description="Thématiques de la structure ; celles de ses services sont dans leurs fiches."
    )
    habilitation: Habilitation | None = Field(
        None, description="Habilitation d'un prescripteur à diagnostiquer l'éligibilité."
    )
    is_brsa: bool = Field(False, description="Suit des bénéficiaires du RSA par délégation du département.")
    safir_code: SafirCode | None = Field(None, description="Code SAFIR d'une agence France Travail.")
    is_service_provider: bool | None = Field(
        None, description="Porte des services d'insertion ; sans objet si la structure n'a pas de type."
    )
    is_searchable: bool | None = Field(None, description="Proposée dans les recherches ; oui, si rien n'est dit.")
    is_open_to_spontaneous_applications: bool | None = Field(
        None, description="Un employeur reçoit-il des candidatures spontanées ?"
    )
    spontaneous_applications_open_since_on: WorkingDay | None = Field(
        None, description="Jour d'ouverture aux candidatures spontanées ; elles ferment d'elles-mêmes après 90 jours."
    )
    has_blocked_applications: bool | None = Field(None, description="Ne reçoit plus aucune candidature.")
    applications_blocked_on: Day | None = Field(None, description="Jour de ce blocage.")
    convention: Convention | None = Field(None, description="Convention d'une SIAE avec l'État.")
    financial_annexes: list[FinancialAnnex] | None = Field(
        None, max_length=200, description="Annexes financières de la convention."
    )
    rdv_solidarites_id: RdvSolidaritesId | None = Field(
        None, description="Identifiant de l'organisation dans RDV-Solidarités."
    )
    created_from: StructureSource | None = Field(None, description="Origine de la fiche dans le secteur.")
    source_url: WebAddress | None = Field(None, description="Page de la structure chez sa source.")
    source_updated_on: SourceDay | None = Field(None, description="Dernière mise à jour chez la source.")
    extensions: Extensions | None = Field(
        None, description="Ce qui n'a de place que chez un système, par système ; 64 Ko au plus."
    )

    @model_validator(mode="after")
    def check_rules(self) -> Self:
        """Apply the rules that hold between fields."""
        rules.check_habilitation(self.kind, self.habilitation, is_brsa=self.is_brsa)
        rules.check_identifiers(self.kind, self.siret, self.siren, self.safir_code)
        rules.check_convention(self.kind, self.convention, self.financial_annexes or ())
        rules.check_applications(
            self.is_open_to_spontaneous_applications,
            self.spontaneous_applications_open_since_on,
        )
        return self


class StructureFacts(Shape):
    """What Raccord derives from a structure, and keeps with it: roles and activity, as dates that need no rewriting."""

    roles: list[StructureRole] = Field(
        default=[], description="Rôles : celui du type ; porteuse de services sans type, ou si elle le dit."
    )
    activity: StructureActivity = Field(
        StructureActivity.ACTIVE, description="Activité, d'après la convention ; elle cesse après active_until_on."
    )
    active_until_on: Day | None = Field(None, description="Dernier jour d'activité, s'il est connu.")
    grace_until_on: Day | None = Field(
        None, description="Dernier jour de la période de grâce qui suit un déconventionnement (30 jours)."
    )
    spontaneous_applications_open_until_on: Day | None = Field(
        None, description="Dernier jour d'ouverture aux candidatures spontanées, s'il est connu."
    )


class Structure(StructureFacts, StructureInput, Envelope):
    """A structure as Raccord serves it. What has no value may be left out."""

    @classmethod
    def list_required(cls) -> Iterable[str]:
        """List what every answer holds; the many fields that few structures have are left out where they are null."""
        return (
            *Envelope.model_fields,
            *("kind", "siret", "parent_siret", "is_antenna", "name", "brand", "description", "naf_code", "phone"),
            *("email", "website", "address", "location", "habilitation", "is_brsa"),
            *("is_open_to_spontaneous_applications", "created_from", "roles", "activity"),
        )
