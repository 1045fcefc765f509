"""A tool of the simplest sort, and its adapter: a paged list of structures, by which the engine is tested."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field, SecretStr, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raccord.adapters.contract import (
    Batch,
    Broken,
    Budget,
    Capability,
    Change,
    CredentialsRefused,
    Drift,
    End,
    Equipment,
    Exempt,
    Gone,
    Inbound,
    Item,
    Manifest,
    Receipt,
    Received,
    RecordRefused,
    Translation,
    Unnamed,
    Walk,
    list_new_fields,
)
from raccord.kernel.errors import MalformedBodyError
from raccord.kernel.outgoing_credentials import send_header
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import parse_object
from raccord.kernel.text import Text
from raccord.reference.structure_kinds import StructureKind
from tests.adapters.stand_in import Row, StandIn

KINDS = frozenset(kind.value for kind in StructureKind)
TOKEN = "s3cret-of-the-tool"
_NOT_A_ROW = Text("Ce n'est pas une ligne.", "This is no row.")
_NOT_A_PAGE = Text("La page n'est pas celle attendue.", "The page is not the one expected.")


class ListSettings(Shape):
    """Where the tool is."""

    url: str = Field(description="Adresse de l'outil.")
    page_size: int = Field(10, description="Lignes par page.", ge=1, le=10_000)


class ListSecrets(Shape):
    """What opens the tool."""

    token: SecretStr = Field(description="Jeton de l'outil.")


class ListCursor(Shape):
    """Where a walk has got to."""

    page: int = Field(description="Page suivante.")
    since: AwareDatetime | None = Field(None, description="Début de la période demandée.")


class ReceivedRow(Received):
    """A row, as the tool sends it."""

    name: str
    type: str | None = None
    updated: datetime


class ListAdapter:
    """The adapter."""

    def __init__(self, given: Equipment) -> None:
        settings, secrets = given.settings_as(ListSettings), given.secrets_as(ListSecrets)
        self.page_size = settings.page_size
        self.token = secrets.token.get_secret_value()
        authorise = send_header("authorization", f"Bearer {self.token}")
        self.remote = given.outbound.reach(settings.url, budget=MANIFEST.budget, authorise=authorise)

    async def check(self) -> None:
        await self.remote.get_json("rows", params={"page": "1", "page_size": "1"})

    async def pull(self, walk: Walk) -> AsyncIterator[Batch]:
        cursor = walk.cursor if isinstance(walk.cursor, ListCursor) else ListCursor(page=1, since=walk.since)
        while True:
            page = await self._read_page(cursor)
            rows, is_last = page["results"], page["next"] is None
            cursor = ListCursor(page=cursor.page + 1, since=cursor.since)
            ends = [End("structures", total=page["count"], is_snapshot=True)] if is_last else []
            yield Batch(
                items=[
                    Item("structures", row["id"], row, datetime.fromisoformat(row["updated"]))
                    for row in rows
                    if "id" in row and not row.get("deleted")
                ],
                gone=[Gone("structures", row["id"]) for row in rows if row.get("deleted")],
                unnamed=[Unnamed("structures", row, _NO_ID) for row in rows if "id" not in row],
                cursor=None if is_last else cursor,
                ends=ends if cursor.since is None else [],
                total=page["count"],
                is_last=is_last,
            )
            if is_last:
                return

    async def _read_page(self, cursor: ListCursor) -> dict[str, Any]:
        params = {"page": str(cursor.page), "page_size": str(self.page_size)}
        if cursor.since is not None:
            params["since"] = cursor.since.isoformat()
        page = await self.remote.get_json("rows", params=params)
        if not isinstance(page, dict) or not isinstance(page.get("results"), list):
            raise Broken(_NOT_A_PAGE)
        return page

    def translate(self, item: Item) -> Translation:
        try:
            row = ReceivedRow.model_validate({name: item.raw[name] for name in item.raw if name != "id"})
        except ValidationError:
            raise RecordRefused("unreadable_row", Text("Ligne illisible.", "Unreadable row."), "/name") from None
        drifts = list(list_new_fields(row))
        content: dict[str, Any] = {"name": row.name, "kind": row.type}
        if row.type is not None and row.type not in KINDS:
            drifts.append(Drift("unknown_code", "/type", row.type))
            content["kind"] = None
        return Translation(content, drifts)

    async def push(self, change: Change) -> Receipt:
        body: Any = {"key": change.key, "document": change.document, "id": change.external_id}
        reply = await self.remote.call(
            "POST", "rows", json_body=body, headers={"idempotency-key": change.key}, may_repeat=True, is_json=True
        )
        made: Any = reply.json
        return Receipt(made["id"])

    async def receive(self, inbound: Inbound) -> Batch:
        if not inbound.is_proven and inbound.headers.get("x-signature") != sign(self.token, inbound.body):
            raise CredentialsRefused
        try:
            row: Any = parse_object(inbound.body)
            if row.get("deleted"):
                return Batch(gone=[Gone("structures", row["id"])])
            return Batch(items=[Item("structures", row["id"], row, datetime.fromisoformat(row["updated"]))])
        except (ValueError, KeyError, TypeError, MalformedBodyError):
            raise Broken(_NOT_A_ROW) from None


def sign(token: str, body: bytes) -> str:
    """Sign a message of the tool."""
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def write_message(row: Row, token: str = TOKEN) -> Inbound:
    """Write what the tool sends when a row changes."""
    body = json.dumps(row).encode()
    return Inbound({"content-type": "application/json", "x-signature": sign(token, body)}, {}, body)


_NO_ID = RecordRefused("no_id", Text("Ligne sans identifiant.", "A row without id."), "/id")

MANIFEST = Manifest(
    name="plain_list",
    title=Text("Liste simple", "Plain list"),
    description=Text("Une liste de structures, par pages.", "A list of structures, by pages."),
    reads=("structures",),
    writes=("structures",),
    capabilities=frozenset(Capability),
    build=ListAdapter,
    settings=ListSettings,
    secrets=ListSecrets,
    cursor=ListCursor,
    auth=("bearer",),
    budget=Budget(calls=1_000, per_s=1.0),
    owner="Raccord",
    contact="equipe@raccord.example",
    quality={
        "manifest_complete": "done",
        "suite_passes": "done",
        "check_before_first_run": "done",
        "translate_is_pure": "done",
        "secrets_declared": "done",
        "docs_page": Exempt("stands for a tool in tests"),
    },
)


TEST_ADAPTERS = {MANIFEST.name: MANIFEST}


class ListTool(StandIn):
    """The tool."""

    async def answer(self, request: Request) -> Response:
        self.check_token(request)
        if request.method == "POST":
            return await self._add(request)
        since = request.query_params.get("since")
        rows = [row for row in self.rows if since is None or row["updated"] >= since]
        shown, self.rows = self.rows, rows
        page = self.page(request)
        self.rows = shown
        number, size = int(request.query_params["page"]), int(request.query_params["page_size"])
        following = f"/rows?page={number + 1}" if number * size < len(rows) else None
        return JSONResponse({"count": len(rows), "next": following, "results": page})

    async def _add(self, request: Request) -> Response:
        body = await request.json()
        for row in self.rows:
            if body["id"] == row["id"] or row.get("key") == body["key"]:
                return JSONResponse({"id": row["id"]})
        row = make_row(len(self.rows) + 1) | {"key": body["key"], "name": (body["document"] or {}).get("name", "—")}
        self.rows.append(row)
        return JSONResponse({"id": row["id"]}, 201)


def make_row(number: int, updated: str = "2026-11-20T08:00:00+00:00") -> Row:
    """Make a row of the tool."""
    return {"id": f"S-{number}", "name": f"Structure {number:05}", "type": "ACI", "updated": updated}


def make_rows(count: int) -> list[Row]:
    return [make_row(number) for number in range(1, count + 1)]
