"""What is sealed is read by nobody without the installation's secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.keys import Keys

KEYS = Keys(b"one secret that only tests have, long")


@given(st.binary(min_size=1))
def test_what_was_sealed_is_opened(plain: bytes) -> None:
    assert KEYS.unseal(KEYS.seal(plain)) == plain


def test_the_same_text_is_sealed_into_the_same_and_does_not_show() -> None:
    sealed = KEYS.seal("Camille Inventée".encode())

    assert sealed == KEYS.seal("Camille Inventée".encode())
    assert "Camille" not in sealed


@pytest.mark.parametrize("sealed", ["", "A", "nothing sealed", "é", KEYS.seal(b"x")[:-2], "A" * 40])
def test_what_was_not_sealed_here_is_refused(sealed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        KEYS.unseal(sealed)


def test_another_secret_opens_nothing() -> None:
    with pytest.raises(ValueError, match="not sealed"):
        Keys(b"another secret that only tests have, long").unseal(KEYS.seal(b"x"))
