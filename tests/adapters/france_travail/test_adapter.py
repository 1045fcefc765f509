"""The adapter of France Travail's offers, before its stand-in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.adapters.contract import Broken, Drift, End, Item, Walk
from raccord.adapters.france_travail.client import CEILING, PAGE, Found
from raccord.adapters.france_travail.manifest import MANIFEST
from raccord.adapters.france_travail.walking import FranceTravailCursor, begin_part, narrow, step
from tests.adapters.france_travail.stand_in import (
    BASE,
    CLIENT_ID,
    CLIENT_SECRET,
    LIFETIME_S,
    TOKEN_PATH,
    FranceTravailTool,
    make_bare_offer,
    make_offer,
)
from tests.adapters.stand_in import FakeTime, Row, expired_token
from tests.adapters.suite import AdapterSuite, Case, list_items, name_items

URL = "http://france-travail.test"
SECRETS = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
SETTINGS = {"url": f"{URL}{BASE}", "token_url": f"{URL}{TOKEN_PATH}"}
SECOND = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


def make_case(rows: list[Row], **settings: Any) -> Case:
    clock = FakeTime()
    return Case(
        MANIFEST,
        FranceTravailTool(rows, clock),
        settings={**SETTINGS, **settings},
        secrets=SECRETS,
        wrong_secrets={**SECRETS, "client_secret": "another"},
        expected={"job_offers": len(rows)},
        clock=clock,
        change=lambda row: {**row, "intitule": "Autre intitulé", "dateCreation": "2026-11-23T08:30:00.000Z"},
        spoil=lambda row: {**row, "intitule": 42},
    )


def ends_of(batches: list[Any]) -> list[End]:
    return [end for batch in batches for end in batch.ends]


def count_searches(case: Case) -> int:
    return sum(call.path.endswith("/search") for call in case.tool.calls)


class TestFranceTravail(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        rows = [make_offer(n, created=f"2026-11-{1 + n % 20:02}T08:30:00.000Z") for n in range(1, 161)]
        return make_case([*rows, make_offer(999, commune="69381")], departments=["57", "69"])


async def test_a_token_is_taken_in_the_realm_and_renewed_before_its_end() -> None:
    case = make_case([make_offer(1)])
    adapter = case.build()
    adapter_now = datetime(2026, 11, 25, tzinfo=UTC)
    adapter.client.remote.authorise.__self__.now = lambda: adapter_now + timedelta(seconds=case.clock.moment)  # type: ignore[attr-defined]  # the clock of the token
    await case.walk(adapter=adapter)
    case.clock.moment += LIFETIME_S - 20

    await case.walk(adapter=adapter)

    assert len(case.tool.issued) == 2  # type: ignore[attr-defined]  # of the stand-in
    assert case.tool.calls[0].params == {"realm": "/partenaire"}
    assert case.tool.calls[0].headers["content-type"] == "application/x-www-form-urlencoded"


async def test_a_token_that_ends_in_the_middle_of_a_walk_is_replaced() -> None:
    case = make_case([make_offer(n) for n in range(1, 331)])
    case.tool.script(expired_token(at_call=5))

    assert len(name_items(await case.walk())) == 330
    assert len(case.tool.issued) == 2  # type: ignore[attr-defined]  # of the stand-in


async def test_pages_are_asked_for_until_the_last_and_none_past_it() -> None:
    case = make_case([make_offer(n) for n in range(1, 301)])

    batches = await case.walk()

    ranges = [call.params["range"] for call in case.tool.calls if call.path.endswith("/search")]
    assert ranges == ["0-149", "150-299", "0-0"]
    assert ends_of(batches) == [End("job_offers", "", 300)]


async def test_an_empty_country_is_204_and_ends() -> None:
    [batch] = await make_case([]).walk()

    assert (batch.is_last, batch.items, batch.ends) == (True, [], [End("job_offers", "", 0)])


async def test_more_than_a_search_shows_is_cut_in_time_until_all_is_seen() -> None:
    moments = [(SECOND + timedelta(minutes=7 * n)).strftime("%Y-%m-%dT%H:%M:%S.500Z") for n in range(40)]
    rows = [make_bare_offer(n, moments[n % 40]) for n in range(8_000)]
    case = make_case(rows, departments=["57"])

    batches = await case.walk()

    assert len(name_items(batches)) == 8_000
    assert ends_of(batches) == [End("job_offers", "57", 8_000)]
    assert count_searches(case) < 8_000 // PAGE + 60


async def test_the_same_walk_is_cut_the_same_way() -> None:
    rows = [make_bare_offer(n, f"2026-11-{1 + n % 20:02}T08:30:00.000Z") for n in range(4_000)]
    case = make_case(rows, departments=["57"])
    first = await case.walk()
    cursor = next(batch.cursor for batch in first if batch.cursor is not None)

    again = [await case.walk(Walk(cursor=cursor)) for _ in range(2)]

    assert [batch.cursor for batch in again[0]] == [batch.cursor for batch in again[1]]


async def test_a_second_too_full_is_cut_by_departement() -> None:
    created = "2026-11-02T08:30:00.000Z"
    rows = [make_bare_offer(n, created, "57463" if n % 2 else "69381") for n in range(3_300)]
    case = make_case(rows)

    batches = await case.walk()

    assert len(name_items(batches)) == 3_300
    assert ends_of(batches) == [End("job_offers", "", 3_300)]


async def test_a_second_too_full_with_offers_of_no_departement_is_told_incomplete() -> None:
    created = "2026-11-02T08:30:00.000Z"
    rows = [make_bare_offer(n, created, "57463" if n % 10 else None) for n in range(3_400)]

    batches = await make_case(rows).walk()

    assert len(name_items(batches)) == 3_060
    assert ends_of(batches) == [End("job_offers", "", 3_400, is_complete=False)]


async def test_a_second_of_one_departement_past_the_ceiling_is_told_incomplete() -> None:
    rows = [make_bare_offer(n, "2026-11-02T08:30:00.000Z") for n in range(3_300)]

    batches = await make_case(rows, departments=["57"]).walk()

    assert len(name_items(batches)) == CEILING
    assert ends_of(batches) == [End("job_offers", "57", 3_300, is_complete=False)]


async def test_an_incremental_walk_asks_for_what_was_created_since_and_proves_nothing() -> None:
    case = make_case([make_offer(1), make_offer(2, created="2026-11-20T08:30:00.000Z")])
    full = await case.walk()
    case.tool.calls.clear()

    batches = await case.walk(Walk("incremental", since=datetime(2026, 11, 19, tzinfo=UTC)))

    assert max(item.updated_at for item in list_items(full) if item.updated_at) == datetime(
        2026, 11, 20, 8, 30, tzinfo=UTC
    )
    assert [item.external_id for item in list_items(batches)] == ["002DEMO"]
    assert ends_of(batches) == []
    assert all("referentiel" not in call.path for call in case.tool.calls)
    assert case.tool.calls[1].params["minCreationDate"] == "2026-11-19T00:00:00Z"


async def test_cities_with_arrondissements_are_read_by_them() -> None:
    case = make_case([make_offer(1, commune="69385"), make_offer(2, commune="57463")], communes=["69123", "57463"])

    batches = await case.walk()

    assert {(item.external_id, item.part) for item in list_items(batches)} == {
        ("001DEMO", "69385"),
        ("002DEMO", "57463"),
    }
    assert len(ends_of(batches)) == 10
    assert {call.params.get("distance") for call in case.tool.calls if "commune" in call.params} == {"0"}


async def test_natures_are_asked_for_by_their_codes() -> None:
    case = make_case([make_offer(1), make_offer(2, natureContrat="Contrat travail")], contract_natures=["I1", "FT"])

    assert [item.external_id for item in list_items(await case.walk())] == ["001DEMO"]


async def test_codes_that_their_lists_have_and_ours_have_not_are_told() -> None:
    case = make_case([make_offer(1)])
    case.tool.natures["Contrat nouveau"] = "ZZ"  # type: ignore[attr-defined]  # of the stand-in

    batches = await case.walk()

    assert [drift for batch in batches for drift in batch.drifts] == [
        Drift("unknown_code", "/referentiel/naturesContrats/ZZ", "ZZ")
    ]


async def test_a_filter_that_they_do_not_know_breaks() -> None:
    case = make_case([make_offer(1)], departments=["57"])
    case.build()
    adapter = replace(case, settings={**case.settings, "departments": [], "communes": ["57463"]}).build()
    adapter.parts = ["75056"]  # type: ignore[attr-defined]  # as if it were not expanded

    with pytest.raises(Broken):
        await case.walk(adapter=adapter)


async def test_of_a_contact_only_where_to_apply_is_taken() -> None:
    [item] = list_items(await make_case([make_offer(1)]).walk())

    assert item.raw["contact"] == {"urlPostulation": "https://jardins.example/postuler"}
    assert "Camille" not in str(item.raw)


def test_unknown_codes_of_an_offer_are_told() -> None:
    row = make_offer(1, natureContrat="Contrat nouveau", champNouveau=1, permis=[{"libelle": "B", "exigence": "Z"}])

    translation = make_case([]).build().translate(Item("job_offers", "001DEMO", {**row, "contact": None}))

    assert {(drift.sort, drift.pointer) for drift in translation.drifts} == {
        ("new_field", "/champNouveau"),
        ("unknown_code", "/natureContrat"),
        ("unknown_code", "/permis/0/exigence"),
    }


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=60), st.integers(1, 40))
def test_no_offer_falls_between_two_slices(created: list[int], weight: int) -> None:
    """Each offer stands for many: the walk is cut, and every one is in a slice that is read."""
    until = SECOND + timedelta(seconds=100_000)
    cursor: FranceTravailCursor | None = begin_part("57", since=SECOND, until=until, is_full=True)
    read: set[int] = set()
    for _ in range(20_000):
        assert cursor is not None
        low, high = ((moment - SECOND).total_seconds() for moment in (cursor.low, cursor.high))
        inside = [second for second in created if low <= second <= high]
        found = Found([{}] * PAGE, len(inside) * weight * 100)
        narrower = narrow(cursor, found)
        if narrower is not None:
            cursor = narrower
            continue
        read |= set(inside)
        cursor = step(cursor, found)
        if cursor is None:
            break

    assert read == set(created)
