"""The book of remote hosts: what one process does, or is told, holds for all that call the host."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from structlog.testing import capture_logs

from raccord.kernel.clock import read_now
from raccord.kernel.consequences import TryLater
from raccord.kernel.database import Database
from raccord.kernel.outbound import Remote
from raccord.kernel.remote_hosts import Budget, Leave, SharedBook, drop_old_hosts
from tests.adapters.stand_in import FakeTime, MemoryBook, StandIn, open_outbound, server_error, too_many
from tests.commands import leave_unmeasured
from tests.databases import make_plain

# A process that holds the row of a host, and does nothing more.
HOLDER = """
import asyncio, asyncpg, sys

async def main():
    connection = await asyncpg.connect(sys.argv[1])
    async with connection.transaction():
        await connection.execute("SELECT FROM remote_hosts FOR UPDATE")
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


class Echo(StandIn):
    """Answers, and knows when it was called."""

    def __init__(self, clock: FakeTime) -> None:
        super().__init__()
        self.clock = clock
        self.moments: list[float] = []

    async def answer(self, _request: Request) -> Response:
        self.moments.append(self.clock.moment)
        return JSONResponse({})


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


@pytest.fixture
def tool(clock: FakeTime) -> Echo:
    return Echo(clock)


@pytest.fixture
async def other_database(database_url: str) -> AsyncIterator[Database]:
    """The pool of a second process."""
    opened = Database(database_url, size=10)
    yield opened
    await opened.close()


@pytest.fixture
def databases(database: Database, other_database: Database) -> tuple[Database, Database]:
    return database, other_database


@pytest.fixture
def book(database: Database, clock: FakeTime) -> SharedBook:
    return SharedBook(database, now=clock.now)


def reach_twice(
    tool: StandIn, clock: FakeTime, databases: tuple[Database, Database], *budgets: Budget
) -> tuple[Remote, Remote]:
    """Reach the tool as two processes do."""
    given = budgets * 2 if len(budgets) == 1 else budgets
    one, other = (
        open_outbound(tool, clock, database).reach("http://tool.test", budget=budget)
        for database, budget in zip(databases, given, strict=True)
    )
    return one, other


async def test_two_processes_together_keep_the_budget(
    tool: Echo, clock: FakeTime, databases: tuple[Database, Database]
) -> None:
    one, other = reach_twice(tool, clock, databases, Budget(7, 3_600.0, concurrency=10))

    calls = [each.get_json("x") for each in (one, other) for _ in range(10)]
    results = await asyncio.gather(*calls, return_exceptions=True)

    refused = [result for result in results if isinstance(result, TryLater)]
    assert (len(tool.calls), len(refused)) == (7, 13)
    assert {error.after_s for error in refused} == {3_600.0}


async def test_no_window_holds_more_than_the_budget(
    tool: Echo, clock: FakeTime, databases: tuple[Database, Database]
) -> None:
    remotes = reach_twice(tool, clock, databases, Budget(3, 10.0))
    for number in range(10):
        await remotes[number % 2].get_json("x")

    assert all(later - sooner >= 10.0 for sooner, later in zip(tool.moments, tool.moments[3:], strict=False))
    assert tool.moments[-1] - tool.moments[0] == 30.0


async def test_a_large_budget_is_kept_too_and_nearly_used_up(book: SharedBook, clock: FakeTime) -> None:
    budget, chance, taken = Budget(250, 10.0), random.Random(3), list[float]()
    while clock.moment < 1_020.0:
        leave = await book.take_call("host", budget)
        taken += [clock.moment] if not leave.wait_s else []
        clock.moment += leave.wait_s + chance.choice((0.0, 0.0, 0.0, 0.0625))

    assert all(later - sooner >= 10.0 for sooner, later in zip(taken, taken[250:], strict=False))
    assert len(taken) > 0.97 * 500


async def test_retry_after_heard_by_one_holds_the_other_back(
    tool: Echo, clock: FakeTime, databases: tuple[Database, Database]
) -> None:
    one, other = reach_twice(tool, clock, databases, Budget())
    tool.script(too_many("3600"))

    with pytest.raises(TryLater):
        await one.get_json("x")
    clock.moment += 600
    with pytest.raises(TryLater) as raised:
        await other.get_json("x")

    assert raised.value.after_s == 3_000.0
    assert len(tool.calls) == 1


async def test_a_short_wait_is_sat_out_once_by_both(
    tool: Echo, clock: FakeTime, databases: tuple[Database, Database]
) -> None:
    one, other = reach_twice(tool, clock, databases, Budget())
    tool.script(too_many("7"))

    await one.get_json("x")
    await other.get_json("x")

    assert clock.waits == [7.0]


async def test_a_lost_host_is_left_alone_by_both_and_logged_once_each_way(
    tool: Echo, clock: FakeTime, databases: tuple[Database, Database]
) -> None:
    remotes = reach_twice(tool, clock, databases, Budget())
    tool.script(server_error(times=9))

    with capture_logs() as logs:
        for number in range(20):
            try:
                await remotes[number % 2].get_json("secret-path", params={"nir": "1"})
            except TryLater as error:
                await clock.sleep(error.after_s)

    assert [line["event"] for line in logs] == ["remote host lost", "remote host back"]
    assert "secret-path" not in str(logs)
    assert len(tool.calls) < 9 + 20


async def test_failures_under_way_when_the_host_is_left_alone_do_not_count(
    clock: FakeTime, databases: tuple[Database, Database]
) -> None:
    one, other = books = [SharedBook(database, now=clock.now) for database in databases]
    await one.take_call("host", Budget())

    counted = await asyncio.gather(*(book.add_failure("host") for book in books for _ in range(4)))
    assert sorted(counted) == [0, 0, 0, 1, 2, 3, 4, 5]
    assert (await other.take_call("host", Budget())).wait_s == 30.0
    clock.moment += 30.0
    assert [await one.add_failure("host") for _ in range(6)] == [6, 7, 8, 9, 10, 0]
    assert (await other.take_call("host", Budget())).wait_s == 60.0
    forgotten = await asyncio.gather(*(book.forget_failures("host") for book in books for _ in range(3)))
    assert sorted(forgotten) == [0, 0, 0, 0, 0, 10]


async def test_an_outage_without_end_is_asked_after_every_ten_minutes(database: Database, book: SharedBook) -> None:
    await book.take_call("host", Budget())
    async with database.begin() as tx:
        await tx.fetch("UPDATE remote_hosts SET failures = 99999")

    assert await book.add_failure("host") == 100_000
    assert (await book.take_call("host", Budget())).wait_s == 600.0


async def test_the_smaller_of_two_budgets_holds_until_nobody_declares_it_any_more(
    tool: Echo, clock: FakeTime, databases: tuple[Database, Database]
) -> None:
    small, large = reach_twice(tool, clock, databases, Budget(1, 60.0), Budget(100, 1.0))

    await small.get_json("x")
    await large.get_json("x")
    assert clock.waits == [60.0]

    clock.moment += 3_600.0
    for _ in range(9):
        await large.get_json("x")
    assert clock.waits == [60.0]


async def test_a_clock_that_is_set_back_stops_nobody_for_longer_than_a_window(
    book: SharedBook, clock: FakeTime
) -> None:
    budget = Budget(3, 10.0)
    for _ in range(3):
        await book.take_call("host", budget)
    clock.moment -= 500.0

    assert (await book.take_call("host", budget)).wait_s == 10.0


async def test_a_killed_process_blocks_nobody(database: Database, database_url: str) -> None:
    book, budget = SharedBook(database), Budget()
    await book.take_call("host", budget)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, make_plain(database_url),
        env=leave_unmeasured(os.environ), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    await process.stdout.readline()
    asking = asyncio.create_task(book.take_call("host", budget))
    await asyncio.sleep(0.05)
    was_waiting = not asking.done()

    process.kill()

    assert await process.wait() == -signal.SIGKILL
    assert was_waiting
    assert (await asking).wait_s == 0.0


async def test_an_ask_that_is_given_up_holds_nothing(database: Database) -> None:
    book, budget = SharedBook(database), Budget(10_000, 3_600.0)
    for number in range(50):
        asking = asyncio.create_task(book.take_call("host", budget))
        await asyncio.sleep(number / 50_000)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    leaves = await asyncio.gather(*(book.take_call("host", budget) for _ in range(20)))
    assert {leave.wait_s for leave in leaves} == {0.0}


async def test_without_its_database_no_call_is_made(tool: Echo, clock: FakeTime) -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    remote = open_outbound(tool, clock, database).reach("http://tool.test")

    with pytest.raises((OSError, DBAPIError)):
        await remote.get_json("x")

    assert tool.calls == []
    await database.close()


async def test_the_budget_is_kept_behind_a_pooler(database_url: str) -> None:
    database = Database(database_url, is_pooled=True)
    book, budget = SharedBook(database), Budget(2, 3_600.0)

    assert [(await book.take_call("host", budget)).wait_s > 3_500 for _ in range(3)] == [False, False, True]
    await database.close()


async def test_hosts_that_nobody_calls_are_forgotten(database: Database) -> None:
    now = read_now().timestamp()
    for days in (0, 6, 8):
        book = SharedBook(database, now=lambda days=days: now - days * 86_400)  # type: ignore[misc]
        await book.take_call(f"called-{days}-days-ago", Budget())

    async with database.begin() as tx:
        await drop_old_hosts(tx)

    rows = await database.fetch("SELECT name FROM remote_hosts ORDER BY name")
    assert [row["name"] for row in rows] == ["called-0-days-ago", "called-6-days-ago"]


async def test_the_book_of_adapters_tests_answers_as_the_shared_one(book: SharedBook, clock: FakeTime) -> None:
    chance, memory = random.Random(11), MemoryBook(clock.now)
    budget = Budget(5, 8.0)
    told: list[tuple[object, object]] = [(await book.take_call("h", budget), await memory.take_call("h", budget))]
    for _ in range(400):
        clock.moment += chance.choice((0.0, 0.125, 1.0, 40.0))
        for each in told[-1:]:
            if isinstance(each[0], Leave) and each[0].wait_s <= 60.0:
                clock.moment += each[0].wait_s
        match chance.choice(("take", "take", "take", "fail", "fail", "forget", "hold")):
            case "take":
                told.append((await book.take_call("h", budget), await memory.take_call("h", budget)))
            case "fail":
                told.append((await book.add_failure("h"), await memory.add_failure("h")))
            case "forget" if chance.random() < 0.3:
                told.append((await book.forget_failures("h"), await memory.forget_failures("h")))
            case "hold" if chance.random() < 0.3:
                wait_s = chance.choice((0.0, 3.0, 90.0))
                await book.hold_back("h", wait_s)
                await memory.hold_back("h", wait_s)

    assert [shared for shared, _ in told] == [remembered for _, remembered in told]
    assert any(isinstance(shared, int) and shared > 10 for shared, _ in told)
