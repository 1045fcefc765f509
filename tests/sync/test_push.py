"""Push: what changed here is told once, in its latest state, and does not come back as the tool's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from raccord.records.changes import sequence_changes
from raccord.records.store import Put, Writer, put_one
from raccord.resources.structures.kind import STRUCTURES
from tests.adapters.plain_list import ListTool
from tests.adapters.stand_in import server_error
from tests.sync.conftest import TOKEN, Bench, counts


@pytest.fixture
async def bench(database: Any) -> Bench:
    made = Bench(database, ListTool([], token=TOKEN))
    await made.connect(direction="both")
    return made


async def write(bench: Bench, name: str, source: str = "annuaire", external_id: str = "A-1") -> None:
    async with bench.database.begin() as tx:
        body = json.dumps({"kind": "ACI", "name": name}).encode()
        await put_one(tx, STRUCTURES, Writer(source, source, "test"), Put(external_id, body))
    await sequence_changes(bench.database)


def list_told(bench: Bench) -> list[str]:
    return [json.loads(call.body)["document"]["name"] for call in bench.tool.calls if call.method == "POST"]


async def test_a_record_is_told_once_in_its_latest_state(bench: Bench) -> None:
    await write(bench, "Premier nom")
    await write(bench, "Second nom")

    first = await bench.run()
    again = await bench.run()

    assert list_told(bench) == ["Second nom"]
    assert counts(first)["pushed"] == 1
    assert "pushed" not in counts(again)


async def test_what_was_told_does_not_come_back_as_the_tool_s_own(bench: Bench) -> None:
    await write(bench, "Jardin")
    await bench.run()
    changes = await bench.count_changes()

    await bench.run("full")
    await sequence_changes(bench.database)
    await bench.run()

    assert len(bench.tool.rows) == 1
    assert await bench.list_names() == []
    assert await bench.count_changes() == changes
    assert list_told(bench) == ["Jardin"]


async def test_what_the_tool_says_is_not_told_back_to_it(bench: Bench) -> None:
    bench.tool.rows.append({"id": "S-1", "name": "De l'outil", "type": "ACI", "updated": "2026-11-20T08:00:00+00:00"})
    await bench.run()
    await sequence_changes(bench.database)

    await bench.run()

    assert list_told(bench) == []


async def test_a_change_in_the_tool_of_another_source_s_record_is_a_conflict_that_loses(bench: Bench) -> None:
    await write(bench, "Jardin")
    await bench.run()
    bench.tool.rows[0]["name"] = "Changé dans l'outil"

    await bench.run("full")

    assert await bench.list_rejections() == [("S-1", "owned_by_another_source", "/name")]
    [row] = await bench.database.fetch("SELECT document::text AS document FROM structures")
    assert json.loads(row["document"])["name"] == "Jardin"


async def test_a_push_that_was_cut_is_taken_up_and_told_twice_harmlessly(bench: Bench) -> None:
    await write(bench, "Jardin", external_id="A-1")
    await write(bench, "Atelier", external_id="A-2")
    bench.tool.script(server_error(at_call=len(bench.tool.calls) + 3, times=4))

    waiting = await bench.run()
    async with bench.database.begin() as tx:
        await tx.fetch("UPDATE sync_runs SET finished_at = now(), state = 'failed'")
    await bench.run()

    assert waiting["state"] == "waiting"
    assert len(bench.tool.rows) == 2
    keys = [call.headers["idempotency-key"] for call in bench.tool.calls if call.method == "POST"]
    assert len(set(keys)) == 2
