"""Fold text into the words by which an entry of a list is found: no accent, no case, no punctuation."""

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})
# More words than any label has; a longer question is no question.
MAX_WORDS = 12


def fold_words(text: str) -> list[str]:
    """List the words of a text, folded."""
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_LIGATURES)))
    return _WORD.findall(text.casefold())


def write_prefix_query(text: str) -> str:
    """Write the query that finds what has, for each word of the text, a word that begins so.

    Shape: a tsquery; empty where the text holds no word, and it then finds nothing.
    """
    return " & ".join(f"'{word}':*" for word in fold_words(text)[:MAX_WORDS])


def matches_prefixes(text: str, words: list[str]) -> bool:
    """Tell whether, for each word of the text, one of the words begins so."""
    asked = fold_words(text)[:MAX_WORDS]
    return bool(asked) and all(any(word.startswith(prefix) for word in words) for prefix in asked)
