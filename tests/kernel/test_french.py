"""French words: the writings of one word meet, and what says nothing is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.french import fold, list_terms, split_words, stem_word


@pytest.mark.parametrize(
    "writings",
    [
        "boulanger boulangère boulangers boulangerie BOULANGERE",
        "maçon macon maçonne maçonnerie",
        "livreur livreuse livreuses",
        "vendeur vendeuse vendeurs",
        "cuisinier cuisinière cuisiniere cuisiniers",
        "caissier caissière caissieres",
        "conducteur conductrice conducteurs",
        "mécanicien mécanicienne mecaniciens",
        "jardinier jardinière",
        "plombier plomberie",
        "menuisier menuiserie menuisiers",
        "vélo vélos velo",
        "agent agente agents",
        "ménage menage",
        "électricien electricienne",
        "soigné soignée",
        "cœur coeur",
    ],
)
def test_the_writings_of_a_word_meet(writings: str) -> None:
    terms = [stem_word(word) for word in split_words(writings)]

    assert frozenset.intersection(*terms)


@pytest.mark.parametrize(
    ("one", "other"),
    [("maçon", "maison"), ("boulanger", "boucher"), ("soudeur", "serveur"), ("peintre", "pinte"), ("agent", "argent")],
)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert not stem_word(one) & stem_word(other)


def test_what_says_nothing_is_left_out() -> None:
    assert split_words("Agent d'entretien des espaces verts (H/F) à l'hôpital") == [
        "agent",
        "entretien",
        "espaces",
        "verts",
        "hôpital",
    ]
    assert list_terms("de la h/f") == frozenset()


@given(st.text(max_size=60))
def test_any_text_has_terms_that_need_no_quoting(text: str) -> None:
    for term in list_terms(text):
        assert term
        assert " " not in term
    assert fold(fold(text)) == fold(text)
