"""A publisher's ordinary API: structures, paged in any style, their services, what was deleted, and writing."""

from __future__ import annotations

import base64
import hmac
import json
import re
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from raccord.adapters.contract import Inbound
from raccord.kernel.clock import read_now
from tests.adapters.stand_in import Refused, Row, StandIn

KEY = "s3cret-of-the-publisher"
RECEIVE_KEY = "s3cret-of-the-webhooks"
BASE = "http://publisher.test/api/v2"


def make_row(number: int, changed: str = "2026-11-20T08:00:00Z", **fields: Any) -> Row:
    """Make a structure as the publisher tells it."""
    return {
        "id": number,
        "nom": f"Structure {number:05}",
        "type": "chantier",
        "adresse": {"cp": 69001, "ville": "Lyon"},
        "modifie_le": changed,
        "actif": "oui",
        **fields,
    }


def make_rows(count: int) -> list[Row]:
    return [make_row(number) for number in range(1, count + 1)]


def sign_message(
    event: str, data: object, *, key: str = RECEIVE_KEY, proof: str = "hmac", sent_at: datetime | None = None
) -> Inbound:
    """Write a message as the publisher sends it, with its proof."""
    body = json.dumps({"event": event, "data": data}).encode()
    stamp = str(int((sent_at or read_now()).timestamp()))
    headers = {"content-type": "application/json"}
    if proof == "token":
        return Inbound({**headers, "authorization": f"Bearer {key}"}, {}, body)
    if proof == "standard_webhooks":
        digest = hmac.digest(base64.b64decode(key.removeprefix("whsec_")), f"msg_1.{stamp}.".encode() + body, "sha256")
        signature = "v1,bm90IHRoaXMgb25l v1," + base64.b64encode(digest).decode()
        named = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}
        return Inbound({**headers, **named}, {}, body)
    signed = f"{stamp}.".encode() + body if proof == "hmac_dated" else body
    digest = hmac.digest(key.encode(), signed, "sha256")
    written = {"hmac": f"sha256={digest.hex()}", "hmac_base64": base64.b64encode(digest).decode()}
    return Inbound({**headers, "x-signature": written.get(proof, digest.hex()), "x-sent-at": stamp}, {}, body)


class Publisher(StandIn):
    """The API. `style` is how its list is paged; `auth` what it asks for."""

    page_size = 10

    def __init__(self, rows: list[Row] | None = None, *, style: str = "page", auth: str = "bearer") -> None:
        super().__init__(rows if rows is not None else make_rows(25), token=KEY)
        self.style, self.auth = style, auth
        self.deleted: list[Row] = []
        self.tokens = 0
        self.keys: dict[str, Any] = {}

    async def answer(self, request: Request) -> Response:
        path = re.sub("^/(?:api/)?v[0-9]/", "", request.url.path)
        if path == "token":
            return await self._give_token(request)
        self._check(request)
        if path == "deleted":
            return JSONResponse([row for row in self.deleted if row["le"] >= request.query_params.get("since", "")])
        if path.startswith("agences/"):
            return JSONResponse([row for row in self.rows if str(row["agence"]) == path.split("/")[1]])
        if path != "structures" or (request.method == "POST" and self.style != "search"):
            return await self._write(request, path)
        return await self._list(request)

    def _check(self, request: Request) -> None:
        match self.auth:
            case "bearer":
                self.check_token(request)
            case "header":
                is_open = request.headers.get("x-api-key") == f"Key {self.token}"
                self._refuse_unless(is_open)
            case "query":
                self._refuse_unless(request.query_params.get("api_key") == self.token)
            case "basic":
                self._refuse_unless(
                    request.headers.get("authorization") == "Basic bW9pOnMzY3JldC1vZi10aGUtcHVibGlzaGVy"
                )
            case "oauth2":
                self._refuse_unless(request.headers.get("authorization") == f"Bearer token-{self.tokens}")

    @staticmethod
    def _refuse_unless(is_open: bool) -> None:
        if not is_open:
            raise Refused

    async def _give_token(self, request: Request) -> Response:
        form = dict(await request.form())
        is_known = form.get("client_secret") == self.token and request.query_params.get("realm") == "/partenaire"
        if not is_known or form.get("scope") != "structures lecture" or form.get("audience") != "api":
            return JSONResponse({"error": "invalid_client"}, 400)
        self.tokens += 1
        return JSONResponse({"access_token": f"token-{self.tokens}", "expires_in": 1_500})

    async def _list(self, request: Request) -> Response:
        since = request.query_params.get("since")
        kept = [row for row in self.rows if since is None or row["modifie_le"] >= since]
        if (after := request.query_params.get("after_version")) is not None:
            kept = [row for row in kept if row["version"] > int(after)]
        shown, self.rows = self.rows, kept
        try:
            return await getattr(self, f"_list_by_{self.style}")(request)  # type: ignore[no-any-return]  # by name
        finally:
            self.rows = shown

    async def _list_by_none(self, request: Request) -> Response:
        return JSONResponse(self.rows)

    async def _list_by_page(self, request: Request) -> Response:
        return JSONResponse({"count": len(self.rows), "results": self.page(request)})

    async def _list_by_page_count(self, request: Request) -> Response:
        count = -(-len(self.rows) // self.page_size)
        return JSONResponse({"meta": {"pages": count}, "results": self.page(request)})

    async def _list_by_stuck(self, request: Request) -> Response:
        return JSONResponse({"results": self.rows[: self.page_size]})

    async def _list_by_cursor(self, request: Request) -> Response:
        start = int(request.query_params.get("cursor", "c0")[1:])
        rows = self.rows[start : start + self.page_size]
        is_more = start + self.page_size < len(self.rows)
        following = f"c{start + self.page_size}" if is_more else ""
        return JSONResponse({"results": rows, "next": following, "sync_token": "sync-1", "more": is_more})

    def _next_url(self, request: Request) -> str | None:
        number = int(request.query_params.get("page", 1))
        if number * self.page_size >= len(self.rows):
            return None
        return f"/api/v2/structures?page={number + 1}&api_key={request.query_params.get('api_key', '')}"

    async def _list_by_next_url(self, request: Request) -> Response:
        return JSONResponse({"results": self.page(request), "next": self._next_url(request)})

    async def _list_by_link_header(self, request: Request) -> Response:
        url = self._next_url(request)
        headers = {"link": f'</api/v2/x>; rel="first", <{url}>; rel="next"'} if url is not None else {}
        return JSONResponse(self.page(request), headers={**headers, "x-total-count": str(len(self.rows))})

    async def _list_by_offset(self, request: Request) -> Response:
        start, limit = int(request.query_params["offset"]), int(request.query_params["limit"])
        return JSONResponse({"results": self.rows[start : start + limit]})

    async def _list_by_keyset(self, request: Request) -> Response:
        after = int(request.query_params.get("after", 0))
        rows = sorted((row for row in self.rows if row["id"] > after), key=lambda row: row["id"])
        return JSONResponse({"results": rows[: self.page_size]})

    async def _list_by_search(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        start = (asked["page"] - 1) * self.page_size
        rows = self.rows if asked["region"] == "84" else []
        return JSONResponse({"results": rows[start : start + self.page_size]})

    async def _list_by_range(self, request: Request) -> Response:
        asked = request.query_params.get("range") or request.headers["range"].removeprefix("items=")
        first, last = (int(part) for part in asked.split("-"))
        rows = self.rows[first : last + 1]
        if not rows:
            return Response(status_code=204)
        held = f"items {first}-{first + len(rows) - 1}/{len(self.rows)}"
        status = 206 if first + len(rows) < len(self.rows) else 200
        return JSONResponse(rows, status, {"content-range": held})

    async def _list_by_jsonl(self, request: Request) -> Response:
        return PlainTextResponse("\n".join(json.dumps(row) for row in self.rows))

    async def _list_by_csv(self, request: Request) -> Response:
        lines = ["id;nom;type;cp;ville;modifie_le;actif"]
        lines += [
            f"{row['id']};{row['nom']};{row['type']};{row['adresse']['cp']};Bezons-lès-Étang;{row['modifie_le']};oui"
            for row in self.rows
        ]
        return Response("\r\n".join(lines).encode("cp1252"), media_type="text/csv")

    async def _write(self, request: Request, path: str) -> Response:
        name = path.partition("/")[2]
        found = next((row for row in self.rows if str(row["id"]) == name), None)
        if request.method == "POST":
            return await self._create(request)
        if path == "structures/by-ref":
            held = [row for row in self.rows if row.get("ref") == request.query_params["ref"]]
            return JSONResponse({"results": held})
        if found is None and path.startswith("structures/"):
            return JSONResponse({"detail": "no such"}, 404)
        if path == "me":
            return JSONResponse({})
        if found is None:
            return JSONResponse({"detail": "no such page"}, 404)
        return await self._change(request, found)

    async def _create(self, request: Request) -> Response:
        body = await request.json()
        if body.get("nom") == "Refusez-moi":
            return JSONResponse({"detail": "no"}, 422)
        key = request.headers.get("idempotency-key")
        if key not in self.keys or key is None:
            row = {**body, "id": len(self.rows) + 1}
            self.rows.append(row)
            self.keys[str(key)] = row
        else:
            row = self.keys[key]
        return JSONResponse({"id": row["id"]}, 201)

    async def _change(self, request: Request, found: Row) -> Response:
        etag = f'"{found.get("modifie_le")}"'
        if request.method == "GET":
            return JSONResponse(found, headers={"etag": etag})
        if request.headers.get("if-match") not in (None, etag):
            return Response(status_code=412)
        if request.method == "DELETE":
            self.rows.remove(found)
            return Response(status_code=204)
        found.update(await request.json())
        return Response(status_code=204)
