"""ROME in search: the family and the labels of what is indexed, the occupations that typed words name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from raccord.kernel.database import Reader
from raccord.kernel.french import fold, split_words
from raccord.records.search.entry import Entry

# Words that name more occupations than this name none in particular.
MAX_NAMED = 40


@dataclass(frozen=True)
class Occupations:
    """What is known of the ROME codes and job titles of some entries.

    Shape: `kin` holds, for an occupation, its parent and its children: who looks for one finds what bears another.
    """

    labels: Mapping[str, str]
    kin: Mapping[str, Collection[str]]

    def list_tags(self, entry: Entry) -> set[str]:
        """List the tags of the entry's occupations, of every level, and of their families."""
        codes = {code for own in entry.occupations for code in (own, *self.kin.get(own, ()))}
        levels = {code[:length] for code in codes for length in (1, 3, 5)}
        return {f"rome:{code}" for code in levels} | set(name_occupations(entry.occupations[:1]))

    def list_labels(self, entry: Entry) -> list[str]:
        """List the labels of the entry's first occupation and of its job title."""
        wanted = (*entry.occupations[:1], entry.appellation or "")
        return [self.labels[code] for code in wanted if code in self.labels]


def name_occupations(codes: Iterable[str]) -> list[str]:
    """Write occupations as they stand among tags and words."""
    return [f"occupation:{code}" for code in codes]


async def read_occupations(reader: Reader, entries: Sequence[Entry]) -> Occupations:
    """Read what is known of the occupations of the entries."""
    codes = {code for entry in entries for code in entry.occupations}
    titles = {entry.appellation for entry in entries if entry.appellation}
    if not codes and not titles:
        return Occupations({}, {})
    rows = await reader.fetch(
        """
        SELECT list, code, label_fr, parent_code FROM reference_entries
        WHERE list = 'rome_occupations' AND (code = ANY ($1::text[]) OR parent_code = ANY ($1::text[]))
           OR list = 'rome_appellations' AND code = ANY ($2::text[])
        """,
        sorted(codes),
        sorted(titles),
    )
    kin: dict[str, set[str]] = {}
    for row in rows:
        parent = row["parent_code"]
        if row["list"] == "rome_occupations" and parent and parent != row["code"]:
            kin.setdefault(row["code"], set()).add(parent)
            kin.setdefault(parent, set()).add(row["code"])
    return Occupations({row["code"]: row["label_fr"] for row in rows}, kin)


async def find_named_occupations(reader: Reader, text: str) -> list[str]:
    """Find the occupations whose label, or one of whose job titles, has all the words of the text."""
    words = [word for word in map(fold, split_words(text)) if word.isalnum()]
    # Whole words, in either number. Labels hold both genders, so that both name the same occupations.
    query = " & ".join("(" + " | ".join(f"'{form}'" for form in _list_numbers(word)) + ")" for word in words)
    if not query:
        return []
    rows = await reader.fetch(
        """
        SELECT DISTINCT CASE list WHEN 'rome_occupations' THEN code ELSE parent_code END AS rome_code
        FROM reference_entries
        WHERE list IN ('rome_occupations', 'rome_appellations') AND words @@ $1::text::tsquery
        ORDER BY rome_code LIMIT $2
        """,
        query,
        MAX_NAMED + 1,
    )
    return [row["rome_code"] for row in rows if row["rome_code"]] if len(rows) <= MAX_NAMED else []


def _list_numbers(word: str) -> list[str]:
    singular = word[:-1] if len(word) > 3 and word[-1] in "sx" else word
    return sorted({word, singular, f"{singular}s", f"{singular}x"})
