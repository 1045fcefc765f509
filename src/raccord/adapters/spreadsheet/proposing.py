"""A mapping proposed from the headers of a table, each guess with its confidence: a person confirms it. Pure.

    propose_mapping("structures", ["Identifiant", "Raison sociale", "CP", "Ville", "Commentaire"])

Names are compared without accents, case and little words; the cells of some rows, where they are given, confirm or
doubt what the name says. Nothing that is proposed is applied by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from raccord.adapters.field_rules import OpenKind, find_missing, list_readers
from raccord.adapters.spreadsheet.mapping import SheetMapping
from raccord.adapters.spreadsheet.words import NAMES, SHARED, WORDS
from raccord.kernel.french import STOP_WORDS, fold
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject

# Below, a guess is not worth a person's look.
MIN_CONFIDENCE = 0.5
CERTAIN = 0.9
# Raccord's own id of a structure, which no table holds: what is called so is the source's.
_NOT_IN_TABLES = frozenset({"structure_id"})
_WORD = re.compile(r"[a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# By the last part of the field: how its cells are read.
_TRANSFORMS = {
    "siret": "siret", "parent_siret": "siret", "siren": "compact", "naf_code": "naf", "department": "department",
    "postal_code": "postal_code", "name": "fold_spaces", "title": "fold_spaces", "email": "lower",
}  # fmt: skip
_CELLS: Mapping[str, re.Pattern[str]] = {
    "siret": re.compile(r"(?:[0-9] ?){14}"),
    "siren": re.compile(r"(?:[0-9] ?){9}"),
    "postal_code": re.compile(r"[0-9]{4,5}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "phone": re.compile(r"\+?(?:[0-9][ .]?){9,14}"),
    "website": re.compile(r"https?://\S+|www\.\S+"),
    "naf_code": re.compile(r"[0-9]{2}\.?[0-9]{2}[A-Za-z]"),
    "rome_code": re.compile(r"[A-Z][0-9]{4}"),
    "latitude": re.compile(r"[+-]?[0-9]{1,2}[.,][0-9]+"),
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """What a column may be.

    Units: `confidence` from 0 to 1; from 0.9 on, the name is one that is known for the field.
    """

    column: str
    field: str
    confidence: float
    transforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A mapping to be confirmed: a guess for each column that has one, the others, and the fields still missing."""

    kind: OpenKind
    external_id: str | None
    guesses: tuple[Guess, ...]
    unknown_columns: tuple[str, ...]
    missing_fields: tuple[str, ...]

    def keep_sure(self, min_confidence: float) -> Proposal:
        """Keep the guesses that are sure enough; the columns of the others are unknown ones again."""
        kept = tuple(guess for guess in self.guesses if guess.confidence >= min_confidence)
        doubtful = [guess.column for guess in self.guesses if guess not in kept]
        missing = tuple(find_missing(self.kind, [guess.field for guess in kept]))
        return replace(
            self,
            guesses=kept,
            unknown_columns=tuple(
                column for column in (*doubtful, *self.unknown_columns) if column != self.external_id
            ),
            missing_fields=missing,
        )

    def make_mapping(self, *, min_confidence: float = MIN_CONFIDENCE) -> SheetMapping | None:
        """Make the mapping of the guesses that are sure enough; None if rows have no name or a required field none."""
        kept = self.keep_sure(min_confidence)
        if kept.external_id is None or kept.missing_fields:
            return None
        return SheetMapping.model_validate(kept.write_mapping())

    def write_mapping(self) -> JsonObject:
        """Write the mapping as settings hold it, be it complete or not: what it lacks is refused when it is used."""
        return {
            "external_id": self.external_id or "",
            "fields": {
                guess.field: {"column": guess.column, "transforms": [*guess.transforms]} for guess in self.guesses
            },
            "ignored": [*self.unknown_columns],
        }

    def write_json(self) -> JsonObject:
        """Write the proposal as it is shown and confirmed."""
        return {
            "kind": self.kind,
            "external_id": self.external_id,
            "guesses": [
                {"column": guess.column, "field": guess.field, "confidence": guess.confidence,
                 "transforms": [*guess.transforms]}
                for guess in self.guesses
            ],
            "unknown_columns": [*self.unknown_columns],
            "missing_fields": [*self.missing_fields],
        }  # fmt: skip


def propose_mapping(kind: OpenKind, columns: Sequence[str], rows: Sequence[JsonObject] = ()) -> Proposal:
    """Propose a mapping from the names of the columns, and from the cells of some rows where they are given.

    Shape: each field is proposed for one column and each column for one field, the surest first; ties go to the left.
    """
    readers = list_readers(kind)
    name = _choose_name(columns, rows)
    found = [guess for column in columns for guess in _guess(kind, readers, column, rows)]
    # What names the rows is a field besides only where its name says so, as a SIRET's does.
    found = [guess for guess in found if guess.column != name or guess.confidence >= CERTAIN]
    taken_fields: set[str] = set()
    taken_columns: set[str] = set()
    kept: list[Guess] = []
    for guess in sorted(found, key=lambda guess: (-guess.confidence, guess.field.count("."))):
        if guess.field not in taken_fields and guess.column not in taken_columns:
            taken_fields.add(guess.field)
            taken_columns.add(guess.column)
            kept.append(guess)
    kept.sort(key=lambda guess: columns.index(guess.column))
    unknown = tuple(column for column in columns if column not in taken_columns and column != name)
    missing = tuple(find_missing(kind, taken_fields))
    return Proposal(kind, name, tuple(kept), unknown, missing)


def _choose_name(columns: Sequence[str], rows: Sequence[JsonObject]) -> str | None:
    """Choose the column that names the rows: by its name, and no cell of it blank or twice."""
    ranks = {_normalise(name): rank for rank, name in enumerate(NAMES)}
    named = [column for column in columns if _normalise(column) in ranks and _is_unique(column, rows)]
    return min(named, key=lambda column: ranks[_normalise(column)], default=None)


def _is_unique(column: str, rows: Sequence[JsonObject]) -> bool:
    cells = [str(row[column]) for row in rows if row.get(column) is not None]
    return len(cells) == len(rows) == len(set(cells))


def _guess(kind: OpenKind, readers: Mapping[str, str], column: str, rows: Sequence[JsonObject]) -> Iterator[Guess]:
    words = _normalise(column)
    cells = [row[column] for row in rows if row.get(column) is not None]
    for field, reader in readers.items():
        if field in _NOT_IN_TABLES:
            continue
        score = max((_compare(words, name) for name in _list_names(kind, field)), default=0.0)
        confidence = _weigh(score, field.rpartition(".")[2], cells)
        if confidence >= MIN_CONFIDENCE:
            yield Guess(column, field, confidence, _choose_transforms(field, reader))


@cache
def _list_names(kind: OpenKind, field: str) -> tuple[tuple[str, ...], ...]:
    last = field.rpartition(".")[2]
    listed = (*WORDS[kind].get(field, ()), *SHARED.get(last, ()), field, last)
    return tuple(dict.fromkeys(_normalise(name) for name in listed))


@cache
def _normalise(name: str) -> tuple[str, ...]:
    """Give the words of a name, folded, without the little ones; of a plural, the singular."""
    words = _WORD.findall(fold(_HUMP.sub(" ", name)).replace("n°", "numero "))
    kept = [word for word in words if word not in STOP_WORDS] or words
    return tuple(word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in kept)


def _compare(words: tuple[str, ...], name: tuple[str, ...]) -> float:
    """Compare two names: the same, the same words in another order, or how many of their words they share."""
    if not words or not name:
        return 0.0
    if words == name or "".join(words) == "".join(name):
        return 1.0
    ours, theirs = set(words), set(name)
    if ours == theirs:
        return 0.95
    return 0.85 * 2 * len(ours & theirs) / (len(ours) + len(theirs))


def _weigh(score: float, last: str, cells: Sequence[JsonValue]) -> float:
    """Let the cells speak: they doubt a name that says otherwise, and name what has no name."""
    pattern = _CELLS.get(last)
    if pattern is None or not cells:
        return round(score, 2)
    share = sum(pattern.fullmatch(str(cell).strip()) is not None for cell in cells) / len(cells)
    if last in ("siret", "email", "rome_code") and share == 1.0:
        return round(max(score, 0.7), 2)
    return round(score if share >= 0.5 else score * 0.6, 2)


def _choose_transforms(field: str, reader: str) -> tuple[str, ...]:
    last = field.rpartition(".")[2]
    if last.endswith("_on"):
        return ("date",)
    return (_TRANSFORMS.get(last, reader),)
