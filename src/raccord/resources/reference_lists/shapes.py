"""What is answered of the lists: their editions, and their values."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, Field

from raccord.kernel.shapes import Shape


class Labels(Shape):
    """A label in both languages."""

    fr: str = Field(description="Libellé français, tel qu'il est publié.")
    en: str | None = Field(description="Libellé anglais ; null pour un nom propre, ou faute de traduction publiée.")


class ReferenceLocation(Shape):
    """A point, and what it is the centre of."""

    latitude: float = Field(description="Latitude (WGS 84).")
    longitude: float = Field(description="Longitude (WGS 84).")
    precision: str = Field(description="Ce dont le point est le centre : liste `place_precisions`.")


class ReferenceList(Shape):
    """One list, and the edition of it that is served."""

    name: str = Field(description="Nom de la liste, dans son adresse.")
    label: str = Field(description="Libellé de la liste, dans la langue demandée.")
    labels: Labels = Field(description="Libellé dans les deux langues.")
    version: str = Field(description="Édition servie.")
    source: str = Field(description="Qui publie la liste.")
    licence: str = Field(description="Licence de réutilisation.")
    count: int = Field(description="Nombre de valeurs.")
    valid_from_on: date | None = Field(description="Jour depuis lequel cette édition vaut, s'il est publié.")
    loaded_at: AwareDatetime | None = Field(description="Chargement (UTC) ; null pour une liste du code.")


class ReferenceLists(Shape):
    """Every list that is served."""

    data: list[ReferenceList] = Field(description="Listes, par nom.")


class ReferenceEntry(Shape):
    """One value of a list."""

    code: str = Field(description="Code, tel qu'il figure dans les fiches.")
    label: str = Field(description="Libellé dans la langue demandée, ou en français faute de traduction.")
    labels: Labels = Field(description="Libellé dans les deux langues.")
    parent_code: str | None = Field(description="Valeur dont celle-ci relève, dans cette liste ou une autre.")
    valid_from_on: date | None = Field(description="Premier jour de validité, s'il est publié.")
    valid_until_on: date | None = Field(description="Dernier jour de validité, s'il est publié.")
    crosswalks: dict[str, str] = Field(description="Code de la même notion ailleurs, par système.")
    attributes: dict[str, str | int | bool | list[str] | None] = Field(description="Ce que la liste dit d'autre.")
    location: ReferenceLocation | None = Field(description="Où cela se trouve.")


class ReferencePage(Shape):
    """A stretch of a list."""

    data: list[ReferenceEntry] = Field(description="Valeurs, dans l'ordre de la liste ; avec q, les plus cherchées.")
    next_cursor: str | None = Field(description="null à la dernière page.")
