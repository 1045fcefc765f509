"""How common is what is looked for, by the statistics that PostgreSQL keeps of the tables of search.

What thousands of titles say is found by walking back through time from the newest, and what few say in the index: only
the first gives a page of `responsable`, of 50,000 titles, in two milliseconds and not a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from raccord.kernel.database import Reader
from raccord.records.search.ranking import Terms

# The walk of what nearly all rows say.
SHORTEST_WALK = 256
# The shares are of a sample, and what is looked for together may not go together: a walk may go further than it should.
_RESERVE = 2
# A row walked over costs half of one that the index finds: in time, neighbours were written together.
_WALKED_FOR_ONE_FOUND = 2


@dataclass(frozen=True)
class Part:
    """What a part of a table of search holds.

    Units: `shares` of its rows, from 0 to 1, by term or tag, without those too seldom for PostgreSQL's statistics.
    """

    zone: int
    rows: float
    shares: Mapping[str, float] = field(default_factory=dict)

    def expect(self, every: Iterable[Terms]) -> float:
        """Expect so many rows that have one of each."""
        return self.rows * prod(min(1.0, sum(self.shares.get(term, 0.0) for term in terms)) for terms in every)


async def read_parts(reader: Reader, table: str) -> list[Part]:
    """Read what the parts of the table hold."""
    rows = await reader.fetch(_PARTS, table)
    return [Part(row["zone"], row["rows"], dict(zip(row["terms"], row["shares"], strict=True))) for row in rows]


def choose_walk(parts: Sequence[Part], every: Sequence[Terms], most: int) -> int | None:
    """Choose how many of the newest rows to look at for so many that have one of each; None to ask the index.

    Shape: a power of two, so that few statements are planned.
    """
    rows, expected = sum(part.rows for part in parts), sum(part.expect(every) for part in parts)
    if expected == 0 or most * rows > _WALKED_FOR_ONE_FOUND * expected * expected:
        return None
    reach, walk = _RESERVE * most * rows / expected, SHORTEST_WALK
    while walk < reach:
        walk *= 2
    return walk


_PARTS = """
SELECT substring(part.relname FROM '[0-9]+$')::int AS zone, part.reltuples::float8 AS rows,
       coalesce(array_agg(common.term) FILTER (WHERE common.term IS NOT NULL), '{}') AS terms,
       coalesce(array_agg(common.share) FILTER (WHERE common.term IS NOT NULL), '{}') AS shares
FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid
LEFT JOIN pg_stats stats ON stats.schemaname = part.relnamespace::regnamespace::text
    AND stats.tablename = part.relname AND stats.attname IN ('titles', 'tags')
LEFT JOIN LATERAL unnest(stats.most_common_elems::text::text[], stats.most_common_elem_freqs) AS common (term, share)
    ON true
WHERE inhparent = $1::text::regclass
GROUP BY part.oid, part.relname, part.reltuples
"""
