"""Services as partners write and read them: fields, rules, their structure by two names, filters, files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from raccord.bulk.command import run_file
from raccord.kernel.database import Database
from raccord.resources.services.kind import SERVICES
from raccord.resources.services.shape import Service, ServiceInput
from tests.partners import Partner, Partners
from tests.records.ground import fetch_all, make_structure

Json = dict[str, Any]
ADDRESS = "/v1/services/by-source/editeur"
LEAST: Json = {"structure_external_id": "S-1", "name": "Permis à un euro", "description": "Préparer son permis."}

WHOLE: Json = {
    "name": "Atelier numérique",
    "description": "Apprendre à envoyer un courriel.\nDeux séances.",
    "kind": "atelier",
    "topics": ["numerique--maitriser-les-fondamentaux-du-numerique", "mobilite--preparer-un-permis"],
    "fee": "payant",
    "fee_details": "10 € pour l'adhésion annuelle",
    "audiences": ["jeunes", "femmes"],
    "audience_details": "De 16 à 25 ans.",
    "access_conditions": "Savoir lire le français.",
    "address": {
        "line_1": "1 rue de la Fontaine",
        "line_2": "Bâtiment B",
        "postal_code": "69001",
        "city": "Lyon",
        "insee_code": "69381",
        "department": "69",
    },
    "location": {"latitude": 45.7676, "longitude": 4.8344},
    "phone": "+33199000001",
    "email": "atelier@example.org",
    "contact_name": "Camille Exemple",
    "reception_modes": ["en-presentiel", "a-distance"],
    "eligibility_zones": ["69381", "2A", "974", "200093201", "99100", "france"],
    "mobilisation_modes": ["telephoner", "utiliser-lien-mobilisation"],
    "mobilisers": ["usagers", "professionnels"],
    "mobilisation_details": "Depuis l'espace personnel.",
    "mobilisation_url": "https://example.org/inscription",
    "hours_per_week": 1.5,
    "duration_weeks": 3,
    "opening_hours": "Tu,Th 14:00-17:00; PH off",
    "source_url": "https://example.org/services/1",
    "source_updated_on": "2026-03-02",
    "extensions": {"autre-outil": {"couleur": "bleu"}},
}


@pytest.fixture
async def editor(partners: Partners) -> Partner:
    """A partner whose source holds one structure, S-1."""
    editor = await partners.add("editeur")
    made = await editor.put("/v1/structures/by-source/editeur/S-1", make_structure(1))
    editor.structure_id = made.json()["id"]
    return editor


async def refuse(editor: Partner, body: Json) -> list[tuple[str, str]]:
    """Send what is refused; returns the fields at fault and why."""
    answer = await editor.put(f"{ADDRESS}/X", body)
    assert answer.status_code == 422, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def test_the_whole_service_of_these_tests_is_whole() -> None:
    assert {*WHOLE, "structure_id", "structure_external_id"} == set(ServiceInput.model_fields)


async def test_every_field_survives(editor: Partner) -> None:
    made = await editor.put(f"{ADDRESS}/A", {**WHOLE, "structure_id": editor.structure_id})
    assert made.status_code == 201, made.text

    record = (await editor.get(f"{ADDRESS}/A")).json()

    assert {name: record[name] for name in WHOLE} == WHOLE
    assert record["structure_id"] == editor.structure_id
    assert set(record) <= set(Service.model_fields)


async def test_the_structure_is_named_as_its_source_knows_it(editor: Partner) -> None:
    by_name = await editor.put(f"{ADDRESS}/A", LEAST)
    by_id = await editor.put(
        f"{ADDRESS}/A", {**LEAST, "structure_external_id": None, "structure_id": editor.structure_id}
    )

    assert by_name.json()["structure_id"] == editor.structure_id
    assert set(by_name.json()) == set(Service.list_required())
    # The same service in other words is no change.
    assert (by_id.status_code, by_id.headers["ETag"]) == (200, '"1"')


async def test_a_name_is_one_of_the_writer_s_own_source(editor: Partner, partners: Partners) -> None:
    other = await partners.add("autre")

    theirs = await other.put("/v1/services/by-source/autre/A", LEAST)
    by_id = await other.put(
        "/v1/services/by-source/autre/A", {**LEAST, "structure_external_id": None, "structure_id": editor.structure_id}
    )

    assert theirs.status_code == 422
    assert theirs.json()["errors"][0]["pointer"] == "/structure_external_id"
    assert by_id.status_code == 201


async def test_a_structure_that_is_gone_or_unknown_is_no_structure(editor: Partner, unknown_id: str) -> None:
    unnamed = {**LEAST, "structure_external_id": None}
    await editor.put("/v1/structures/by-source/editeur/S-2", make_structure(2))
    gone = (await editor.get("/v1/structures/by-source/editeur/S-2")).json()["id"]
    await editor.delete(f"/v1/structures/{gone}", if_match='"1"')

    assert await refuse(editor, unnamed) == [("", "structure_missing")]
    assert await refuse(editor, {**unnamed, "structure_id": unknown_id}) == [("/structure_id", "unknown_reference")]
    assert await refuse(editor, {**unnamed, "structure_id": gone}) == [("/structure_id", "unknown_reference")]
    for name in ("S-2", "S-9"):
        found = await refuse(editor, {**LEAST, "structure_external_id": name})
        assert found == [("/structure_external_id", "unknown_reference")]


async def test_two_names_must_be_of_one_structure(editor: Partner) -> None:
    made = await editor.put("/v1/structures/by-source/editeur/S-2", make_structure(2))
    both = await editor.put(f"{ADDRESS}/A", {**LEAST, "structure_id": editor.structure_id})
    path = f"/v1/services/{both.json()['id']}"

    contrary = await refuse(editor, {**LEAST, "structure_id": made.json()["id"]})
    moved = await editor.patch(path, {"structure_id": None, "structure_external_id": "S-2"}, if_match='"1"')

    assert both.status_code == 201
    assert contrary == [("/structure_external_id", "reference_mismatch")]
    assert moved.json()["structure_id"] == made.json()["id"]


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"audiences": ["tous-publics", "jeunes"]}, "/audiences", "everyone_and_others"),
        ({"audiences": []}, "/audiences", "too_short"),
        ({"mobilisers": []}, "/mobilisers", "too_short"),
        ({"name": "Ab"}, "/name", "string_too_short"),
        ({"name": "x" * 151}, "/name", "string_too_long"),
        ({"description": "Aide"}, "/description", "string_too_short"),
        ({"description": "x" * 10_001}, "/description", "string_too_long"),
        ({"eligibility_zones": ["FRANCE"]}, "/eligibility_zones/0", "string_pattern_mismatch"),
        ({"eligibility_zones": ["20"]}, "/eligibility_zones/0", None),
        ({"eligibility_zones": ["٦٩"]}, "/eligibility_zones/0", "string_pattern_mismatch"),
        ({"eligibility_zones": ["69", "69381000"]}, "/eligibility_zones/1", "string_pattern_mismatch"),
        ({"hours_per_week": -1}, "/hours_per_week", "greater_than_equal"),
        ({"hours_per_week": 169}, "/hours_per_week", "less_than_equal"),
        ({"duration_weeks": 0}, "/duration_weeks", "greater_than_equal"),
        ({"duration_weeks": 1.5}, "/duration_weeks", "int_type"),
        ({"kind": "ACI"}, "/kind", "enum"),
        ({"opening_hours": "tous les jours"}, "/opening_hours", "opening_hours"),
        ({"mobilisation_url": "javascript:alert(1)"}, "/mobilisation_url", "url_scheme"),
        ({"structure_external_id": "S/1"}, "/structure_external_id", "string_pattern_mismatch"),
        ({"structure_external_id": "'; DROP TABLE structures; --".replace(" ", "")}, "/structure_external_id",
         "unknown_reference"),
        ({"score_qualite": 1}, "/score_qualite", "extra_forbidden"),
    ],
)  # fmt: skip
async def test_what_breaks_a_rule_is_refused_by_name(
    editor: Partner, fields: Json, pointer: str, code: str | None
) -> None:
    if code is None:
        # Not a département any more, and not asked to be one that exists: its form is that of a code.
        assert (await editor.put(f"{ADDRESS}/A", {**LEAST, **fields})).status_code == 201
        return
    assert (pointer, code) in await refuse(editor, {**LEAST, **fields})


async def test_lists_are_filtered(editor: Partner) -> None:
    elsewhere = {"line_1": "Le Port", "insee_code": "97407"}
    for name, fields in {
        "whole": WHOLE,
        "far": {"topics": ["mobilite--financer-ma-mobilite"], "audiences": ["tous-publics"], "address": elsewhere},
        "free": {"fee": "gratuit", "kind": "information", "reception_modes": ["a-distance"]},
    }.items():
        answer = await editor.put(f"{ADDRESS}/{name}", {**LEAST, **fields})
        assert answer.status_code == 201, answer.text

    async def names(query: str) -> list[str]:
        answer = await editor.get(f"/v1/services?source=editeur&{query}")
        assert answer.status_code == 200, answer.text
        return sorted(record["external_id"] for record in answer.json()["data"])

    assert await names(f"structure_id={editor.structure_id}") == ["far", "free", "whole"]
    assert await names("kind=atelier") == ["whole"]
    assert await names("kind=atelier&kind=information") == ["free", "whole"]
    assert await names("fee=gratuit") == ["free"]
    assert await names("topics=mobilite--preparer-un-permis") == ["whole"]
    assert await names("topic_categories=mobilite") == ["far", "whole"]
    assert await names("audiences=femmes&audiences=tous-publics") == ["far", "whole"]
    assert await names("reception_modes=a-distance") == ["free", "whole"]
    assert await names("department=974") == ["far"]
    assert await names("postal_code=69001&insee_code=69381") == ["whole"]


def write_rows(path: Path, *rows: Json) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


async def test_a_file_names_structures_as_its_source_does(editor: Partner, database: Database, tmp_path: Path) -> None:
    rows = [{"external_id": f"A-{number}", **LEAST} for number in range(3)]
    orphan = {"external_id": "A-9", **LEAST, "structure_external_id": "S-9"}

    done = await run_file(database, "services", write_rows(tmp_path / "s.ndjson", *rows, orphan), source="editeur")
    again = await run_file(database, "services", write_rows(tmp_path / "s.ndjson", *rows, orphan), source="editeur")

    assert (done.counts.created, done.counts.rejected) == (3, 1)
    assert (again.counts.unchanged, again.counts.rejected) == (3, 1)
    assert len((await editor.get(f"/v1/services?structure_id={editor.structure_id}")).json()["data"]) == 3


async def test_cells_of_a_csv_hold_lists_of_codes(editor: Partner, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(
        "external_id,structure_external_id,name,description,topics,audiences,address.insee_code\n"
        'A,S-1,Permis,Préparer son permis,mobilite--preparer-un-permis | sante--addictions,"jeunes;femmes",69381\n'
        "B,S-1,Permis,Préparer son permis,,tous-publics,\n"
        "C,S-1,Permis,Préparer son permis,mobilite|,jeunes,\n",
        encoding="utf-8",
    )

    done = await run_file(database, "services", file, source="editeur")

    assert (done.counts.created, done.counts.rejected) == (2, 1)
    record = (await editor.get(f"{ADDRESS}/A")).json()
    assert record["topics"] == ["mobilite--preparer-un-permis", "sante--addictions"]
    assert record["audiences"] == ["jeunes", "femmes"]
    assert "topics" not in (await editor.get(f"{ADDRESS}/B")).json()
    [rejection] = await fetch_all(database, "SELECT pointer, code FROM import_rejections")
    assert (rejection["pointer"], rejection["code"]) == ("/topics/0", "enum")


async def test_documents_of_data_inclusion_are_imported_as_they_are(
    editor: Partner, database: Database, tmp_path: Path
) -> None:
    structure = {
        "source": "dora", "id": "dora--1", "nom": "Maison  pour tous", "date_maj": "2025-02-14", "siret": None,
        "description": "Un lieu ouvert.", "commune": "Lyon", "code_postal": None, "code_insee": "69381",
        "adresse": "1 rue de la Fontaine", "longitude": 4.83, "latitude": 45.76, "telephone": "+33199000001",
        "courriel": "lieu@example.org", "reseaux_porteurs": ["mission-locale"], "horaires_accueil": "Mo-Fr 09:00-12:00",
        "accessibilite_lieu": None, "lien_source": "https://example.org/1",
    }  # fmt: skip
    service = {
        "source": "dora", "structure_id": "dora--1", "id": "dora--2", "nom": "Atelier", "date_maj": "2025-02-14",
        "description": "Un atelier numérique.", "type": "atelier", "thematiques": ["numerique--acquerir-un-equipement"],
        "frais": "gratuit", "publics": ["tous-publics"], "modes_accueil": ["en-presentiel"],
        "zone_eligibilite": ["france"], "modes_mobilisation": ["se-presenter"], "mobilisable_par": ["usagers"],
        "volume_horaire_hebdomadaire": 2, "nombre_semaines": 4, "commune": "Lyon", "code_insee": "69381",
    }  # fmt: skip
    for kind, row in (("structures", structure), ("services", service)):
        file = write_rows(tmp_path / f"{kind}.ndjson", row)
        done = await run_file(database, kind, file, source="dora", mapping="data-inclusion")
        assert done.counts.created == 1, kind

    stored = (await editor.get("/v1/structures/by-source/dora/dora--1")).json()
    offered = (await editor.get("/v1/services/by-source/dora/dora--2")).json()

    assert (stored["name"], stored["networks"], stored["roles"]) == (
        "Maison pour tous", ["mission-locale"], ["service_provider"],
    )  # fmt: skip
    assert stored["address"] == {"line_1": "1 rue de la Fontaine", "city": "Lyon", "insee_code": "69381"}
    assert (offered["structure_id"], offered["hours_per_week"], offered["duration_weeks"]) == (stored["id"], 2.0, 4)


def test_the_kind_says_what_it_shares_with_no_other() -> None:
    assert not SERVICES.is_personal
    assert [named.name_field for named in SERVICES.named_references] == ["structure_external_id"]
