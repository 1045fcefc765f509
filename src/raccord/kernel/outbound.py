"""The one way out: HTTP calls to systems that are not ours, bounded in time, size, rate and reach.

What is known of a remote host (its budget of calls, how long it asked us to wait, whether it is lost) is in a book that
all processes share. Nothing of an answer is logged, nor the path and query of a call: they may name people.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import NoReturn

import httpx

from raccord.kernel.clock import read_now
from raccord.kernel.consequences import Broken, CredentialsRefused, TryLater
from raccord.kernel.network_guard import AddressRefused, GuardedTransport, NetworkGuard
from raccord.kernel.refusals import JsonValue
from raccord.kernel.remote_hosts import Budget, Host, HostBook, Sleep
from raccord.kernel.response_rules import MAX_WAIT_S, Action, Rule, Wait, choose_rule
from raccord.kernel.text import Text

MAX_BYTES = 50_000_000
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
# All of one call: a host that sends a byte a second keeps within every other limit.
CALL_S = 120.0
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
# Answers that say that nothing was done.
_NOT_DONE = frozenset({408, 425, 429, 503})
_STUMBLE = Rule(Action.RETRY, wait=Wait(header=None))


@dataclass(frozen=True)
class Credentials:
    """What opens the remote system, in one call: headers, and query parameters where it wants them there."""

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


# Gives the credentials of a call; told True when those it gave before were refused, and CredentialsRefused if it has
# no others.
Authorise = Callable[[bool], Awaitable[Credentials]]


@dataclass(frozen=True)
class Reply:
    """An answer, read to its end.

    Shape: headers are named in lower case.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes

    @cached_property
    def json(self) -> JsonValue:
        """The body as JSON.

        Errors: ValueError for what is not, or was cut short.
        """
        value: JsonValue = json.loads(self.content, parse_constant=_refuse_constant)
        return value


class Outbound:
    """The client of a process. `reach` gives what an adapter calls one system with."""

    def __init__(
        self,
        guard: NetworkGuard,
        book: HostBook,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.guard = guard
        self.book = book
        self.hosts: dict[str, Host] = {}
        self.lag_s = 0.0
        self.sleep = sleep
        self.client = httpx.AsyncClient(
            transport=transport or GuardedTransport(guard), trust_env=False, follow_redirects=False, timeout=TIMEOUT
        )

    def reach(
        self,
        base_url: str,
        *,
        budget: Budget | None = None,
        rules: Sequence[Rule] = (),
        authorise: Authorise | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Remote:
        """Give what calls the system at the address; all its calls stay on that host.

        Errors: Broken for an address that Raccord does not call.
        """
        try:
            url = self.guard.read_url(base_url)
        except AddressRefused:
            raise Broken(_NOT_CALLED) from None
        name, budget = url.netloc.decode(), budget or Budget()
        if name not in self.hosts:
            self.hosts[name] = Host(name, self.book, self.sleep, budget.concurrency)
        return Remote(self, url, self.hosts[name], budget, tuple(rules), authorise, dict(headers or {}), max_bytes)

    def note_clock(self, date: str | None) -> None:
        """Note how far behind ours the clock is that dated an answer."""
        with suppress(TypeError, ValueError):
            moment = parsedate_to_datetime(date or "").replace(tzinfo=UTC)
            # Less the second that the header does not tell.
            self.lag_s = max(self.lag_s, (read_now() - moment).total_seconds() - 1.0)

    def observe(self) -> Outbound:
        """Give a view of the same client that measures for itself how far the clocks of those it calls lag."""
        view = copy(self)
        view.lag_s = 0.0
        return view

    async def close(self) -> None:
        """Give back the connections."""
        await self.client.aclose()


@dataclass(frozen=True)
class Remote:
    """One remote system, as an adapter calls it."""

    outbound: Outbound
    base_url: httpx.URL
    host: Host
    budget: Budget
    rules: tuple[Rule, ...]
    authorise: Authorise | None
    headers: Mapping[str, str]
    max_bytes: int

    async def get_json(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> JsonValue:
        """Get JSON; a body that is cut short is asked for again.

        Errors: those of `call`; Broken if it never is JSON.
        """
        return (await self.call("GET", path, params=params, headers=headers, is_json=True)).json

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json_body: JsonValue = None,
        form: Mapping[str, str] | None = None,
        is_json: bool = False,
        may_repeat: bool = False,
    ) -> Reply:
        """Call, and do what the rules say until there is an answer to hand on.

        Shape:  `path` is joined to the base address, or is a whole address of the same host; `is_json` asks that the
                body be JSON, where there is one; `may_repeat` says that a POST or PATCH does no harm twice.
        Errors: TryLater, CredentialsRefused, Broken.
        """
        content = json.dumps(json_body, ensure_ascii=False).encode() if json_body is not None else None
        given = {**({"content-type": "application/json"} if content is not None else {}), **(headers or {})}
        request = _Request(method, self._join(path), dict(params or {}), given, content, form, is_json)
        is_refused = False
        for attempt in range(100):
            reply, rule = await self._try_once(request, is_refused=is_refused)
            if rule.action is Action.RETURN and reply is not None:
                return reply
            if rule.action is Action.REFRESH and not is_refused and self.authorise is not None:
                is_refused = True
                continue
            self._give_up_where_told(rule, reply)
            is_safe = may_repeat or method in _REPEATABLE or (reply is not None and reply.status in _NOT_DONE)
            await self._wait(rule, reply, attempt, is_safe=is_safe)
        raise TryLater(MAX_WAIT_S)

    def _join(self, path: str) -> httpx.URL:
        """Join the path to the base address, whose own path stays in front of it."""
        base = self.base_url.copy_with(raw_path=self.base_url.raw_path.split(b"?")[0].rstrip(b"/") + b"/")
        try:
            url = base.join(path if "://" in path else path.lstrip("/")) if path else self.base_url
        except httpx.InvalidURL:
            raise Broken(_NOT_CALLED) from None
        if (url.scheme, url.netloc, url.userinfo) != (base.scheme, base.netloc, b""):
            # The next page of a list, say: the credentials are for this host and no other.
            raise Broken(Text("L'adresse suivante mène à un autre hôte.", "The next address leads to another host."))
        return url

    async def _try_once(self, request: _Request, *, is_refused: bool) -> tuple[Reply | None, Rule]:
        """Call once; without an answer, as if the host had stumbled."""
        credentials = await self.authorise(is_refused) if self.authorise is not None else Credentials()
        async with self.host.take_place(self.budget) as leave:
            try:
                async with asyncio.timeout(CALL_S):
                    reply = await self._send(request, credentials)
            except AddressRefused:
                raise Broken(_NOT_CALLED) from None
            except (httpx.TransportError, httpx.DecodingError, TimeoutError, OSError):
                await self.host.note_failure()
                return None, _STUMBLE
        rule = self._judge(request, reply)
        if rule.action is Action.RETRY:
            await self.host.note_failure()
        elif rule.action is not Action.SLOW_DOWN:
            await self.host.note_success(leave)
        return reply, rule

    async def _send(self, request: _Request, credentials: Credentials) -> Reply:
        url = request.url.copy_merge_params({**request.params, **credentials.params})
        built = self.outbound.client.build_request(
            request.method,
            url,
            headers={"accept-encoding": "gzip", **self.headers, **request.headers, **credentials.headers},
            content=request.content,
            data=request.form,
        )
        response = await self.outbound.client.send(built, stream=True)
        # Connections share the client: what one system sets is not sent in another's name.
        self.outbound.client.cookies.clear()
        try:
            content = await self._read(response)
        finally:
            await response.aclose()
        self.outbound.note_clock(response.headers.get("date"))
        return Reply(response.status_code, {name.lower(): value for name, value in response.headers.items()}, content)

    async def _read(self, response: httpx.Response) -> bytes:
        read = bytearray()
        async for piece in response.aiter_bytes():
            read += piece
            if len(read) > self.max_bytes:
                raise Broken(Text("La réponse dépasse la taille admise.", "The answer passes the size allowed."))
        return bytes(read)

    def _judge(self, request: _Request, reply: Reply) -> Rule:
        parsed: JsonValue = None
        if request.is_json or any(rule.pointer is not None for rule in self.rules):
            try:
                parsed = reply.json if reply.content else None
            except (ValueError, RecursionError):
                if request.is_json and reply.status < 300:
                    return _CUT_SHORT
        return choose_rule(self.rules, reply.status, reply.headers, reply.content, parsed)

    def _give_up_where_told(self, rule: Rule, reply: Reply | None) -> None:
        status = reply.status if reply is not None else 0
        if rule.action in (Action.REFRESH, Action.REFUSED):
            raise CredentialsRefused(f"{self.host.name} answers {status}")
        if rule.action is Action.FAIL:
            raise Broken(Text(f"Réponse {status} inattendue.", f"Unexpected answer {status}."))

    async def _wait(self, rule: Rule, reply: Reply | None, attempt: int, *, is_safe: bool) -> None:
        wait = rule.wait.choose(attempt, reply.headers if reply is not None else {})
        if rule.action is Action.SLOW_DOWN:
            await self.host.book.hold_back(self.host.name, wait)
        if rule is _CUT_SHORT and attempt + 1 >= rule.attempts:
            raise Broken(Text("La réponse n'est pas du JSON.", "The answer is not JSON."))
        if not is_safe or attempt + 1 >= rule.attempts or wait > MAX_WAIT_S:
            raise TryLater(wait, f"{self.host.name} does not answer as it should")
        if rule.action is not Action.SLOW_DOWN:
            await self.outbound.sleep(wait)


@dataclass(frozen=True)
class _Request:
    method: str
    url: httpx.URL
    params: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes | None
    form: Mapping[str, str] | None
    is_json: bool


_CUT_SHORT = Rule(Action.RETRY, wait=Wait(header=None))
_NOT_CALLED = Text(
    "Raccord n'appelle pas cette adresse : il la faut publique et en https.",
    "Raccord does not call this address: it must be public and https.",
)


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN is not JSON")
