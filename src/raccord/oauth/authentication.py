"""The dependency that every protected route declares: who calls, and with the scopes asked or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.openapi.models import OAuth2 as OAuth2Model
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from raccord.access.caller import Caller
from raccord.kernel.errors import TooManyRequestsError, UnauthenticatedError
from raccord.kernel.quota import Quota
from raccord.kernel.web import refuse_unknown_parameters

if TYPE_CHECKING:
    from raccord.oauth.tokens import TokenReader

SCHEME_NAME = "oauth2"
TOKEN_PATH = "/oauth/token"  # noqa: S105 — an address
_CHALLENGE = 'Bearer realm="raccord"'


class CallerAuthentication(SecurityBase):
    """Find the caller of a request, and show in OpenAPI the scopes that its route asks.

    It is scheme and dependency in one, because each dependency costs every request.
    """

    def __init__(self) -> None:
        flow = OAuthFlowClientCredentials(tokenUrl=TOKEN_PATH, scopes={})
        self.model = OAuth2Model(flows=OAuthFlows(clientCredentials=flow))
        self.scheme_name = SCHEME_NAME

    async def __call__(self, request: Request, security_scopes: SecurityScopes) -> Caller:
        """Return the caller, as a dependency."""
        return await self.identify(request, security_scopes.scopes)

    async def identify(self, request: Request, scopes: Iterable[str]) -> Caller:
        """Return the caller, whose token must have the scopes, and whose parameters the operation must have.

        Errors: as authenticate; UnknownParameterError.
        """
        caller = await self.authenticate(request, scopes)
        refuse_unknown_parameters(request)
        return caller

    async def authenticate(self, request: Request, scopes: Iterable[str]) -> Caller:
        """Return the caller, whose token must have the scopes.

        Errors: UnauthenticatedError, with the challenge of RFC 6750 §3; InsufficientScopeError; TooManyRequestsError.
        """
        tokens: TokenReader = request.app.state.tokens
        token = _read_bearer(request)
        caller = await tokens.authenticate(token)
        if caller is None:
            raise UnauthenticatedError(headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'})
        client_id = str(caller.client_id)
        request.scope["client_id"] = client_id
        _spend(request, client_id)
        for scope in scopes:
            caller.require_scope(scope)
        return replace(caller, request_id=request.scope.get("request_id", ""))


get_caller = CallerAuthentication()


def _spend(request: Request, client_id: str) -> None:
    """Count the request on the client's share.

    Errors: TooManyRequestsError.
    """
    quota: Quota = request.app.state.quota
    is_within, remaining, reset_s = quota.spend(client_id)
    request.scope["quota_fields"] = quota.write_fields(remaining, reset_s)
    if not is_within:
        raise TooManyRequestsError(headers={"Retry-After": str(reset_s)})


def _read_bearer(request: Request) -> str:
    given = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if not given:
        raise UnauthenticatedError(headers={"WWW-Authenticate": _CHALLENGE})
    header: bytes = given[0]
    if len(given) > 1 or header[:7].lower() != b"bearer ":
        raise UnauthenticatedError(headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'})
    return header[7:].strip().decode("latin-1")
