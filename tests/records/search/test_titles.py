"""Terms of titles, narrowed by a tag and a place: they find what both, looked for apart, would find."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from raccord.records.search.places import Circle, measure_km
from raccord.records.search.titles import list_title_terms, narrow_terms
from tests.records.search.points import go_towards

NANTES = (47.22, -1.55)


@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(0.1, 25), st.floats(0, 1), st.floats(0, 2 * math.pi))
def test_what_is_within_has_a_narrowed_term(
    latitude: float, longitude: float, radius: float, share: float, angle: float
) -> None:
    circle = Circle(latitude, longitude, radius)
    to_latitude, to_longitude = go_towards(circle, share, angle)
    terms = list_title_terms({"soudeur"}, ["permanent"], [(to_latitude, to_longitude)], is_everywhere=False)

    [narrowed] = narrow_terms([("soudeur", "soudeuse")], ["fixed_term", "permanent"], circle) or ()

    if measure_km(circle, to_latitude, to_longitude) <= radius:
        assert terms & set(narrowed)


def test_a_narrowed_term_asks_for_the_word_the_value_and_the_place() -> None:
    terms = list_title_terms({"soudeur"}, ["permanent"], [NANTES], is_everywhere=False)

    assert "soudeur" in terms
    for word, value, circle in (
        ("macon", "permanent", Circle(*NANTES, 25)),
        ("soudeur", "fixed_term", Circle(*NANTES, 25)),
        ("soudeur", "permanent", Circle(45.76, 4.83, 25)),
    ):
        [narrowed] = narrow_terms([(word,)], [value], circle) or ()
        assert not terms & set(narrowed)


def test_what_is_everywhere_has_it_from_anywhere() -> None:
    terms = list_title_terms({"soudeur"}, ["permanent"], [], is_everywhere=True)

    [narrowed] = narrow_terms([("soudeur",)], ["permanent"], Circle(*NANTES, 10)) or ()

    assert terms & set(narrowed)


def test_a_wider_circle_narrows_nothing() -> None:
    assert narrow_terms([("soudeur",)], ["permanent"], Circle(*NANTES, 25.1)) is None
    assert narrow_terms([("soudeur",)], ["permanent"], None) is None
