"""The routes of OAuth 2: token, introspection, revocation, and the metadata that leads to them."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response

from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.oauth import operations
from raccord.oauth.forms import Act, OAuthAnswer, OAuthRequest, RefusedFormError, read_oauth_request
from raccord.oauth.server import AUTH_METHODS, TokenPolicy, answer_oauth
from raccord.oauth.throttle import Throttle, name_origin


def build_oauth_router(
    *, scopes_supported: Iterable[str], lifetime_s: int = 900, client_limit: int = 60, origin_limit: int = 600
) -> APIRouter:
    """Build the router.

    Units: the limits are requests for a token in a minute: of one client, and of one network origin.
    """
    endpoints = _Endpoints(sorted(scopes_supported), lifetime_s, Throttle(client_limit), Throttle(origin_limit))
    router = APIRouter(tags=["oauth"])
    router.add_api_route("/oauth/token", endpoints.create_token, methods=["POST"], **operations.CREATE_TOKEN)
    router.add_api_route(
        "/oauth/introspect", endpoints.introspect_token, methods=["POST"], **operations.INTROSPECT_TOKEN
    )
    router.add_api_route("/oauth/revoke", endpoints.revoke_token, methods=["POST"], **operations.REVOKE_TOKEN)
    router.add_api_route(
        "/.well-known/oauth-authorization-server",
        endpoints.read_authorization_server,
        methods=["GET"],
        **operations.READ_AUTHORIZATION_SERVER,
    )
    return router


class _Endpoints:
    def __init__(self, scopes: list[str], lifetime_s: int, clients: Throttle, origins: Throttle) -> None:
        self._scopes = scopes
        self._lifetime_s = lifetime_s
        self._clients = clients
        self._origins = origins

    async def create_token(self, request: Request) -> Response:
        origin = name_origin(request.client.host if request.client else None)
        wait_s = self._origins.tell_wait(origin)
        if wait_s:
            return _render(_refuse_haste(wait_s))
        self._origins.count_act(origin)
        return await self._serve(request, "token")

    async def introspect_token(self, request: Request) -> Response:
        return await self._serve(request, "introspection")

    async def revoke_token(self, request: Request) -> Response:
        return await self._serve(request, "revocation")

    async def read_authorization_server(self, request: Request) -> Response:
        issuer = _read_issuer(request)
        methods = list(AUTH_METHODS)
        metadata: JsonObject = {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth/token",
            "introspection_endpoint": f"{issuer}/oauth/introspect",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "scopes_supported": [*self._scopes],
            # Required by RFC 8414 §2; there is no authorization endpoint, so there are none.
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": [*methods],
            "introspection_endpoint_auth_methods_supported": [*methods],
            "revocation_endpoint_auth_methods_supported": [*methods],
        }
        headers = {"Cache-Control": "public, max-age=3600"}
        return Response(dump_json(metadata), headers=headers, media_type="application/json")

    async def _serve(self, request: Request, act: Act) -> Response:
        try:
            asked = await read_oauth_request(request, act)
        except RefusedFormError as refusal:
            return _render(refusal.answer)
        return _render(await self._answer(request, asked))

    async def _answer(self, request: Request, asked: OAuthRequest) -> OAuthAnswer:
        client_id = str(asked.credentials.client_id) if asked.credentials else ""
        wait_s = self._clients.tell_wait(client_id) if asked.act == "token" else 0
        if wait_s:
            return _refuse_haste(wait_s)
        policy = TokenPolicy(_read_issuer(request), self._lifetime_s)
        async with request.app.state.database.begin() as tx:
            answer = await answer_oauth(tx, request.app.state.keys, asked, policy)
        if answer.client_id is not None:
            # Only now is the client who it says: a stranger cannot use up its share.
            request.scope["client_id"] = answer.client_id
            if asked.act == "token":
                self._clients.count_act(answer.client_id)
            if asked.act == "revocation":
                request.app.state.tokens.forget_token(asked.form["token"])
        return answer


def _read_issuer(request: Request) -> str:
    public_url: str = request.app.state.public_url
    return public_url.rstrip("/")


def _refuse_haste(wait_s: int) -> OAuthAnswer:
    body = {
        "error": "temporarily_unavailable",
        "error_description": "Too many requests for tokens: keep and reuse them.",
    }
    return OAuthAnswer(429, body, {"Retry-After": str(wait_s)})


def _render(answer: OAuthAnswer) -> Response:
    headers = {**answer.headers, "Cache-Control": "no-store", "Pragma": "no-cache"}
    if answer.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="raccord"'
    return Response(dump_json(dict(answer.body)), answer.status, headers, "application/json")
