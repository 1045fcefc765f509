"""How well a record answers the words of a question: a few levels; within one the newest comes first.

What the index settles alone is the best level. A page that it fills asks for no more: of the tens of thousands of
records that have a common word somewhere, those are looked at that bear it in their title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from raccord.records.search.occupations import name_occupations
from raccord.records.search.words import Wanted

# All words stand in the title as they are typed; all do, or nearly so; one does, or the record's occupation is one that
# they name; or they are found elsewhere.
AS_TYPED, NEARLY, PARTLY, ELSEWHERE = 4, 3, 2, 1
Terms = tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """One level: its score, and of which terms a title has one of each, if it stands on no better one."""

    score: int
    every: tuple[Terms, ...]


def list_sought(wanted: Sequence[Wanted], occupations: Sequence[str]) -> tuple[Terms, ...]:
    """List what is sought: each word, or the occupation that all of them name; the index is scanned once for both."""
    named = name_occupations(occupations)
    return tuple((*each.terms, *named) for each in wanted)


def list_levels(wanted: Sequence[Wanted], occupations: Sequence[str]) -> list[Level]:
    """List the levels of a question that has words, the best first, without those on which nothing can stand."""
    named = name_occupations(occupations)
    as_typed = tuple(each.exact for each in wanted)
    nearly = tuple(tuple(each.terms) for each in wanted)
    partly = (tuple(term for terms in nearly for term in terms) + tuple(named),)
    levels = [Level(AS_TYPED, as_typed)]
    if nearly != as_typed:
        levels.append(Level(NEARLY, nearly))
    if named or len(wanted) > 1:
        levels.append(Level(PARTLY, partly))
    return [*levels, Level(ELSEWHERE, ())]
