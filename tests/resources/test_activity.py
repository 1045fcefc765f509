"""Activity, roles and closing days: pure functions, checked on every day around the ones that matter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.strict_json import JsonObject
from raccord.reference.structure_facts import StructureActivity
from raccord.reference.structure_kinds import PRESCRIBER_KINDS, SIAE_KINDS, StructureKind
from raccord.resources.structures.activity import (
    derive_facts,
    find_activity,
    find_closing_day,
    list_active_annexes,
    list_roles,
    read_last_active_day,
)
from raccord.resources.structures.convention import AnnexReference, parse_annex_number

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))
TODAY = date(2026, 11, 25)


def make_siae(**convention: object) -> JsonObject:
    return {"kind": "ACI", "convention": {"kind": "ACI", "is_active": True, **convention}}  # type: ignore[dict-item]  # days as text


@pytest.mark.parametrize(
    ("content", "is_active"),
    [
        ({"kind": "GEIQ"}, True),
        ({"kind": "OPCS"}, True),
        ({"kind": "OPCS", "is_searchable": True}, True),
        ({"kind": "OPCS", "is_searchable": False}, False),
        ({"kind": "OPCS", "is_searchable": False, "created_from": "STAFF_CREATED"}, True),
        ({"kind": "EI", "created_from": "STAFF_CREATED"}, True),
        ({"kind": "EA", "created_from": "EA_EATT"}, False),
        ({"kind": "EATT"}, False),
        ({"kind": "ACI", "created_from": "ASP"}, None),
        ({"kind": "ACI", "convention": {"kind": "ACI", "is_active": True}}, True),
        ({"kind": "ACI", "convention": {"kind": "ACI", "is_active": False}}, False),
        ({"kind": "ML"}, True),
        ({"kind": None}, True),
        ({}, True),
    ],
)
def test_a_structure_is_active_by_the_rule_of_its_kind(content: JsonObject, is_active: bool | None) -> None:
    assert find_activity(content).is_active(TODAY) is is_active


@given(ended_on=DAYS, shift=st.integers(-400, 400))
def test_grace_lasts_thirty_days_after_the_convention_ended(ended_on: date, shift: int) -> None:
    activity = find_activity(make_siae(is_active=False, deactivated_on=ended_on.isoformat()))
    day = ended_on + timedelta(days=shift)

    assert activity.is_active(day) is (shift < 0)
    assert activity.is_in_grace(day) is (0 <= shift <= 30)
    assert activity.grace_until_on == ended_on + timedelta(days=30)


@given(ended_on=DAYS, resumed_on=DAYS, day=DAYS)
def test_a_later_reactivation_takes_the_end_away(ended_on: date, resumed_on: date, day: date) -> None:
    activity = find_activity(make_siae(deactivated_on=ended_on.isoformat(), reactivated_on=resumed_on.isoformat()))

    assert activity.is_active(day) is (resumed_on >= ended_on or day < ended_on)


def test_a_convention_in_force_may_say_when_it_will_end() -> None:
    activity = find_activity(make_siae(deactivated_on="2026-12-31"))

    assert activity.is_active(date(2026, 12, 30)) is True
    assert activity.is_active(date(2026, 12, 31)) is False


@given(opened_on=DAYS)
def test_spontaneous_applications_close_after_ninety_days(opened_on: date) -> None:
    closing = find_closing_day({"spontaneous_applications_open_since_on": opened_on.isoformat()})

    assert closing is not None
    assert (closing - opened_on).days == 90


@pytest.mark.parametrize("content", [make_siae(deactivated_on="1900-01-01"), make_siae(deactivated_on="2199-12-31")])
def test_the_bounds_of_the_calendar_hold_every_sum(content: JsonObject) -> None:
    facts = derive_facts({**content, "spontaneous_applications_open_since_on": "2199-12-31"})

    assert facts["spontaneous_applications_open_until_on"] == "2200-03-31"
    assert facts["grace_until_on"] in ("1900-01-31", "2200-01-30")


@pytest.mark.parametrize(
    ("content", "last_day"),
    [
        ({"kind": "GEIQ"}, date.max),
        ({"kind": "EATT"}, date.min),
        ({"kind": "ACI"}, None),
        (make_siae(deactivated_on="2026-12-31"), date(2026, 12, 30)),
    ],
)
def test_the_last_active_day_is_a_column(content: JsonObject, last_day: date | None) -> None:
    assert read_last_active_day({**content, **derive_facts(content)}) == last_day


@pytest.mark.parametrize(
    ("content", "roles"),
    [
        ({"kind": "ACI"}, ["employer"]),
        ({"kind": "ML"}, ["prescriber"]),
        ({"kind": "ML", "is_service_provider": True}, ["prescriber", "service_provider"]),
        ({"kind": "AI", "is_service_provider": True}, ["employer", "service_provider"]),
        ({"kind": None, "is_service_provider": None}, ["service_provider"]),
    ],
)
def test_roles_follow_the_kind_and_what_the_source_says(content: JsonObject, roles: list[str]) -> None:
    assert list_roles(content) == roles


def test_every_kind_has_one_role_of_its_own_and_an_activity() -> None:
    for kind in StructureKind:
        facts = derive_facts({"kind": kind.value})
        assert facts["roles"] == ["prescriber" if kind in PRESCRIBER_KINDS else "employer"]
        assert (facts["activity"] == StructureActivity.NOT_STATED) == (kind in SIAE_KINDS)


def make_annex(**fields: object) -> JsonObject:
    annex = {"number": "ACI069260012A0M1", "state": "VALIDE", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    return {**annex, **fields}  # type: ignore[dict-item]  # text


@given(day=DAYS)
def test_an_annex_is_in_force_in_an_active_state_and_before_its_end(day: date) -> None:
    in_force = {"VALIDE", "PROVISOIRE"}
    states = [*in_force, "HISTORISE", "ANNULE", "SAISI", "BROUILLON", "CLOTURE", "REJETE"]
    content: JsonObject = {"financial_annexes": [make_annex(state=state) for state in states]}

    found = {str(annex["state"]) for annex in list_active_annexes(content, day)}

    assert found == (in_force if date(2026, 1, 1) <= day < date(2026, 12, 31) else set())


@given(
    kind=st.sampled_from(sorted(SIAE_KINDS)),
    department=st.from_regex(r"[0-9]{2}[0-9A-Z]", fullmatch=True),
    year=st.integers(2000, 2099),
    order=st.integers(0, 9999),
    amendment=st.integers(0, 9),
    modification=st.integers(0, 9),
)
def test_the_number_of_an_annex_is_read_as_it_was_written(
    kind: StructureKind, department: str, year: int, order: int, amendment: int, modification: int
) -> None:
    reference = AnnexReference(kind, department, year, order, amendment, modification)

    assert len(str(reference)) <= 17
    assert parse_annex_number(str(reference)) == reference


@pytest.mark.parametrize(
    "number",
    ["", "ACI", "GEIQ069260012A0M1", "ACI06926001A0M1", "ACI069260012", "ACI069260012A10M1", "ACI٠٦٩260012A0M1",
     "aci069260012A0M1", "ACI069260012A0M1\n", "EITI069260012A0M1X"],
)  # fmt: skip
def test_what_is_no_number_of_an_annex_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="financial annex"):
        parse_annex_number(number)
