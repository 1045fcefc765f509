"""The codes of France Travail's offers, and ours for them."""

from __future__ import annotations

from collections.abc import Mapping

from raccord.reference.code_list import CodeList
from raccord.reference.job_offer_codes import (
    CONTRACT_TYPES,
    EXPERIENCE_LEVELS,
    REQUIREMENT_LEVELS,
    TRAVEL_FREQUENCIES,
    ContractScheme,
    ContractType,
    WorkingTime,
)
from raccord.reference.qualification_codes import QUALIFICATION_LEVELS

_SYSTEM, _NATURE = "france_travail", "france_travail_nature"


def _read_crosswalk(codes: CodeList) -> Mapping[str, str]:
    return {code.crosswalk[_SYSTEM]: code.value for code in codes.codes if _SYSTEM in code.crosswalk}


EXPERIENCES = _read_crosswalk(EXPERIENCE_LEVELS)
REQUIREMENTS = _read_crosswalk(REQUIREMENT_LEVELS)
TRAVELS = _read_crosswalk(TRAVEL_FREQUENCIES)
TRAVEL_WORDS: Mapping[str, str] = {"1": "Jamais", "2": "Ponctuels", "3": "Fréquents", "4": "Quotidiens"}
WORKING_TIMES: Mapping[str, str] = {
    "Temps plein": WorkingTime.FULL_TIME,
    "Temps partiel": WorkingTime.PART_TIME,
    "Non renseigné": WorkingTime.UNSPECIFIED,
}
QUALIFICATION_LABELS: Mapping[str, str] = {code.value: code.label_fr for code in QUALIFICATION_LEVELS.codes}

# Answers hold the label of a nature, never its code.
NATURES: Mapping[str, str] = {
    "Contrat travail": "E1",
    "Contrat apprentissage": "E2",
    "Cont. professionnalisation": "FS",
    "CUI - CAE": "FT",
    "CUI - CIE": "FU",
    "Insertion par l'activ.éco.": "I1",
    "Emploi non salarié": "NS",
    "Prépa.opérationnel.emploi": "FV",
    "Emploi Avenir non marchand": "FW",
    "Emploi Avenir marchand": "FX",
    "Emploi avenir professeur": "FY",
    "Contrat Pacte": "FJ",
    "Formation préalable au recrutement": "FA",
    "Portage salarial": "PS",
    "Contrat PrAB": "PR",
    "CDI de chantier ou d’opération": "CC",
    "Contrat d'usage": "CU",
    "Contrat d'Engagement Educatif": "EE",
    "Engagement à servir dans la réserve": "ER",
    "Contrat intermittent": "CI",
}
SCHEMES: Mapping[str, ContractScheme] = {
    "I1": ContractScheme.IAE,
    "FT": ContractScheme.PEC,
    "FU": ContractScheme.CIE,
    "E2": ContractScheme.APPRENTICESHIP_SCHEME,
    "FS": ContractScheme.APPRENTICESHIP_SCHEME,
    "FV": ContractScheme.POE,
    "PR": ContractScheme.PRAB,
}
CONTRACT_LABELS: Mapping[str, str] = {
    "CDI": "CDI",
    "CDD": "CDD",
    "DDI": "CDD insertion",
    "DDT": "CDD Tremplin",
    "DIN": "CDI intérimaire",
    "MIS": "Intérim",
    "TTI": "Intérim d'insertion",
    "SAI": "Saisonnier",
    "LIB": "Profession libérale",
    "FRA": "Franchise",
    "REP": "Reprise d'entreprise",
    "CCE": "Profession commerciale",
}

# The nature says more than the type, then both together, then the type alone.
_BY_NATURE = {"E2": ContractType.APPRENTICESHIP, "FS": ContractType.PROFESSIONAL_TRAINING}
_BY_BOTH = {
    ("CDI", "I1"): ContractType.PERMANENT_INCLUSION,
    ("CDI", "CC"): ContractType.PERMANENT_SITE,
    ("CDD", "CU"): ContractType.FIXED_TERM_USAGE,
    ("CDD", "I1"): ContractType.AI_PLACEMENT,
}
_BY_TYPE = {
    "CDI": ContractType.PERMANENT,
    "CDD": ContractType.FIXED_TERM,
    "DDI": ContractType.FIXED_TERM_INCLUSION,
    "DDT": ContractType.FIXED_TERM_TREMPLIN,
    "DIN": ContractType.PERMANENT_TEMP_AGENCY,
    "MIS": ContractType.TEMP_MISSION,
    "TTI": ContractType.TEMP_MISSION_INCLUSION,
    "SAI": ContractType.SEASONAL,
    "LIB": ContractType.SELF_EMPLOYED,
    "FRA": ContractType.FRANCHISE,
    "REP": ContractType.BUSINESS_TAKEOVER,
    "CCE": ContractType.COMMERCIAL_AGENT,
}


def find_contract_type(type_code: str, nature_code: str) -> ContractType:
    """Find the contract that the pair of codes stands for."""
    if not type_code and not nature_code:
        return ContractType.UNSPECIFIED
    return (
        _BY_NATURE.get(nature_code)
        or _BY_BOTH.get((type_code, nature_code))
        or _BY_TYPE.get(type_code, ContractType.OTHER)
    )


def find_contract_codes(contract_type: str) -> tuple[str | None, str | None]:
    """Find the pair of codes for a contract; None for one that France Travail has no code for."""
    crosswalk = CONTRACT_TYPES.by_value[contract_type].crosswalk
    return crosswalk.get(_SYSTEM), crosswalk.get(_NATURE)
