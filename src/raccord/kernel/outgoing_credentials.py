"""How Raccord authorises itself at other systems: fixed keys, and OAuth2 client credentials."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from raccord.kernel.clock import read_now
from raccord.kernel.consequences import Broken, CredentialsRefused
from raccord.kernel.outbound import Authorise, Credentials, Remote
from raccord.kernel.refusals import JsonValue
from raccord.kernel.response_rules import Action, Rule, on, read_pointer
from raccord.kernel.text import Text

# A token is renewed before its end: the call that carries it may be long on its way.
_MARGIN = timedelta(seconds=30)
_DEFAULT_LIFETIME_S = 300.0


def send_header(name: str, value: str) -> Authorise:
    """Authorise by a fixed header."""
    return _send(Credentials(headers={name: value}))


def send_parameter(name: str, value: str) -> Authorise:
    """Authorise by a query parameter."""
    return _send(Credentials(params={name: value}))


def send_basic(user: str, password: str) -> Authorise:
    """Authorise by HTTP Basic."""
    return send_header("authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


def _send(credentials: Credentials) -> Authorise:
    async def authorise(is_refused: bool) -> Credentials:
        if is_refused:
            raise CredentialsRefused("the key is refused")
        return credentials

    return authorise


@dataclass
class ClientCredentials:
    """OAuth2 client credentials: a token for many calls, renewed before its end or when it is refused.

    Shape: `token_server` is reached at the address of the token itself, by TOKEN_RULES; `form` holds what it wants
           besides the grant, the client and its secret: scope, audience.
    Source: RFC 6749 §4.4.
    """

    token_server: Remote
    client_id: str
    client_secret: str
    form: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], datetime] = read_now
    _token: str | None = None
    _ends_at: datetime | None = None

    async def authorise(self, is_refused: bool) -> Credentials:
        """Give the header of a call."""
        if is_refused or self._token is None or (self._ends_at is not None and self.now() >= self._ends_at):
            await self._renew()
        return Credentials(headers={"authorization": f"Bearer {self._token}"})

    async def _renew(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            **self.form,
        }
        reply = await self.token_server.call("POST", "", form=form, is_json=True, may_repeat=True)
        token, lifetime_s = _read_token(reply.json)
        self._token, self._ends_at = token, self.now() + timedelta(seconds=lifetime_s) - _MARGIN


# What a token server refuses, it refuses to the client: its codes for that differ, the consequence does not.
TOKEN_RULES = (Rule(Action.REFUSED, on(400, 401, 403)),)


def _read_token(value: JsonValue) -> tuple[str, float]:
    token = read_pointer(value, "/access_token")
    lifetime = read_pointer(value, "/expires_in")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise Broken(Text("Le serveur de jetons n'en donne pas.", "The token server gives none."))
    return token, float(lifetime) if isinstance(lifetime, int | float) else _DEFAULT_LIFETIME_S
