"""Seals: what is sealed opens in its place only, under a key that is still known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.seals import SealBrokenError, Seals

NEW, OLD = b"new" * 12, b"old" * 12


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, place: str) -> None:
    assert Seals(NEW).open(Seals(NEW).seal(plain, place), place) == plain


def test_nothing_of_it_is_seen_and_no_two_are_alike() -> None:
    first, second = Seals(NEW).seal(b"secret" * 5, "a"), Seals(NEW).seal(b"secret" * 5, "a")

    assert b"secret" not in first
    assert first != second


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s[:20] + bytes([s[20] ^ 1]) + s[21:], lambda _: b""])
def test_what_was_altered_does_not_open(change: object) -> None:
    sealed = Seals(NEW).seal(b"secret", "a")

    with pytest.raises(SealBrokenError):
        Seals(NEW).open(change(sealed), "a")  # type: ignore[operator]  # one of the three above


def test_it_opens_in_its_own_place_only() -> None:
    with pytest.raises(SealBrokenError):
        Seals(NEW).open(Seals(NEW).seal(b"secret", "a"), "b")


def test_a_retired_key_opens_and_seals_no_more() -> None:
    sealed = Seals(OLD).seal(b"secret", "a")
    both = Seals(NEW, OLD)

    assert both.open(sealed, "a") == b"secret"
    assert not sealed.startswith(both.present)
    assert both.seal(b"secret", "a").startswith(both.present)
    with pytest.raises(SealBrokenError):
        Seals(NEW).open(sealed, "a")
