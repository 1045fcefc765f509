"""Hold what a list of reference data is made of, wherever it is kept: editions and entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from raccord.kernel.strict_json import JsonObject
from raccord.reference.code_list import freeze_mapping
from raccord.reference.words import fold_words


@dataclass(frozen=True)
class Location:
    """Say where something is.

    Units: decimal degrees, WGS 84. Shape: precision says what the point is the centre of: commune, epci or department.
    """

    latitude: float
    longitude: float
    precision: str


@dataclass(frozen=True)
class Entry:
    """Describe one value of a list.

    Shape: keywords are other codes by which it is found; weight is greater for what is looked for more often.
    """

    code: str
    label_fr: str
    label_en: str | None = None
    parent: str | None = None
    valid_from_on: date | None = None
    valid_until_on: date | None = None
    crosswalks: Mapping[str, str] = field(default_factory=lambda: freeze_mapping({}))
    attributes: JsonObject = field(default_factory=dict)
    location: Location | None = None
    keywords: Sequence[str] = ()
    weight: int = 0

    def list_words(self) -> list[str]:
        """List the words by which the entry is found."""
        return fold_words(" ".join((self.code, self.label_fr, self.label_en or "", *self.keywords)))


@dataclass(frozen=True)
class Edition:
    """Describe the edition of a list that is served."""

    name: str
    version: str
    source: str
    licence: str
    count: int
    digest: str
    valid_from_on: date | None = None
    loaded_at: datetime | None = None
