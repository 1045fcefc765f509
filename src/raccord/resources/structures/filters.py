"""The filters of the list of structures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from raccord.kernel.shapes import InseeCode, PostalCode, SourceName
from raccord.records.kind import Filters
from raccord.reference.departments import Department
from raccord.reference.structure_codes import Habilitation
from raccord.reference.structure_kinds import StructureKind


class StructureFilters(Filters):
    """What to look for."""

    kind: list[StructureKind] | None = Field(None, max_length=43, description="Types de structure (l'un d'eux).")
    siret: Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")] | None = Field(None, description="SIRET.")
    department: list[Department] | None = Field(None, max_length=109, description="Départements (l'un d'eux).")
    insee_code: InseeCode | None = Field(None, description="Code INSEE de la commune.")
    postal_code: PostalCode | None = Field(None, description="Code postal.")
    habilitation: Habilitation | None = Field(None, description="Habilitation du prescripteur.")
    source: SourceName | None = Field(None, description="Source de la fiche.")
