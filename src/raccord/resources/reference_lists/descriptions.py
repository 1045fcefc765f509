"""What the contract says of the routes of reference data."""

from __future__ import annotations

from raccord.kernel.errors import InvalidCursorError, InvalidParameterError, NotFoundError, UnknownParameterError
from raccord.kernel.openapi import Document, Parameter, RouteDocs, describe_answer, describe_route
from raccord.kernel.pages import DEFAULT_LIMIT, MAX_LIMIT
from raccord.kernel.strict_json import JsonObject
from raccord.records.descriptions import CURSOR, describe_header
from raccord.resources.reference_lists.shapes import ReferenceEntry, ReferenceLists, ReferencePage

CODE_PATTERN = "^[A-Za-z0-9_.-]{1,120}$"
MAX_Q = 100
_LIST_EXAMPLE: JsonObject = {
    "name": "communes",
    "label": "Communes et arrondissements municipaux",
    "labels": {"fr": "Communes et arrondissements municipaux", "en": "Communes and municipal arrondissements"},
    "version": "2026-01",
    "source": "INSEE, Code officiel géographique; La Poste; GeoNames (CC BY 4.0)",
    "licence": "Licence Ouverte 2.0",
    "count": 35014,
    "valid_from_on": "2026-01-01",
    "loaded_at": "2026-11-25T09:30:00.000000Z",
}
_ENTRY_EXAMPLE: JsonObject = {
    "code": "57463",
    "label": "Metz",
    "labels": {"fr": "Metz", "en": None},
    "parent_code": "57",
    "valid_from_on": None,
    "valid_until_on": None,
    "crosswalks": {},
    "attributes": {
        "department": "57",
        "region": "44",
        "epci": "200039865",
        "postal_codes": ["57000", "57050", "57070"],
        "population": 121695,
    },
    "location": {"latitude": 49.11911, "longitude": 6.17269, "precision": "commune"},
}
_LIST: Parameter = {
    "name": "list",
    "in": "path",
    "required": True,
    "description": "Nom d'une liste, parmi ceux de /v1/reference.",
    "schema": {"type": "string", "pattern": "^[a-z_]{1,40}$"},
    "example": "communes",
}
_ENTRY: Parameter = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "Code d'une valeur de la liste.",
    "schema": {"type": "string", "pattern": CODE_PATTERN},
    "example": "57463",
}
_FILTERS: list[Parameter] = [
    {
        "name": "q",
        "in": "query",
        "description": "Débuts de mots du libellé ou du code, sans égard aux accents ni aux majuscules ; pour une "
        "commune, un code postal aussi.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_Q},
    },
    {
        "name": "parent",
        "in": "query",
        "description": "Code dont relèvent les valeurs : un département pour ses communes, une catégorie pour ses "
        "thématiques.",
        "schema": {"type": "string", "pattern": CODE_PATTERN},
    },
    {
        "name": "limit",
        "in": "query",
        "description": "Nombre de valeurs par page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
    CURSOR,
]
_IF_NONE_MATCH = describe_header("If-None-Match", "ETag déjà connu : 304 s'il est toujours celui-là.")
_SENT = {"ETag": "Édition, langue et question.", "Content_Language": "Langue des libellés."}
_UNCHANGED: Document = {"description": "Inchangée."}


def describe_lists() -> RouteDocs:
    """Describe the list of lists."""
    return describe_route(
        "list_reference_lists",
        "Lister les listes de codes",
        "Nom, édition, source et licence de chaque liste que l'API emploie ou publie.",
        {
            200: describe_answer("Toutes les listes.", ReferenceLists, {"data": [_LIST_EXAMPLE]}, **_SENT),
            304: _UNCHANGED,
        },
        (UnknownParameterError,),
        parameters=[_IF_NONE_MATCH],
    )


def describe_entries() -> RouteDocs:
    """Describe a page of a list."""
    page: JsonObject = {"data": [_ENTRY_EXAMPLE], "next_cursor": None}
    return describe_route(
        "list_reference_entries",
        "Lire une liste de codes",
        "Valeurs d'une liste, avec leurs libellés et leurs codes dans les autres systèmes.",
        {
            200: describe_answer("Une page.", ReferencePage, page, Link="Page suivante (RFC 8288).", **_SENT),
            304: _UNCHANGED,
        },
        (UnknownParameterError, InvalidParameterError, InvalidCursorError, NotFoundError),
        parameters=[_LIST, *_FILTERS, _IF_NONE_MATCH],
    )


def describe_entry() -> RouteDocs:
    """Describe one value."""
    return describe_route(
        "read_reference_entry",
        "Lire une valeur d'une liste",
        "Une valeur, par son code.",
        {200: describe_answer("La valeur.", ReferenceEntry, _ENTRY_EXAMPLE, **_SENT), 304: _UNCHANGED},
        (UnknownParameterError, NotFoundError),
        parameters=[_LIST, _ENTRY, _IF_NONE_MATCH],
    )
