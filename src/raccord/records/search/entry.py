"""What a kind gives to be found: the entry of one record, and the parameters of a question. Nothing here reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from sqlalchemy import Table

from raccord.kernel.shapes import InseeCode, Instant, PostalCode, Shape, SourceName, explain_refusal
from raccord.kernel.strict_json import JsonObject
from raccord.reference.departments import Department

PostalCodeAsked = Annotated[PostalCode, Field(examples=["69001"])]
SourceAsked = Annotated[SourceName, Field(examples=["logiciel-demo"])]
DEFAULT_RADIUS_KM = 25
MAX_RADIUS_KM = 200


@dataclass(frozen=True)
class Place:
    """Where a record is: its commune, and its own point where it has one."""

    insee_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    postal_code: str | None = None
    department: str | None = None


@dataclass(frozen=True)
class Entry:
    """What one record is found by.

    Shape: `title` weighs most; `tags` are the values by which it is filtered and counted, by parameter; distances are
           counted from the first of `places`, and what `is_everywhere` is found however far it is; `occupations` are
           ROME codes, the record's own first, and `appellation` its job title's; `numbers` are the columns of the
           kind's own, which conditions compare.
    """

    title: str
    text: str
    published_at: datetime
    tags: Mapping[str, Iterable[str]]
    places: tuple[Place, ...] = ()
    is_everywhere: bool = False
    occupations: tuple[str, ...] = ()
    appellation: str | None = None
    numbers: Mapping[str, float | None] = field(default_factory=dict)
    visible_until: datetime | None = None


class SearchParameters(Shape):
    """What every kind is searched by; a kind adds its own.

    Shape: a list of codes, or a yes or no, is a filter on the tags of its name; what is compared has its condition.
    """

    q: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = Field(
        None, description="Mots cherchés : tous doivent s'y trouver, accents, genre et pluriel indifférents."
    )
    commune: InseeCode | None = Field(None, description="Commune (code INSEE), centre de la recherche.")
    latitude: float | None = Field(None, ge=-90, le=90, description="Latitude du centre, avec longitude.")
    longitude: float | None = Field(None, ge=-180, le=180, description="Longitude du centre, avec latitude.")
    radius_km: float | None = Field(
        None,
        ge=0,
        le=MAX_RADIUS_KM,
        description=f"Rayon autour du centre, en kilomètres ({DEFAULT_RADIUS_KM} par défaut) ; 0 : la commune seule.",
    )
    postal_code: list[PostalCodeAsked] | None = Field(None, max_length=50, description="Codes postaux (l'un d'eux).")
    department: list[Department] | None = Field(None, max_length=109, description="Départements (l'un d'eux).")
    region: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{2,3}$"), Field(examples=["84"])]] | None = Field(
        None, max_length=30, description="Régions (code INSEE, l'une d'elles)."
    )
    epci: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$"), Field(examples=["200046977"])]] | None = Field(
        None, max_length=50, description="Intercommunalités (SIREN, l'une d'elles)."
    )
    source: list[SourceAsked] | None = Field(None, max_length=50, description="Sources (l'une d'elles).")
    updated_since: Instant | None = Field(None, description="Fiches écrites depuis cet instant.")
    published_since: Instant | None = Field(None, description="Fiches publiées depuis cet instant.")
    sort: Literal["relevance", "date", "distance"] | None = Field(
        None, description="Ordre : relevance (par défaut avec q), distance (par défaut avec un centre), date."
    )

    @field_validator("longitude")
    @classmethod
    def check_point(cls, value: float | None, info: ValidationInfo) -> float | None:
        """Keep the two coordinates together, and apart from a commune."""
        if "latitude" in info.data and (info.data["latitude"] is None) != (value is None):
            raise explain_refusal(
                "half_a_point", "latitude et longitude vont ensemble.", "latitude and longitude go together."
            )
        if value is not None and info.data.get("commune") is not None:
            raise explain_refusal("two_centres", "Une commune ou un point, pas les deux.", "A commune or a point.")
        return value

    @field_validator("radius_km")
    @classmethod
    def check_radius(cls, value: float | None, info: ValidationInfo) -> float | None:
        """Ask for a centre, and for a circle around a point."""
        if value is not None and _has_no_centre(info):
            raise _NO_CENTRE
        if value == 0 and info.data.get("commune") is None:
            raise explain_refusal("empty_circle", "Un point veut un rayon.", "A point needs a radius.")
        return value

    @field_validator("sort")
    @classmethod
    def check_sort(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Ask for a centre to sort by distance."""
        if value == "distance" and _has_no_centre(info):
            raise _NO_CENTRE
        return value

    @property
    def has_centre(self) -> bool:
        """Whether there is a point from which distances are counted."""
        return self.commune is not None or self.latitude is not None

    @property
    def order(self) -> str:
        """The order asked for, or the one that goes without saying."""
        if self.sort is not None:
            return self.sort
        if self.q is not None:
            return "relevance"
        return "distance" if self.has_centre else "date"


_NO_CENTRE = explain_refusal(
    "no_centre", "Donnez une commune ou un point.", "Give a commune or a point to measure from."
)


def _has_no_centre(info: ValidationInfo) -> bool:
    return info.data.get("commune") is None and info.data.get("latitude") is None


COMMON_PARAMETERS = frozenset(SearchParameters.model_fields)
# Every kind's tags that come of its places, besides those it gives itself.
PLACE_FACETS = ("department", "region", "epci", "source")


@dataclass(frozen=True, eq=False)
class Searchable:
    """How a kind is searched.

    Shape: `derive` makes the entry of a document, given that of the structure that its column `parent` names; None
           for what is not to be found. `facets` are the tags that may be counted; `conditions` the SQL of the
           parameters that are no tags, with {} for the value. `companion` is the tag asked for most along with words
           and a place: its values stand with the words of titles, and the records on `shelves` by both.
    """

    table: Table
    parameters: type[SearchParameters]
    derive: Callable[[JsonObject, JsonObject | None], Entry | None]
    facets: tuple[str, ...]
    conditions: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None
    companion: str | None = None
    shelves: Table | None = None
