"""The convention of an IAE employer with the State, and its financial annexes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from raccord.kernel.shapes import Shape, Siret, WorkingDay, explain_refusal
from raccord.reference.structure_codes import FinancialAnnexState
from raccord.reference.structure_kinds import SIAE_KINDS, StructureKind

_ANNEX_NUMBER = re.compile(
    r"(?P<kind>ACI|AI|EITI|EI|ETTI)(?P<department>[0-9]{2}[0-9A-Z])(?P<year>[0-9]{2})(?P<order>[0-9]{4})"
    r"(?:A(?P<amendment>[0-9])M(?P<modification>[0-9]))"
)
AnnexNumber = Annotated[
    str, StringConstraints(pattern=r"^(?:ACI|AI|EI|EITI|ETTI)[0-9]{2}[0-9A-Z][0-9]{2}[0-9]{4}A[0-9]M[0-9]$")
]
AspId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]


@dataclass(frozen=True)
class AnnexReference:
    """What the number of a financial annex says."""

    kind: StructureKind
    department: str
    year: int
    order: int
    amendment: int
    modification: int

    def __str__(self) -> str:
        suffix = f"A{self.amendment}M{self.modification}"
        return f"{self.kind.value}{self.department}{self.year % 100:02d}{self.order:04d}{suffix}"


def parse_annex_number(number: str) -> AnnexReference:
    """Read the number of a financial annex.

    Shape:  the kind of employer, the département on three characters, the year on two, a serial number of four
            digits, then the number of the amendment and of the modification.
    Units:  the year is of this century.
    Errors: ValueError if it is not such a number.
    Source: Les emplois de l'inclusion, August 2026.
    """
    found = _ANNEX_NUMBER.fullmatch(number)
    if found is None:
        raise ValueError("not the number of a financial annex")
    return AnnexReference(
        StructureKind(found["kind"]),
        found["department"],
        2000 + int(found["year"]),
        int(found["order"]),
        int(found["amendment"]),
        int(found["modification"]),
    )


class FinancialAnnex(Shape):
    """A financial annex of a convention: the State's commitment for a time."""

    number: AnnexNumber = Field(
        description="Numéro : mesure, département, année, ordre, avenant et modification.",
        examples=["ACI069260012A0M1"],
    )
    state: FinancialAnnexState = Field(description="État de l'annexe à l'ASP.")
    starts_on: WorkingDay = Field(description="Premier jour.")
    ends_on: WorkingDay = Field(description="Dernier jour.")

    @model_validator(mode="after")
    def check_dates(self) -> Self:
        """Keep the dates in order."""
        if self.ends_on < self.starts_on:
            raise explain_refusal("ends_before_start", "Fin avant le début.", "Ends before it starts.")
        return self


class Convention(Shape):
    """The convention of an IAE employer with the State. An ASP structure and its antennas share one."""

    kind: StructureKind = Field(description="Type de SIAE conventionné (ACI, AI, EI, EITI, ETTI).")
    asp_id: AspId | None = Field(None, description="Identifiant de la structure à l'ASP.")
    siret_signature: Siret | None = Field(
        None, description="SIRET à la signature ; il ne change pas avec celui de la structure."
    )
    is_active: bool = Field(description="Convention en vigueur, d'après sa source.")
    deactivated_on: WorkingDay | None = Field(
        None, description="Jour du dernier déconventionnement, ou jour prévu d'une convention en vigueur."
    )
    reactivated_on: WorkingDay | None = Field(None, description="Jour du dernier reconventionnement.")

    @model_validator(mode="after")
    def check_kind(self) -> Self:
        """Keep conventions to the five kinds of SIAE."""
        if self.kind not in SIAE_KINDS:
            raise explain_refusal(
                "convention_of_other_kind", "Seule une SIAE est conventionnée.", "Only an IAE employer has one."
            )
        return self
