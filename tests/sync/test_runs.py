"""Runs: full and incremental, what they count, what they set aside, how they go on after they were stopped."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from raccord.kernel.errors import ConflictError
from raccord.sync import connections, ledger
from raccord.sync.connections import find_connection
from raccord.sync.ledger import HoldLostError
from raccord.sync.runner import run_sync
from tests.adapters.plain_list import make_row
from tests.adapters.stand_in import (
    changed_rows,
    expired_token,
    server_error,
    skew_clock,
    too_many,
    truncated,
    with_field,
)
from tests.sync.conftest import TOKEN, Bench, counts


async def test_a_first_run_writes_all_and_a_second_nothing(bench: Bench) -> None:
    first = await bench.run()
    changes = await bench.count_changes()
    again = await bench.run("full")

    assert (first["state"], first["walk_mode"]) == ("completed", "full")
    assert counts(first) == {"seen": 25, "created": 25}
    assert counts(again) == {"seen": 25, "unchanged": 25}
    assert await bench.count_changes() == changes == 25
    assert len(await bench.list_names()) == 25


async def test_an_incremental_run_asks_for_what_changed_less_the_look_back(bench: Bench) -> None:
    await bench.run()
    bench.tool.rows[3] |= {"name": "Renommée", "updated": "2026-11-20T09:00:00+00:00"}
    bench.tool.calls.clear()

    run = await bench.run()

    assert run["walk_mode"] == "incremental"
    assert bench.tool.calls[0].params["since"] == "2026-11-20T07:50:00+00:00"
    assert counts(run)["updated"] == 1
    assert (await bench.read_connection()).checkpoint["since"] == "2026-11-20T09:00:00+00:00"


async def test_a_record_of_the_future_does_not_move_the_checkpoint_past_the_present(bench: Bench) -> None:
    bench.tool.script(changed_rows(skew_clock("updated", timedelta(days=365)), times=3))

    run = await bench.run()

    assert (await bench.read_connection()).checkpoint["since"] == run["started_at"].isoformat()


async def test_a_clock_that_lags_takes_the_checkpoint_back(bench: Bench) -> None:
    bench.tool.clock_ahead = timedelta(hours=-1)
    bench.tool.script(changed_rows(skew_clock("updated", timedelta(days=365)), times=3))

    run = await bench.run()

    since = (await bench.read_connection()).checkpoint["since"]
    assert isinstance(since, str)
    assert since < (run["started_at"] - timedelta(minutes=59)).isoformat()


async def test_every_so_many_runs_all_is_read_again(bench: Bench) -> None:
    async with bench.database.begin() as tx:
        await tx.fetch("UPDATE connections SET reconcile_every = 2")

    modes = [(await bench.run())["walk_mode"] for _ in range(5)]

    assert modes == ["full", "incremental", "incremental", "full", "incremental"]


async def test_rows_that_move_and_rows_that_are_doubled_are_written_once(bench: Bench) -> None:
    bench.tool.double_row(2)
    bench.tool.at_call(2, lambda: bench.tool.rows.insert(0, make_row(99)))

    run = await bench.run()

    assert len(await bench.list_names()) == 25
    assert counts(run)["created"] == 25
    assert run["findings"]["proof"][0]["is_proven"] is False


async def test_what_a_stumbling_tool_said_before_is_kept_and_the_run_goes_on_later(bench: Bench) -> None:
    bench.tool.script(server_error(at_call=2, times=4))
    run_id = await bench.open_run()

    await run_sync(bench.engine, run_id)
    waiting = await bench.read_run(run_id)
    bench.tool.calls.clear()
    await run_sync(bench.engine, run_id)
    done = await bench.read_run(run_id)

    assert (waiting["state"], counts(waiting)) == ("waiting", {"seen": 10, "created": 10})
    assert waiting["resume_at"] is not None
    assert bench.tool.calls[0].params["page"] == "2"
    assert (done["state"], counts(done)) == ("completed", {"seen": 25, "created": 25})


@pytest.mark.parametrize("fault", [too_many("3"), too_many(), server_error(503), truncated()])
async def test_a_stumble_within_a_run_is_got_over(bench: Bench, fault: object) -> None:
    bench.tool.script(fault)  # type: ignore[arg-type]  # a fault of the list above

    assert (await bench.run())["state"] == "completed"


async def test_refused_credentials_pause_the_connection_until_there_are_others(bench: Bench) -> None:
    bench.tool.script(expired_token(at_call=2))

    run = await bench.run()

    assert (run["state"], run["failure_code"]) == ("failed", "credentials_refused")
    assert (await bench.read_connection()).state == "credentials_refused"
    assert (await bench.run())["state"] == "completed"
    assert (await bench.read_connection()).state == "active"


async def test_a_tool_of_another_contract_breaks_the_connection(bench: Bench) -> None:
    bench.tool.script(server_error(410))

    run = await bench.run()

    assert (run["state"], run["failure_code"]) == ("failed", "broken")
    assert (await bench.read_connection()).state == "broken"


async def test_secrets_are_replaced_between_two_runs_without_a_stop(bench: Bench) -> None:
    await bench.run()
    bench.tool.token = "the-new-one"
    async with bench.database.begin() as tx:
        found = await find_connection(tx, bench.connection_id, is_locked=True)
        assert found is not None
        await connections.save_connection(tx, found, bench.seals, {"token": "the-new-one"})

    assert (await bench.run("full"))["state"] == "completed"
    stored = await bench.database.fetch("SELECT secrets FROM connections")
    assert b"the-new-one" not in stored[0]["secrets"]
    assert TOKEN.encode() not in stored[0]["secrets"]


async def test_unknown_codes_are_set_aside_or_kept_as_the_connection_says(bench: Bench) -> None:
    await bench.run()
    for policy in ("quarantine", "drop", "freeze"):
        async with bench.database.begin() as tx:
            await tx.fetch("UPDATE connections SET drift_policy = $1, state = 'active'", policy)
        bench.tool.script(changed_rows(with_field("type", "INCONNU"), at_call=1, times=1))

        run = await bench.run("full")

        if policy == "quarantine":
            assert counts(run)["rejected"] == 10
            assert {code for _, code, _ in await bench.list_rejections()} == {"drift_unknown_code"}
            assert run["findings"]["drifts"] == {"unknown_code /type": 10}
        elif policy == "drop":
            assert "rejected" not in counts(run)
            assert await bench.list_rejections() == []
        else:
            assert run["failure_code"] == "broken"


async def test_a_refused_record_costs_no_other_and_is_replayed_once_mended(bench: Bench) -> None:
    bench.tool.rows[4]["name"] = ""
    bench.tool.rows[7] |= {"id": "a/b"}
    del bench.tool.rows[9]["id"]

    first = await bench.run()
    refused = await bench.list_rejections()
    replayed = await bench.run("replay")

    assert counts(first) == {"seen": 24, "created": 22, "rejected": 3}
    assert ("S-5", "string_too_short", "/name") in refused
    assert {code for _, code, _ in refused} == {"string_too_short", "invalid_external_id", "no_id"}
    assert counts(replayed) == {"seen": 1, "rejected": 1}
    bench.tool.rows[4]["name"] = "Réparée"
    await bench.run("full")
    assert ("S-5", "string_too_short", "/name") not in await bench.list_rejections()


async def test_what_opens_under_no_key_stays_aside_and_costs_no_other(bench: Bench) -> None:
    bench.tool.rows[4]["name"] = bench.tool.rows[5]["name"] = ""
    await bench.run()
    async with bench.database.begin() as tx:
        await tx.fetch("UPDATE sync_rejections SET payload = decode('00', 'hex') WHERE external_id = 'S-5'")

    replayed = await bench.run("replay")

    assert (replayed["state"], counts(replayed)) == ("completed", {"seen": 2, "rejected": 2})
    assert {external_id for external_id, _, _ in await bench.list_rejections()} == {"S-5", "S-6"}


async def test_only_one_run_at_a_time(bench: Bench) -> None:
    await bench.open_run()

    with pytest.raises(ConflictError):
        await bench.open_run("full")


async def test_who_lost_the_run_to_another_writes_nothing_more(bench: Bench) -> None:
    run_id = await bench.open_run()

    async def rob() -> None:
        async with bench.database.begin() as tx:
            await ledger.take_run(tx, run_id, uuid4())

    tasks: list[asyncio.Task[None]] = []
    bench.tool.at_call(2, lambda: tasks.append(asyncio.ensure_future(rob())))
    bench.tool.at_call(3, lambda: None)
    await run_sync(bench.engine, run_id)
    await asyncio.gather(*tasks)

    assert (await bench.read_run(run_id))["state"] == "running"
    async with bench.database.begin() as tx:
        run = await ledger.take_run(tx, run_id, uuid4())
        assert run is not None
        with pytest.raises(HoldLostError):
            await ledger.hold(tx, type(run)(**{**vars(run), "holder": uuid4()}))


async def test_a_dry_run_tells_what_it_would_do_and_writes_nothing(bench: Bench) -> None:
    await bench.run()
    bench.tool.rows[0] |= {"name": "Renommée", "updated": "2026-11-20T09:00:00+00:00"}
    bench.tool.rows[1]["name"] = "x"
    bench.tool.rows.append(make_row(26))
    del bench.tool.rows[5]
    async with bench.database.begin() as tx:
        await tx.fetch('UPDATE connections SET checkpoint = \'{"cursor": null, "since": null}\'')
    before, changes = await bench.list_names(), await bench.count_changes()

    run = await bench.run("dry_run")

    told = {diff["external_id"]: diff for diff in run["findings"]["differences"]}
    assert counts(run) == {"seen": 25, "created": 1, "updated": 1, "unchanged": 22, "rejected": 1, "deleted": 1}
    assert {name: diff["status"] for name, diff in told.items()} == {
        "S-1": "updated", "S-2": "rejected", "S-26": "created", "S-6": "deleted",
    }  # fmt: skip
    assert told["S-1"]["fields"] == [{"name": "name", "before": "Structure 00001", "after": "Renommée"}]
    assert (await bench.list_names(), await bench.count_changes()) == (before, changes)
    assert await bench.list_rejections() == []
    assert await bench.database.fetch("SELECT FROM sync_records WHERE walk <> 1") == []
