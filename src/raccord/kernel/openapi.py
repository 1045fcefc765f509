"""The OpenAPI document: what FastAPI derives from the routes, completed with shapes, problems and examples.

Routes name a shape by reference (`ref`); the document's builder finds it in the tree of shapes.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypedDict
from uuid import UUID

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from raccord.kernel.errors import TooManyRequestsError, UnauthenticatedError, UnavailableError, UriTooLongError
from raccord.kernel.problems import PROBLEM_JSON
from raccord.kernel.refusals import RaccordError
from raccord.kernel.shapes import Envelope, Shape, Tombstone

_REF = "#/components/schemas/"
# FastAPI drops every null of the document, those of examples too: they pass it under this name.
_NULL = "\x00null"
Document = dict[str, Any]
Parameter = dict[str, Any]


class FieldProblem(Shape):
    """One thing wrong with a request; exactly one of pointer, parameter and header names the place."""

    pointer: str | None = Field(None, description="Champ du corps (JSON Pointer, RFC 6901).")
    parameter: str | None = Field(None, description="Paramètre de l'adresse ou de la requête.")
    header: str | None = Field(None, description="En-tête.")
    code: str = Field(description="Code stable, fait pour les programmes.")
    message: str = Field(description="Explication, dans la langue demandée ; jamais la valeur reçue.")


class Problem(Shape):
    """An error (RFC 9457). `code` is stable; `title`, `detail` and `remedy` are for people."""

    type: str = Field(description="Adresse de la page qui explique ce problème.")
    title: str = Field(description="Le problème en quelques mots, dans la langue demandée.")
    status: int = Field(description="Statut HTTP de la réponse.")
    code: str = Field(description="Code stable, fait pour les programmes.")
    detail: str = Field(description="Ce que ce cas a de particulier.")
    remedy: str = Field(description="Ce qu'il faut faire.")
    request_id: str = Field(description="Identifiant de la requête, à joindre à toute question.")
    errors: list[FieldProblem] | None = Field(None, description="Champs, paramètres ou en-têtes en cause.")
    required_scope: str | None = Field(None, description="Portée qui manque (`insufficient_scope`).")
    purposes: list[str] | None = Field(None, description="Finalités permises (en-tête Raccord-Purpose).")
    source: str | None = Field(None, description="Source de la fiche (`source_not_yours`).")
    current_version: int | None = Field(None, description="Version présente (`version_mismatch`).")
    state: str | None = Field(None, description="État présent (`transition_illegal`).")
    legal_transitions: list[str] | None = Field(None, description="Ce qui est possible depuis cet état.")
    parties: list[str] | None = Field(None, description="À qui la transition revient.")
    resume_cursor: str | None = Field(None, description="D'où reprendre le flux (`cursor_expired`).")
    run_id: UUID | None = Field(None, description="Synchronisation en cours (`run_under_way`).")
    run_url: str | None = Field(None, description="Où la suivre.")
    tombstone: Tombstone | None = Field(None, description="Ce qui reste de la fiche (`gone`).")


def ref(model: type[BaseModel]) -> dict[str, str]:
    """Refer to the shape."""
    return {"$ref": _REF + model.__name__}


def describe_answer(description: str, model: type[BaseModel], example: object, **headers: str) -> Document:
    """Describe a JSON answer, with its example and the headers that matter."""
    answer: Document = {
        "description": description,
        "content": {"application/json": {"schema": ref(model), "example": _hide_nulls(example)}},
    }
    if headers:
        answer["headers"] = {
            name.replace("_", "-"): {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        }
    return answer


def describe_body(model: type[BaseModel], example: object, *types: str, is_required: bool = True) -> Document:
    """Describe a JSON request body."""
    media = {"schema": ref(model), "example": _hide_nulls(example)}
    content = {kind: dict(media) for kind in types or ("application/json",)}
    return {"requestBody": {"required": is_required, "content": content}}


def describe_parameters(model: type[BaseModel]) -> list[Parameter]:
    """Describe a shape's fields as query parameters; its own enumerations are spelled out."""
    schema = _read_schema(model)
    definitions = schema.get("$defs", {})
    parameters: list[Parameter] = []
    for name, described in schema.get("properties", {}).items():
        [inner] = [option for option in described["anyOf"] if option.get("type") != "null"]
        parameter: Parameter = {"name": name, "in": "query", "schema": _resolve(inner, definitions)}
        if "description" in described:
            parameter["description"] = described["description"]
        parameters.append(parameter)
    return parameters


@cache
def _read_schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _resolve(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found = definitions[schema["$ref"].rpartition("/")[2]]
        return {name: value for name, value in found.items() if name not in ("title", "description")}
    if "items" in schema:
        return {**schema, "items": _resolve(schema["items"], definitions)}
    return schema


def make_page_schema(item: Document) -> Document:
    """Make the schema of a page of items."""
    return {
        "type": "object",
        "required": ["data", "next_cursor"],
        "properties": {
            "data": {"type": "array", "items": item},
            "next_cursor": {"type": ["string", "null"], "description": "null à la dernière page."},
        },
    }


class RouteDocs(TypedDict):
    """What `add_api_route` takes besides the endpoint."""

    operation_id: str
    name: str
    summary: str
    description: str
    status_code: int
    response_class: Any
    responses: dict[int | str, dict[str, Any]]
    openapi_extra: dict[str, Any]


def describe_route(
    name: str,
    summary: str,
    description: str,
    answers: Mapping[int | str, Document],
    problems: Iterable[type[RaccordError]],
    *,
    parameters: list[Parameter],
    body: Document | None = None,
    has_token: bool = True,
) -> RouteDocs:
    """Describe an operation whose endpoint reads the request itself.

    Shape: the first of `answers` is that of success; `body` is what `describe_body` makes; `has_token` is false where
           the caller proves itself otherwise.
    """
    return {
        "operation_id": name,
        "name": name,
        "summary": summary,
        "description": description,
        "status_code": int(next(iter(answers))),
        "response_class": Response,
        "responses": {**answers, **describe_problems(*problems, has_token=has_token)},
        "openapi_extra": {"parameters": parameters, **(body or {})},
    }


def describe_problems(*kinds: type[RaccordError], has_token: bool = True) -> dict[int | str, Document]:
    """Describe the problems that an operation may answer, those of every operation included."""
    by_status: dict[int | str, Document] = {}
    every: list[type[RaccordError]] = [
        *kinds,
        *([UnauthenticatedError] if has_token else []),
        TooManyRequestsError,
        UnavailableError,
        UriTooLongError,
    ]
    for kind in sorted(every, key=lambda error: error.status):
        answer = by_status.setdefault(
            kind.status,
            {
                "description": "",
                "content": {PROBLEM_JSON: {"schema": ref(Problem), "example": make_problem_example(kind)}},
            },
        )
        line = f"`{kind.code}`: {inspect.getdoc(kind)}"
        answer["description"] = "\n\n".join(filter(None, (answer["description"], line)))
    return by_status


def make_problem_example(kind: type[RaccordError]) -> Document:
    """Make the example of a problem."""
    return {
        "type": f"/problems/{kind.code}",
        "title": kind.title.fr,
        "status": kind.status,
        "code": kind.code,
        "detail": kind.title.fr,
        "remedy": kind.remedy.fr,
        "request_id": "8f14e45fceea167a5a36dedd",
    }


def build_document(app: FastAPI, scopes: Mapping[str, str]) -> Document:
    """Build the whole document.

    Errors: KeyError if a route names a shape that does not exist.
    """
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    document["servers"] = [{"url": "/"}]
    for scheme in document["components"]["securitySchemes"].values():
        for flow in scheme.get("flows", {}).values():
            flow["scopes"] = dict(scopes)
    _drop_framework_errors(document)
    _add_shapes(document)
    document["components"]["schemas"] = dict(sorted(document["components"]["schemas"].items()))
    restored: Document = _restore_nulls(document)
    return restored


def list_parameters(document: Document) -> dict[tuple[str, str], dict[str, bool]]:
    """List the query parameters of each operation, and whether each may be repeated."""
    return {
        (method.upper(), path): {
            parameter["name"]: _is_list(parameter["schema"])
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query"
        }
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


def _is_list(schema: Document) -> bool:
    return schema.get("type") == "array" or any(option.get("type") == "array" for option in schema.get("anyOf", ()))


def _drop_framework_errors(document: Document) -> None:
    """FastAPI announces its own 422 for parameters, which here are answered 400 as problems."""
    for operations in document["paths"].values():
        for operation in operations.values():
            content = operation["responses"].get("422", {}).get("content", {})
            if "HTTPValidationError" in str(content.get("application/json", "")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document.get("components", {}).get("schemas", {}).pop(name, None)


def _add_shapes(document: Document) -> None:
    known = {shape.__name__: shape for shape in _list_shapes(Shape)}
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    wanted = sorted({name for name in _list_refs(document) if name not in schemas})
    _, definitions = models_json_schema(
        [(known[name], "validation") for name in wanted], ref_template=_REF + "{model}", by_alias=True
    )
    for name, schema in definitions.get("$defs", {}).items():
        model = known.get(name)
        if model is not None and issubclass(model, Envelope):
            schema["required"] = list(model.list_required())
            # Requests refuse unknown fields; of answers, partners are told that fields may be added.
            schema.pop("additionalProperties", None)
        schemas.setdefault(name, schema)


def _list_shapes(root: type[Shape]) -> Iterator[type[Shape]]:
    for shape in root.__subclasses__():
        yield shape
        yield from _list_shapes(shape)


def _hide_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _hide_nulls(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_hide_nulls(inner) for inner in value]
    return _NULL if value is None else value


def _restore_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _restore_nulls(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_restore_nulls(inner) for inner in value]
    return None if value == _NULL else value


def _list_refs(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref" and isinstance(inner, str):
                yield inner.removeprefix(_REF)
            else:
                yield from _list_refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _list_refs(inner)
