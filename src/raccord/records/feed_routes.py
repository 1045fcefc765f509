"""The change feed: what happened to what the caller may see, in an order that misses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response, Security
from pydantic import AwareDatetime, Field

from raccord.access.caller import Caller
from raccord.access.row_security import enter_as_client
from raccord.kernel import errors
from raccord.kernel.errors import CursorExpiredError, InsufficientScopeError, InvalidParameterError
from raccord.kernel.keys import Keys
from raccord.kernel.openapi import describe_answer, describe_problems
from raccord.kernel.pages import MAX_LIMIT, read_cursor, write_cursor
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import Text
from raccord.oauth.authentication import get_caller
from raccord.records.answers import read_limit
from raccord.records.changes import (
    CHANGE_TYPES,
    Change,
    FeedPage,
    read_bounds,
    read_changes,
    sequence_changes,
)
from raccord.records.kind import Kind
from raccord.records.reads import Viewer
from raccord.records.rows import write_instant

_QUESTION = "changes"
_EXAMPLE: JsonObject = {
    "position": "eyJ…",
    "at": "2026-11-22T09:30:00.000000Z",
    "type": "updated",
    "kind": "prescriptions",
    "id": "019a0000-0000-7000-8000-00000000000a",
    "version": 2,
    "changed_fields": ["state", "state_changed_at"],
    "source": "logiciel-demo",
    "origin": "logiciel-employeur",
    "correlation_id": "8f14e45fceea167a5a36dedd",
}


class ChangeItem(Shape):
    """One change: what happened to which record. Never its content."""

    position: str = Field(description="Place dans le flux ; sert de curseur (`after`).")
    at: AwareDatetime = Field(description="Instant du changement (UTC).")
    type: str = Field(description="Ce qui s'est passé.", json_schema_extra={"enum": [*CHANGE_TYPES]})
    kind: str = Field(description="Sorte de fiche.")
    id: UUID = Field(description="Identifiant de la fiche, sous lequel vous la connaissez.")
    version: int | None = Field(description="Version de la fiche ; null pour un accès gagné ou perdu.")
    changed_fields: list[str] = Field(description="Champs qui ont changé ; jamais leur contenu.")
    source: str = Field(description="Source de la fiche.")
    origin: str = Field(description="Par qui le changement est venu.")
    correlation_id: str = Field(description="Identifiant de la requête qui l'a causé.")


class ChangePage(Shape):
    """A stretch of the feed. Ask again with `next_cursor`; when `is_caught_up`, wait a little first."""

    data: list[ChangeItem] = Field(description="Changements, du plus ancien au plus récent.")
    next_cursor: str = Field(description="Curseur à garder : il reprend juste après cette page.")
    is_caught_up: bool = Field(description="Vrai si rien ne suit pour l'instant.")


class Feed:
    """The feed over the kinds."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    async def read(self, request: Request, caller: Caller) -> Response:
        """Answer the changes after the cursor."""
        kinds = self._choose_kinds(request, caller)
        types = _choose(request, "type", CHANGE_TYPES)
        limit = read_limit(request.query_params.get("limit"))
        keys: Keys = request.app.state.keys
        after = request.query_params.get("after")
        start = int(read_cursor(keys, _QUESTION, after, "after")[0]) if after is not None else 0
        # A reader need not wait for a worker; what a rival sequencer still holds is told by is_caught_up.
        await sequence_changes(request.app.state.database)
        async with request.app.state.database.begin() as tx:
            await enter_as_client(tx, caller.client_id)
            oldest, newest = await read_bounds(tx)
            # Beyond the end: the database was restored from before that position was given out.
            if after is not None and not oldest <= start <= newest:
                resume = write_cursor(keys, _QUESTION, [oldest if start < oldest else newest])
                raise CursorExpiredError(extensions={"resume_cursor": resume})
            page = await read_changes(tx, max(start, oldest), limit, kinds, types)
        viewer = Viewer(caller, keys.pairwise_for(caller.client_id))
        return self._answer(page, viewer, keys)

    def _choose_kinds(self, request: Request, caller: Caller) -> list[str]:
        asked = _choose(request, "kind", tuple(self._kinds))
        if "kind" in request.query_params:
            for name in asked:
                caller.require_scope(self._kinds[name].scope("read"))
        readable = [name for name in asked if self._kinds[name].scope("read") in caller.scopes]
        if not readable:
            raise InsufficientScopeError(
                Text("Aucune portée de lecture.", "No scope to read anything."),
                headers={"WWW-Authenticate": 'Bearer realm="raccord", error="insufficient_scope"'},
            )
        return readable

    def _answer(self, page: FeedPage, viewer: Viewer, keys: Keys) -> Response:
        data: list[JsonValue] = []
        for position, at, change in page.changes:
            data.append(
                {
                    "position": write_cursor(keys, _QUESTION, [position]),
                    "at": write_instant(at),
                    **self._describe(change, viewer),
                }
            )
        body: JsonObject = {
            "data": data,
            "next_cursor": write_cursor(keys, _QUESTION, [page.position]),
            "is_caught_up": page.is_caught_up,
        }
        return Response(dump_json(body), 200, {"Cache-Control": "no-store"}, "application/json")

    def _describe(self, change: Change, viewer: Viewer) -> JsonObject:
        public_id = viewer.conceal_id(self._kinds[change.kind], change.record_id)
        return {
            "type": change.type,
            "kind": change.kind,
            "id": str(public_id),
            "version": change.version or None,
            "changed_fields": [*change.changed_fields],
            "source": change.source,
            "origin": change.origin,
            "correlation_id": change.correlation_id,
        }


def build_feed_router(kinds: Sequence[Kind]) -> APIRouter:
    """Build the router of the feed."""
    feed = Feed(kinds)
    router = APIRouter(tags=["Changes"])
    page: JsonObject = {"data": [_EXAMPLE], "next_cursor": "eyJ…", "is_caught_up": True}

    @router.get(
        "/v1/changes",
        operation_id="list_changes",
        summary="Suivre les changements",
        response_class=Response,
        responses={
            200: describe_answer("Les changements suivants.", ChangePage, page),
            **describe_problems(
                InsufficientScopeError,
                InvalidParameterError,
                errors.InvalidCursorError,
                errors.UnknownParameterError,
                CursorExpiredError,
            ),
        },
        openapi_extra={"parameters": _list_parameters(kinds)},
    )
    async def list_changes(request: Request, caller: Annotated[Caller, Security(get_caller)]) -> Response:
        """Lire chaque changement exactement une fois, dans l'ordre.

        Repartez de next_cursor. Vos droits sont vérifiés à la lecture : un accès gagné ou perdu est un changement
        (access_granted, access_revoked). Un même curseur sert pour tous les filtres.
        """
        return await feed.read(request, caller)

    return router


def _choose(request: Request, name: str, known: Sequence[str]) -> list[str]:
    given = request.query_params.getlist(name)
    if len(given) > len(known) or any(value not in known for value in given):
        message = Text(f"Parmi : {', '.join(known)}.", f"One of: {', '.join(known)}.")
        raise InvalidParameterError(message, [FieldError("parameter", name, "enum", message)])
    return list(dict.fromkeys(given)) or list(known)


def _describe_codes(codes: Sequence[str]) -> dict[str, Any]:
    return {"type": "array", "maxItems": len(codes), "items": {"type": "string", "enum": [*codes]}}


def _list_parameters(kinds: Sequence[Kind]) -> list[dict[str, Any]]:
    def describe(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "in": "query", "description": text, "schema": schema}

    names = [kind.name for kind in kinds]
    return [
        describe(
            "after",
            "Curseur reçu : next_cursor, ou position d'un changement.",
            {"type": "string", "maxLength": 1024},
        ),
        describe("kind", "Sortes de fiches.", _describe_codes(names)),
        describe("type", "Types.", _describe_codes(CHANGE_TYPES)),
        describe(
            "limit",
            "Nombre de changements.",
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 50},
        ),
    ]
