from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from raccord.kernel.errors import ConflictError, InvalidContentError, NotFoundError
from raccord.kernel.identifiers import make_uuid4
from raccord.oauth.clients import create_client, list_clients, revoke_client, rotate_secret
from tests.oauth.conftest import World

pytestmark = pytest.mark.anyio


async def rotate(world: World, client_id: object, hours: float) -> str:
    async with world.database.begin() as tx:
        return await rotate_secret(tx, world.keys, client_id, keep_old_for=timedelta(hours=hours))  # type: ignore[arg-type]  # an id


async def list_statuses(world: World, client: object, *secrets: str) -> list[int]:
    return [(await world.ask_token(client, secret)).status_code for secret in secrets]  # type: ignore[arg-type]  # a client


async def test_two_secrets_live_during_the_overlap_and_never_three(world: World) -> None:
    client, first = await world.register()

    second = await rotate(world, client.id, 1)
    assert await list_statuses(world, client, first, second) == [200, 200]

    third = await rotate(world, client.id, 1)
    assert await list_statuses(world, client, first, second, third) == [401, 200, 200]

    fourth = await rotate(world, client.id, 0)
    assert await list_statuses(world, client, first, second, third, fourth) == [401, 401, 401, 200]


async def test_the_overlap_ends(world: World) -> None:
    client, first = await world.register()

    second = await rotate(world, client.id, 0.1 / 3600)
    await asyncio.sleep(0.12)

    assert await list_statuses(world, client, first, second) == [401, 200]


async def test_rotations_at_once_leave_two_secrets(world: World) -> None:
    client, first = await world.register()

    secrets = await asyncio.gather(*(rotate(world, client.id, 1) for _ in range(3)))

    assert sorted(await list_statuses(world, client, first, *secrets)) == [200, 200, 401, 401]


async def test_a_stored_secret_is_no_secret(world: World) -> None:
    client, secret = await world.register()
    token = await world.get_token(client, secret)

    rows = await world.database.fetch(
        "SELECT string_agg(s::text || t::text || c::text, '') AS stored"
        " FROM oauth_client_secrets s, oauth_tokens t, oauth_clients c"
    )

    for hidden in (secret, token, secret[7:], token[7:]):
        assert hidden not in rows[0]["stored"]
        assert hidden.encode().hex() not in rows[0]["stored"]


async def test_a_source_has_one_live_client(world: World) -> None:
    first, _ = await world.register("tool")
    with pytest.raises(ConflictError):
        await world.register("tool")

    async with world.database.begin() as tx:
        assert await revoke_client(tx, first.id)
        assert not await revoke_client(tx, first.id)
    second, _ = await world.register("tool")

    async with world.database.begin() as tx:
        clients = await list_clients(tx)
    assert [(client.id, client.revoked_at is None) for client in clients] == [
        (first.id, False),
        (second.id, True),
    ]


async def test_a_revoked_or_unknown_client_gets_no_secret(world: World) -> None:
    client, _ = await world.register()
    async with world.database.begin() as tx:
        await revoke_client(tx, client.id)

    for client_id in (client.id, make_uuid4()):
        with pytest.raises(NotFoundError):
            await rotate(world, client_id, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\x00"),
        ("source", "Tool"),
        ("source", "a/b"),
        ("scopes", []),
        ("scopes", ["a b:c"]),
    ],
)
async def test_a_client_is_described_well(world: World, field: str, value: object) -> None:
    described: dict[str, object] = {
        "name": "Un logiciel",
        "source": "tool",
        "scopes": ["a:b"],
        "purposes": [],
    }

    with pytest.raises(InvalidContentError) as refusal:
        async with world.database.begin() as tx:
            await create_client(tx, world.keys, **{**described, field: value})  # type: ignore[arg-type]  # on purpose

    assert str(refusal.value.errors[0].name).startswith(f"/{field}")
