"""data·inclusion through the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from raccord.adapters.data_inclusion.manifest import MANIFEST
from raccord.kernel.database import Database
from tests.adapters.data_inclusion.stand_in import TOKEN, DataInclusionTool, make_structure, make_tool
from tests.adapters.runs import Json, Named, RunsSuite, ToolBench


class TestRuns(RunsSuite):
    @pytest.fixture
    async def bench(self, database: Database) -> ToolBench:
        made = ToolBench(
            database, MANIFEST, make_tool(), {"url": "http://data-inclusion.test", "page_size": 10}, {"token": TOKEN},
            "data-inclusion", total=37,
        )  # fmt: skip
        await made.connect()
        return made

    def remove_one(self, bench: Any) -> Named:
        return "services", bench.tool.services.pop(3)["id"]

    def spoil_one(self, bench: Any) -> tuple[Named, Callable[[], object]]:
        # It names a structure that the directory dropped as it loaded.
        service = bench.tool.services[0]
        service["structure_id"] = "dora--99999"
        return ("services", service["id"]), lambda: bench.tool.rows.append(make_structure(99999))

    def rotate(self, bench: Any) -> Json:
        bench.tool.token = "eyJ-another"
        return {"token": "eyJ-another"}

    def halve(self, bench: Any) -> None:
        del bench.tool.rows[12:], bench.tool.services[6:]

    def empty(self, bench: Any) -> None:
        bench.tool.rows.clear()
        bench.tool.services.clear()


async def test_a_service_is_written_under_its_structure(database: Database) -> None:
    bench = ToolBench(database, MANIFEST, make_tool(3, 1), {"url": "http://di.test"}, {"token": TOKEN}, "annuaire")
    await bench.connect()

    await bench.run()

    service = await bench.read_document("services", "dora--s00001")
    structure = await bench.read_document("structures", "dora--00002")
    assert service["structure_id"] == structure["id"]
    assert structure["extensions"]["data-inclusion"]["kept"]["source"] == "dora"


async def test_rows_that_move_while_they_load_anew_delete_nothing(database: Database) -> None:
    tool: DataInclusionTool = make_tool(25, 0)
    bench = ToolBench(
        database, MANIFEST, tool, {"url": "http://di.test", "page_size": 10}, {"token": TOKEN}, "annuaire"
    )
    await bench.connect()
    await bench.run()
    reasons = []
    for _ in range(3):
        tool.at_call(4, lambda: tool.rows.pop(0))
        reasons.append((await bench.run())["findings"]["proof"][0]["reason"])
        tool.rows.insert(0, make_structure(1))

    assert reasons == ["incomplete"] * 3
    assert len(await bench.list_records()) == 25
