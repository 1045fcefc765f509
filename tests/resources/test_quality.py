"""The quality report: data·inclusion's own score, and what a person is told to improve."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from data_inclusion.schema import v1  # type: ignore[import-untyped]  # the package publishes no types
from data_inclusion.schema.v1 import score_qualite  # type: ignore[import-untyped]  # the same
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.strict_json import JsonObject
from raccord.reference.quality_codes import QualityCriterionCode
from raccord.reference.service_codes import MobilisationMode, Mobiliser, ReceptionMode
from raccord.resources.quality import FRESH_DAYS, STALE_DAYS, assess_freshness, compute_score
from raccord.resources.services.quality import assess_service
from tests.partners import Partner, Partners
from tests.records.ground import make_structure

Json = dict[str, Any]
TODAY = date(2026, 11, 25)
# Our fields, by those of data·inclusion.
NAMES = {
    "description": "description", "frais": "fee", "frais_precisions": "fee_details", "publics": "audiences",
    "thematiques": "topics", "telephone": "phone", "courriel": "email", "lien_mobilisation": "mobilisation_url",
    "modes_accueil": "reception_modes", "modes_mobilisation": "mobilisation_modes", "mobilisable_par": "mobilisers",
    "source": "source", "date_maj": "source_updated_on",
}  # fmt: skip


def some(values: list[str]) -> st.SearchStrategy[list[str] | None]:
    return st.none() | st.lists(st.sampled_from(values), min_size=1, unique=True)


SERVICES = st.fixed_dictionaries(
    {
        "description": st.integers(5, 2_500).map(lambda size: "x" * size),
        "frais": st.sampled_from([None, "gratuit", "payant"]),
        "frais_precisions": st.sampled_from([None, "10 €"]),
        "publics": st.sampled_from([None, ["jeunes"]]),
        "thematiques": st.sampled_from([None, ["mobilite--preparer-un-permis"]]),
        "telephone": st.sampled_from([None, "+33199000001"]),
        "courriel": st.sampled_from([None, "a@example.org"]),
        "lien_mobilisation": st.sampled_from([None, "https://example.org/"]),
        "adresse": st.sampled_from([None, "1 rue de la Fontaine"]),
        "modes_accueil": some([*ReceptionMode]),
        "modes_mobilisation": some([*MobilisationMode]),
        "mobilisable_par": some([*Mobiliser]),
        "source": st.sampled_from(["dora", "agefiph", "france-travail"]),
        # The package gives nothing on the very day between its two steps.
        "age_days": st.integers(0, 900).filter(lambda days: days != FRESH_DAYS),
    }
)


@given(SERVICES)
def test_our_score_is_data_inclusion_s(values: Json) -> None:
    today = date.today()  # noqa: DTZ011  # as theirs counts
    updated_on = (today - timedelta(days=values["age_days"])).isoformat()
    values = {**{name: value for name, value in values.items() if name != "age_days"}, "date_maj": updated_on}
    theirs = v1.Service.model_validate_json(
        json.dumps({**values, "id": "dora--1", "structure_id": "dora--2", "nom": "Atelier"})
    )
    ours: JsonObject = {name: values[inclusion] for inclusion, name in NAMES.items()}
    ours["address"] = {"line_1": values["adresse"]} if values["adresse"] else None

    expected, _ = score_qualite.score(theirs)

    assert compute_score(assess_service(ours, today)) == pytest.approx(expected, abs=0.0101)


@given(age_days=st.integers(-10, 2_000))
def test_freshness_falls_from_six_months_to_two_years(age_days: int) -> None:
    document: JsonObject = {"source": "dora", "source_updated_on": (TODAY - timedelta(days=age_days)).isoformat()}

    assessed = assess_freshness(document, TODAY)

    assert assessed.score is not None
    assert 0 <= assessed.score <= 1
    assert (assessed.score == 1) == (age_days <= FRESH_DAYS)
    assert (assessed.score == 0) == (age_days >= STALE_DAYS)
    assert assessed.is_stale == (age_days >= FRESH_DAYS)


@pytest.mark.parametrize(
    ("length", "score"),
    [(0, 0), (5, 0), (49, 0), (50, 0.5), (199, 0.5), (200, 1), (1_999, 1), (2_000, 0.5), (10_000, 0.5)],
)
def test_a_description_is_best_between_its_bounds(length: int, score: float) -> None:
    [found] = [a for a in assess_service({"description": "x" * length}, TODAY) if a.code == "description"]

    assert found.score == score
    assert (found.advice is None) == (score == 1)


def test_what_does_not_apply_leaves_the_mean() -> None:
    bare = assess_service({"description": "x" * 300}, TODAY)

    assert {a.code for a in bare if a.score is None} == {"address", "email", "phone"}
    assert compute_score(bare) == round(1 / 7, 2)
    assert compute_score([]) == 0


@pytest.fixture
async def editor(partners: Partners) -> Partner:
    editor = await partners.add("editeur")
    made = await editor.put("/v1/structures/by-source/editeur/S-1", make_structure(1))
    editor.structure_id = made.json()["id"]
    return editor


async def add_service(editor: Partner, name: str, **fields: object) -> str:
    body = {"structure_id": editor.structure_id, "name": f"Service {name}", "description": "x" * 300, **fields}
    answer = await editor.put(f"/v1/services/by-source/editeur/{name}", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_service_s_report_says_what_is_missing_and_what_is_stale(editor: Partner) -> None:
    service = await add_service(
        editor, "A", fee="payant", reception_modes=["en-presentiel"], mobilisation_modes=["telephoner"],
        source_updated_on="2020-01-01", topics=["mobilite--preparer-un-permis"],
    )  # fmt: skip

    french = (await editor.get(f"/v1/services/{service}/quality")).json()
    english = (await editor.get(f"/v1/services/{service}/quality", accept_language="en")).json()

    by_code = {criterion["code"]: criterion for criterion in french["criteria"]}
    assert by_code.keys() == {*QualityCriterionCode} - {QualityCriterionCode.IDENTIFIER}
    assert {code: c["score"] for code, c in by_code.items()} == {
        "address": 0, "mobilisation": 0.5, "audiences": 0, "topics": 1, "contact": 0, "email": None, "freshness": 0,
        "fee": 0.5, "description": 1, "phone": 0,
    }  # fmt: skip
    assert french["score"] == round(3 / 9, 2)
    assert by_code["phone"]["missing_fields"] == ["phone"]
    assert by_code["mobilisation"]["missing_fields"] == ["mobilisers"]
    assert [code for code, c in by_code.items() if c["is_stale"]] == ["freshness"]
    assert by_code["audiences"]["message"].startswith("Dites à qui")
    assert {c["code"]: c["message"] for c in english["criteria"]}["audiences"].startswith("Say whom")
    assert all((c["message"] is None) == (c["score"] in (None, 1)) for c in french["criteria"])


async def test_a_structure_s_score_is_the_mean_of_its_services(editor: Partner) -> None:
    path = f"/v1/structures/{editor.structure_id}/quality"
    without = (await editor.get(path)).json()
    names = [await add_service(editor, "A"), await add_service(editor, "B", fee="gratuit", audiences=["jeunes"])]
    gone = await add_service(editor, "C", fee="gratuit")
    await editor.delete(f"/v1/services/{gone}", if_match='"1"')

    with_two = (await editor.get(path)).json()

    assert (without["score"], without["services"]) == (0, [])
    scores = [(await editor.get(f"/v1/services/{name}/quality")).json()["score"] for name in names]
    assert [(item["id"], item["score"]) for item in with_two["services"]] == list(zip(names, scores, strict=True))
    assert with_two["score"] == round(sum(scores) / 2, 2)
    assert {c["code"]: c["score"] for c in with_two["criteria"]} == {
        "identifier": 1, "address": 0, "contact": 0, "description": 0, "freshness": 0,
    }  # fmt: skip
    assert with_two["record_score"] == 0.2


async def test_what_is_not_there_has_no_quality(editor: Partner, unknown_id: str) -> None:
    service = await add_service(editor, "A")
    await editor.delete(f"/v1/services/{service}", if_match='"1"')

    assert (await editor.get(f"/v1/services/{unknown_id}/quality")).status_code == 404
    assert (await editor.get(f"/v1/services/{service}/quality")).status_code in (404, 410)
