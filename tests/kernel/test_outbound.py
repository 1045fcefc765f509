"""The way out: what answers lead to, how long is waited, who is never called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raccord.kernel.clock import freeze_clock
from raccord.kernel.consequences import Broken, CredentialsRefused, TryLater
from raccord.kernel.network_guard import AddressRefused, NetworkGuard
from raccord.kernel.outbound import Outbound, Remote
from raccord.kernel.outgoing_credentials import (
    TOKEN_RULES,
    ClientCredentials,
    send_basic,
    send_header,
    send_parameter,
)
from raccord.kernel.response_rules import Action, Rule, Wait, choose_rule, on, read_pointer
from tests.adapters.stand_in import (
    FakeTime,
    MemoryBook,
    StandIn,
    expired_token,
    open_outbound,
    redirected,
    server_error,
    too_many,
    truncated,
)


class Echo(StandIn):
    """Answers what it was asked."""

    async def answer(self, request: Request) -> Response:
        if request.url.path == "/token":
            self.token = f"token-{len(self.calls)}"
            return JSONResponse({"access_token": self.token, "expires_in": 100})
        self.check_token(request)
        if request.url.path == "/big":
            return Response(b"x" * 5_000)
        if request.url.path == "/cookie":
            return Response("", headers={"set-cookie": "a=b"})
        return JSONResponse({"path": request.url.path, "query": str(request.url.query)})


@pytest.fixture
def tool() -> Echo:
    return Echo()


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


def reach(tool: StandIn, clock: FakeTime, **options: Any) -> Remote:
    return open_outbound(tool, clock).reach("http://tool.test/api/v1", **options)


async def test_paths_are_joined_to_the_address_and_queries_kept(tool: Echo, clock: FakeTime) -> None:
    remote = reach(tool, clock)

    assert await remote.get_json("rows", params={"a": "é"}) == {"path": "/api/v1/rows", "query": "a=%C3%A9"}
    assert await remote.get_json("http://tool.test/next?page=2") == {"path": "/next", "query": "page=2"}
    assert await remote.get_json("") == {"path": "/api/v1", "query": ""}


@pytest.mark.parametrize(
    "address", ["http://elsewhere.test/rows", "http://tool.test:81/", "https://tool.test/", "http://a:b@tool.test/"]
)
async def test_credentials_never_follow_to_another_host(tool: Echo, clock: FakeTime, address: str) -> None:
    with pytest.raises(Broken):
        await reach(tool, clock).call("GET", address)

    assert tool.calls == []


async def test_a_redirect_is_refused(tool: Echo, clock: FakeTime) -> None:
    tool.script(redirected())

    with pytest.raises(Broken):
        await reach(tool, clock).get_json("rows")

    assert len(tool.calls) == 1


async def test_an_answer_that_is_too_large_is_refused(tool: Echo, clock: FakeTime) -> None:
    with pytest.raises(Broken):
        await reach(tool, clock, max_bytes=1_000).call("GET", "http://tool.test/big")


async def test_cookies_are_not_shared(tool: Echo, clock: FakeTime) -> None:
    remote = reach(tool, clock)
    await remote.call("GET", "http://tool.test/cookie")
    await remote.get_json("rows")

    assert "cookie" not in tool.calls[-1].headers


async def test_a_wait_that_is_too_long_is_for_later(tool: Echo, clock: FakeTime) -> None:
    tool.script(too_many("3600"))
    remote = reach(tool, clock)

    with pytest.raises(TryLater) as raised:
        await remote.get_json("x")
    with pytest.raises(TryLater):
        await remote.get_json("x")

    assert raised.value.after_s == 3_600
    assert len(tool.calls) == 1


async def test_a_post_is_not_repeated_unless_it_is_said_to_be_harmless(tool: Echo, clock: FakeTime) -> None:
    remote = reach(tool, clock)
    tool.script(server_error(500))
    with pytest.raises(TryLater):
        await remote.call("POST", "x", json_body={})
    tool.script(server_error(500))

    assert (await remote.call("POST", "x", json_body={}, may_repeat=True)).status == 200
    assert len(tool.calls) == 3


async def test_json_that_is_cut_is_asked_for_again_and_broken_if_it_stays_so(tool: Echo, clock: FakeTime) -> None:
    remote = reach(tool, clock)
    tool.script(truncated())
    assert await remote.get_json("x")

    tool.script(truncated(times=10))
    with pytest.raises(Broken):
        await remote.get_json("x")


async def test_an_expired_token_is_renewed_once_and_the_call_repeated(tool: Echo, clock: FakeTime) -> None:
    outbound = open_outbound(tool, clock)
    tokens = ClientCredentials(outbound.reach("http://tool.test/token", rules=TOKEN_RULES), "id", "s3cret")
    remote = outbound.reach("http://tool.test/api", authorise=tokens.authorise)

    await remote.get_json("x")
    await remote.get_json("x")
    assert [call.path for call in tool.calls] == ["/token", "/api/x", "/api/x"]
    tool.token = "revoked-meanwhile"
    await remote.get_json("x")

    assert [call.path for call in tool.calls[3:]] == ["/api/x", "/token", "/api/x"]
    assert b"client_secret=s3cret" in tool.calls[0].body


async def test_a_token_is_renewed_before_its_end(tool: Echo, clock: FakeTime) -> None:
    outbound = open_outbound(tool, clock)
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    tokens = ClientCredentials(outbound.reach("http://tool.test/token"), "id", "s", now=lambda: moment)
    await tokens.authorise(False)

    moment += timedelta(seconds=69)
    await tokens.authorise(False)
    assert len(tool.calls) == 1
    moment += timedelta(seconds=2)
    await tokens.authorise(False)
    assert len(tool.calls) == 2


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_token_server_that_refuses_the_client_is_named(tool: Echo, clock: FakeTime, status: int) -> None:
    tool.script(server_error(status))
    outbound = open_outbound(tool, clock)
    tokens = ClientCredentials(outbound.reach("http://tool.test/token", rules=TOKEN_RULES), "id", "s")

    with pytest.raises(CredentialsRefused):
        await tokens.authorise(False)


@pytest.mark.parametrize(
    "authorise", [send_header("x-key", "k"), send_parameter("key", "k"), send_basic("user", "password")]
)
async def test_fixed_keys_that_are_refused_are_not_tried_again(tool: Echo, clock: FakeTime, authorise: Any) -> None:
    tool.script(expired_token(times=5))

    with pytest.raises(CredentialsRefused):
        await reach(tool, clock, authorise=authorise).get_json("x")

    assert len(tool.calls) == 1


async def test_rules_say_what_an_answer_means(tool: Echo, clock: FakeTime) -> None:
    refused = Rule(Action.REFUSED, on(200), pointer="/path", values=frozenset({"/api/v1/no"}))
    gone = Rule(Action.RETURN, on(404))
    remote = reach(tool, clock, rules=(refused, gone))
    tool.script(server_error(404))

    assert (await remote.call("GET", "x")).status == 404
    assert await remote.get_json("x")
    with pytest.raises(CredentialsRefused):
        await remote.get_json("no")


@given(st.integers(100, 599), st.binary(max_size=40))
def test_every_answer_has_a_rule(status: int, body: bytes) -> None:
    assert choose_rule((), status, {}, body, None).action in Action


def test_waits_are_read_from_headers() -> None:
    now = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    with freeze_clock(now):
        assert Wait().choose(0, {"retry-after": "12"}) == 12
        assert Wait().choose(0, {"retry-after": format_datetime(now + timedelta(seconds=90), usegmt=True)}) == 90
        assert Wait().choose(0, {"retry-after": format_datetime(now - timedelta(seconds=90), usegmt=True)}) == 0
        reset = Wait(header="x-reset", is_instant=True)
        assert reset.choose(0, {"x-reset": str(int(now.timestamp()) + 30)}) == 30
        assert 2.0 <= Wait(first_s=1.0).choose(2, {"retry-after": "soon"}) <= 4.0
        assert Wait(first_s=3.0, growth=1).choose(7, {}) == 3.0


@given(
    st.text(alphabet="0123456789.-+eE") | st.text() | st.sampled_from([".", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
)
def test_no_header_makes_wait_for_more_than_a_day(value: str) -> None:
    assert 0.0 <= Wait().choose(0, {"retry-after": value}) <= 86_400.0
    assert 0.0 <= Wait(is_instant=True).choose(0, {"retry-after": value}) <= 86_400.0


def test_pointers_read_values_and_nothing_else() -> None:
    value: Any = {"a": [{"b/c": 1}], "~": None}

    assert read_pointer(value, "/a/0/b~1c") == 1
    assert read_pointer(value, "") == value
    for pointer in ("/a/1", "/a/٠", "/a/-", "/x/y", "/a/0/b~1c/d"):
        assert read_pointer(value, pointer) is None


def answer_with(*addresses: str) -> Callable[[str, int], Any]:
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
     "192.0.2.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1", "fc00::1",
     "224.0.0.1", "ff02::1", "fe80::1%eth0", "255.255.255.255"],
)  # fmt: skip
async def test_an_address_that_is_not_public_is_never_called(address: str) -> None:
    guard = NetworkGuard(resolve=answer_with("93.184.216.34", address))

    with pytest.raises(AddressRefused):
        await guard.vet("tool.test", 443)


async def test_a_public_address_is_called() -> None:
    guard = NetworkGuard(resolve=answer_with("93.184.216.34", "2606:4700::1111"))

    assert await guard.vet("tool.test", 443) == "93.184.216.34"


async def test_loopback_opens_by_choice_and_nothing_else_private_with_it() -> None:
    assert await NetworkGuard(True, answer_with("127.0.0.1")).vet("localhost", 80) == "127.0.0.1"
    with pytest.raises(AddressRefused):
        await NetworkGuard(True, answer_with("10.0.0.1")).vet("tool.test", 80)


@pytest.mark.parametrize(
    "url",
    ["http://tool.test/", "ftp://tool.test/", "https://user:secret@tool.test/", "https:///", "file:///etc/passwd"],
)
def test_addresses_that_are_refused_before_anything(url: str) -> None:
    outbound = Outbound(NetworkGuard(), MemoryBook(FakeTime().now))

    with pytest.raises(Broken):
        outbound.reach(url)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"])
async def test_no_spelling_of_this_machine_gets_through(host: str) -> None:
    outbound = Outbound(NetworkGuard(), MemoryBook(FakeTime().now))
    try:
        with pytest.raises(Broken):
            await outbound.reach(f"https://{host}:1/").call("POST", "", json_body={})
    finally:
        await outbound.close()


async def test_the_address_that_was_vetted_is_the_one_that_is_called() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    asked: list[str] = []

    async def flip(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    guard = NetworkGuard(resolve=flip)
    assert await guard.vet("tool.test", 443) == "93.184.216.34"
    with pytest.raises(AddressRefused):
        await guard.vet("tool.test", 443)
    assert asked == ["tool.test", "tool.test"]
