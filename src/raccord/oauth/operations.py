"""What the OpenAPI document says of the OAuth routes."""

from __future__ import annotations

from typing import TypedDict

from fastapi import params
from fastapi.security.http import HTTPBase

from raccord.kernel.errors import BodyTooLargeError
from raccord.kernel.openapi import Document, describe_answer, describe_body, describe_problems
from raccord.kernel.shapes import Shape
from raccord.oauth.forms import FORM
from raccord.oauth.shapes import (
    AuthorizationServerMetadata,
    Introspection,
    OAuthError,
    RevocationAnswer,
    TokenAnswer,
    TokenForm,
    TokenReferenceForm,
)

_TOKEN = "rac_at_4Zr0pYyQvHnJ0y3cWm1dK8aT5uXeBq2LsGfRiOoNhVwVizGUQ"  # noqa: S105 — an example, opens nothing
_CLIENT = "0f8fad5b-d9cb-469f-a165-70867728950e"
_SCOPES = "prescriptions:read structures:read"


class Operation(TypedDict):
    """The arguments of a route that only documentation needs."""

    operation_id: str
    summary: str
    description: str
    response_model: None
    responses: dict[int | str, Document]
    dependencies: list[params.Depends]
    openapi_extra: Document | None


# Shown in OpenAPI only: the credentials are read by forms.py, strictly.
_CLIENT_SECRET = params.Security(HTTPBase(scheme="basic", scheme_name="client_secret_basic", auto_error=False))


def _describe_error(description: str, code: str, sentence: str, **headers: str) -> Document:
    return describe_answer(description, OAuthError, {"error": code, "error_description": sentence}, **headers)


def _describe_too_large() -> Document:
    """A body far over the limit never reaches these endpoints: the frame around the app refuses it, as a problem."""
    answer = _describe_error("Le corps dépasse 16 ko.", "invalid_request", "The body must not pass 16384 bytes.")
    problem = describe_problems(BodyTooLargeError)[413]
    return {**answer, "content": {**answer["content"], **problem["content"]}}


def _describe_errors(bad_request: str) -> dict[int | str, Document]:
    return {
        400: _describe_error(bad_request, "invalid_request", "A parameter is repeated."),
        401: _describe_error(
            "`invalid_client` : client inconnu, secret faux, expiré ou révoqué, identification absente.",
            "invalid_client",
            "Client authentication failed: unknown client, wrong secret or unsupported method.",
            WWW_Authenticate='Toujours `Basic realm="raccord"`.',
        ),
        413: _describe_too_large(),
        415: _describe_error("Le corps n'est pas un formulaire.", "invalid_request", f"The body must be {FORM}."),
        503: describe_problems()[503],
    }


def _describe_form(
    operation_id: str,
    summary: str,
    description: str,
    form: tuple[type[Shape], Document],
    answers: dict[int | str, Document],
) -> Operation:
    model, example = form
    return Operation(
        operation_id=operation_id,
        summary=summary,
        description=description,
        response_model=None,
        responses=answers,
        dependencies=[_CLIENT_SECRET],
        openapi_extra=describe_body(model, example, FORM),
    )


CREATE_TOKEN = _describe_form(
    "create_token",
    "Obtenir un jeton d'accès",
    "Le client s'identifie par HTTP Basic (client_id, secret). Gardez le jeton jusqu'à son expiration. / "
    "The client authenticates by HTTP Basic. Keep the token until it expires.",
    (TokenForm, {"grant_type": "client_credentials", "scope": _SCOPES}),
    {
        200: describe_answer(
            "Le jeton.",
            TokenAnswer,
            {"access_token": _TOKEN, "token_type": "Bearer", "expires_in": 900, "scope": _SCOPES},
        ),
        **_describe_errors("`invalid_request`, `invalid_scope` ou `unsupported_grant_type`."),
        429: _describe_error(
            "Trop de demandes de jeton, de ce client ou de cette origine.",
            "temporarily_unavailable",
            "Too many requests for tokens: keep and reuse them.",
            Retry_After="Délai avant de réessayer, en secondes.",
        ),
    },
)

INTROSPECT_TOKEN = _describe_form(
    "introspect_token",
    "Connaître l'état d'un jeton",
    "Un client connaît ses propres jetons ; ceux des autres avec la portée tokens:introspect. / "
    "A client learns of its own tokens; of others' with the scope tokens:introspect.",
    (TokenReferenceForm, {"token": _TOKEN}),
    {
        200: describe_answer(
            "L'état du jeton.",
            Introspection,
            {
                "active": True,
                "scope": _SCOPES,
                "client_id": _CLIENT,
                "sub": _CLIENT,
                "iss": "https://api.raccord.example",
                "token_type": "Bearer",
                "iat": 1763805600,
                "exp": 1763806500,
            },
        ),
        **_describe_errors("`invalid_request`."),
    },
)

REVOKE_TOKEN = _describe_form(
    "revoke_token",
    "Révoquer un jeton",
    "Sans effet ni erreur sur un jeton inconnu ou expiré. / No effect, no error, on an unknown token.",
    (TokenReferenceForm, {"token": _TOKEN}),
    {
        200: describe_answer("Le jeton n'ouvre plus rien.", RevocationAnswer, {}),
        **_describe_errors("`invalid_request`, ou `invalid_grant` pour le jeton d'un autre client."),
    },
)

READ_AUTHORIZATION_SERVER = Operation(
    operation_id="read_authorization_server",
    summary="Métadonnées du serveur d'autorisation",
    description="RFC 8414.",
    response_model=None,
    responses={
        200: describe_answer(
            "Les adresses et ce qu'elles acceptent.",
            AuthorizationServerMetadata,
            {
                "issuer": "https://api.raccord.example",
                "token_endpoint": "https://api.raccord.example/oauth/token",
                "introspection_endpoint": "https://api.raccord.example/oauth/introspect",
                "revocation_endpoint": "https://api.raccord.example/oauth/revoke",
                "scopes_supported": ["prescriptions:read", "structures:read"],
                "response_types_supported": [],
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "introspection_endpoint_auth_methods_supported": ["client_secret_basic"],
                "revocation_endpoint_auth_methods_supported": ["client_secret_basic"],
            },
        )
    },
    dependencies=[],
    openapi_extra=None,
)
