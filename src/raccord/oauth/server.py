"""The authorization server: Authlib's rules over our tables. The only file that speaks Authlib.

Authlib is synchronous: it runs inside AsyncSession.run_sync, on the transaction's own connection.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from raccord.kernel.database import Transaction
from raccord.kernel.keys import Keys
from raccord.kernel.refusals import JsonValue
from raccord.oauth.credentials import is_access_token, make_access_token
from raccord.oauth.forms import OAuthAnswer, OAuthRequest
from raccord.oauth.revocations import CHANNEL
from raccord.oauth.tables import oauth_client_secrets, oauth_clients, oauth_tokens

INTROSPECT_ANY = "tokens:introspect"
AUTH_METHODS = ("client_secret_basic",)
_MAX_SECRETS = 2
_NO_DIGEST = bytes(32)
# Authlib's own sentences repeat what the caller sent, or tell which client ids exist.
_DESCRIPTIONS: Mapping[str, str] = {
    "invalid_client": "Client authentication failed: unknown client, wrong secret or unsupported method.",
    "invalid_grant": "The token was issued to another client.",
    "invalid_request": "The request is malformed.",
    "invalid_scope": "A scope asked is not among those of the client.",
    "unsupported_grant_type": "The only grant type is client_credentials.",
}


@dataclass(frozen=True)
class TokenPolicy:
    """How tokens are made: for how long, and in whose name."""

    issuer: str
    lifetime_s: int


async def answer_oauth(tx: Transaction, keys: Keys, request: OAuthRequest, policy: TokenPolicy) -> OAuthAnswer:
    """Answer a request to the token, introspection or revocation endpoint."""
    return await tx.session.run_sync(lambda session: _Server(session, keys, policy).answer(request))


@dataclass(frozen=True)
class _Client(ClientMixin):
    id: UUID
    scopes: frozenset[str]
    purposes: tuple[str, ...]
    digests: tuple[bytes, ...] = field(repr=False)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        # At every endpoint alike: Authlib's own model would let any method pass but at the token endpoint.
        return method in AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == _Grant.GRANT_TYPE

    def get_allowed_scope(self, scope: Collection[str] | str | None) -> str | None:  # type: ignore[override]  # None refuses: the stub forgets it
        asked = frozenset(scope.split() if isinstance(scope, str) else scope or ())
        # Authlib's own model silently drops what is forbidden.
        return " ".join(sorted(asked or self.scopes)) if asked <= self.scopes else None


@dataclass(frozen=True)
class _Token:
    digest: bytes = field(repr=False)
    client_id: UUID
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime

    def check_client(self, client: _Client) -> bool:
        return self.client_id == client.id

    # Only live tokens are read.
    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


class _Request(OAuth2Request):
    """Our request as Authlib wants it."""

    # Authlib refuses addresses that are not https with an exception that nothing catches. It judges how the
    # address is spelt, which behind a proxy tells nothing of the transport: the deployment must hold that.
    _URI = "https://raccord.invalid"

    def __init__(self, given: OAuthRequest) -> None:
        super().__init__("POST", self._URI, headers={})
        self.given = given
        # A wrong hint must change nothing (RFC 7009 §2.1), and Authlib refuses it.
        self._form = {name: value for name, value in given.form.items() if name != "token_type_hint"}
        self.payload = BasicOAuth2Payload(self._form)

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Grant(ClientCredentialsGrant):
    GRANT_TYPE = "client_credentials"
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def create_token_response(self) -> tuple[int, dict[str, str | int], list[tuple[str, str]]]:  # type: ignore[override]  # the stub says text, Authlib returns a dict
        # In place of Authlib's, which writes the whole token to its debug log.
        token = self.generate_token(scope=self.request.scope, include_refresh_token=False)
        self.server.save_token(token, self.request)
        return 200, token, []


class _Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS
    server: _Server

    def query_token(self, token_string: str, token_type_hint: str | None) -> _Token | None:
        return self.server.find_token(token_string)

    def check_permission(self, token: _Token, client: _Client, request: _Request) -> bool:
        return token.check_client(client) or INTROSPECT_ANY in client.scopes

    def introspect_token(self, token: _Token) -> dict[str, JsonValue]:
        return {
            "active": True,
            "scope": " ".join(token.scopes),
            "client_id": str(token.client_id),
            "sub": str(token.client_id),
            "iss": self.server.policy.issuer,
            "token_type": "Bearer",
            "iat": int(token.issued_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
        }


class _Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS
    server: _Server

    def query_token(self, token_string: str, token_type_hint: str | None) -> _Token | None:
        return self.server.find_token(token_string)

    def revoke_token(self, token: _Token, request: _Request) -> None:
        self.server.end_token(token)


class _Server(AuthorizationServer):
    """Authlib's server for one request, over one session."""

    def __init__(self, session: Session, keys: Keys, policy: TokenPolicy) -> None:
        super().__init__()
        self.policy = policy
        self._session = session
        self._keys = keys
        self._authenticated: str | None = None
        self.register_grant(_Grant)
        self.register_endpoint(_Introspection)
        self.register_endpoint(_Revocation)
        self.register_client_auth_method("client_secret_basic", self._authenticate_by_secret)
        self.register_token_generator(
            "default",
            BearerTokenGenerator(lambda **_: make_access_token(), expires_generator=lambda *_: policy.lifetime_s),
        )

    def answer(self, request: OAuthRequest) -> OAuthAnswer:
        if request.act == "token":
            answer: object = self.create_token_response(request)
        else:
            answer = self.create_endpoint_response(request.act, request)  # type: ignore[no-untyped-call]  # the stub lacks types
        return cast("OAuthAnswer", answer)  # what handle_response makes

    def query_client(self, client_id: str) -> _Client | None:  # type: ignore[override]  # None is unknown: the stub forgets it
        client, secret = oauth_clients.c, oauth_client_secrets.c
        is_live_secret = and_(secret.client_id == client.id, secret.expires_at > func.now())
        rows = self._session.execute(
            select(client.id, client.scopes, client.purposes, secret.digest)
            .select_from(oauth_clients.outerjoin(oauth_client_secrets, is_live_secret))
            .where(client.id == UUID(client_id), client.revoked_at.is_(None))
        ).all()
        if not rows:
            return None
        digests = tuple(row.digest for row in rows if row.digest is not None)
        return _Client(rows[0].id, frozenset(rows[0].scopes), tuple(rows[0].purposes), digests)

    def authenticate_client(
        self, request: OAuth2Request, methods: Collection[str], endpoint: str = "token"
    ) -> ClientMixin:
        try:
            client = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise InvalidClientError(status_code=401) from None
        assert isinstance(client, _Client)
        self._authenticated = str(client.id)
        return client

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        assert isinstance(request.client, _Client)
        self._session.execute(
            insert(oauth_tokens).values(
                digest=self._keys.digest_secret(str(token["access_token"])),
                client_id=request.client.id,
                scopes=str(token["scope"]).split(),
                purposes=list(request.client.purposes),
                expires_at=func.now() + timedelta(seconds=self.policy.lifetime_s),
            )
        )

    def find_token(self, text: str) -> _Token | None:
        """Find the live token of a live client."""
        if not is_access_token(text):
            return None
        token, client = oauth_tokens.c, oauth_clients.c
        row = self._session.execute(
            select(token.digest, token.client_id, token.scopes, token.issued_at, token.expires_at)
            .join_from(oauth_tokens, oauth_clients)
            .where(
                token.digest == self._keys.digest_secret(text),
                token.revoked_at.is_(None),
                token.expires_at > func.now(),
                client.revoked_at.is_(None),
            )
        ).one_or_none()
        return None if row is None else _Token(row.digest, row.client_id, tuple(row.scopes), *row[3:])

    def end_token(self, token: _Token) -> None:
        """End the token, and have it announced when the transaction commits."""
        self._session.execute(
            update(oauth_tokens).where(oauth_tokens.c.digest == token.digest).values(revoked_at=func.now())
        )
        self._session.execute(select(func.pg_notify(CHANNEL, token.digest.hex())))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Send none: nothing here listens."""

    def create_oauth2_request(self, request: OAuthRequest | _Request) -> _Request:
        return _Request(request) if isinstance(request, OAuthRequest) else request

    def handle_response(self, status: int, body: Mapping[str, object], headers: object) -> OAuthAnswer:
        return OAuthAnswer(status, cast("Mapping[str, JsonValue]", body), client_id=self._authenticated)

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> OAuthAnswer:
        code = str(error.error)
        body = {"error": code, "error_description": _DESCRIPTIONS[code]}
        return self.handle_response(error.status_code, body, ())

    def _authenticate_by_secret(self, query_client: object, request: _Request) -> _Client | None:
        """Authenticate the client; an unknown one costs the same query and comparisons as a wrong secret."""
        given = request.given.credentials
        if given is None:
            return None
        client = self.query_client(str(given.client_id))
        digest = self._keys.digest_secret(given.secret)
        digests = client.digests if client else ()
        dummies = [_NO_DIGEST] * (_MAX_SECRETS - len(digests))
        matches = [hmac.compare_digest(digest, stored) for stored in (*digests, *dummies)]
        return client if any(matches) else None
