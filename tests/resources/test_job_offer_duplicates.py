"""Likely duplicates: a comparison that is pure and symmetric, pairs that follow the feed, and nothing merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.database import Database
from raccord.resources.job_offers.comparison import compare_changed
from raccord.resources.job_offers.duplicates import (
    MIN_SCORE,
    WEIGHTS,
    Traits,
    clean_title,
    compare,
    measure_similarity,
    rank,
    read_traits,
)
from raccord.resources.job_offers.kind import JOB_OFFERS
from tests.partners import Partner, Partners
from tests.records.ground import fetch_all
from tests.resources.offers import PATH, make_offer, write_offer

Json = dict[str, Any]
GARDENER = Traits(
    siret="00010000800010",
    brand=None,
    name="les jardins du raccord",
    postal_code="69001",
    title="Maraîcher / Maraîchère (H/F)",
    contract_family="fixed_term",
    rome_code="A1405",
)


@pytest.fixture
async def first(partners: Partners) -> Partner:
    return await partners.add("premier", kind="ACI")


@pytest.fixture
async def second(partners: Partners) -> Partner:
    return await partners.add("second", kind="ACI")


async def catch_up(partner: Partner, database: Database, max_block: int = 500) -> None:
    """Compare all that has changed."""
    await partner.read_feed()
    while True:
        async with database.begin() as tx:
            if not await compare_changed(tx, JOB_OFFERS, max_block=max_block):
                return


async def read_duplicates(reader: Partner, offer: Json) -> Json:
    response = await reader.get(f"{PATH}/{offer['id']}/duplicates")
    assert response.status_code == 200, response.text
    return dict(response.json())


def make_twin(**fields: object) -> Json:
    """Make what another source says of the offer of `make_offer()`."""
    foreign: Json = {"licence": {"code": "partner_only"}, "provenance": {"system": "autre"}}
    return make_offer(**{"title": "Maraîcher H/F", **foreign, **fields})


async def test_offers_of_two_sources_are_linked_with_score_and_reasons(
    first: Partner, second: Partner, database: Database
) -> None:
    own = await write_offer(first, make_offer())
    twin = await write_offer(second, make_twin())
    other = await write_offer(second, make_twin(title="Conducteur de travaux"), "O-2")
    await catch_up(first, database)

    found = await read_duplicates(first, own)
    assert found["is_canonical"] is True
    [link] = found["data"]
    computed_at = datetime.fromisoformat(link.pop("computed_at"))
    assert abs((datetime.now(UTC) - computed_at).total_seconds()) < 60
    assert link == {
        "id": twin["id"],
        "source": "second",
        "score": 0.95,
        "reasons": ["same_siret", "same_postal_code", "same_clean_title", "same_contract_family", "same_occupation"],
        "is_canonical": False,
    }
    back = await read_duplicates(second, twin)
    assert (back["is_canonical"], [link["is_canonical"] for link in back["data"]]) == (False, [True])
    assert (await read_duplicates(second, other))["data"] == []
    # Linked, not merged.
    assert (await first.get(f"{PATH}/{own['id']}")).json()["version"] == 1


async def test_an_employer_s_record_says_who_it_is(first: Partner, second: Partner, database: Database) -> None:
    structure = (await first.get(f"/v1/structures/{first.structure_id}")).json()
    own = await write_offer(first, make_offer(first.structure_id))
    twin = await write_offer(second, make_twin(employer={"name": structure["name"].upper()}))
    await catch_up(first, database)

    [link] = (await read_duplicates(first, own))["data"]

    assert link["id"] == twin["id"]
    assert link["reasons"][0] == "same_name"


async def test_one_source_repeats_itself_as_it_likes(first: Partner, database: Database) -> None:
    own = await write_offer(first, make_offer())
    await write_offer(first, make_offer(), "O-2")
    await catch_up(first, database)

    assert await read_duplicates(first, own) == {"is_canonical": True, "data": []}


async def test_pairs_follow_what_becomes_of_the_offers(first: Partner, second: Partner, database: Database) -> None:
    own = await write_offer(first, make_offer())
    twin = await write_offer(second, make_twin())
    await catch_up(first, database)
    assert len((await read_duplicates(first, own))["data"]) == 1

    await write_offer(second, make_twin(title="Comptable"))
    await catch_up(first, database)
    assert (await read_duplicates(first, own))["data"] == []

    await write_offer(second, make_twin())
    await catch_up(first, database)
    assert len((await read_duplicates(first, own))["data"]) == 1

    deleted = await second.delete(f"{PATH}/{twin['id']}", if_match="*")
    assert deleted.status_code == 204
    await catch_up(first, database)
    assert (await read_duplicates(first, own))["data"] == []
    assert await fetch_all(database, "SELECT 1 FROM job_offer_duplicates") == []
    assert len(await fetch_all(database, "SELECT DISTINCT offer_id FROM job_offer_blocks")) == 1


async def test_a_hidden_duplicate_is_told_to_nobody(first: Partner, second: Partner, database: Database) -> None:
    own = await write_offer(first, make_offer())
    await write_offer(second, make_twin(licence={"code": "france_travail"}))
    await catch_up(first, database)

    assert len(await fetch_all(database, "SELECT 1 FROM job_offer_duplicates")) == 1
    assert (await read_duplicates(first, own))["data"] == []


async def test_an_employer_that_recruits_in_bulk_is_left(first: Partner, second: Partner, database: Database) -> None:
    for number in range(3):
        await write_offer(first, make_offer(), f"O-{number}")
    await catch_up(first, database, 3)
    own = await write_offer(second, make_twin())
    await catch_up(first, database, 3)

    assert (await read_duplicates(second, own))["data"] == []


async def test_two_workers_do_not_compare_at_once(first: Partner, database: Database) -> None:
    await write_offer(first, make_offer())
    await first.read_feed()
    async with database.begin() as one, database.begin() as other:
        assert await compare_changed(one, JOB_OFFERS) > 0
        assert await compare_changed(other, JOB_OFFERS) == 0


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({}, {"same_siret", "same_postal_code", "same_title", "same_contract_family", "same_occupation"}),
        ({"siret": None}, {"same_name", "same_postal_code", "same_title", "same_contract_family", "same_occupation"}),
        (
            {"siret": None, "name": None, "brand": "les jardins du raccord", "title": "MARAICHER"},
            {"same_name", "same_postal_code", "same_clean_title", "same_contract_family", "same_occupation"},
        ),
        (
            {"title": "Maraîcher bio", "rome_code": "K2204"},
            {"same_siret", "same_postal_code", "similar_title", "same_contract_family"},
        ),
        (
            {"rome_code": "A1408", "contract_family": None},
            {"same_siret", "same_postal_code", "same_title", "same_parent_occupation"},
        ),
    ],
)
def test_reasons_name_what_agrees(fields: Json, reasons: set[str]) -> None:
    likeness = compare(GARDENER, replace(GARDENER, **fields))

    assert likeness is not None
    assert set(likeness.reasons) == reasons
    assert likeness.score == round(sum(WEIGHTS[reason] for reason in reasons), 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"postal_code": "69002"},
        {"postal_code": None},
        {"title": "Comptable"},
        {"siret": "00010001600013", "name": "autre"},
        # A name, a place and a close title alone are too little.
        {"siret": None, "title": "Maraîcher bio", "rome_code": None, "contract_family": None},
    ],
)
def test_what_is_not_the_same_job_is_no_pair(fields: Json) -> None:
    assert compare(GARDENER, replace(GARDENER, **fields)) is None


_TEXTS = st.one_of(st.none(), st.sampled_from(["a", "b", "les jardins"]))
_TRAITS = st.builds(
    Traits,
    siret=_TEXTS,
    brand=_TEXTS,
    name=_TEXTS,
    postal_code=st.sampled_from([None, "69001", "57000"]),
    title=st.sampled_from(["Maçon (H/F)", "Maçon / Maçonne", "Macon", "Cuisinier", "Aide-cuisinier", "///", "H/F"]),
    contract_family=st.sampled_from([None, "fixed_term", "permanent"]),
    rome_code=st.sampled_from([None, "F1703", "F1704", "G1602"]),
)


@given(_TRAITS, _TRAITS)
def test_the_comparison_is_symmetric_and_bounded(one: Traits, other: Traits) -> None:
    likeness = compare(one, other)

    assert likeness == compare(other, one)
    assert likeness is None or MIN_SCORE <= likeness.score <= 1
    # Whatever is linked shares a block: blocking loses no pair.
    assert likeness is None or set(one.list_blocks()) & set(other.list_blocks())


@given(st.text(max_size=30), st.text(max_size=30))
def test_similarity_is_a_share(one: str, other: str) -> None:
    assert measure_similarity(one, one) == 1
    assert 0 <= measure_similarity(one, other) == measure_similarity(other, one) <= 1


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("Maçon / Maçonne (H/F)", "macon"),
        ("URGENT - Agent d'entretien H/F - CDI 35h", "agent d entretien"),
        ("Cuisinier (h/f) temps plein", "cuisinier"),
    ],
)
def test_titles_are_cleaned_down_to_the_trade(title: str, cleaned: str) -> None:
    assert clean_title(title) == cleaned


def test_the_canonical_offer_is_the_same_whoever_compares() -> None:
    base: Json = {"created_at": "2026-11-25T10:00:00Z", "id": "1", "title": "x"}
    foreign: Json = {"provenance": {"system": "s"}, "licence": {"code": "open_licence_2"}}
    ordered = [
        {**base, "pay": {"min": "12.00"}},
        base,
        {**base, "id": "2"},
        {**base, "created_at": "2026-11-26T10:00:00Z", "id": "0"},
        {**base, **foreign},
        {**base, **foreign, "licence": {"code": "france_travail"}},
    ]

    shuffled = [ordered[place] for place in (3, 5, 0, 4, 2, 1)]

    assert sorted(shuffled, key=rank) == ordered


def test_the_record_of_an_employer_prevails_over_the_offer_s_words() -> None:
    document: Json = {"title": "Maçon", "employer": {"name": "Autre", "siret": "00010001600013"}}

    traits = read_traits(document, {"name": "Élan & Cie", "siret": "00010000800010"})

    assert (traits.name, traits.siret) == ("elan cie", "00010000800010")
