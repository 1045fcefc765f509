"""The filters of the list of services."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from raccord.kernel.shapes import InseeCode, PostalCode, SourceName
from raccord.records.kind import Filters
from raccord.reference.departments import Department
from raccord.reference.service_codes import Audience, Fee, ReceptionMode, ServiceType
from raccord.reference.topics import Topic, TopicCategory


class ServiceFilters(Filters):
    """What to look for."""

    structure_id: UUID | None = Field(None, description="Structure qui porte le service.")
    kind: list[ServiceType] | None = Field(None, max_length=6, description="Types de service (l'un d'eux).")
    fee: Fee | None = Field(None, description="Gratuit ou payant.")
    topics: list[Topic] | None = Field(None, max_length=69, description="Thématiques (l'une d'elles).")
    topic_categories: list[TopicCategory] | None = Field(
        None, max_length=16, description="Catégories de thématiques (l'une d'elles)."
    )
    audiences: list[Audience] | None = Field(None, max_length=14, description="Publics (l'un d'eux).")
    reception_modes: list[ReceptionMode] | None = Field(None, max_length=2, description="Modes d'accueil (l'un d'eux).")
    department: list[Department] | None = Field(
        None, max_length=109, description="Départements où le service est rendu (l'un d'eux)."
    )
    insee_code: InseeCode | None = Field(None, description="Code INSEE de la commune où le service est rendu.")
    postal_code: PostalCode | None = Field(None, description="Code postal où le service est rendu.")
    source: SourceName | None = Field(None, description="Source de la fiche.")
