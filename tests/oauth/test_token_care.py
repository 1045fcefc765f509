"""Introspection (RFC 7662) and revocation (RFC 7009)."""

from __future__ import annotations

import pytest

from raccord.oauth.clients import revoke_client
from tests.oauth.conftest import World
from tests.oauth.test_authentication import UNKNOWN

pytestmark = pytest.mark.anyio


async def test_a_client_introspects_its_own_token(world: World) -> None:
    client, secret = await world.register("tool", "structures:read")
    token = await world.get_token(client, secret)

    answer = await world.http.post("/oauth/introspect", data={"token": token}, auth=(str(client.id), secret))

    body = answer.json()
    assert body.pop("exp") - body.pop("iat") == 900
    assert body == {
        "active": True,
        "scope": "structures:read",
        "client_id": str(client.id),
        "sub": str(client.id),
        "iss": "https://api.raccord.example",
        "token_type": "Bearer",
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_of_anothers_token_only_a_permitted_client_learns(world: World) -> None:
    owner, owner_secret = await world.register("owner")
    other, other_secret = await world.register("other")
    gateway, gateway_secret = await world.register("gateway", "tokens:introspect")
    token = await world.get_token(owner, owner_secret)

    seen_by_other = await world.http.post(
        "/oauth/introspect", data={"token": token}, auth=(str(other.id), other_secret)
    )
    seen_by_gateway = await world.http.post(
        "/oauth/introspect", data={"token": token}, auth=(str(gateway.id), gateway_secret)
    )

    assert (seen_by_other.status_code, seen_by_other.json()) == (200, {"active": False})
    assert seen_by_gateway.json()["client_id"] == str(owner.id)


@pytest.mark.parametrize("token", ["x", "\x00", "é" * 100, "rac_at_", UNKNOWN])
async def test_an_unknown_token_is_not_active_and_revoking_it_is_no_error(world: World, token: str) -> None:
    client, secret = await world.register()
    auth = (str(client.id), secret)

    introspected = await world.http.post("/oauth/introspect", data={"token": token}, auth=auth)
    revoked = await world.http.post("/oauth/revoke", data={"token": token}, auth=auth)

    assert (introspected.status_code, introspected.json()) == (200, {"active": False})
    assert (revoked.status_code, revoked.json()) == (200, {})


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
async def test_a_revoked_token_is_dead_whatever_the_hint(world: World, hint: str) -> None:
    client, secret = await world.register()
    auth = (str(client.id), secret)
    token = await world.get_token(client, secret)
    form = {"token": token, "token_type_hint": hint}

    revoked = await world.http.post("/oauth/revoke", data=form, auth=auth)

    assert revoked.status_code == 200
    assert (await world.read_me(token)).status_code == 401
    assert (await world.http.post("/oauth/introspect", data=form, auth=auth)).json() == {"active": False}
    assert (await world.http.post("/oauth/revoke", data=form, auth=auth)).status_code == 200


async def test_nobody_revokes_the_token_of_another(world: World) -> None:
    owner, owner_secret = await world.register("owner")
    other, other_secret = await world.register("other", "tokens:introspect")
    token = await world.get_token(owner, owner_secret)

    answer = await world.http.post("/oauth/revoke", data={"token": token}, auth=(str(other.id), other_secret))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await world.read_me(token)).status_code == 200


async def test_the_tokens_of_a_revoked_client_are_not_active(world: World) -> None:
    owner, owner_secret = await world.register("owner")
    gateway, gateway_secret = await world.register("gateway", "tokens:introspect")
    token = await world.get_token(owner, owner_secret)
    async with world.database.begin() as tx:
        await revoke_client(tx, owner.id)

    answer = await world.http.post("/oauth/introspect", data={"token": token}, auth=(str(gateway.id), gateway_secret))

    assert answer.json() == {"active": False}


@pytest.mark.parametrize("path", ["/oauth/introspect", "/oauth/revoke"])
async def test_the_client_must_authenticate_and_name_a_token(world: World, path: str) -> None:
    client, secret = await world.register()

    anonymous = await world.http.post(path, data={"token": "x"})
    by_post = await world.http.post(path, data={"token": "x", "client_id": str(client.id), "client_secret": secret})
    nameless = await world.http.post(path, data={"other": "x"}, auth=(str(client.id), secret))
    repeated = await world.http.post(
        path,
        content=b"token=a&token=b",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=(str(client.id), secret),
    )

    assert (anonymous.status_code, by_post.status_code) == (401, 401)
    assert (nameless.status_code, nameless.json()["error"]) == (400, "invalid_request")
    assert (repeated.status_code, repeated.json()["error"]) == (400, "invalid_request")
