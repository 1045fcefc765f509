"""Offers of France Travail, read and written back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from pydantic import ValidationError

from raccord.adapters.france_travail import codes
from raccord.adapters.france_travail.payloads import OfferPayload
from raccord.adapters.france_travail.translate import read_offer, write_offer
from raccord.adapters.pairs import get_at, set_at
from raccord.kernel.keys import Keys
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json, merge_patch
from raccord.reference.job_offer_codes import CONTRACT_TYPES
from raccord.resources.job_offers.shape import JobOfferInput
from tests.adapters.france_travail.offers import FULL_OFFER, OFFERS
from tests.adapters.payloads import list_gaps, write_canonical

SEEN_AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
KEYS = Keys(b"a secret that only tests have, of 32 bytes")


def read(payload: JsonObject) -> JsonObject:
    return read_offer(payload, SEEN_AT, KEYS)


def write(document: JsonObject) -> JsonObject:
    return write_offer(document, KEYS)


def test_the_full_offer_sets_every_documented_field() -> None:
    assert list_gaps(OfferPayload, FULL_OFFER) == []


def test_a_full_offer_comes_back_as_it_was() -> None:
    assert write_canonical(write(read(FULL_OFFER))) == write_canonical(FULL_OFFER)


@given(OFFERS)
def test_any_offer_comes_back_as_it_was(payload: JsonObject) -> None:
    assert write_canonical(write(read(payload))) == write_canonical(payload)


@given(OFFERS)
def test_what_is_read_fits_the_shape_or_lacks_a_title(payload: JsonObject) -> None:
    content = read(payload)

    if len(str(content.get("title", ""))) >= 3:
        JobOfferInput.model_validate_json(dump_json(content))


def test_an_offer_says_in_our_words_what_it_said_in_labels() -> None:
    content = read(FULL_OFFER)

    assert get_at(content, "pay") == {
        "min": "1801.80",
        "max": "1950.00",
        "currency": "EUR",
        "period": "month",
        "months_per_year": 12.0,
        "source_label": "Mensuel de 1801,80 Euros à 1950,00 Euros sur 12 mois",
        "comment": "selon expérience",
        "complements": [{"label": "Chèque repas"}, {"label": "Mutuelle"}, {"code": "CR", "label": "Chèque repas"}],
    }
    assert get_at(content, "requirements/experience/months") == 24
    assert get_at(content, "working_time/weekly_hours_min") == 35
    assert get_at(content, "contract/type") == "fixed_term_inclusion"
    assert get_at(content, "contract/schemes") == ["iae"]
    assert get_at(content, "contract/source_nature_code") == "I1"
    assert get_at(content, "contract/duration_max") == 6
    assert get_at(content, "mobility") == {"travel": "occasional", "travel_area": "Départemental"}
    places = content["workplaces"]
    assert isinstance(places, list)
    assert isinstance(places[0], dict)
    assert (places[0]["department"], places[0]["city"]) == ("57", "METZ")


def test_an_offer_bears_its_licence_and_its_provenance() -> None:
    content = read(FULL_OFFER)

    assert get_at(content, "licence/code") == "france_travail"
    assert get_at(content, "provenance/system") == "france-travail"
    assert get_at(content, "provenance/external_id") == "000DEMO"
    assert get_at(content, "provenance/created_at") == "2026-11-02T08:30:00Z"
    assert get_at(content, "provenance/last_seen_at") == "2026-11-24T06:00:00Z"


def test_no_contact_is_legible_in_the_record() -> None:
    text = dump_json(read(FULL_OFFER)).decode()

    for name in ("Camille", "Inventée", "0199000000", "camille.inventee"):
        assert name not in text
    assert "https://jardins.example/postuler" in text


def test_another_installation_does_not_open_a_contact() -> None:
    with pytest.raises(ValueError, match="not sealed"):
        write_offer(read(FULL_OFFER), Keys(b"another secret that only tests have"))


def test_the_same_offer_read_twice_is_the_same_content() -> None:
    assert read(FULL_OFFER) == read(FULL_OFFER)


@pytest.mark.parametrize(
    ("edit", "place", "label"),
    [
        ({"pay": {"min": "2000"}}, "salaire/libelle", "Mensuel de 2000,00 Euros à 1950,00 Euros sur 12 mois"),
        ({"pay": {"max": None, "months_per_year": None}}, "salaire/libelle", "Mensuel de 1801,80 Euros"),
        ({"pay": {"period": "hour", "min": "12", "max": None, "months_per_year": None}}, "salaire/libelle",
         "Horaire de 12,00 Euros"),
        ({"working_time": {"weekly_hours_min": 37.5}}, "dureeTravailLibelle", "37H30 Horaires normaux"),
        ({"requirements": {"experience": {"months": 30}}}, "experienceLibelle", "30 mois - en espaces verts"),
        ({"requirements": {"experience": {"months": None, "level": "beginner_accepted"}}}, "experienceLibelle",
         "Débutant accepté"),
        ({"contract": {"duration_max": 12.0, "duration_min": 12.0}}, "typeContratLibelle", "CDD insertion - 12 Mois"),
        ({"contract": {"duration_max": None, "duration_min": None, "duration_unit": None}}, "typeContratLibelle",
         "CDD insertion"),
        ({"contract": {"type": "permanent"}}, "typeContrat", "CDI"),
        ({"contract": {"type": "fixed_term_usage"}}, "natureContrat", "Contrat d'usage"),
        ({"contract": {"type": "permanent"}}, "typeContratLibelle", "CDI - 6 Mois"),
        ({"workplaces": [{"department": "54", "city": "NANCY", "label": "57 - METZ"}]}, "lieuTravail/libelle",
         "54 - NANCY"),
        ({"mobility": {"travel": "daily"}}, "deplacementLibelle", "Quotidiens Départemental"),
        ({"qualification": "9"}, "qualificationLibelle", "Cadre"),
        ({"title": "Jardinier (H/F)"}, "intitule", "Jardinier (H/F)"),
        ({"openings": {"open_count": 5}}, "nombrePostes", 5),
    ],
)  # fmt: skip
def test_an_edited_value_wins_over_its_label(edit: JsonObject, place: str, label: JsonValue) -> None:
    edited = merge_patch(read(FULL_OFFER), edit)
    assert isinstance(edited, dict)

    assert get_at(write(edited), place) == label


def test_an_edited_value_wins_over_what_was_kept_beside_it() -> None:
    payload: JsonObject = {**FULL_OFFER, "intitule": "Jardinier " * 40, "codeNAF": "8130Z"}
    edited = merge_patch(read(payload), {"title": "Paysagiste (H/F)", "employer": {"naf_code": "0119Z"}})
    assert isinstance(edited, dict)

    written = write(edited)

    assert written["intitule"] == "Paysagiste (H/F)"
    assert written["codeNAF"] == "01.19Z"


def test_an_offer_first_written_here_is_written_in_their_labels() -> None:
    content: JsonObject = {"title": "Serveur (H/F)", "pay": {"min": "12.02", "period": "hour"}}
    set_at(content, "working_time/weekly_hours_min", 20)
    set_at(content, "contract", {"type": "fixed_term", "duration_max": 4, "duration_unit": "month"})

    written = write(content)

    assert get_at(written, "salaire/libelle") == "Horaire de 12,02 Euros"
    assert written["dureeTravailLibelle"] == "20H"
    assert written["typeContrat"] == "CDD"
    assert written["typeContratLibelle"] == "CDD - 4 Mois"


def test_a_contract_that_has_codes_there_is_read_from_them_again() -> None:
    found = {code.value: codes.find_contract_codes(code.value) for code in CONTRACT_TYPES.codes}
    again = {value: codes.find_contract_type(pair[0] or "", pair[1] or "") for value, pair in found.items() if pair[0]}

    # France Travail has one code for three contracts of insertion, and one for all who work for themselves.
    assert {value for value, read_again in again.items() if value != read_again} == {
        "fixed_term_inclusion_phc",
        "fixed_term_inclusion_cvg",
        "business_creation",
    }


@pytest.mark.parametrize("payload", [{}, {"id": 1}, {"id": "A", "salaire": "1801"}, {"id": "A", "formations": {}}])
def test_what_is_no_offer_is_refused(payload: JsonObject) -> None:
    with pytest.raises(ValidationError):
        read(payload)
