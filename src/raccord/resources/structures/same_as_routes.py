"""The decision of a person on two structures: one, or not. It holds against every rule, and may be taken back."""

# No postponed annotations here: FastAPI reads the endpoints' signatures.
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, Security
from pydantic import Field

from raccord.access.caller import Caller
from raccord.kernel import errors
from raccord.kernel.database import Transaction
from raccord.kernel.errors import InvalidContentError, NotFoundError, SourceNotYoursError
from raccord.kernel.openapi import Parameter, RouteDocs, describe_body, describe_route
from raccord.kernel.refusals import FieldError
from raccord.kernel.shapes import Shape
from raccord.kernel.text import Text
from raccord.kernel.validation import validate_content
from raccord.kernel.web import open_transaction, read_body
from raccord.oauth.authentication import get_caller
from raccord.records.answers import read_id
from raccord.resources.structures.same_as import decide_same

Tx = Annotated[Transaction, Depends(open_transaction, scope="function")]
Called = Annotated[Caller, Security(get_caller, scopes=["structures:write"])]


class SameAsDecision(Shape):
    """Whether two records describe one structure."""

    is_same: bool = Field(description="true : une seule structure ; false : deux, quoi que disent les règles.")


def build_same_as_router() -> APIRouter:
    """Build the router."""
    router = APIRouter(tags=["Structures"])
    router.add_api_route("/v1/structures/{id}/same-as/{other_id}", decide_same_as, methods=["PUT"], **_describe())
    return router


async def decide_same_as(request: Request, caller: Called, tx: Tx) -> Response:
    """Say that two records are one structure, or are not; one of them must be the caller's."""
    ids = [read_id(request.path_params[name]) for name in ("id", "other_id")]
    decision = validate_content(SameAsDecision, await read_body(request, "application/json"))
    rows = await tx.fetch(
        "SELECT source FROM structures WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL", list(set(ids))
    )
    sources = {row["source"] for row in rows}
    if rows and caller.source not in sources:
        raise SourceNotYoursError
    if len(rows) < 2:
        raise NotFoundError
    if len(sources) < 2:
        message = Text("Deux fiches d'une même source : corrigez-les.", "Two records of one source: correct them.")
        raise InvalidContentError(message, [FieldError("pointer", "/is_same", "same_source", message)])
    await decide_same(tx, ids[0], ids[1], is_same=decision.is_same, decided_by=caller.source)
    return Response(status_code=204)


def _describe() -> RouteDocs:
    one: Parameter = {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "Identifiant Raccord.",
        "schema": {"type": "string", "format": "uuid"},
    }
    other = {**one, "name": "other_id", "description": "L'autre fiche.",
             "example": "019a0000-0000-7000-8000-00000000000b"}  # fmt: skip
    return describe_route(
        "decide_same_as",
        "Dire que deux fiches sont une même structure, ou non",
        "La décision l'emporte sur les règles, et se reprend de même. L'une des deux fiches doit être la vôtre.",
        {204: {"description": "Retenu."}},
        (
            errors.MalformedBodyError, errors.InvalidContentError, errors.UnsupportedMediaTypeError,
            errors.BodyTooLargeError, errors.InsufficientScopeError, errors.UnknownParameterError,
            errors.InvalidParameterError, errors.NotFoundError, errors.SourceNotYoursError,
        ),
        parameters=[one, other],
        body=describe_body(SameAsDecision, {"is_same": True}),
    )  # fmt: skip
