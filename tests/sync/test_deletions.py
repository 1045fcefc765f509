"""What is gone at the tool: only what a proven walk has missed, within the guard, and not for good at once."""

from __future__ import annotations

from typing import Any

import pytest

from raccord.resources.structures.kind import STRUCTURES
from raccord.sync import deletions
from raccord.sync.deciding import decide_deletions, undo_deletions
from raccord.sync.deletions import passes_guard
from tests.adapters.plain_list import make_rows
from tests.adapters.stand_in import server_error
from tests.sync.conftest import Bench, counts


async def test_what_the_tool_has_no_more_is_deleted(bench: Bench) -> None:
    await bench.run()
    del bench.tool.rows[5]

    run = await bench.run("full")

    assert counts(run) == {"seen": 24, "unchanged": 24, "deleted": 1}
    assert "S-6" not in await bench.list_names()


async def test_an_incremental_run_deletes_only_what_it_is_told(bench: Bench) -> None:
    await bench.run()
    del bench.tool.rows[5]
    bench.tool.rows[6] |= {"deleted": True, "updated": "2026-11-20T09:00:00+00:00"}

    run = await bench.run()

    assert counts(run)["deleted"] == 1
    assert "S-6" in await bench.list_names()
    assert "S-8" not in await bench.list_names()


@pytest.mark.parametrize("kept", [0, 12])
async def test_a_tool_that_returns_nothing_or_half_deletes_nothing(bench: Bench, kept: int) -> None:
    await bench.run()
    del bench.tool.rows[kept:]

    run = await bench.run("full")

    assert len(await bench.list_names()) == 25
    assert run["state"] == ("completed" if kept == 0 else "asking")


async def test_half_a_walk_deletes_nothing(bench: Bench) -> None:
    await bench.run()
    del bench.tool.rows[0]
    bench.tool.script(server_error(at_call=len(bench.tool.calls) + 2, times=100))

    await bench.run("full")

    assert len(await bench.list_names()) == 25


async def test_a_total_that_differs_proves_nothing(bench: Bench) -> None:
    await bench.run()
    bench.tool.rows[3] = dict(bench.tool.rows[2])

    run = await bench.run("full")

    assert run["findings"]["proof"] == [
        {"kind": "structures", "part": "", "is_proven": False, "reason": "total_differs"}
    ]
    assert len(await bench.list_names()) == 25


@pytest.mark.parametrize(
    ("candidates", "known", "passes"),
    [(1, 1, True), (5, 9, True), (4, 9, True), (5, 10, False), (12, 25, True), (13, 25, False), (50, 200, True),
     (51, 200, False), (51, 1_020, True), (5_000, 100_000, True), (5_001, 100_000, False)],
)  # fmt: skip
def test_the_guard(candidates: int, known: int, passes: bool) -> None:
    assert passes_guard(candidates, known) is passes


async def ask(bench: Bench) -> dict[str, Any]:
    bench.tool.rows = make_rows(200)
    await bench.run()
    del bench.tool.rows[100:160]
    run = await bench.run("full")
    assert run["state"] == "asking"
    assert run["findings"]["pending_deletions"] == 60
    assert len(await bench.list_names()) == 200
    return run


async def test_many_deletions_wait_for_a_person_who_confirms(bench: Bench) -> None:
    run = await ask(bench)
    bench.tool.rows += make_rows(200)[100:101]
    await bench.run("full")

    deleted = await decide_deletions(bench.engine, bench.connection_id, is_confirmed=True)

    assert deleted == 59
    assert len(await bench.list_names()) == 141
    assert (await bench.read_run(run["id"]))["state"] == "completed"
    assert await decide_deletions(bench.engine, bench.connection_id, is_confirmed=True) == 0


async def test_many_deletions_wait_for_a_person_who_refuses(bench: Bench) -> None:
    await ask(bench)

    await decide_deletions(bench.engine, bench.connection_id, is_confirmed=False)

    assert len(await bench.list_names()) == 200


async def test_what_a_person_keeps_is_asked_about_no_more_until_the_tool_has_shown_it_again(bench: Bench) -> None:
    await ask(bench)
    back = make_rows(200)[100:160]
    bench.tool.rows.append(back[0])
    await bench.run()
    await decide_deletions(bench.engine, bench.connection_id, is_confirmed=False)

    again = [await bench.run("full") for _ in range(2)]
    # Of those kept, one that the tool shows again and loses again is gone like any other.
    bench.tool.rows += back[1:2]
    await bench.run("full")
    del bench.tool.rows[-2:]
    gone = await bench.run("full")
    # And so many that they are asked about are asked about afresh.
    bench.tool.rows += back
    await bench.run("full")
    del bench.tool.rows[-60:]
    asking = await bench.run("full")

    assert [(run["state"], run["deleted_count"]) for run in again] == [("completed", 0)] * 2
    assert (gone["state"], gone["deleted_count"]) == ("completed", 2)
    assert (asking["state"], asking["findings"]["pending_deletions"]) == ("asking", 60)


async def test_a_dry_run_proposes_nothing_that_is_kept(bench: Bench) -> None:
    await ask(bench)
    await decide_deletions(bench.engine, bench.connection_id, is_confirmed=False)
    async with bench.database.begin() as tx:
        await tx.fetch('UPDATE connections SET checkpoint = \'{"cursor": null, "since": null}\'')

    assert (await bench.run("dry_run"))["findings"]["differences"] == []


async def test_what_the_tool_itself_says_is_gone_goes_though_it_was_kept(bench: Bench) -> None:
    await ask(bench)
    await decide_deletions(bench.engine, bench.connection_id, is_confirmed=False)
    gone = make_rows(200)[100] | {"deleted": True, "updated": "2026-11-20T09:00:00+00:00"}
    bench.tool.rows.append(gone)

    assert (await bench.run())["deleted_count"] == 1
    assert len(await bench.list_names()) == 199


async def test_deletions_are_undone_with_what_the_records_said(bench: Bench) -> None:
    await bench.run()
    del bench.tool.rows[5]
    run = await bench.run("full")

    assert await undo_deletions(bench.engine, bench.connection_id, run["id"]) == 1
    assert await undo_deletions(bench.engine, bench.connection_id, run["id"]) == 0

    [row] = await bench.database.fetch("SELECT document::text AS document FROM structures WHERE external_id = 'S-6'")
    assert "Structure 00006" in row["document"]


async def test_what_is_undone_too_late_stays_deleted(bench: Bench) -> None:
    await bench.run()
    del bench.tool.rows[5]
    run = await bench.run("full")
    async with bench.database.begin() as tx:
        await tx.fetch("UPDATE sync_deletions SET decided_at = now() - interval '8 days'")
        await deletions.drop_old(tx)

    assert await undo_deletions(bench.engine, bench.connection_id, run["id"]) == 0
    assert "S-6" not in await bench.list_names()


async def test_what_another_connection_of_the_source_holds_stays(bench: Bench) -> None:
    await bench.run()
    first = bench.connection_id
    await bench.connect(name="la même")
    await bench.run()
    del bench.tool.rows[5]
    bench.connection_id = first

    assert "deleted" not in counts(await bench.run("full"))
    assert "S-6" in await bench.list_names()
    assert STRUCTURES.name == "structures"
