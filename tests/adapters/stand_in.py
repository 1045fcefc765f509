"""The base of every stand-in: an ASGI app that stands for a tool, and has the tool's faults when it is told to.

class ListTool(StandIn):
    async def answer(self, request: Request) -> Response:
        self.check_token(request)
        return JSONResponse({"results": self.page(request)})

tool = ListTool(rows=[...], token="secret")
tool.script(too_many(retry_after="2"), server_error(at_call=3), truncated(at_call=4))
tool.at_call(2, lambda: tool.rows.insert(0, row))      # rows that move between two pages
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from raccord.kernel.clock import read_now
from raccord.kernel.database import Database
from raccord.kernel.network_guard import NetworkGuard
from raccord.kernel.outbound import Outbound
from raccord.kernel.remote_hosts import FIRST_PAUSE_S, LOST_AFTER, MAX_PAUSE_S, Budget, Leave, SharedBook

Row = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What happens to some calls instead of their answer, or to it.

    Shape: `at_call` is the number of the first call it befalls, from 1; None is the next one that comes.
    """

    change: Callable[[Response], Response]
    at_call: int | None = None
    times: int = 1
    path: str = ""


def too_many(retry_after: str | None = None, **place: Any) -> Fault:
    """429, with Retry-After or without."""
    headers = {"retry-after": retry_after} if retry_after is not None else {}
    return Fault(lambda _response: JSONResponse({"detail": "slow down"}, 429, headers), **place)


def server_error(status: int = 500, **place: Any) -> Fault:
    """An error of the tool."""
    return Fault(lambda _response: Response("<h1>Server Error</h1>", status, media_type="text/html"), **place)


def truncated(**place: Any) -> Fault:
    """JSON that is cut in the middle, with 200."""
    return Fault(
        lambda response: Response(bytes(response.body)[: len(response.body) // 2], media_type="application/json"),
        **place,
    )


def expired_token(**place: Any) -> Fault:
    """401, whatever the token."""
    return Fault(lambda _response: JSONResponse({"detail": "token expired"}, 401), **place)


def redirected(to: str = "https://elsewhere.example/", **place: Any) -> Fault:
    """A redirect to another host."""
    return Fault(lambda _response: Response(status_code=302, headers={"location": to}), **place)


def changed_rows(change: Callable[[Row], Row], results: str = "results", **place: Any) -> Fault:
    """Rows of an answer that are otherwise than documented: schema drift, unknown codes, skewed clocks."""

    def alter(response: Response) -> Response:
        body = json.loads(bytes(response.body))
        rows = body[results] if isinstance(body, dict) else body
        rows[:] = [change(row) for row in rows]
        return JSONResponse(body, response.status_code)

    return Fault(alter, **place)


def with_field(name: str, value: object) -> Callable[[Row], Row]:
    """Schema drift, unknown codes: each row gets this value in the field."""
    return lambda row: {**row, name: value}


def skew_clock(name: str, ahead: timedelta) -> Callable[[Row], Row]:
    """The tool's clock is wrong: each row's instant is moved."""
    return lambda row: {**row, name: (datetime.fromisoformat(row[name]) + ahead).isoformat()}


@dataclass(frozen=True)
class Call:
    """One call that the tool had."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class StandIn:
    """A tool. Subclasses write `answer`; rows, token and clock are theirs to use."""

    page_size = 10

    def __init__(self, rows: list[Row] | None = None, *, token: str | None = None) -> None:
        self.rows: list[Row] = rows if rows is not None else []
        self.token = token
        self.calls: list[Call] = []
        self.clock_ahead = timedelta()
        self._faults: list[tuple[Fault, int]] = []
        self._actions: dict[int, list[Callable[[], object]]] = {}

    async def answer(self, request: Request) -> Response:
        """Answer as the tool does when it is well."""
        raise NotImplementedError

    def script(self, *faults: Fault) -> None:
        """Add faults to come."""
        self._faults += [(fault, fault.times) for fault in faults]

    def heal(self) -> None:
        """Forget the faults that were still to come."""
        self._faults.clear()

    def at_call(self, number: int, action: Callable[[], object]) -> None:
        """Do something just before the call of this number is answered, counted from now: rows move, a token ends."""
        self._actions.setdefault(len(self.calls) + number, []).append(action)

    def double_row(self, number: int = 0) -> None:
        """Let the list hold a row twice."""
        self.rows.append(dict(self.rows[number]))

    def check_token(self, request: Request, scheme: str = "Bearer") -> None:
        """Refuse a call without the token of the moment: raise this from `answer`."""
        if self.token is not None and request.headers.get("authorization") != f"{scheme} {self.token}":
            raise Refused

    def page(self, request: Request, name: str = "page", size: str = "page_size") -> list[Row]:
        """Give the rows of the page asked for."""
        number, count = int(request.query_params.get(name, 1)), int(request.query_params.get(size, self.page_size))
        return self.rows[(number - 1) * count : number * count]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.calls.append(Call(request.method, request.url.path, dict(request.query_params), headers, body))
        for action in self._actions.pop(len(self.calls), []):
            action()
        try:
            response = await self.answer(request)
        except Refused:
            response = JSONResponse({"detail": "Invalid token."}, 401)
        response = self._take_fault(request.url.path, response)
        response.headers["date"] = format_datetime(read_now() + self.clock_ahead, usegmt=True)
        await response(scope, receive, send)

    def _take_fault(self, path: str, response: Response) -> Response:
        for place, (fault, left) in enumerate(self._faults):
            if fault.path not in path or (fault.at_call is not None and len(self.calls) < fault.at_call):
                continue
            if left == 1:
                del self._faults[place]
            else:
                self._faults[place] = (fault, left - 1)
            return fault.change(response)
        return response


class Refused(Exception):
    """The call bears no token that opens."""


@dataclass
class FakeTime:
    """Time that passes only when somebody waits, so that a test of waiting takes none."""

    moment: float = 1_000.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.moment += seconds


class MemoryBook:
    """The book of hosts of an adapter that is tested without a database; tests/kernel holds it to the shared one."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.calls: dict[str, list[float]] = {}
        self.not_before: dict[str, float] = {}
        self.failures: dict[str, int] = {}

    async def take_call(self, name: str, budget: Budget) -> Leave:
        now = self.now()
        recent = self.calls[name] = [moment for moment in self.calls.get(name, []) if moment > now - budget.per_s]
        full_s = recent[0] + budget.per_s - now if len(recent) >= budget.calls else 0.0
        wait_s = max(0.0, full_s, self.not_before.get(name, now) - now)
        if not wait_s:
            recent.append(now)
        return Leave(wait_s, self.failures.get(name, 0))

    async def hold_back(self, name: str, wait_s: float) -> None:
        self.not_before[name] = max(self.not_before.get(name, 0.0), self.now() + wait_s)

    async def add_failure(self, name: str) -> int:
        if self.not_before.get(name, 0.0) > self.now():
            return 0
        count = self.failures[name] = self.failures.get(name, 0) + 1
        if count % LOST_AFTER == 0:
            await self.hold_back(name, min(MAX_PAUSE_S, FIRST_PAUSE_S * 2 ** (count // LOST_AFTER - 1)))
        return count

    async def forget_failures(self, name: str) -> int:
        return self.failures.pop(name, 0)


def open_outbound(app: StandIn, clock: FakeTime | None = None, database: Database | None = None) -> Outbound:
    """Make the way out that leads to the stand-in, whatever the address; with a database, by the book that is there."""
    clock = clock or FakeTime()
    guard = NetworkGuard(allows_loopback=True)
    book = SharedBook(database, now=clock.now) if database is not None else MemoryBook(clock.now)
    return Outbound(guard, book, transport=httpx.ASGITransport(app), sleep=clock.sleep)
