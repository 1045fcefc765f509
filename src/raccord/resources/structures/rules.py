"""The rules that hold between the fields of a structure. Each refuses; none changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from raccord.kernel.shapes import explain_refusal
from raccord.reference.structure_codes import Habilitation
from raccord.reference.structure_kinds import PRESCRIBER_KINDS, StructureKind
from raccord.resources.structures.convention import Convention, FinancialAnnex, parse_annex_number


def check_habilitation(kind: StructureKind | None, habilitation: Habilitation | None, *, is_brsa: bool) -> None:
    """Keep habilitation to prescribers, and apply its three rules.

    Errors: habilitation_of_employer, habilitation_of_other, habilitation_required, odc_without_brsa.
    Source: Les emplois de l'inclusion; « Autre » is never validated, ODC validated implies is_brsa.
    """
    is_other, is_validated = kind is StructureKind.OTHER, habilitation is Habilitation.VALIDATED
    if habilitation is not None and kind not in PRESCRIBER_KINDS:
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
    if habilitation is Habilitation.NOT_REQUIRED and not is_other:
        raise explain_refusal(
            "habilitation_required", "Seul le type « Autre » s'en passe.", "Only the kind Autre needs none."
        )
    if kind is StructureKind.ODC and is_validated and not is_brsa:
        raise explain_refusal(
            "odc_without_brsa",
            "Une ODC habilitée suit des bénéficiaires du RSA (is_brsa).",
            "A habilitated ODC follows RSA beneficiaries (is_brsa).",
        )


def check_identifiers(kind: StructureKind | None, siret: str | None, siren: str | None, safir_code: str | None) -> None:
    """Keep the identifiers coherent: a SIRET begins with its SIREN, and SAFIR names agencies of France Travail alone.

    Errors: siren_of_other_siret, safir_of_other_kind.
    """
    if siret is not None and siren is not None and not siret.startswith(siren):
        raise explain_refusal(
            "siren_of_other_siret", "Le SIREN n'est pas celui du SIRET.", "The SIREN is not that of the SIRET."
        )
    if safir_code is not None and kind is not StructureKind.FT:
        raise explain_refusal(
            "safir_of_other_kind",
            "Seule une agence France Travail (FT) a un code SAFIR.",
            "Only agencies of France Travail (FT) have a SAFIR code.",
        )


def check_convention(
    kind: StructureKind | None, convention: Convention | None, annexes: Sequence[FinancialAnnex]
) -> None:
    """Keep the convention and its annexes to the structure's own kind.

    Errors: convention_of_other_kind, annex_of_other_kind.
    """
    if convention is not None and convention.kind is not kind:
        raise explain_refusal(
            "convention_of_other_kind",
            "La convention est d'un autre type que la structure.",
            "The convention is of another kind than the structure.",
        )
    if any(parse_annex_number(annex.number).kind is not kind for annex in annexes):
        raise explain_refusal(
            "annex_of_other_kind",
            "Le numéro d'une annexe commence par le type de la structure.",
            "The number of an annex begins with the kind of the structure.",
        )


def check_applications(is_open: bool | None, open_since_on: date | None) -> None:
    """Keep what is closed from having a day of opening.

    Errors: closed_since_open.
    """
    if is_open is False and open_since_on is not None:
        raise explain_refusal(
            "closed_since_open",
            "Fermée aux candidatures spontanées, la structure n'a pas de jour d'ouverture.",
            "Closed to spontaneous applications, the structure has no day of opening.",
        )
