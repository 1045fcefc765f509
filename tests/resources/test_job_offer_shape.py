"""The shape of an offer: what it refuses, what it keeps word for word, how lean it is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from raccord.kernel.database import Database
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.validation import validate_content
from raccord.resources.job_offers.kind import JOB_OFFERS
from raccord.resources.job_offers.shape import JobOfferInput
from tests.bulk.conftest import list_reasons, run_waiting_imports, write_ndjson
from tests.partners import Partner, Partners
from tests.resources.offers import PATH, make_offer, write_offer

Json = dict[str, Any]

# Every documented field of a France Travail offer, where it goes; values are made up.
FRANCE_TRAVAIL: Json = {
    "employer": {
        "name": "Atelier d'exemple",
        "description": "Une entreprise d'exemple.",
        "website": "https://www.example.com/",
        "logo_url": "https://www.example.com/logo.png",
        "naf_code": "8899B",
        "sector_label": "Action sociale sans hébergement",
        "size_label": "10 à 19 salariés",
    },
    "title": "Agent / Agente de propreté (H/F)",
    "description": "Entretien de locaux.\n\nHoraires du matin.",
    "occupation": {
        "rome_code": "K2204",
        "rome_label": "Nettoyage de locaux",
        "appellation_label": "Agent / Agente de propreté de locaux",
    },
    "workplaces": [
        {"label": "57 - METZ", "postal_code": "57000", "insee_code": "57463", "latitude": 49.11, "longitude": 6.17}
    ],
    "contract": {
        "type": "fixed_term_inclusion",
        "schemes": ["iae"],
        "source_type_code": "DDI",
        "source_nature_code": "I1",
        "source_label": "CDD insertion - 24 Mois",
        "duration_min": 24,
        "duration_unit": "month",
        "is_renewable": True,
    },
    "working_time": {
        "weekly_hours_min": 35,
        "time": "full_time",
        "schedules": ["Travail le samedi"],
        "source_label": "35H Travail le samedi",
    },
    "pay": {
        "min": "1801.80",
        "max": "1900.00",
        "period": "month",
        "months_per_year": 12,
        "source_label": "Mensuel de 1801.80 Euros à 1900.00 Euros sur 12 mois",
        "comment": "Selon expérience",
        "complements": [{"code": "1", "label": "Chèque repas"}],
    },
    "openings": {"open_count": 3},
    "requirements": {
        "experience": {"level": "required", "months": 12, "source_label": "1 an(s)", "comment": "sur un poste proche"},
        "educations": [
            {"code": "42099", "domain": "Nettoyage", "level": 3, "level_label": "CAP", "requirement": "desired"}
        ],
        "skills": [{"code": "117731", "label": "Dépoussiérer des surfaces", "requirement": "required"}],
        "qualities": [{"label": "Autonomie", "description": "Prendre des initiatives"}],
        "languages": [{"code": "fr", "label": "Français", "level": "A2", "requirement": "desired"}],
        "driving_licences": [{"code": "B", "label": "B - Véhicule léger", "requirement": "required"}],
        "tools": ["Tableur"],
    },
    "qualification": "6",
    "mobility": {"travel": "occasional", "travel_area": "Départemental"},
    "accessibility": {"is_open_to_disabled_workers": True, "is_adapted_company": False, "is_committed_employer": True},
    "application": {"modes": [{"type": "url", "value": "https://www.example.com/postuler"}]},
    "provenance": {
        "system": "france-travail",
        "external_id": "048KLTP",
        "origin_code": "1",
        "url": "https://www.example.com/offre/048KLTP",
        "partners": [{"name": "PARTENAIRE", "url": "https://www.example.com/p", "logo_url": "https://example.com/l"}],
        "created_at": "2026-11-01T08:00:00Z",
        "updated_at": "2026-11-20T08:00:00Z",
    },
    "licence": {"code": "france_travail", "label": "France Travail", "url": "https://www.example.com/licence"},
    "signals": {"is_short_of_candidates": False},
    "extensions": {"france-travail": {"dureeTravailLibelleConverti": "Temps plein", "deplacementCode": "2"}},
}


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("logiciel", kind="ACI")


def refuse(offer: Json) -> dict[str, str]:
    """Return the refusals, by pointer."""
    with pytest.raises(InvalidContentError) as raised:
        validate_content(JobOfferInput, json.dumps(offer).encode())
    return {error.name: error.code for error in raised.value.errors}


async def test_every_field_of_a_france_travail_offer_comes_back_as_it_went(partner: Partner) -> None:
    served = await write_offer(partner, FRANCE_TRAVAIL)

    kept = {name: served[name] for name in FRANCE_TRAVAIL}
    expected = {**FRANCE_TRAVAIL, "openings": {"open_count": 3, "filled_count": 0}}
    expected["pay"] = {**FRANCE_TRAVAIL["pay"], "currency": "EUR"}
    expected["application"] = {**FRANCE_TRAVAIL["application"], "is_open": True}
    assert kept == expected


async def test_every_field_of_a_les_emplois_position_comes_back_as_it_went(partner: Partner) -> None:
    position = make_offer(
        partner.structure_id,
        wanted_profile="Aimer le travail en extérieur.",
        origin="manual",
        requirements={"is_resume_required": True},
        iae={"clause": {"is_qpv_required": True, "market_context": "Rénovation d'un collège"}},
        contract={"type": "other", "source_type_code": "OTHER", "source_label": "Contrat de chantier"},
        licence={"code": "open_licence_2"},
        provenance={"system": "les-emplois", "external_id": "1234", "updated_at": "2026-11-20T08:00:00Z"},
    )

    served = await write_offer(partner, position)

    defaults: Json = {"openings": {"open_count": 2, "filled_count": 0}}
    defaults["application"] = {"modes": [{"type": "platform"}], "is_open": True}
    defaults["pay"] = {**position["pay"], "currency": "EUR"}
    assert {name: served[name] for name in position} == {**position, **defaults}


async def test_an_employer_is_named_as_its_source_knows_it(partner: Partner) -> None:
    named = await partner.put(
        f"/v1/structures/by-source/{partner.source}/S-9", {"kind": "ACI", "name": "Structure neuf"}
    )
    assert named.status_code == 201, named.text
    offer = make_offer(employer=None, structure_external_id="S-9")

    served = await write_offer(partner, offer)

    assert served["structure_id"] == named.json()["id"]
    assert "structure_external_id" not in served


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"provenance": {"system": "france-travail"}}, "", "licence_missing"),
        ({"licence": {"code": "mine"}}, "/licence/code", "enum"),
        ({"title": "Ok"}, "/title", "string_too_short"),
        ({"description": "x" * 10_001}, "/description", "string_too_long"),
        ({"wanted_profile": "x" * 5_001}, "/wanted_profile", "string_too_long"),
        ({"occupation": {"rome_code": "A14"}}, "/occupation/rome_code", "string_pattern_mismatch"),
        ({"workplaces": [{"latitude": 45.0}]}, "/workplaces/0", "half_a_point"),
        ({"contract": {"type": "fixed_term", "start": "on_date"}}, "/contract", "start_incoherent"),
        ({"contract": {"type": "fixed_term", "duration_min": 6}}, "/contract", "duration_without_unit"),
        (
            {"contract": {"type": "fixed_term", "duration_min": 6, "duration_max": 3, "duration_unit": "month"}},
            "/contract",
            "bounds_reversed",
        ),
        ({"working_time": {"weekly_hours_min": 48.25}}, "/working_time/weekly_hours_min", "less_than_equal"),
        ({"working_time": {"weekly_hours_min": 26.1}}, "/working_time/weekly_hours_min", "multiple_of"),
        ({"working_time": {"weekly_hours_min": 35, "weekly_hours_max": 20}}, "/working_time", "bounds_reversed"),
        ({"pay": {"min": "1801,80", "period": "month"}}, "/pay/min", "string_pattern_mismatch"),
        ({"pay": {"min": "12.00", "max": "9.00", "period": "hour"}}, "/pay", "bounds_reversed"),
        ({"pay": {"min": "12.00"}}, "/pay", "pay_without_period"),
        ({"application": {"modes": [{"type": "email"}]}}, "/application/modes/0", "application_value_missing"),
        (
            {"application": {"modes": [{"type": "email", "value": "nobody"}]}},
            "/application/modes/0",
            "application_value_invalid",
        ),
        ({"application": {"questions": ["a", "b", "c", "d"]}}, "/application/questions", "too_long"),
        (
            {"application": {"modes": [], "contact": {"name": "Camille Exemple"}}},
            "/application/contact",
            "extra_forbidden",
        ),
        (
            {"iae": {"mission": {"user_company_siret": "00010000800010"}}},
            "/iae/mission/user_company_siret",
            "extra_forbidden",
        ),
        ({"delegate": {"role": "user_company", "name": "Cliente"}}, "/delegate", "delegate_not_published"),
        (
            {"publication": {"starts_on": "2026-12-02", "ends_on": "2026-12-01"}},
            "/publication",
            "ends_before_start",
        ),
        ({"extensions": {"mine": {"text": "é" * 40_000}}}, "/extensions", "extensions_too_large"),
    ],
)
def test_what_the_shape_refuses_is_named(fields: Json, pointer: str, code: str) -> None:
    assert refuse({"title": "Maçon (H/F)", **fields}) == {pointer: code}


def test_a_typical_offer_stays_out_of_toast() -> None:
    content = validate_content(JobOfferInput, json.dumps(JOB_OFFERS.example).encode()).model_dump(mode="json")
    envelope: Json = {"id": "0" * 36, "source": "logiciel-demo", "external_id": "A-1", "version": 1}
    document = JOB_OFFERS.trim({**envelope, **content, **(JOB_OFFERS.example_state or {})})
    stored = json.dumps(document, ensure_ascii=False, separators=(",", ":"))

    assert len(stored.encode()) < 2_000
    assert "null" not in stored


async def test_offers_are_imported_by_many_and_refused_one_by_one(partner: Partner, database: Database) -> None:
    lines = [{"external_id": f"B-{number}", **make_offer(partner.structure_id)} for number in range(3)]
    lines.append({"external_id": "B-3", **make_offer(partner.structure_id, title="Poste réservé aux hommes")})
    sent = await partner.http.post(
        "/v1/imports?kind=job_offers",
        content=write_ndjson(lines),
        headers={**partner.headers, "Content-Type": "application/x-ndjson", "Idempotency-Key": "offers"},
    )
    assert sent.status_code == 202, sent.text
    await run_waiting_imports(database)

    done = (await partner.get(f"/v1/imports/{sent.json()['id']}")).json()
    assert (done["state"], done["created_count"], done["rejected_count"]) == ("completed", 3, 1)
    assert await list_reasons(database) == [(4, "B-3", "discriminatory_criterion", "/title")]
    listed = (await partner.get(f"{PATH}?source={partner.source}")).json()["data"]
    assert {(offer["external_id"], offer["status"]) for offer in listed} == {(f"B-{n}", "active") for n in range(3)}
