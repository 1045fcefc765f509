"""Labels and questions are folded into the same words, whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.reference.words import MAX_WORDS, fold_words, matches_prefixes, write_prefix_query


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L'Abergement-Clémenciat", ["l", "abergement", "clemenciat"]),
        ("Œuf-en-Ternois", ["oeuf", "en", "ternois"]),
        ("Apprentis d’Auteuil", ["apprentis", "d", "auteuil"]),
        ("01.11Z", ["01", "11z"]),
        ("２ᵉ Chance", ["2e", "chance"]),
        ("\x00'|&!():*", []),
        ("", []),
    ],
)
def test_text_is_folded(text: str, words: list[str]) -> None:
    assert fold_words(text) == words


@given(st.text(max_size=80))
def test_what_is_folded_is_plain_and_stays_so(text: str) -> None:
    words = fold_words(text)

    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
    assert fold_words(" ".join(words)) == words
    assert write_prefix_query(text).count(":*") == min(len(words), MAX_WORDS)
    assert matches_prefixes(text, words) == bool(words)


def test_each_word_asked_for_begins_one_that_is_there() -> None:
    words = fold_words("Saint-Denis-en-Val")

    assert matches_prefixes("saint den", words)
    assert matches_prefixes("val SAINT", words)
    assert not matches_prefixes("saint ouen", words)
    assert not matches_prefixes("?", words)
    assert write_prefix_query("Sàint den'") == "'saint':* & 'den':*"
