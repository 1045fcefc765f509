"""The words of a French text, as they are indexed and looked for: folded, stemmed, and the same for both genders."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from snowballstemmer import stemmer  # type: ignore[import-untyped]  # it ships no types

_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
# Words that say nothing of what is looked for; "h" and "f" stand in every job title.
STOP_WORDS = frozenset(
    """
    a au aux avec ce ces cette d dans de des du elle en est et etc f h hf il ils je l la le les leur leurs lui m ma mes
    n ne nos notre nous on ou par pas pour plus qu que qui s sa se ses son sont sur t ta tes ton tous tout toute toutes
    tu un une vos votre vous y
    """.split()  # noqa: SIM905  # a list of words reads as words
)
# From the trade and from the feminine to the masculine: Snowball leaves them apart. The longest ending first.
_ENDINGS = (
    ("onnerie", "on"), ("gerie", "ger"), ("cherie", "cher"), ("erie", "ier"), ("trice", "teur"), ("euse", "eur"),
    ("iere", "ier"), ("ienne", "ien"), ("gere", "ger"), ("chere", "cher"), ("onne", "on"),
)  # fmt: skip
_MIN_STEM = 3
_STEMMER = stemmer("french")


def fold(text: str) -> str:
    """Write in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def split_words(text: str) -> list[str]:
    """Split into words in small letters, accents kept, without those that say nothing."""
    return [word for word in _find_words(text) if stem_word(word)]


@lru_cache(maxsize=200_000)
def stem_word(word: str) -> frozenset[str]:
    """Give the terms under which a word is indexed: two writings of one word share at least one.

    Shape: the stem with its accents, then folded; the stem of the folded word; that of its masculine singular.
           Snowball needs the accents, and people leave them out. None for a word that says nothing.
    """
    folded = fold(word)
    if folded in STOP_WORDS:
        return frozenset()
    return frozenset(
        {fold(_STEMMER.stemWord(word)), _STEMMER.stemWord(folded), _STEMMER.stemWord(_write_masculine(folded))}
    )


def list_terms(text: str) -> frozenset[str]:
    """List the terms of a text."""
    return frozenset().union(*(stem_word(word) for word in set(_find_words(text))))


def _find_words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text.lower()).translate(_LIGATURES))


def _write_masculine(folded: str) -> str:
    singular = folded[:-1] if len(folded) > _MIN_STEM and folded[-1] in "sx" else folded
    for ending, masculine in _ENDINGS:
        if singular.endswith(ending) and len(singular) >= len(ending) + _MIN_STEM - 1:
            return singular.removesuffix(ending) + masculine
    return singular
