"""The answers that a client of data·inclusion finds here are those of its schema, in its pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from data_inclusion.schema import v1  # type: ignore[import-untyped]  # it ships no types

from tests.adapters.data_inclusion.records import FULL_SERVICE, FULL_STRUCTURE
from tests.facades.data_inclusion.conftest import Client, Directory

Json = dict[str, Any]
SERVICE_FIELDS = {*v1.Service.model_fields, "adresse_certifiee", "score_qualite"}
STRUCTURE_FIELDS = {*v1.Structure.model_fields, "adresse_certifiee", "score_qualite", "doublons"}


def check_structure(item: Json) -> None:
    assert set(item) >= STRUCTURE_FIELDS
    v1.Structure.model_validate_json(json.dumps({name: item[name] for name in v1.Structure.model_fields}))


def check_service(item: Json) -> None:
    assert set(item) >= SERVICE_FIELDS
    v1.Service.model_validate_json(json.dumps({name: item[name] for name in v1.Service.model_fields}))


async def test_a_gathered_structure_is_answered_as_it_came(consumer: Client, directory: Directory) -> None:
    await directory.add_gathered_structure("dora--42", siret="00010000800010")

    [item] = (await consumer.read("/structures"))["items"]

    check_structure(item)
    assert {name: item[name] for name in FULL_STRUCTURE if name not in ("doublons", "score_qualite")} == {
        name: value for name, value in FULL_STRUCTURE.items() if name not in ("doublons", "score_qualite")
    }
    assert item["doublons"] == []


async def test_a_gathered_service_is_answered_as_it_came(consumer: Client, directory: Directory) -> None:
    await directory.add_gathered_service("dora--service-1")

    [item] = (await consumer.read("/services"))["items"]

    check_service(item)
    assert {name: item[name] for name in FULL_SERVICE if name != "score_qualite"} == {
        name: value for name, value in FULL_SERVICE.items() if name != "score_qualite"
    }
    assert 0 < item["score_qualite"] <= 1


async def test_records_of_other_sources_are_named_by_their_source(consumer: Client, directory: Directory) -> None:
    await directory.add_own("structures", "A-1", kind="ACI", name="Les Jardins", description="ABC")
    await directory.add_own(
        "services", "S-1", structure_external_id="A-1", name="Atelier", description="Un atelier ouvert à tous."
    )

    structure = await consumer.read("/structures/editeur--A-1")
    service = await consumer.read("/services/editeur--S-1")

    check_structure(structure)
    check_service(service)
    assert (structure["source"], structure["id"]) == ("editeur", "editeur--A-1")
    assert (structure["reseaux_porteurs"], structure["description"]) == (["aci"], None)
    assert (service["structure_id"], service["structure"]["id"]) == ("editeur--A-1", "editeur--A-1")
    assert [found["id"] for found in structure["services"]] == ["editeur--S-1"]
    check_service(structure["services"][0])
    check_structure(service["structure"])


async def test_what_others_would_say_in_its_words_is_not_answered(consumer: Client, directory: Directory) -> None:
    await directory.add_own(
        "structures", "A-1", name="Les Jardins", extensions={"data-inclusion": {"kept": {"siret": 7, "id": "x"}}}
    )

    structure = await consumer.read("/structures/editeur--A-1")

    check_structure(structure)
    assert structure["siret"] is None


async def test_the_score_of_a_structure_is_the_mean_of_its_services(consumer: Client, directory: Directory) -> None:
    await directory.add_gathered_service("dora--a")
    await directory.add_gathered_service("dora--b", publics=None, thematiques=None)

    structure = await consumer.read("/structures/dora--42")

    scores = [service["score_qualite"] for service in structure["services"]]
    assert len(set(scores)) == 2
    assert structure["score_qualite"] == pytest.approx(sum(scores) / 2, abs=0.011)


async def test_the_same_siret_elsewhere_is_a_twin(consumer: Client, directory: Directory) -> None:
    await directory.add_gathered_structure("dora--42", siret="00010000800010")
    await directory.add_own(
        "structures", "A-1", kind="ACI", name="Les Jardins", siret="00010000800010", source_updated_on="2020-01-01"
    )

    listed = (await consumer.read("/structures"))["items"]
    whole = await consumer.read("/structures/dora--42")

    assert {item["id"]: item["doublons"] for item in listed} == {
        "dora--42": [{"source": "editeur", "id": "editeur--A-1"}],
        "editeur--A-1": [{"source": "dora", "id": "dora--42"}],
    }
    assert [twin["id"] for twin in whole["doublons"]] == ["editeur--A-1"]
    check_structure(whole["doublons"][0])
    assert await consumer.list_ids("/structures", exclure_doublons=True) == ["dora--42"]


async def test_pages_count_as_theirs(consumer: Client, directory: Directory) -> None:
    for number in range(3):
        await directory.add_gathered_structure(f"soliguide--{number}")

    first = await consumer.read("/structures", page=1, size=3)
    last = await consumer.read("/structures", page=2, size=3)
    beyond = await consumer.read("/structures", page=10**30, size=3)

    assert {name: first[name] for name in ("total", "page", "size", "pages")} == {
        "total": 4,
        "page": 1,
        "size": 3,
        "pages": 2,
    }
    assert (last["size"], beyond["size"], beyond["items"], beyond["total"]) == (1, 0, [], 4)
    assert [item["id"] for page in (first, last) for item in page["items"]] == [
        "dora--42",
        "soliguide--0",
        "soliguide--1",
        "soliguide--2",
    ]


async def test_sources_are_those_that_were_gathered_and_ours(consumer: Client, directory: Directory) -> None:
    await directory.add_own("structures", "A-1", kind="ACI", name="Les Jardins")

    sources = (await consumer.get("/sources")).json()

    assert [source["slug"] for source in sources] == ["dora", "editeur"]
    assert set(sources[0]) == {"slug", "nom", "description"}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("frais", v1.Frais),
        ("modes-accueil", v1.ModeAccueil),
        ("modes-mobilisation", v1.ModeMobilisation),
        ("personnes-mobilisatrices", v1.PersonneMobilisatrice),
        ("publics", v1.Public),
        ("reseaux-porteurs", v1.ReseauPorteur),
        ("thematiques", v1.Thematique),
        ("types-services", v1.TypeService),
    ],
)
async def test_the_reference_lists_are_those_of_the_schema(consumer: Client, name: str, values: Any) -> None:
    entries = (await consumer.get(f"/doc/{name}")).json()

    assert {entry["value"] for entry in entries} == {value.value for value in values}
    assert all(set(entry) == {"value", "label", "description"} and entry["label"] for entry in entries)
