"""Text in the two languages of the project. What a person reads passes through here; codes never do."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["fr", "en"]


class Text(NamedTuple):
    """One sentence or label, in French and in English."""

    fr: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the sentence in the language."""
        return self.fr if language == "fr" else self.en


def choose_language(accept_language: str | None) -> Language:
    """Choose French unless the header prefers English.

    Source: RFC 9110 §12.5.4; weights decide, the first named wins a tie.
    """
    best: tuple[float, Language] = (0.0, "fr")
    for part in (accept_language or "")[:200].lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag[:2] == "fr" and quality > best[0]:
            best = (quality, "fr")
        elif tag[:2] == "en" and quality > best[0]:
            best = (quality, "en")
    return best[1]
