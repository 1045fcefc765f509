"""What is published of OAuth: the metadata, the OpenAPI document, and that real clients work by them."""

from __future__ import annotations

import warnings
from importlib.metadata import version

import httpx
import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate

from raccord.kernel.openapi import build_document
from tests.oauth.conftest import SCOPES, World

pytestmark = pytest.mark.anyio


async def test_metadata_leads_to_the_endpoints(world: World) -> None:
    answer = await world.http.get("/.well-known/oauth-authorization-server")

    body = answer.json()
    assert body["issuer"] == "https://api.raccord.example"
    assert body["scopes_supported"] == sorted(SCOPES)
    assert body["grant_types_supported"] == ["client_credentials"]
    for endpoint in ("token", "introspection", "revocation"):
        assert body[f"{endpoint}_endpoint"].startswith(body["issuer"])
        assert body[f"{endpoint}_endpoint_auth_methods_supported"] == ["client_secret_basic"]
        path = body[f"{endpoint}_endpoint"].removeprefix(body["issuer"])
        assert (await world.http.post(path)).status_code == 415


async def test_authlibs_own_client_gets_introspects_and_revokes(world: World) -> None:
    with warnings.catch_warnings():
        # It would rather have httpx's successor, which only its client side needs.
        warnings.simplefilter("ignore")
        from authlib.integrations.httpx_client import AsyncOAuth2Client
    client, secret = await world.register()
    transport = httpx.ASGITransport(world.framed)
    async with AsyncOAuth2Client(
        str(client.id), secret, transport=transport, base_url="https://api.raccord.example"
    ) as http:
        token = await http.fetch_token("/oauth/token", grant_type="client_credentials", scope="structures:read")
        assert (await http.get("/me")).status_code == 200
        introspected = await http.introspect_token("/oauth/introspect", token["access_token"])
        assert introspected.json()["active"]
        assert (await http.revoke_token("/oauth/revoke", token["access_token"])).status_code == 200
        assert (await http.get("/me")).status_code == 401


async def test_the_document_tells_operations_forms_answers_and_scopes(world: World) -> None:
    app: FastAPI = world.app

    document = build_document(app, dict.fromkeys(SCOPES, "…"))

    validate(document)
    paths = document["paths"]
    token = paths["/oauth/token"]["post"]
    assert token["operationId"] == "create_token"
    assert set(token["responses"]) == {"200", "400", "401", "413", "415", "429", "503"}
    assert token["security"] == [{"client_secret_basic": []}]
    form = token["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert form["schema"] == {"$ref": "#/components/schemas/TokenForm"}
    assert "additionalProperties" not in document["components"]["schemas"]["TokenForm"]
    ok = token["responses"]["200"]["content"]
    assert list(ok) == ["application/json"]
    assert ok["application/json"]["schema"] == {"$ref": "#/components/schemas/TokenAnswer"}
    assert paths["/oauth/introspect"]["post"]["operationId"] == "introspect_token"
    assert paths["/oauth/revoke"]["post"]["operationId"] == "revoke_token"
    metadata = paths["/.well-known/oauth-authorization-server"]["get"]
    assert metadata["operationId"] == "read_authorization_server"
    assert "security" not in metadata
    assert paths["/me"]["get"]["security"] == [{"oauth2": ["structures:read"]}]
    schemes = document["components"]["securitySchemes"]
    assert schemes["client_secret_basic"]["scheme"] == "basic"
    assert schemes["oauth2"]["flows"]["clientCredentials"]["tokenUrl"] == "/oauth/token"


async def test_authlib_is_past_its_known_advisories() -> None:
    assert tuple(int(part) for part in version("authlib").split(".")[:2]) >= (1, 9)
