"""The token endpoint, by the ways of real clients and of hostile ones.

P1 and P9 to P13 of the known pitfalls are about signed tokens, assertions and codes: they do not apply here.
"""

from __future__ import annotations

import base64
import random
from contextlib import AsyncExitStack

import httpx
import pytest

from raccord.kernel.database import Database
from raccord.kernel.keys import Keys
from raccord.oauth.credentials import make_client_secret
from tests.oauth.conftest import World, open_world

pytestmark = pytest.mark.anyio
FORM = "application/x-www-form-urlencoded"
UNKNOWN = "0f8fad5b-d9cb-469f-a165-70867728950e"
HOSTILE_CREDENTIALS = [
    "Basic",
    "Basic ",
    "Basic !!!!",
    "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
    "Basic " + base64.b64encode(b"a\x00b:c\x00").decode(),
    "Basic " + base64.b64encode(b"%00:%00").decode(),
    "Basic " + base64.b64encode(b"%ff%fe:%ff").decode(),
    "Basic " + base64.b64encode(b"nocolon").decode(),
    "Basic " + "A" * 5000,
    "Basic YQ",
    "Bearer abc",
    "Digest username=x",
    "\u00e9",
]


def write_basic(client_id: object, secret: object) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


async def test_a_client_gets_a_token_with_all_its_scopes(world: World) -> None:
    client, secret = await world.register("tool", "structures:read", "prescriptions:read")

    answer = await world.ask_token(client, secret)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    body = answer.json()
    assert body.pop("access_token").startswith("rac_at_")
    assert body == {"token_type": "Bearer", "expires_in": 900, "scope": "prescriptions:read structures:read"}


async def test_a_client_gets_only_the_scopes_it_asks(world: World) -> None:
    client, secret = await world.register("tool", "structures:read", "prescriptions:read")

    answer = await world.ask_token(client, secret, scope="structures:read structures:read")

    assert answer.json()["scope"] == "structures:read"
    assert (await world.read_me(answer.json()["access_token"])).json()["scopes"] == ["structures:read"]


@pytest.mark.parametrize("scope", ["structures:write", "structures:read structures:write", "été", "\x00"])
async def test_a_scope_that_the_client_lacks_is_refused(world: World, scope: str) -> None:
    client, secret = await world.register("tool", "structures:read")

    answer = await world.ask_token(client, secret, scope=scope)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


async def test_the_lifetime_is_the_one_set(database: Database, keys: Keys) -> None:
    async with AsyncExitStack() as stack:
        world = await open_world(stack, database, keys, lifetime_s=60)
        client, secret = await world.register()

        assert (await world.ask_token(client, secret)).json()["expires_in"] == 60

    rows = await database.fetch("SELECT extract(epoch FROM expires_at - issued_at)::int AS s FROM oauth_tokens")
    assert [row["s"] for row in rows] == [60]


async def test_plain_http_is_answered_whatever_the_host(world: World) -> None:
    client, secret = await world.register()

    for host in ("api.raccord.example", "10.0.0.7:8000", "[::1]", "x y", ""):
        answer = await world.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            headers={"Host": host, "Authorization": write_basic(client.id, secret)},
        )
        assert answer.status_code == 200


async def test_an_unknown_client_and_a_wrong_secret_are_answered_alike(world: World) -> None:
    client, secret = await world.register()
    wrong = [
        (UNKNOWN, make_client_secret()),
        (UNKNOWN, secret),
        (client.id, make_client_secret()),
        (client.id, "rac_cs_short"),
        ("not-an-id", secret),
        (client.id, ""),
    ]

    answers = [
        await world.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": write_basic(*pair)},
        )
        for pair in wrong
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["www-authenticate"] for answer in answers} == {'Basic realm="raccord"'}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["error"] == "invalid_client"


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke"])
async def test_hostile_credentials_are_a_plain_refusal(world: World, path: str) -> None:
    for header in HOSTILE_CREDENTIALS:
        answer = await world.http.post(
            path,
            data={"grant_type": "client_credentials", "token": "x"},
            headers={b"Authorization": header.encode("latin-1")},
        )

        assert answer.status_code == 401, header
        assert answer.json()["error"] == "invalid_client"


async def test_credentials_sent_twice_are_refused(world: World) -> None:
    client, secret = await world.register()
    header = ("Authorization", write_basic(client.id, secret))

    answer = await world.http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=[header, header])

    assert answer.status_code == 401


async def test_percent_encoded_credentials_are_read(world: World) -> None:
    client, secret = await world.register()
    encoded = [part.replace("_", "%5F").replace("-", "%2D") for part in (str(client.id), secret)]

    answer = await world.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": write_basic(*encoded).replace("Basic", "bAsIc")},
    )

    assert answer.status_code == 200


async def test_a_client_authenticates_in_one_way_only(world: World) -> None:
    client, secret = await world.register()
    in_body = {"grant_type": "client_credentials", "client_id": str(client.id), "client_secret": secret}

    by_post = await world.http.post("/oauth/token", data=in_body)
    by_both = await world.ask_token(client, secret, client_secret=secret)
    for_other = await world.ask_token(client, secret, client_id=UNKNOWN)
    named = await world.ask_token(client, secret, client_id=str(client.id))

    assert (by_post.status_code, by_post.json()["error"]) == (401, "invalid_client")
    assert (by_both.status_code, by_both.json()["error"]) == (400, "invalid_request")
    assert (for_other.status_code, for_other.json()["error"]) == (400, "invalid_request")
    assert named.status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status", "error"),
    [
        (b"", FORM, 400, "invalid_request"),
        (b"scope=structures:read", FORM, 400, "invalid_request"),
        (b"grant_type=", FORM, 400, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM, 400, "invalid_request"),
        (b"grant_type=client_credentials&x=1&x=", FORM, 400, "invalid_request"),
        (b"grant_type=client_credentials&x=%ff", FORM, 400, "invalid_request"),
        (b"grant_type=client_credentials&x=\xff", FORM, 400, "invalid_request"),
        (
            b"grant_type=client_credentials" + b"".join(b"&a%d=1" % n for n in range(30)),
            FORM,
            400,
            "invalid_request",
        ),
        (b"grant_type=password&username=a&password=b", FORM, 400, "unsupported_grant_type"),
        (b"grant_type=authorization_code&code=a", FORM, 400, "unsupported_grant_type"),
        (b"grant_type=%00%22%5C%C3%A9", FORM, 400, "unsupported_grant_type"),
        (b"grant_type=client_credentials&x=" + b"a" * 16_384, FORM, 413, "invalid_request"),
        (b'{"grant_type": "client_credentials"}', "application/json", 415, "invalid_request"),
        (b"grant_type=client_credentials", f"{FORM}; charset=utf-16", 415, "invalid_request"),
        (b"grant_type=client_credentials", "multipart/form-data; boundary=x", 415, "invalid_request"),
        (b"grant_type=client_credentials&unknown=1", f"{FORM}; charset=UTF-8", 200, None),
    ],
)
async def test_forms_are_read_strictly(
    world: World, body: bytes, content_type: str, status: int, error: str | None
) -> None:
    client, secret = await world.register()
    headers = {"Content-Type": content_type, "Authorization": write_basic(client.id, secret)}

    answer = await world.http.post("/oauth/token", content=body, headers=headers)

    assert (answer.status_code, answer.json().get("error")) == (status, error)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke"])
async def test_no_noise_is_a_server_error(world: World, path: str) -> None:
    client, secret = await world.register()
    noise = random.Random(path)
    known = [
        b"grant_type",
        b"client_credentials",
        b"token",
        b"scope",
        b"=",
        b"&",
        b"%",
        b"%00",
        b"%ff",
        b";",
        b"+",
    ]

    for _ in range(150):
        pieces = (noise.choice([*known, noise.randbytes(3)]) for _ in range(noise.randrange(12)))
        credentials = write_basic(client.id, secret) if noise.random() < 0.5 else f"Basic {noise.randbytes(9).hex()}"
        answer = await world.http.post(
            path, content=b"".join(pieces), headers={"Content-Type": FORM, "Authorization": credentials}
        )
        assert answer.status_code in (200, 400, 401, 429)


async def test_parameters_in_the_address_are_refused(world: World) -> None:
    _, secret = await world.register()

    answer = await world.http.post(
        "/oauth/token?grant_type=client_credentials",
        data={"grant_type": "client_credentials"},
        auth=(UNKNOWN, secret),
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_error_repeats_nothing_of_the_request(world: World) -> None:
    client, secret = await world.register()

    answer = await world.ask_token(client, secret, scope="1850578006084", grant_type="Jean Dupont")

    assert "1850578006084" not in answer.text
    assert "Jean" not in answer.text


async def test_the_token_endpoint_takes_only_post(world: World) -> None:
    answer = await world.http.get("/oauth/token")

    assert answer.status_code == 405


async def test_a_client_that_asks_too_often_must_wait(database: Database, keys: Keys) -> None:
    async with AsyncExitStack() as stack:
        world = await open_world(stack, database, keys, client_limit=3, origin_limit=1000)
        client, secret = await world.register("tool")
        other, other_secret = await world.register("other")
        for _ in range(10):
            assert (await world.ask_token(client, make_client_secret())).status_code == 401
            assert (await world.ask_token(client, "", grant_type="password")).status_code == 400

        statuses = [(await world.ask_token(client, secret)).status_code for _ in range(4)]
        refused = await world.ask_token(client, secret)

        # What a stranger tried in its name was not counted, and others are not concerned.
        assert statuses == [200, 200, 200, 429]
        assert refused.json()["error"] == "temporarily_unavailable"
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert (await world.ask_token(other, other_secret)).status_code == 200


async def test_an_origin_that_asks_too_often_must_wait(database: Database, keys: Keys) -> None:
    async with AsyncExitStack() as stack:
        world = await open_world(stack, database, keys, origin_limit=2)
        client, secret = await world.register()

        statuses = [(await world.http.post("/oauth/token")).status_code for _ in range(2)]
        refused = await world.ask_token(client, secret)

        assert statuses == [415, 415]
        assert refused.status_code == 429
        elsewhere = httpx.ASGITransport(world.framed, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(transport=elsewhere, base_url="http://x") as http:
            data = {"grant_type": "client_credentials"}
            assert (await http.post("/oauth/token", data=data, auth=(str(client.id), secret))).status_code == 200
