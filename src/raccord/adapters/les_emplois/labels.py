"""The labels of Les emplois: the occupation of a position, and its type of contract.

Source: Les emplois de l'inclusion, August 2026; `professionalisation` is spelt so there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from raccord.reference.job_offer_codes import CONTRACT_TYPES, ContractType
from raccord.reference.structure_kinds import StructureKind

_OCCUPATION = re.compile(r"(?P<label>\S.*) \((?P<code>[A-N][0-9]{4})\)", re.DOTALL)

CONTRACT_LABELS: Mapping[str, str] = {
    "PERMANENT": "CDI",
    "PERMANENT_I": "CDI inclusion",
    "FIXED_TERM": "CDD",
    "FIXED_TERM_USAGE": "CDD d'usage",
    "FIXED_TERM_I": "CDD insertion",
    "FIXED_TERM_I_PHC": "CDD-I PHC",
    "FIXED_TERM_I_CVG": "CDD-I CVG",
    "FIXED_TERM_TREMPLIN": "CDD Tremplin",
    "APPRENTICESHIP": "Contrat d'apprentissage",
    "PROFESSIONAL_TRAINING": "Contrat de professionalisation",
    "TEMPORARY": "Contrat de mission intérimaire",
    "BUSINESS_CREATION": "Accompagnement à la création d'entreprise",
    "OTHER": "Autre type de contrat",
}
_CODES = {label.casefold(): code for code, label in CONTRACT_LABELS.items()}
_CODES["cdd tremplin"] = "FIXED_TERM_TREMPLIN"
# Several of our types are one of theirs: the first listed is the plain one.
_TYPES: dict[str, ContractType] = {}
for _code in CONTRACT_TYPES.codes:
    if "les_emplois" in _code.crosswalk:
        _TYPES.setdefault(_code.crosswalk["les_emplois"], ContractType(_code.value))
_TYPES["OTHER"] = ContractType.OTHER
# The kind of the employer says which.
_TYPES_BY_KIND = {
    ("TEMPORARY", StructureKind.ETTI): ContractType.TEMP_MISSION_INCLUSION,
    ("FIXED_TERM_USAGE", StructureKind.AI): ContractType.AI_PLACEMENT,
}


@dataclass(frozen=True)
class OccupationLabel:
    """What the label of an occupation says."""

    label: str
    code: str


def parse_occupation(text: str) -> OccupationLabel | None:
    """Read an occupation, its code in parentheses; None for another form."""
    found = _OCCUPATION.fullmatch(text)
    return OccupationLabel(found["label"], found["code"]) if found is not None else None


def write_occupation(occupation: OccupationLabel) -> str:
    """Write an occupation, its code in parentheses."""
    return f"{occupation.label} ({occupation.code})"


def find_contract_type(label: str, kind: str) -> ContractType:
    """Find the contract that a label of theirs stands for, at an employer of that kind."""
    if not label:
        return ContractType.UNSPECIFIED
    code = _CODES.get(label.casefold(), "OTHER")
    return next(
        (found for (theirs, siae), found in _TYPES_BY_KIND.items() if (theirs, siae.value) == (code, kind)),
        _TYPES[code],
    )


def is_contract_label(label: str) -> bool:
    """Tell whether the label is one of theirs."""
    return label.casefold() in _CODES


def name_contract(contract_type: str) -> str:
    """Name a contract as they do; what they have no type for is told in our words."""
    if contract_type == ContractType.UNSPECIFIED:
        return ""
    code = CONTRACT_TYPES.by_value[contract_type].crosswalk.get("les_emplois")
    is_other = code in (None, "OTHER") and contract_type != ContractType.OTHER
    return CONTRACT_TYPES.label(contract_type, "fr") if is_other or code is None else CONTRACT_LABELS[code]
