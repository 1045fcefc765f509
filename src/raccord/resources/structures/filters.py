"""The filters of the list of structures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from raccord.kernel.shapes import InseeCode, PostalCode, SourceName
from raccord.records.kind import Filters
from raccord.reference.departments import Department
from raccord.reference.networks import Network
from raccord.reference.structure_codes import Habilitation
from raccord.reference.structure_facts import StructureRole
from raccord.reference.structure_kinds import StructureKind
from raccord.reference.topics import Topic, TopicCategory

# A day by the calendar of Paris; no known end is the end of time there, and what is not stated is in neither list.
CONDITIONS = {"is_active": "(r.active_until_on >= (now() AT TIME ZONE 'Europe/Paris')::date) = {}"}


class StructureFilters(Filters):
    """What to look for."""

    kind: list[StructureKind] | None = Field(None, max_length=43, description="Types de structure (l'un d'eux).")
    siret: Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")] | None = Field(None, description="SIRET.")
    siren: Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")] | None = Field(
        None, description="SIREN : tous les établissements."
    )
    safir_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")] | None = Field(
        None, description="Code SAFIR d'une agence France Travail."
    )
    department: list[Department] | None = Field(None, max_length=109, description="Départements (l'un d'eux).")
    insee_code: InseeCode | None = Field(None, description="Code INSEE de la commune.")
    postal_code: PostalCode | None = Field(None, description="Code postal.")
    habilitation: Habilitation | None = Field(None, description="Habilitation du prescripteur.")
    roles: list[StructureRole] | None = Field(None, max_length=3, description="Rôles (l'un d'eux).")
    networks: list[Network] | None = Field(None, max_length=108, description="Réseaux porteurs (l'un d'eux).")
    topics: list[Topic] | None = Field(None, max_length=69, description="Thématiques (l'une d'elles).")
    topic_categories: list[TopicCategory] | None = Field(
        None, max_length=16, description="Catégories de thématiques (l'une d'elles)."
    )
    is_active: bool | None = Field(
        None, description="Active aujourd'hui ; une SIAE dont la convention n'est pas communiquée n'est dans aucun cas."
    )
    source: SourceName | None = Field(None, description="Source de la fiche.")
