"""Structures of Les emplois and their positions, read and written back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from raccord.adapters.les_emplois import labels
from raccord.adapters.les_emplois.labels import OccupationLabel
from raccord.adapters.les_emplois.payloads import StructurePayload
from raccord.adapters.les_emplois.translate import read_structure, write_structure
from raccord.adapters.pairs import get_at, list_objects
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json, merge_patch
from raccord.reference.job_offer_codes import CONTRACT_TYPES, ContractType
from raccord.resources.job_offers.shape import JobOfferInput
from raccord.resources.structures.shape import StructureInput
from tests.adapters.les_emplois.structures import FULL_STRUCTURE, STRUCTURES
from tests.adapters.payloads import list_gaps, write_canonical


def come_back(payload: JsonObject) -> JsonObject:
    structure, positions = read_structure(payload)
    return write_structure(structure.content, [position.content for position in positions])


def edit_first_position(edit: JsonObject) -> JsonObject:
    structure, positions = read_structure(FULL_STRUCTURE)
    edited = merge_patch(positions[0].content, edit)
    assert isinstance(edited, dict)
    return list_objects(write_structure(structure.content, [edited])["postes"])[0]


def test_the_full_structure_sets_every_documented_field() -> None:
    assert list_gaps(StructurePayload, FULL_STRUCTURE) == []


def test_a_full_structure_and_its_positions_come_back_as_they_were() -> None:
    assert write_canonical(come_back(FULL_STRUCTURE)) == write_canonical(FULL_STRUCTURE)


@given(STRUCTURES)
def test_any_structure_comes_back_as_it_was(payload: JsonObject) -> None:
    assert write_canonical(come_back(payload)) == write_canonical(payload)


@given(STRUCTURES)
def test_what_is_read_fits_the_shapes(payload: JsonObject) -> None:
    structure, positions = read_structure(payload)

    if len(str(structure.content.get("name", ""))) >= 3:
        StructureInput.model_validate_json(dump_json(structure.content))
    for position in positions:
        JobOfferInput.model_validate_json(dump_json(position.content))


def test_a_structure_is_read_in_our_words() -> None:
    structure, positions = read_structure(FULL_STRUCTURE)

    assert structure.external_id == structure.content["uid"] == FULL_STRUCTURE["id"]
    assert structure.content["brand"] == "Les Jardins"
    assert structure.content["source_updated_on"] == "2026-07-14"
    assert [position.external_id for position in positions] == ["1234", "1235"]
    first, second = (position.content for position in positions)
    assert first["occupation"] == {"rome_code": "A1405", "rome_label": "Maraîchage (légumes)"}
    assert first["is_published"] is True
    assert get_at(first, "provenance/updated_at") == "2026-10-05T08:00:00.500000Z"
    assert get_at(first, "contract/type") == "fixed_term_inclusion"
    assert first["structure_external_id"] == structure.external_id
    # Without a title of its own, a position is named by its occupation; without a place, it is its structure's.
    assert second["title"] == "Cuisine"
    assert second["workplaces"] == [{"postal_code": "69001", "city": "Lyon", "department": "69"}]


def test_the_made_up_number_of_an_antenna_is_kept_and_not_taken_for_a_siret() -> None:
    payload: JsonObject = {**FULL_STRUCTURE, "siret": "12345678999901"}
    structure, _ = read_structure(payload)

    assert "siret" not in structure.content
    assert structure.content["is_antenna"] is True
    assert come_back(payload)["siret"] == "12345678999901"


@pytest.mark.parametrize(
    ("kind", "label", "contract_type"),
    [
        ("ETTI", "Contrat de mission intérimaire", ContractType.TEMP_MISSION_INCLUSION),
        ("EI", "Contrat de mission intérimaire", ContractType.TEMP_MISSION),
        ("AI", "CDD d'usage", ContractType.AI_PLACEMENT),
        ("ACI", "CDD d'usage", ContractType.FIXED_TERM_USAGE),
        ("ACI", "CDD-I CVG", ContractType.FIXED_TERM_INCLUSION_CVG),
        ("ACI", "Contrat doctoral", ContractType.OTHER),
    ],
)
def test_the_kind_of_the_employer_says_which_contract_it_is(kind: str, label: str, contract_type: str) -> None:
    assert labels.find_contract_type(label, kind) == contract_type


def test_a_contract_of_ours_is_read_from_the_name_that_it_has_there() -> None:
    kinds = {"temp_mission_inclusion": "ETTI", "ai_placement": "AI"}
    names = {value: labels.name_contract(value) for value in CONTRACT_TYPES.values}
    again = {value: labels.find_contract_type(name, kinds.get(value, "")) for value, name in names.items()}

    # They have one permanent contract where we have three, and "other" for what they do not know.
    assert {names[value] for value, found in again.items() if found not in (value, "other")} == {"CDI"}
    assert set(names.values()) > set(labels.CONTRACT_LABELS.values())


@pytest.mark.parametrize(
    ("edit", "field", "value"),
    [
        ({"contract": {"type": "permanent"}}, "type_contrat", "CDI"),
        ({"contract": {"type": "internship"}}, "type_contrat", "Stage"),
        ({"occupation": {"rome_code": "G1602", "rome_label": "Cuisine"}}, "rome", "Cuisine (G1602)"),
        ({"is_published": False}, "recrutement_ouvert", "False"),
        ({"title": "Jardinier"}, "appellation_modifiee", "Jardinier"),
        ({"openings": {"open_count": 9}}, "nombre_postes_ouverts", 9),
        (
            {"workplaces": [{"city": "Bron", "postal_code": "69500"}]},
            "lieu",
            {"nom": "Bron", "code_postaux": ["69500"]},
        ),
    ],
)
def test_an_edited_value_wins_over_its_label(edit: JsonObject, field: str, value: JsonValue) -> None:
    assert edit_first_position(edit)[field] == value


@given(st.text("abé ()-", min_size=1).map(str.strip).filter(bool), st.from_regex(r"[A-N][0-9]{4}", fullmatch=True))
def test_an_occupation_is_read_as_it_was_written(label: str, code: str) -> None:
    occupation = OccupationLabel(label, code)

    assert labels.parse_occupation(labels.write_occupation(occupation)) == occupation


@pytest.mark.parametrize("payload", [{}, {**FULL_STRUCTURE, "postes": [{"id": "x"}]}])
def test_what_is_no_structure_is_refused(payload: JsonObject) -> None:
    with pytest.raises(ValidationError):
        read_structure(payload)
