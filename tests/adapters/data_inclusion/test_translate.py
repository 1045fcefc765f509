"""Structures and services of data·inclusion, read and written back."""

from __future__ import annotations

import json

import pytest
from data_inclusion.schema import v1  # type: ignore[import-untyped]  # it ships no types
from hypothesis import given
from pydantic import ValidationError

from raccord.adapters.data_inclusion.payloads import Located, ServicePayload, StructurePayload
from raccord.adapters.data_inclusion.translate import (
    read_service,
    read_structure,
    write_service,
    write_structure,
)
from raccord.kernel.strict_json import JsonObject, dump_json, merge_patch
from raccord.resources.services.shape import ServiceInput
from raccord.resources.structures.shape import StructureInput
from tests.adapters.data_inclusion.records import FULL_SERVICE, FULL_STRUCTURE, SERVICES, STRUCTURES
from tests.adapters.payloads import list_gaps, write_canonical


@pytest.mark.parametrize(
    ("payload", "model", "published"),
    [(FULL_STRUCTURE, StructurePayload, v1.Structure), (FULL_SERVICE, ServicePayload, v1.Service)],
)
def test_the_payloads_are_whole_and_those_of_the_published_schema(
    payload: JsonObject, model: type[Located], published: type[v1.Structure] | type[v1.Service]
) -> None:
    assert list_gaps(model, payload) == []
    assert set(model.model_fields) == set(published.model_fields)
    published.model_validate_json(json.dumps(payload))


def test_a_whole_structure_comes_back_as_it_was() -> None:
    assert write_canonical(write_structure(read_structure(FULL_STRUCTURE))) == write_canonical(FULL_STRUCTURE)


def test_a_whole_service_comes_back_as_it_was() -> None:
    assert write_canonical(write_service(read_service(FULL_SERVICE))) == write_canonical(FULL_SERVICE)


@given(STRUCTURES)
def test_any_structure_comes_back_as_it_was(payload: JsonObject) -> None:
    content = read_structure(payload)

    assert write_canonical(write_structure(content)) == write_canonical(payload)
    if 3 <= len(str(payload["nom"])) <= 150:
        StructureInput.model_validate_json(dump_json(content))


@given(SERVICES)
def test_any_service_comes_back_as_it_was(payload: JsonObject) -> None:
    content = read_service(payload)

    assert write_canonical(write_service(content)) == write_canonical(payload)
    if {"name", "description"} <= content.keys():
        ServiceInput.model_validate_json(dump_json(content))


def test_only_what_has_no_place_here_is_kept_beside() -> None:
    assert read_structure(FULL_STRUCTURE)["extensions"] == {
        "data-inclusion": {
            "kept": {
                "source": "dora",
                "id": "dora--42",
                "score_qualite": 0.82,
                "doublons": [{"source": "soliguide", "id": "soliguide--7"}],
            },
            # Our addresses end with a slash.
            "changed": [{"path": ["site_web"], "ours": "https://maison.example/", "theirs": "https://maison.example"}],
        }
    }


def test_a_department_follows_from_the_commune() -> None:
    address = read_structure({**FULL_STRUCTURE, "code_insee": "97411"})["address"]

    assert isinstance(address, dict)
    assert address["department"] == "974"


@pytest.mark.parametrize(
    ("edit", "field", "value"),
    [
        ({"website": "https://autre.example/"}, "site_web", "https://autre.example/"),
        ({"phone": None}, "telephone", None),
        ({"address": {"city": "Villeurbanne"}}, "commune", "Villeurbanne"),
        ({"networks": ["caf"]}, "reseaux_porteurs", ["caf"]),
    ],
)
def test_an_edited_value_wins(edit: JsonObject, field: str, value: object) -> None:
    edited = merge_patch(read_structure(FULL_STRUCTURE), edit)
    assert isinstance(edited, dict)

    assert write_structure(edited).get(field) == value


@pytest.mark.parametrize("payload", [{}, {**FULL_STRUCTURE, "nom": None}, {**FULL_STRUCTURE, "latitude": "ici"}])
def test_what_is_no_structure_is_refused(payload: JsonObject) -> None:
    with pytest.raises(ValidationError):
        read_structure(payload)
