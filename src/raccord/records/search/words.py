"""From what is typed to the words of the index: other writings of each word, its beginnings, its likely mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from raccord.kernel.database import Reader
from raccord.kernel.french import fold, split_words, stem_word

MAX_WORDS = 12
MIN_PREFIX = 4
MAX_COMPLETIONS = 100
MAX_CORRECTIONS = 5
MIN_SIMILARITY = 0.4


@dataclass(frozen=True)
class Wanted:
    """One word that is looked for: the terms that are it, and those that come near.

    Shape: both sorted; a record has the word if it has any term of either.
    """

    exact: tuple[str, ...]
    near: tuple[str, ...] = ()

    @property
    def terms(self) -> list[str]:
        """All terms."""
        return [*self.exact, *self.near]


async def read_wanted(reader: Reader, text: str, as_of: datetime) -> list[Wanted]:
    """Read what the text looks for; words added to the index later do not change it.

    Shape: empty if the text says nothing; a word that no record has yet keeps its own terms, so nothing is found.
    """
    words = _drop_repeated(split_words(text)[:MAX_WORDS])
    if not words:
        return []
    folded = [fold(word) for word in words]
    terms = [sorted(stem_word(word)) for word in words]
    near: list[set[str]] = [set() for _ in words]
    is_known = [False] * len(words)
    for row in await reader.fetch(_COMPLETE, folded, [" ".join(each) for each in terms], as_of):
        place = int(row["place"]) - 1
        is_known[place] = True
        near[place].add(row["word"])
    unknown = [place for place, known in enumerate(is_known) if not known and len(folded[place]) >= MIN_PREFIX]
    await _add_corrections(reader, unknown, folded, near, as_of)
    return [Wanted(tuple(each), tuple(sorted(also - set(each)))) for each, also in zip(terms, near, strict=True)]


def _drop_repeated(words: Sequence[str]) -> list[str]:
    """Drop the words that an earlier one says already, in another gender or number."""
    kept: list[str] = []
    for word in words:
        if not any(stem_word(word) & stem_word(other) for other in kept):
            kept.append(word)
    return kept


async def _add_corrections(
    reader: Reader, unknown: Sequence[int], folded: Sequence[str], near: list[set[str]], as_of: datetime
) -> None:
    """Add, for the words that no record has, those that are written nearly so."""
    if not unknown:
        return
    typed = [folded[place] for place in unknown]
    stems = [min(stem_word(word), key=len) for word in typed]
    for row in await reader.fetch(_CORRECT, typed, stems, as_of):
        near[unknown[int(row["place"]) - 1]].add(row["word"])


_COMPLETE = f"""
SELECT asked.place, known.word
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (folded, terms, place)
CROSS JOIN LATERAL (
    SELECT word FROM search_words WHERE word = ANY (string_to_array(asked.terms, ' ')) AND added_at <= $3
    UNION ALL
    (SELECT word FROM search_words
     WHERE length(asked.folded) >= {MIN_PREFIX} AND word ~>=~ asked.folded AND word ~<~ (asked.folded || '~')
       AND added_at <= $3
     ORDER BY length(word), word LIMIT {MAX_COMPLETIONS})
) AS known
"""  # noqa: S608
# The stem is compared too: what is typed has an ending that the index has not.
_CORRECT = f"""
SELECT asked.place, known.word
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (folded, stem, place)
CROSS JOIN LATERAL (
    SELECT word FROM (
        SELECT word, greatest(similarity(word, asked.folded), similarity(word, asked.stem)) AS likeness
        FROM search_words
        WHERE (word % asked.folded OR word % asked.stem) AND added_at <= $3
    ) AS compared
    WHERE likeness >= {MIN_SIMILARITY}
    ORDER BY likeness DESC, word LIMIT {MAX_CORRECTIONS}
) AS known
"""  # noqa: S608
