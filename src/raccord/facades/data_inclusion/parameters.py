"""The query parameters of data·inclusion. As there, an unknown one is ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from raccord.facades.data_inclusion.codes import DEPARTMENT_SLUGS, REGION_SLUGS, THEMES
from raccord.kernel.shapes import InseeCode
from raccord.reference.departments import DEPARTMENTS
from raccord.reference.networks import Network
from raccord.reference.regions import REGIONS
from raccord.reference.service_codes import Audience, Fee, ReceptionMode, ServiceType

MAX_SIZE, DEFAULT_SIZE = 10_000, 5_000
MAX_VALUES = 200
_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"


def _allow(values: Iterable[str]) -> Callable[[str], str]:
    """Make a check that a value is one of these; unlike theirs, its refusal does not repeat the whole list."""
    allowed = frozenset(values)

    def check(value: str) -> str:
        if value not in allowed:
            raise PydanticCustomError("enum", "Input should be one of the published values")
        return value

    return check


def _describe(values: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [*values]})


DepartmentCode = Annotated[str, AfterValidator(_allow(DEPARTMENTS.values)), _describe(DEPARTMENTS.values)]
DepartmentSlug = Annotated[str, AfterValidator(_allow(DEPARTMENT_SLUGS)), _describe(DEPARTMENT_SLUGS)]
RegionCode = Annotated[str, AfterValidator(_allow(REGIONS.values)), _describe(REGIONS.values)]
RegionSlug = Annotated[str, AfterValidator(_allow(REGION_SLUGS)), _describe(REGION_SLUGS)]
Theme = Annotated[str, AfterValidator(_allow(THEMES)), _describe(THEMES)]
Text = Annotated[str, StringConstraints(max_length=100, pattern=_NO_CONTROLS)]


class PageParameters(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    page: int = Field(1, ge=1, description="Numéro de page.")
    size: int = Field(DEFAULT_SIZE, ge=1, le=MAX_SIZE, description="Nombre d'éléments par page.")

    @property
    def offset(self) -> int:
        """How many records come before the page."""
        return (self.page - 1) * self.size


class PlaceParameters(PageParameters):
    """From which sources, and where. A code wins over a slug."""

    sources: list[Text] | None = Field(None, max_length=MAX_VALUES, description="Sources (l'une d'elles).")
    code_region: RegionCode | None = Field(None, description="Code INSEE de la région.")
    slug_region: RegionSlug | None = Field(None, description="Région, en toutes lettres.")
    code_departement: DepartmentCode | None = Field(None, description="Code INSEE du département.")
    slug_departement: DepartmentSlug | None = Field(None, description="Département, en toutes lettres.")
    code_commune: InseeCode | None = Field(None, description="Code INSEE de la commune.")

    @property
    def department(self) -> str | None:
        """The département asked for."""
        return self.code_departement or DEPARTMENT_SLUGS.get(self.slug_departement or "")

    @property
    def region(self) -> str | None:
        """The region asked for."""
        return self.code_region or REGION_SLUGS.get(self.slug_region or "")


class StructureParameters(PlaceParameters):
    """Which structures."""

    reseaux_porteurs: list[Network] | None = Field(None, max_length=MAX_VALUES, description="Réseaux (l'un d'eux).")
    exclure_doublons: bool = Field(False, description="Ne garder qu'une structure par groupe de doublons.")


class ServiceParameters(PlaceParameters):
    """Which services."""

    thematiques: list[Theme] | None = Field(
        None, max_length=MAX_VALUES, description="Thématiques, ou catégories de thématiques (l'une d'elles)."
    )
    frais: list[Fee] | None = Field(None, max_length=MAX_VALUES, description="Frais.")
    publics: list[Audience] | None = Field(
        None, max_length=MAX_VALUES, description="Publics (l'un d'eux) ; « tous-publics » convient toujours."
    )
    recherche_public: Text | None = Field(None, description="Recherche dans les publics visés.")
    modes_accueil: list[ReceptionMode] | None = Field(None, max_length=MAX_VALUES, description="Modes d'accueil.")
    types: list[ServiceType] | None = Field(None, max_length=MAX_VALUES, description="Types de service.")
    score_qualite_minimum: float | None = Field(None, ge=0, le=1, description="Score de qualité minimal.")


class SearchParameters(ServiceParameters):
    """Which services, around a commune or a point."""

    lat: float | None = Field(None, ge=-90, le=90, description="Latitude ; avec lon.")
    lon: float | None = Field(None, ge=-180, le=180, description="Longitude ; avec lat.")
    exclure_doublons: bool = Field(False, description="Écarter les services des structures en doublon.")

    @model_validator(mode="after")
    def check_point(self) -> Self:
        """Keep both coordinates together."""
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("half_a_point", "The `lat` and `lon` must be simultaneously filled.")
        return self
