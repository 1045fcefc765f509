"""Structures as partners write and read them: fields, rules, facts that Raccord derives, filters, older documents."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from raccord.demo.identifiers import make_siret
from raccord.kernel.clock import read_today
from raccord.kernel.database import Database
from raccord.kernel.strict_json import dump_json
from raccord.records.upcasting import upcast_records
from raccord.resources.structures.kind import STRUCTURES
from raccord.resources.structures.shape import StructureInput
from tests.partners import Partner, Partners
from tests.records.ground import fetch_all, make_put, make_structure, put_structures

Json = dict[str, Any]
ADDRESS = "/v1/structures/by-source/editeur"

WHOLE: Json = {
    "kind": "ACI",
    "siret": make_siret(1),
    "siren": make_siret(1)[:9],
    "uid": "5f0c7a52-9b6d-4c1e-8a44-0d9f2f6f1b11",
    "parent_siret": make_siret(2),
    "is_antenna": True,
    "name": "Les Jardins du Raccord",
    "brand": "Les Jardins",
    "description": "Maraîchage d'insertion.",
    "provided_support": "Un accompagnement\nindividuel.",
    "naf_code": "0113Z",
    "phone": "+33199000001",
    "email": "contact@example.org",
    "website": "https://www.example.org/",
    "address": {
        "line_1": "1 rue de la Fontaine",
        "line_2": "Bâtiment B",
        "postal_code": "69001",
        "city": "Lyon",
        "insee_code": "69381",
        "department": "69",
        "resolved_address": "1 Rue de la Fontaine 69001 Lyon",
    },
    "location": {"latitude": 45.7676, "longitude": 4.8344, "geocoding_score": 0.93},
    "opening_hours": "Mo-Fr 08:30-12:30; PH off",
    "accessibility_url": "https://acceslibre.example.org/erp/les-jardins/",
    "networks": ["aci", "chantier-ecole"],
    "topics": ["mobilite--preparer-un-permis", "mobilite--financer-ma-mobilite", "numerique--acquerir-un-equipement"],
    "habilitation": None,
    "is_brsa": False,
    "safir_code": None,
    "is_service_provider": True,
    "is_searchable": True,
    "is_open_to_spontaneous_applications": True,
    "spontaneous_applications_open_since_on": "2026-11-01",
    "has_blocked_applications": False,
    "applications_blocked_on": "2025-01-31",
    "convention": {
        "kind": "ACI",
        "asp_id": "1234",
        "siret_signature": make_siret(3),
        "is_active": False,
        "deactivated_on": "2026-06-30",
        "reactivated_on": "2024-01-01",
    },
    "financial_annexes": [
        {"number": "ACI069260012A0M1", "state": "VALIDE", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    ],
    "rdv_solidarites_id": "42",
    "created_from": "ASP",
    "source_url": "https://example.org/structures/1",
    "source_updated_on": "2026-03-02",
    "extensions": {"autre-outil": {"couleur": "bleu"}},
}


@pytest.fixture
async def editor(partners: Partners) -> Partner:
    return await partners.add("editeur")


async def refuse(editor: Partner, body: Json) -> list[tuple[str, str]]:
    """Send what is refused; returns the fields at fault and why."""
    answer = await editor.put(f"{ADDRESS}/X", body)
    assert answer.status_code == 422, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def test_the_whole_structure_of_these_tests_is_whole() -> None:
    assert set(WHOLE) == set(StructureInput.model_fields)


async def test_every_field_survives_and_facts_are_added(editor: Partner) -> None:
    made = await editor.put(f"{ADDRESS}/A", WHOLE)
    assert made.status_code == 201, made.text

    record = (await editor.get(f"{ADDRESS}/A")).json()

    assert {name: record.get(name) for name in WHOLE} == WHOLE
    assert {name: record[name] for name in record if name not in WHOLE and name != "external_id"}.keys() == {
        "id", "source", "version", "created_at", "updated_at", "roles", "activity", "active_until_on",
        "grace_until_on", "spontaneous_applications_open_until_on",
    }  # fmt: skip
    assert record["roles"] == ["employer", "service_provider"]
    assert (record["activity"], record["active_until_on"], record["grace_until_on"]) == (
        "inactive", "2026-06-29", "2026-07-30",
    )  # fmt: skip
    assert record["spontaneous_applications_open_until_on"] == "2027-01-30"


async def test_a_name_is_enough_and_what_is_null_is_left_out(editor: Partner) -> None:
    made = await editor.put(f"{ADDRESS}/A", {"name": "Association du Raccord"})

    assert made.status_code == 201, made.text
    record = made.json()
    assert set(record) == set(STRUCTURES.record.list_required())
    assert (record["kind"], record["roles"], record["activity"]) == (None, ["service_provider"], "active")


async def test_a_patch_knows_fields_that_were_left_out(editor: Partner) -> None:
    made = await editor.put(f"{ADDRESS}/A", {"name": "Association du Raccord", "address": {"city": "Lyon"}})
    path = f"/v1/structures/{made.json()['id']}"

    filled = await editor.patch(path, {"opening_hours": "24/7", "address": {"line_2": "Porte B"}}, if_match='"1"')
    emptied = await editor.patch(path, {"opening_hours": None, "address": {"line_2": None}}, if_match='"2"')
    same = await editor.patch(path, {"opening_hours": None}, if_match='"3"')

    assert filled.json()["address"] == {"city": "Lyon", "line_2": "Porte B"}
    assert "opening_hours" not in emptied.json()
    assert emptied.json()["address"] == {"city": "Lyon"}
    assert (emptied.headers["ETag"], same.headers["ETag"]) == ('"3"', '"3"')
    changes, _ = await editor.read_feed()
    assert [change["changed_fields"] for change in changes] == [
        [],
        ["address", "opening_hours"],
        ["address", "opening_hours"],
    ]


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"siren": make_siret(2)[:9]}, "", "siren_of_other_siret"),
        ({"siren": "000000019"}, "/siren", "siren_checksum"),
        ({"safir_code": "12345"}, "", "safir_of_other_kind"),
        ({"kind": "FT", "safir_code": "1234"}, "/safir_code", "string_pattern_mismatch"),
        ({"kind": "FT", "safir_code": "١٢٣٤٥"}, "/safir_code", "string_pattern_mismatch"),
        ({"kind": None, "habilitation": "VALIDATED"}, "", "habilitation_of_employer"),
        ({"convention": {"kind": "EI", "is_active": True}}, "", "convention_of_other_kind"),
        ({"convention": {"kind": "GEIQ", "is_active": True}}, "/convention", "convention_of_other_kind"),
        ({"kind": None, "convention": {"kind": "ACI", "is_active": True}}, "", "convention_of_other_kind"),
        ({"convention": {"kind": "ACI", "is_active": False, "deactivated_on": "9999-12-31"}},
         "/convention/deactivated_on", "less_than_equal"),
        ({"convention": {"kind": "ACI", "is_active": False, "deactivated_on": "0001-01-01"}},
         "/convention/deactivated_on", "greater_than_equal"),
        ({"financial_annexes": [{**WHOLE["financial_annexes"][0], "number": "EI069260012A0M1"}]},
         "", "annex_of_other_kind"),
        ({"financial_annexes": [{**WHOLE["financial_annexes"][0], "ends_on": "2025-12-31"}]},
         "/financial_annexes/0", "ends_before_start"),
        ({"financial_annexes": [{**WHOLE["financial_annexes"][0], "number": "ACI069260012"}]},
         "/financial_annexes/0/number", "string_pattern_mismatch"),
        ({"opening_hours": "du lundi au vendredi"}, "/opening_hours", "opening_hours"),
        ({"opening_hours": "   "}, "/opening_hours", "opening_hours"),
        ({"opening_hours": "Mo-Fr 25:00-26:00"}, "/opening_hours", "opening_hours"),
        ({"opening_hours": "Mo\u0000"}, "/opening_hours", "string_pattern_mismatch"),
        ({"opening_hours": "(" * 501}, "/opening_hours", "string_too_long"),
        ({"networks": ["inconnu"]}, "/networks/0", "enum"),
        ({"topics": ["mobilite"]}, "/topics/0", "enum"),
        ({"source_updated_on": "1999-12-31"}, "/source_updated_on", "before_2000"),
        ({"source_updated_on": "2199-12-31"}, "/source_updated_on", "in_the_future"),
        ({"is_open_to_spontaneous_applications": False, "spontaneous_applications_open_since_on": "2026-01-01"},
         "", "closed_since_open"),
        ({"auth_email": "secret@example.org"}, "/auth_email", "extra_forbidden"),
        ({"activity": "active"}, "/activity", "extra_forbidden"),
        ({"roles": ["employer"]}, "/roles", "extra_forbidden"),
        ({"location": {"latitude": 1, "longitude": 1, "geocoding_score": 1.5}},
         "/location/geocoding_score", "less_than_equal"),
    ],
)  # fmt: skip
async def test_what_breaks_a_rule_is_refused_by_name(editor: Partner, fields: Json, pointer: str, code: str) -> None:
    assert (pointer, code) in await refuse(editor, make_structure(1, **fields))


async def test_a_code_that_is_repeated_counts_once(editor: Partner) -> None:
    made = await editor.put(f"{ADDRESS}/A", make_structure(1, networks=["aci", "chantier-ecole", "aci"]))

    assert made.json()["networks"] == ["aci", "chantier-ecole"]


async def test_a_safir_code_is_held_once_in_a_source(editor: Partner, partners: Partners) -> None:
    agency = {"kind": "FT", "name": "Agence", "safir_code": "69001"}
    other = await partners.add("autre")
    assert (await editor.put(f"{ADDRESS}/A", agency)).status_code == 201

    taken = await editor.put(f"{ADDRESS}/B", agency)
    elsewhere = await other.put("/v1/structures/by-source/autre/B", agency)

    assert (taken.status_code, taken.json()["code"]) == (409, "natural_key_taken")
    assert [error["pointer"] for error in taken.json()["errors"]] == ["/safir_code"]
    assert elsewhere.status_code == 201


async def test_agencies_may_exchange_their_safir_codes_and_sirets_at_once(database: Database) -> None:
    def agency(number: int, code: str) -> Json:
        return make_structure(number, kind="FT", safir_code=code)

    await put_structures(database, make_put("A", agency(1, "00001")), make_put("B", agency(2, "00002")))

    exchanged = await put_structures(database, make_put("A", agency(2, "00002")), make_put("B", agency(1, "00001")))
    half = await put_structures(
        database,
        make_put("A", agency(3, "00001")),
        make_put("B", agency(1, "00001")),
        make_put("C", agency(2, "00003")),
    )

    assert [outcome.status for outcome in exchanged] == ["updated", "updated"]
    # A is refused for its SAFIR code, and so does not give its SIRET up to C.
    assert [outcome.status for outcome in half] == ["rejected", "unchanged", "rejected"]


async def list_names(editor: Partner, query: str) -> list[str]:
    answer = await editor.get(f"/v1/structures?source=editeur&{query}")
    assert answer.status_code == 200, answer.text
    return sorted(record["external_id"] for record in answer.json()["data"])


async def test_lists_are_filtered_by_what_a_structure_has_and_does(editor: Partner) -> None:
    for name, body in {
        "aci": make_structure(1, networks=["aci"], topics=["mobilite--preparer-un-permis"]),
        "ml": make_structure(2, kind="ML", is_service_provider=True, networks=["mission-locale"]),
        "asso": {"name": "Association", "topics": ["numerique--acquerir-un-equipement"], "siren": make_siret(3)[:9],
                 "address": {"insee_code": "97411"}},
        "ft": {"kind": "FT", "name": "Agence", "safir_code": "69001"},
    }.items():  # fmt: skip
        assert (await editor.put(f"{ADDRESS}/{name}", body)).status_code == 201

    assert await list_names(editor, "roles=employer") == ["aci"]
    assert await list_names(editor, "roles=service_provider") == ["asso", "ml"]
    assert await list_names(editor, "roles=employer&roles=prescriber") == ["aci", "ft", "ml"]
    assert await list_names(editor, "networks=aci&networks=mission-locale") == ["aci", "ml"]
    assert await list_names(editor, "topics=mobilite--preparer-un-permis") == ["aci"]
    assert await list_names(editor, "topic_categories=numerique&topic_categories=mobilite") == ["aci", "asso"]
    assert await list_names(editor, f"siren={make_siret(1)[:9]}") == ["aci"]
    assert await list_names(editor, f"siren={make_siret(3)[:9]}") == ["asso"]
    assert await list_names(editor, "safir_code=69001") == ["ft"]
    # Overseas, a département's code has three characters; nobody needs to repeat it.
    assert await list_names(editor, "department=974") == ["asso"]


async def test_activity_is_asked_for_on_the_present_day(editor: Partner) -> None:
    today = read_today()
    ends = {"yesterday": today, "today": today + timedelta(days=1), "later": today + timedelta(days=20)}
    for number, (name, ended_on) in enumerate(ends.items(), start=1):
        convention = {"kind": "ACI", "is_active": True, "deactivated_on": ended_on.isoformat()}
        await editor.put(f"{ADDRESS}/{name}", make_structure(number, convention=convention))
    await editor.put(f"{ADDRESS}/unknown", make_structure(7))
    await editor.put(f"{ADDRESS}/geiq", make_structure(8, kind="GEIQ"))
    await editor.put(f"{ADDRESS}/eatt", make_structure(9, kind="EATT"))

    assert await list_names(editor, "is_active=true") == ["geiq", "later", "today"]
    assert await list_names(editor, "is_active=false") == ["eatt", "yesterday"]
    refused = await editor.get("/v1/structures?is_active=oui")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "is_active")


async def write_first_shape(database: Database, body: Json) -> str:
    """Write a record as the first release did: every field, nulls too, and no facts."""
    [outcome] = await put_structures(database, make_put("A", body))
    record = json.loads(dump_json(outcome.document or {}))
    first = ("kind", "siret", "parent_siret", "is_antenna", "name", "brand", "description", "naf_code", "phone",
             "email", "website", "address", "location", "habilitation", "is_brsa",
             "is_open_to_spontaneous_applications", "created_from")  # fmt: skip
    envelope = ("id", "source", "external_id", "version", "created_at", "updated_at")
    old = {name: record[name] for name in (*envelope, *first)}
    old["address"] = {"line_2": None, **old["address"]}
    await fetch_all(
        database,
        "UPDATE structures SET shape_version = 1, roles = NULL, active_until_on = NULL, department = NULL, "
        "document = $1::text::json",
        json.dumps(old),
    )
    return str(record["id"])


async def test_records_of_the_first_release_are_served_in_the_present_shape(
    editor: Partner, database: Database
) -> None:
    body = make_structure(1, kind="GEIQ", address={"postal_code": "69001", "city": "Lyon", "insee_code": "69381"})
    record_id = await write_first_shape(database, body)

    one = (await editor.get(f"/v1/structures/{record_id}")).json()
    [listed] = (await editor.get("/v1/structures")).json()["data"]
    [again] = await put_structures(database, make_put("A", body, fingerprint=b"autrement"))
    async with database.begin() as tx:
        await upcast_records(tx, STRUCTURES, 10)
    [row] = await fetch_all(
        database, "SELECT shape_version, roles, department, document::text AS document FROM structures"
    )

    assert (one["roles"], one["activity"]) == (["employer"], "active")
    assert "line_2" not in one["address"]
    assert listed == one
    assert again.status == "unchanged"
    assert (row["shape_version"], row["roles"], row["department"]) == (2, ["employer"], "69")
    assert json.loads(row["document"]) == one
