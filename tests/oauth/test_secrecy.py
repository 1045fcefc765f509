"""No secret and no token is written in any log, ours or the libraries', however talkative they are made."""

from __future__ import annotations

import io
import logging

import pytest
from structlog.testing import capture_logs

from tests.oauth.conftest import World

pytestmark = pytest.mark.anyio


async def test_no_log_holds_a_secret_or_a_token(world: World) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    # The test's own client writes its addresses; a server has no such client.
    handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))
    root, authlib = logging.getLogger(), logging.getLogger("authlib")
    levels = root.level, authlib.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    authlib.setLevel(logging.DEBUG)
    try:
        with capture_logs() as lines:
            client, secret = await world.register()
            auth = (str(client.id), secret)
            token = await world.get_token(client, secret)
            await world.read_me(token)
            await world.read_me(token + "x")
            await world.http.get(f"/me?access_token={token}", headers={"Authorization": "Bearer x"})
            await world.http.post("/oauth/introspect", data={"token": token}, auth=auth)
            await world.http.post("/oauth/revoke", data={"token": token}, auth=auth)
            await world.ask_token(client, secret + "x")
            await world.ask_token(client, secret, scope=token)
    finally:
        root.removeHandler(handler)
        root.setLevel(levels[0])
        authlib.setLevel(levels[1])

    everything = written.getvalue() + repr(lines)
    assert [line["status"] for line in lines if line["event"] == "request"] == [
        200,
        200,
        401,
        401,
        200,
        200,
        401,
        400,
    ]
    assert secret[7:] not in everything
    assert token[7:40] not in everything


async def test_the_log_line_names_the_client(world: World) -> None:
    client, secret = await world.register()

    with capture_logs() as lines:
        await world.read_me(await world.get_token(client, secret))
        await world.ask_token(client, "rac_cs_wrong")

    named = [line["client_id"] for line in lines if line["event"] == "request"]
    assert named == [str(client.id), str(client.id), None]
