"""Check that the code lists are whole, labelled in both languages and equal to their enumerations."""

import pytest

from raccord.reference.code_list import CodeList
from raccord.reference.lists import LISTS, LISTS_BY_NAME
from raccord.reference.prescription_codes import (
    GEIQ_REASONS,
    REFUSAL_REASONS,
    SIAE_REASONS,
)
from raccord.reference.structure_kinds import (
    EMPLOYER_KINDS,
    MASKED_KINDS,
    PRESCRIBER_KINDS,
    SIAE_KINDS,
    STRUCTURE_KINDS,
    StructureKind,
)
from tests.reference.enumerations import list_enumerations, list_reference_modules


def test_every_list_of_the_code_is_published_once() -> None:
    """Find no list that nobody registered, and no name twice."""
    found = {
        id(value)
        for module in list_reference_modules()
        for value in vars(module).values()
        if isinstance(value, CodeList)
    }

    assert found == {id(code_list) for code_list in LISTS}
    assert list(LISTS_BY_NAME) == [code_list.name for code_list in LISTS]


def test_every_enumeration_is_published_as_a_list() -> None:
    """Refuse a member without label, a label without member, or another order."""
    published = {code_list.values for code_list in LISTS}

    assert not [item for item in list_enumerations() if tuple(item) not in published]


def test_every_list_has_its_enumeration() -> None:
    """Pair each list with an enumeration, which types the fields that hold its values."""
    typed = {tuple(item) for item in list_enumerations()}

    assert not [code_list.name for code_list in LISTS if code_list.values not in typed]


@pytest.mark.parametrize("code_list", LISTS, ids=lambda code_list: code_list.name)
def test_every_code_is_labelled_in_both_languages(code_list: CodeList) -> None:
    """Refuse an empty or untidy label, and a list without version or source."""
    assert code_list.version
    assert code_list.source
    for value in code_list.values:
        french, english = code_list.label(value, "fr"), code_list.label(value, "en")
        assert french.strip() == french != ""
        assert english.strip() == english != ""


def test_membership_takes_any_object() -> None:
    """Answer no, without an error, for what is not a value."""
    assert "ACI" in STRUCTURE_KINDS
    assert "aci" not in STRUCTURE_KINDS
    assert None not in STRUCTURE_KINDS


def test_an_unknown_value_has_no_label() -> None:
    """Raise rather than invent a label."""
    with pytest.raises(KeyError):
        STRUCTURE_KINDS.label("NOPE", "fr")


def test_structure_kinds_split_into_9_employers_and_34_prescribers() -> None:
    """Keep the published groups apart."""
    assert len(SIAE_KINDS) == 5
    assert len(EMPLOYER_KINDS) == 9
    assert len(PRESCRIBER_KINDS) == 34
    assert SIAE_KINDS.issubset(EMPLOYER_KINDS)
    assert MASKED_KINDS.issubset(PRESCRIBER_KINDS)
    assert len(MASKED_KINDS) == 8
    assert frozenset(StructureKind) == EMPLOYER_KINDS | PRESCRIBER_KINDS
    assert not EMPLOYER_KINDS & PRESCRIBER_KINDS


@pytest.mark.parametrize(
    ("value", "crosswalk"),
    [
        ("ACI", {"asp": "ACI_DC", "france_travail": "836"}),
        ("GEIQ", {"france_travail": "838"}),
        ("OPCS", {}),
        ("ML", {"asp": "01", "label": "ML"}),
        ("ASE", {"asp": "19", "label": "CT"}),
        ("Orienteur", {"asp": "06", "label": "AUTRE"}),
        ("Autre", {"asp": "08", "label": "AUTRE"}),
    ],
)
def test_structure_kinds_carry_their_published_crosswalk(value: str, crosswalk: dict[str, str]) -> None:
    """Give the codes of ASP, LABEL and France Travail."""
    assert dict(STRUCTURE_KINDS.by_value[value].crosswalk) == crosswalk


def test_a_crosswalk_cannot_be_changed() -> None:
    """Protect shared data from its readers."""
    crosswalk = STRUCTURE_KINDS.by_value["ACI"].crosswalk

    with pytest.raises(TypeError):
        crosswalk["asp"] = "X"  # type: ignore[index]  # the refusal itself is what is tested


def test_refusal_reasons_are_13_for_a_siae_and_11_for_a_geiq() -> None:
    """Keep the published split of the 19 reasons."""
    selectable = [code.attributes["selectable"] for code in REFUSAL_REASONS.codes]

    assert len(selectable) == 19
    assert (selectable.count("system"), selectable.count("history")) == (1, 5)
    assert (len(SIAE_REASONS), len(GEIQ_REASONS)) == (13, 11)


def test_departments_are_109_with_corsica_and_overseas() -> None:
    """Know the codes that are not two digits."""
    departments = LISTS_BY_NAME["departments"]

    assert len(departments.values) == 109
    assert {"2A", "2B", "971", "976", "988"} < set(departments.values)
    assert "20" not in departments
    assert departments.label("2A", "fr") == "Corse-du-Sud"
    assert departments.label("987", "en") == "French Polynesia"
