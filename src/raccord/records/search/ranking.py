"""How well a record answers the words of a question: a few levels, each a condition that the index settles.

Within a level the newest comes first. So a page reads the levels from the best down, and stops when it is full: of the
tens of thousands of records that have a common word, only those are looked at that are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from raccord.records.search.occupations import name_occupations
from raccord.records.search.words import Wanted

# All words stand in the title as they are typed; all do, or nearly so; one does, or the record's occupation is one that
# they name; or they are found elsewhere.
AS_TYPED, NEARLY, PARTLY, ELSEWHERE = 4, 3, 2, 1
Terms = tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """One level: its score, and which terms stand on it.

    Shape: a record has a term at least of each of `every`, and does not have one of each of `above`, which stands on a
           better level; `above` is empty for the best.
    """

    score: int
    every: tuple[Terms, ...]
    above: tuple[Terms, ...] = ()


def name_title_terms(terms: Iterable[str]) -> Terms:
    """Write the terms of a title as they stand among the words."""
    return tuple(f"title:{term}" for term in terms)


def list_sought(wanted: Sequence[Wanted], occupations: Sequence[str]) -> tuple[Terms, ...]:
    """List what is sought: each word, or the occupation that all of them name; the index is scanned once for both."""
    named = name_occupations(occupations)
    return tuple((*each.terms, *named) for each in wanted)


def list_levels(wanted: Sequence[Wanted], occupations: Sequence[str]) -> list[Level]:
    """List the levels of a question that has words, the best first, without those on which nothing can stand."""
    sought, named = list_sought(wanted, occupations), name_occupations(occupations)
    as_typed = tuple(name_title_terms(each.exact) for each in wanted)
    levels = [Level(AS_TYPED, as_typed)]
    nearly = tuple(name_title_terms(each.terms) for each in wanted)
    if nearly != as_typed:
        levels.append(Level(NEARLY, nearly, as_typed))
    if not named and len(wanted) == 1:
        return [*levels, Level(ELSEWHERE, sought, nearly)]
    partly = (tuple(term for terms in nearly for term in terms) + tuple(named),)
    # Of one word, what stands on the level has the word.
    asked = partly if len(wanted) == 1 else (*sought, *partly)
    return [*levels, Level(PARTLY, asked, nearly), Level(ELSEWHERE, sought, partly)]
