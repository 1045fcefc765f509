"""The filters of the list of job offers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from raccord.kernel.shapes import InseeCode, PostalCode, SourceName
from raccord.records.kind import Filters
from raccord.reference.departments import Department
from raccord.reference.job_offer_codes import ContractType, OfferStatus, WorkMode
from raccord.reference.licences import LicenceCode
from raccord.resources.job_offers.parts import RomeCode


class JobOfferFilters(Filters):
    """What to look for."""

    status: list[OfferStatus] | None = Field(None, max_length=len(OfferStatus), description="États (l'un d'eux).")
    structure_id: UUID | None = Field(None, description="Employeur.")
    siret: Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")] | None = Field(
        None, description="SIRET de l'employeur décrit dans l'offre."
    )
    rome_code: list[RomeCode] | None = Field(None, max_length=50, description="Métiers (l'un d'eux).")
    contract_type: list[ContractType] | None = Field(
        None, max_length=len(ContractType), description="Types de contrat (l'un d'eux)."
    )
    work_mode: WorkMode | None = Field(None, description="Sur site, hybride ou à distance.")
    department: list[Department] | None = Field(
        None, max_length=109, description="Départements du premier lieu (l'un d'eux)."
    )
    insee_code: InseeCode | None = Field(None, description="Code INSEE du premier lieu.")
    postal_code: PostalCode | None = Field(None, description="Code postal du premier lieu.")
    licence_code: LicenceCode | None = Field(None, description="Licence.")
    system: SourceName | None = Field(None, description="Système d'origine.")
    source: SourceName | None = Field(None, description="Source de la fiche.")
