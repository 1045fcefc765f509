"""How a search is told in OpenAPI."""

from __future__ import annotations

from pydantic import BaseModel

from raccord.kernel.openapi import Document, Parameter, describe_answer, make_page_schema, ref
from raccord.kernel.strict_json import JsonObject
from raccord.records.search.answers import MAX_FACETS, FacetValue, SearchCentre, list_facets
from raccord.records.search.entry import Searchable


def describe_facets(search: Searchable) -> Parameter:
    """Describe the parameter that asks for counts."""
    return {
        "name": "facets",
        "in": "query",
        "description": "Filtres dont compter les valeurs, chacun sans son propre filtre.",
        "schema": {
            "type": "array",
            "maxItems": MAX_FACETS,
            "items": {"type": "string", "enum": list_facets(search)},
        },
    }


def describe_hits(record: type[BaseModel], example: JsonObject) -> Document:
    """Describe the page of what was found."""
    page: JsonObject = {"data": [{"score": 4, "distance_km": 3.2, "record": example}], "next_cursor": None}
    answer = describe_answer("Ce qui a été trouvé.", record, page, Link="Page suivante (RFC 8288).")
    answer["content"]["application/json"]["schema"] = _make_hits_schema(ref(record))
    return answer


def _make_hits_schema(record: Document) -> Document:
    hit: Document = {
        "type": "object",
        "required": ["score", "distance_km", "record"],
        "properties": {
            "score": {"type": ["integer", "null"], "description": _SCORE},
            "distance_km": {"type": ["number", "null"], "description": "Distance ; null sans centre, ou partout."},
            "record": record,
        },
    }
    schema = make_page_schema(hit)
    values: Document = {"type": "array", "items": ref(FacetValue)}
    schema["properties"] |= {
        "centre": ref(SearchCentre),
        "facets": {"type": "object", "additionalProperties": values},
    }
    return schema


_SCORE = (
    "Pertinence, de 4 à 1 : tous les mots dans le titre, tels quels ; tous, ou presque ; l'un d'eux, ou le métier "
    "qu'ils nomment ; ailleurs dans la fiche. À égalité, la plus récente d'abord. null sans mots cherchés."
)
