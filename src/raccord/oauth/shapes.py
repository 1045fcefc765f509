"""The shapes of the OAuth endpoints, whose names are the RFCs' own."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from raccord.kernel.shapes import Shape


class OAuthError(Shape):
    """An error of an OAuth endpoint (RFC 6749 §5.2)."""

    error: str = Field(description="Code stable de l'erreur (RFC 6749 §5.2).")
    error_description: str = Field(description="Explication, en anglais ASCII comme le veut la RFC.")


class _OAuthForm(Shape):
    # RFC 6749 §3.2: unknown parameters are ignored, unlike everywhere else in this API.
    model_config = ConfigDict(extra="ignore")


class TokenForm(_OAuthForm):
    """The form that asks for a token (RFC 6749 §4.4.2)."""

    grant_type: Literal["client_credentials"] = Field(description="Toujours `client_credentials`.")
    scope: str = Field(
        "", description="Portées demandées, séparées par une espace ; à défaut, toutes celles du client."
    )


class TokenReferenceForm(_OAuthForm):
    """The form that names a token, to introspect or to revoke it."""

    token: str = Field(description="Le jeton d'accès.")
    token_type_hint: str = Field("", description="Sans effet : il n'existe qu'une sorte de jeton.")


class TokenAnswer(Shape):
    """An access token (RFC 6749 §5.1)."""

    access_token: str = Field(description="Jeton opaque, à envoyer dans Authorization: Bearer.")
    token_type: Literal["Bearer"] = Field(description="Toujours `Bearer`.")
    expires_in: int = Field(description="Durée de vie du jeton, en secondes.", gt=0)
    scope: str = Field(description="Portées accordées, séparées par une espace.")


class Introspection(Shape):
    """What is told of a token (RFC 7662 §2.2); of somebody else's, only that it is not active."""

    active: bool = Field(description="Vrai si le jeton est valable et que le client peut le connaître.")
    scope: str | None = Field(None, description="Portées du jeton, séparées par une espace.")
    client_id: str | None = Field(None, description="Client à qui le jeton fut donné.")
    sub: str | None = Field(None, description="Le client lui-même.")
    iss: str | None = Field(None, description="Serveur d'autorisation qui l'a donné.")
    token_type: Literal["Bearer"] | None = Field(None, description="`Bearer`.")
    iat: int | None = Field(None, description="Émission, en secondes depuis 1970 (UTC).")
    exp: int | None = Field(None, description="Expiration, en secondes depuis 1970 (UTC).")


class RevocationAnswer(Shape):
    """Nothing: the token, if there was one, has no more effect (RFC 7009 §2.2)."""


class AuthorizationServerMetadata(Shape):
    """Where the endpoints are and what they accept (RFC 8414)."""

    issuer: str = Field(description="Identifiant du serveur d'autorisation.")
    token_endpoint: str = Field(description="Où demander un jeton.")
    introspection_endpoint: str = Field(description="Où connaître l'état d'un jeton (RFC 7662).")
    revocation_endpoint: str = Field(description="Où révoquer un jeton (RFC 7009).")
    scopes_supported: list[str] = Field(description="Toutes les portées.")
    response_types_supported: list[str] = Field(description="Vide : aucune page d'autorisation pour l'instant.")
    grant_types_supported: list[str] = Field(description="Façons d'obtenir un jeton.")
    token_endpoint_auth_methods_supported: list[str] = Field(description="Façons de s'identifier pour un jeton.")
    introspection_endpoint_auth_methods_supported: list[str] = Field(
        description="Façons de s'identifier pour l'introspection."
    )
    revocation_endpoint_auth_methods_supported: list[str] = Field(
        description="Façons de s'identifier pour la révocation."
    )
