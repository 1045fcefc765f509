"""What data·inclusion's API answers, for the facade's own OpenAPI document."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel

from raccord.adapters.data_inclusion.payloads import ServicePayload, StructurePayload

Item = TypeVar("Item")


class Twin(BaseModel):
    """The same structure, elsewhere."""

    source: str
    id: str


class ListedStructure(StructurePayload):
    """A structure, with the names of its twins."""

    adresse_certifiee: str | None
    score_qualite: float
    doublons: list[Twin]


class ListedService(ServicePayload):
    """A service."""

    adresse_certifiee: str | None
    score_qualite: float


class WholeStructure(StructurePayload):
    """A structure, with its services and its twins, whole."""

    adresse_certifiee: str | None
    score_qualite: float
    services: list[ListedService]
    doublons: list[ListedStructure]


class WholeService(ListedService):
    """A service, with its structure."""

    structure: ListedStructure


class FoundService(BaseModel):
    """A service, and how far it is in kilometres."""

    service: ListedService
    distance: int | None


class NamedSource(BaseModel):
    """A source."""

    slug: str
    nom: str
    description: str


class CodeEntry(BaseModel):
    """A value of a reference list."""

    value: str
    label: str
    description: str | None


class ItemPage(BaseModel, Generic[Item]):
    """A page. `size` is the number of its items."""

    items: list[Item]
    total: int
    page: int
    size: int
    pages: int


class ErrorAnswer(BaseModel):
    """An error."""

    detail: str | list[dict[str, str | list[str | int]]]
