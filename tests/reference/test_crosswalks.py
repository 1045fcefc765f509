"""The crosswalks of the job-offer lists reach every code that the neighbours publish, and invent none."""

from __future__ import annotations

import pytest

from raccord.reference.code_list import CodeList
from raccord.reference.eligibility_codes import ELIGIBILITY_CRITERIA
from raccord.reference.job_offer_codes import (
    APPLICATION_MODE_TYPES,
    CONTRACT_NATURES,
    CONTRACT_SCHEMES,
    CONTRACT_TYPES,
    EXPERIENCE_LEVELS,
    OBSTACLES,
    OFFER_STATUSES,
    PAY_PERIODS,
    TRAVEL_FREQUENCIES,
    WORK_MODES,
)
from raccord.reference.qualification_codes import EDUCATION_LEVELS, QUALIFICATION_LEVELS
from raccord.reference.structure_codes import ACTIVE_ANNEX_STATES, FINANCIAL_ANNEX_STATES
from raccord.reference.topics import TOPIC_CATEGORIES

LES_EMPLOIS = (
    "PERMANENT PERMANENT_I FIXED_TERM FIXED_TERM_USAGE FIXED_TERM_I FIXED_TERM_I_PHC FIXED_TERM_I_CVG "
    "FIXED_TERM_TREMPLIN APPRENTICESHIP PROFESSIONAL_TRAINING TEMPORARY BUSINESS_CREATION OTHER"
)
EURES = "DirectHire Contract ContractToHire Seasonal Temporary Apprenticeship SelfEmployed Internship NS"


def list_codes(code_list: CodeList, system: str) -> list[str]:
    """List what a crosswalk gives for one system."""
    return [code.crosswalk[system] for code in code_list.codes if system in code.crosswalk]


@pytest.mark.parametrize(
    ("code_list", "system", "published"),
    [
        (CONTRACT_TYPES, "les_emplois", LES_EMPLOIS),
        (CONTRACT_TYPES, "france_travail", "CDI CDD DIN DDI DDT SAI MIS TTI LIB FRA REP CCE"),
        (CONTRACT_TYPES, "la_bonne_alternance", "Apprentissage Professionnalisation"),
        (CONTRACT_TYPES, "schema_org", "FULL_TIME TEMPORARY INTERN CONTRACTOR OTHER"),
        (CONTRACT_TYPES, "eures", EURES),
        (WORK_MODES, "la_bonne_alternance", "onsite hybrid remote"),
        (WORK_MODES, "immersion_facilitee", "ON_SITE HYBRID FULL_REMOTE"),
        (PAY_PERIODS, "france_travail", "H M A C"),
        (EXPERIENCE_LEVELS, "france_travail", "D S E"),
        (TRAVEL_FREQUENCIES, "france_travail", "1 2 3 4"),
        (APPLICATION_MODE_TYPES, "immersion_facilitee", "EMAIL PHONE IN_PERSON"),
        (OFFER_STATUSES, "la_bonne_alternance", "Active Filled Cancelled Pending"),
        (OFFER_STATUSES, "les_emplois", "True False"),
        (OBSTACLES, "france_travail", "22 23 24 25 26 27 28 29"),
        (EDUCATION_LEVELS, "european_qualifications_framework", "1 2 3 4 5 6 7"),
    ],
    ids=lambda value: value.name if isinstance(value, CodeList) else None,
)
def test_a_crosswalk_reaches_every_published_code(code_list: CodeList, system: str, published: str) -> None:
    assert set(list_codes(code_list, system)) == set(published.split())


def test_every_contract_type_has_its_word_at_schema_org_and_eures() -> None:
    assert len(list_codes(CONTRACT_TYPES, "schema_org")) == len(list_codes(CONTRACT_TYPES, "eures")) == 25


def test_a_type_and_a_nature_of_france_travail_name_one_contract() -> None:
    """Tell apart what the same type covers: what has no nature of its own is the first of its type."""
    pairs = [
        (code.crosswalk["france_travail"], code.crosswalk.get("france_travail_nature"))
        for code in CONTRACT_TYPES.codes
        if "france_travail" in code.crosswalk
    ]
    natures = [pair for pair in pairs if pair[1] is not None]

    assert len(set(natures)) == len(natures)
    assert {nature for _, nature in natures} < set(CONTRACT_NATURES.values)
    assert set(list_codes(CONTRACT_SCHEMES, "france_travail_nature")) < set(CONTRACT_NATURES.values)


def test_every_obstacle_leads_to_a_category_of_topics() -> None:
    categories = list_codes(OBSTACLES, "data_inclusion")

    assert len(set(categories)) == len(OBSTACLES.codes) == 10
    assert set(categories) < set(TOPIC_CATEGORIES.values)


def test_criteria_are_28_with_4_of_level_1_and_14_of_level_2() -> None:
    levels = [code.attributes.get("iae_level") for code in ELIGIBILITY_CRITERIA.codes]
    annexes = [code.attributes.get("geiq_annex") for code in ELIGIBILITY_CRITERIA.codes]

    assert (len(levels), levels.count("1"), levels.count("2"), levels.count(None)) == (28, 4, 14, 10)
    assert (annexes.count("1"), annexes.count("1+2"), annexes.count("2"), annexes.count(None)) == (6, 5, 14, 3)


def test_a_criterion_that_label_writes_twice_keeps_both_codes() -> None:
    criterion = ELIGIBILITY_CRITERIA.by_value["TH"]

    assert dict(criterion.crosswalk) == {"label": "Pers. SH", "label_alternative": "TH"}
    assert criterion.attributes["certified_by"] == "api_france_travail"


def test_qualifications_are_numbered_1_to_9() -> None:
    assert QUALIFICATION_LEVELS.values == tuple("123456789")


def test_two_states_of_a_financial_annex_are_active() -> None:
    active = {code.value for code in FINANCIAL_ANNEX_STATES.codes if code.attributes["is_active"] == "true"}

    assert active == set(ACTIVE_ANNEX_STATES)
    assert len(FINANCIAL_ANNEX_STATES.codes) == 8
