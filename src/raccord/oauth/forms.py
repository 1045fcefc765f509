"""The requests of the OAuth endpoints, read strictly before Authlib sees them.

Authlib 1.9 lets repeated parameters through and fails with 500 on undecodable credentials: those end here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl

from fastapi import Request

from raccord.kernel.refusals import JsonValue
from raccord.oauth.credentials import ClientCredentials, parse_basic

FORM = "application/x-www-form-urlencoded"
MAX_BODY = 16_384
_MAX_FIELDS = 20
_OTHER_CREDENTIALS = ("client_secret", "client_assertion", "client_assertion_type")

Act = Literal["token", "introspection", "revocation"]
_REQUIRED: Mapping[Act, str] = {"token": "grant_type", "introspection": "token", "revocation": "token"}


@dataclass(frozen=True)
class OAuthRequest:
    """A well-formed request to one of the OAuth endpoints; `credentials` are unchecked, None if unusable."""

    act: Act
    form: Mapping[str, str]
    credentials: ClientCredentials | None


@dataclass(frozen=True)
class OAuthAnswer:
    """What an OAuth endpoint answers; `client_id` is the client that proved who it is, if one did."""

    status: int
    body: Mapping[str, JsonValue]
    headers: Mapping[str, str] = field(default_factory=dict)
    client_id: str | None = None


class RefusedFormError(Exception):
    """The request is refused as it stands; `answer` says why (RFC 6749 §5.2)."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.answer = OAuthAnswer(status, {"error": "invalid_request", "error_description": reason})


async def read_oauth_request(request: Request, act: Act) -> OAuthRequest:
    """Read the request.

    Errors: RefusedFormError.
    """
    if request.scope["query_string"]:
        raise RefusedFormError("Parameters belong in the body, not in the address.")
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if media_type.strip() != FORM or parameters.strip() not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise RefusedFormError(f"The body must be {FORM}.", 415)
    form = _parse_form(await _read_bounded(request))
    required = _REQUIRED[act]
    if required not in form:
        raise RefusedFormError(f"The parameter {required} is required.")
    authorization = request.headers.getlist("authorization")
    credentials = parse_basic(authorization)
    if authorization and any(name in form for name in _OTHER_CREDENTIALS):
        raise RefusedFormError("The client must authenticate in one way only.")
    if credentials is not None and form.get("client_id", str(credentials.client_id)) != str(credentials.client_id):
        raise RefusedFormError("client_id is not the client that authenticates.")
    return OAuthRequest(act, form, credentials)


async def _read_bounded(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise RefusedFormError(f"The body must not pass {MAX_BODY} bytes.", 413)
    return body


def _parse_form(body: bytes) -> dict[str, str]:
    """Parse the form. A parameter without a value counts as absent, a repeated one is refused.

    Source: RFC 6749 §3.2.
    """
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise RefusedFormError("The body is not a readable form.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise RefusedFormError("A parameter is repeated.")
    return {name: value for name, value in form.items() if value}
