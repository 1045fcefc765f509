"""The caller of a protected route, and how fast what is taken away is felt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from raccord.access.grants import end_agreement, insert_grant, revoke_grant, sign_agreement
from raccord.kernel.database import Database
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.keys import Keys
from raccord.oauth import tokens as tokens_module
from raccord.oauth.clients import revoke_client
from raccord.oauth.revocations import announce_revocation, listen_for_revocations
from raccord.oauth.tokens import TokenReader, delete_old_tokens
from tests.oauth.conftest import World

pytestmark = pytest.mark.anyio
# Well formed, and never issued.
UNKNOWN = "rac_at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADffdHA"
BAD_AUTHORIZATIONS = [
    "Bearer",
    "Bearer ",
    "Bearer rac_at_x",
    f"Bearer {UNKNOWN}",
    f"Bearer {UNKNOWN[:-1]}~",
    f"Token {UNKNOWN}",
    "Basic YTpi",
    "Bearer \u00e9\u00ff",
    "Bearer " + "A" * 20_000,
]


@asynccontextmanager
async def listening(reader: TokenReader, database: Database) -> AsyncIterator[None]:
    """Have the reader listen, from the moment the database knows that it does."""
    task = asyncio.create_task(reader.listen(database.url))
    await wait_until(lambda: count_listeners(database))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def count_listeners(database: Database) -> bool:
    rows = await database.fetch(
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND state = 'idle' AND datname = current_database()"
    )
    return bool(rows)


async def wait_until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 10
    while not await holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.01)


async def revoke(world: World, token: str, client_id: UUID, secret: str) -> None:
    answer = await world.http.post("/oauth/revoke", data={"token": token}, auth=(str(client_id), secret))
    assert answer.status_code == 200


async def test_a_token_tells_its_caller(world: World) -> None:
    client, secret = await world.register("tool", "structures:read")
    token = await world.get_token(client, secret)

    answer = await world.http.get("/me", headers={"Authorization": f"bearer  {token}", "X-Request-Id": "request-1"})

    assert answer.json() == {
        "client_id": str(client.id),
        "scopes": ["structures:read"],
        "purposes": ["prescription"],
        "structures": {},
        "request_id": "request-1",
    }


async def test_without_a_token_the_challenge_names_no_error(world: World) -> None:
    answer = await world.http.get("/me")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="raccord"'
    assert answer.json()["code"] == "unauthenticated"


async def test_a_bad_token_is_refused_as_such(world: World) -> None:
    for header in BAD_AUTHORIZATIONS:
        answer = await world.http.get("/me", headers={b"Authorization": header.encode("latin-1")})

        assert answer.status_code == 401, header
        assert answer.headers["www-authenticate"] == 'Bearer realm="raccord", error="invalid_token"'


async def test_two_tokens_at_once_are_refused(world: World) -> None:
    client, secret = await world.register()
    header = ("Authorization", f"Bearer {await world.get_token(client, secret)}")

    assert (await world.http.get("/me", headers=[header, header])).status_code == 401


async def test_garbage_costs_no_query(keys: Keys) -> None:
    never_opened = Database("postgresql+asyncpg://nobody@/nowhere")

    assert await TokenReader(never_opened, keys).authenticate("rac_at_" + "A" * 49) is None


async def test_a_token_without_the_scope_is_refused_with_its_name(world: World) -> None:
    client, secret = await world.register("tool", "structures:read")
    token = await world.get_token(client, secret)

    answer = await world.http.post("/structures", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 403
    assert answer.json()["code"] == "insufficient_scope"
    assert 'scope="structures:write"' in answer.headers["www-authenticate"]


async def test_an_expired_token_is_refused(world: World) -> None:
    client, secret = await world.register()
    token = await world.get_token(client, secret)
    async with world.database.begin() as tx:
        await tx.fetch("UPDATE oauth_tokens SET expires_at = now()")

    assert (await world.read_me(token)).status_code == 401


async def test_memory_does_not_outlive_the_token(world: World) -> None:
    client, secret = await world.register()
    token = await world.get_token(client, secret)
    async with world.database.begin() as tx:
        await tx.fetch("UPDATE oauth_tokens SET expires_at = now() + interval '300 milliseconds'")

    assert (await world.read_me(token)).status_code == 200
    await asyncio.sleep(0.35)
    assert (await world.read_me(token)).status_code == 401


async def test_structures_carry_the_scopes_granted_and_signed_for(world: World) -> None:
    client, secret = await world.register("tool", "structures:read", "prescriptions:read")
    signed, unsigned, ended, revoked = (make_uuid7() for _ in range(4))
    async with world.database.begin() as tx:
        for structure_id in (signed, ended, revoked):
            await sign_agreement(tx, structure_id, date(2026, 1, 1), "La présidente")
        await insert_grant(tx, client.id, signed, ["prescriptions:read", "people:nir"], None)
        await insert_grant(tx, client.id, signed, ["structures:read"], None)
        await insert_grant(tx, client.id, unsigned, ["prescriptions:read"], None)
        await insert_grant(tx, client.id, ended, ["prescriptions:read"], None)
        await revoke_grant(tx, await insert_grant(tx, client.id, revoked, ["prescriptions:read"], None))
        await insert_grant(tx, client.id, revoked, ["prescriptions:read"], date(2025, 12, 31))
    async with world.database.begin() as tx:
        await end_agreement(tx, ended)

    wide = (await world.read_me(await world.get_token(client, secret))).json()["structures"]
    narrow = (await world.read_me(await world.get_token(client, secret, scope="structures:read"))).json()["structures"]

    assert wide == {str(signed): ["prescriptions:read", "structures:read"]}
    assert narrow == {str(signed): ["structures:read"]}


async def test_a_remembered_caller_costs_no_query(world: World) -> None:
    client, secret = await world.register()
    token = await world.get_token(client, secret)
    await world.read_me(token)
    await world.database.close()

    assert (await world.read_me(token)).status_code == 200
    await world.database.open()


async def test_a_revocation_is_felt_at_once_where_it_is_heard(world: World) -> None:
    elsewhere = TokenReader(world.database, world.keys)
    client, secret = await world.register()
    token, other = [await world.get_token(client, secret) for _ in range(2)]

    async with listening(elsewhere, world.database):
        for live in (token, other):
            assert await elsewhere.authenticate(live)
        await revoke(world, token, client.id, secret)

        async def is_refused() -> bool:
            return await elsewhere.authenticate(token) is None

        started = time.monotonic()
        await wait_until(is_refused)
        assert time.monotonic() - started < 1
        # The others are still remembered: a client that revokes often costs nobody else a query.
        assert len(elsewhere._remembered) == 1


async def test_a_revocation_is_felt_at_once_in_its_own_process(world: World) -> None:
    client, secret = await world.register()
    token = await world.get_token(client, secret)
    assert (await world.read_me(token)).status_code == 200

    await revoke(world, token, client.id, secret)

    assert (await world.read_me(token)).status_code == 401


async def test_a_revocation_is_felt_when_memory_ends_where_it_is_not_heard(world: World) -> None:
    elsewhere = TokenReader(world.database, world.keys, memory_s=0.3)
    await elsewhere.listen(None)
    client, secret = await world.register()
    token = await world.get_token(client, secret)
    assert await elsewhere.authenticate(token)

    await revoke(world, token, client.id, secret)

    assert await elsewhere.authenticate(token)
    await asyncio.sleep(0.35)
    assert await elsewhere.authenticate(token) is None


async def test_a_lost_connection_is_made_again_and_nothing_missed(world: World) -> None:
    elsewhere = TokenReader(world.database, world.keys)
    client, secret = await world.register()
    token = await world.get_token(client, secret)
    async with listening(elsewhere, world.database):
        before = elsewhere._forgotten
        assert await elsewhere.authenticate(token)

        await world.database.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )

        async def listens_again() -> bool:
            return elsewhere._forgotten > before and await count_listeners(world.database)

        await wait_until(listens_again)
        assert not elsewhere._remembered
        assert await elsewhere.authenticate(token)
        await revoke(world, token, client.id, secret)

        async def is_refused() -> bool:
            return await elsewhere.authenticate(token) is None

        await wait_until(is_refused)


async def test_while_nothing_can_be_heard_the_listener_says_so_and_tries_again() -> None:
    with capture_logs() as lines:
        task = asyncio.create_task(
            listen_for_revocations("postgresql+asyncpg://x@127.0.0.1:1/x", lambda _: None, first_pause_s=0.01)
        )

        async def was_said_twice() -> bool:
            return len(lines) > 1

        await wait_until(was_said_twice)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    assert {line["log_level"] for line in lines} == {"warning"}


async def test_what_is_read_before_a_revocation_is_not_remembered_after_it(world: World) -> None:
    client, secret = await world.register()
    token = await world.get_token(client, secret)

    class Interrupted(Database):
        async def fetch(self, sql: str, *values: object):  # type: ignore[no-untyped-def]  # as its base
            rows = await world.database.fetch(sql, *values)
            reader.clear()
            return rows

    reader = TokenReader(Interrupted(world.database.url), world.keys)

    assert await reader.authenticate(token) is not None
    assert not reader._remembered


async def test_memory_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_module, "_MAX_REMEMBERED", 2)
    client, secret = await world.register()

    for _ in range(4):
        assert (await world.read_me(await world.get_token(client, secret))).status_code == 200

    assert len(world.tokens._remembered) == 2


async def test_a_revoked_client_is_out_at_once(world: World) -> None:
    client, secret = await world.register()
    token = await world.get_token(client, secret)

    async with listening(world.tokens, world.database):
        assert (await world.read_me(token)).status_code == 200
        async with world.database.begin() as tx:
            assert await revoke_client(tx, client.id)

        async def is_refused() -> bool:
            return (await world.read_me(token)).status_code == 401

        await wait_until(is_refused)

    assert (await world.ask_token(client, secret)).status_code == 401


async def test_a_revoked_grant_is_felt_once_announced(world: World) -> None:
    client, secret = await world.register()
    structure_id = make_uuid7()
    async with world.database.begin() as tx:
        await sign_agreement(tx, structure_id, date(2026, 1, 1), "Le président")
        grant_id = await insert_grant(tx, client.id, structure_id, ["prescriptions:read"], None)
    token = await world.get_token(client, secret)

    async with listening(world.tokens, world.database):
        assert (await world.read_me(token)).json()["structures"]
        async with world.database.begin() as tx:
            await revoke_grant(tx, grant_id)
            await announce_revocation(tx)

        async def is_gone() -> bool:
            return not (await world.read_me(token)).json()["structures"]

        await wait_until(is_gone)


async def test_old_tokens_are_deleted(world: World) -> None:
    client, secret = await world.register()
    await world.get_token(client, secret)
    async with world.database.begin() as tx:
        await tx.fetch("UPDATE oauth_tokens SET expires_at = $1", datetime(2026, 1, 1, tzinfo=UTC))
    live = await world.get_token(client, secret)

    async with world.database.begin() as tx:
        assert await delete_old_tokens(tx, ended_for=timedelta(days=1)) == 1

    assert (await world.read_me(live)).status_code == 200
