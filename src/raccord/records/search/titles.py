"""Terms of titles: each word, and each along with what is asked for most beside it, and from where it is near.

A word, a contract and a place are three lists of the index, which are followed together for as long as the shortest:
where thousands of titles say the word, none is short. Written as one term, they are one short list.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from raccord.records.search.places import NEAR_KM, Circle, find_wide_cell, list_wide_cells
from raccord.records.search.ranking import Terms

_EVERYWHERE = "everywhere"
_JOINT = "|"
# How a narrowed term is told from a word, in SQL.
IS_NARROWED = f"LIKE '%{_JOINT}%'"


def list_title_terms(
    words: Iterable[str], values: Iterable[str], points: Iterable[tuple[float, float]], *, is_everywhere: bool
) -> set[str]:
    """List the terms of a title that has the words, of a record that has the values and stands at the points."""
    kept, cells = list(words), {cell for point in points for cell in list_wide_cells(*point)}
    return {*kept, *_join(kept, values, [*cells, *([_EVERYWHERE] if is_everywhere else [])])}


def narrow_terms(every: Iterable[Terms], values: Iterable[str], circle: Circle | None) -> tuple[Terms, ...] | None:
    """Narrow the terms of titles down to those of records that have one of the values, near the circle.

    Shape: None where the circle is too wide for it.
    """
    if circle is None or circle.radius_km > NEAR_KM:
        return None
    asked = list(values)
    return tuple(_join(terms, asked, (find_wide_cell(circle), _EVERYWHERE)) for terms in every)


def _join(words: Iterable[str], values: Iterable[str], cells: Iterable[str]) -> Terms:
    return tuple(_JOINT.join(parts) for parts in product(words, values, cells))


def write_shelf(term: str) -> str:
    """Write the SQL of the shelf on which stands what bears the term."""
    return f"hashtextextended({term}, 0)"
