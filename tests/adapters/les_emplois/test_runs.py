"""Les emplois through the engine: employers and offers; persons and their applications, mirrored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from raccord.adapters.les_emplois.manifest import MANIFEST
from raccord.kernel.database import Database
from raccord.kernel.strict_json import JsonObject
from tests.adapters.les_emplois.stand_in import (
    DEPARTMENT,
    NIR,
    PERSONS,
    USER,
    LesEmploisTool,
    make_application,
    make_managing_structure,
    make_siae,
    make_siaes,
)
from tests.adapters.runs import Json, Named, RunsSuite, ToolBench
from tests.adapters.stand_in import FakeTime

URL = "http://les-emplois.test"
SETTINGS = {"url": URL, "departments": ["69"], "page_size": 5, "access": "user"}


class TestRuns(RunsSuite):
    never_proven = frozenset({"people", "prescriptions"})

    @pytest.fixture
    async def bench(self, database: Database) -> ToolBench:
        clock = FakeTime()
        tool = LesEmploisTool(make_siaes(14), clock)
        made = ToolBench(database, MANIFEST, tool, SETTINGS, {"token": USER}, "les-emplois", total=3 * 14, clock=clock)
        await made.connect()
        return made

    def remove_one(self, bench: Any) -> Named:
        return "job_offers", str(bench.tool.rows[3]["postes"].pop(0)["id"])

    def spoil_one(self, bench: Any) -> tuple[Named, Callable[[], object]]:
        offer = bench.tool.rows[2]["postes"][0]
        count, offer["nombre_postes_ouverts"] = offer["nombre_postes_ouverts"], "beaucoup"
        return ("job_offers", str(offer["id"])), lambda: offer.update(nombre_postes_ouverts=count)

    def rotate(self, bench: Any) -> Json:
        bench.tool.platform.tokens = {"b" * 40: "user"}
        return {"token": "b" * 40}

    def empty(self, bench: Any) -> None:
        bench.tool.rows.clear()


async def make_searching_bench(database: Database, applications: list[JsonObject]) -> ToolBench:
    structure_id = await make_managing_structure(database)
    clock = FakeTime()
    tool = LesEmploisTool([make_siae(1, siret="00010000800010")], clock, {NIR: applications})
    settings = {
        **SETTINGS, "access": "department", "managing_structure_id": structure_id,
        "prescribers": [{"name": "Mission locale inventée", "structure_id": structure_id}],
    }  # fmt: skip
    made = ToolBench(
        database, MANIFEST, tool, settings, {"token": DEPARTMENT, "persons": PERSONS}, "les-emplois", clock=clock
    )
    await made.connect()
    return made


async def read_prescriptions(bench: ToolBench) -> list[tuple[str, str, str]]:
    async with bench.database.begin() as tx:
        await tx.set_local("raccord.is_system", "on")
        rows = await tx.fetch("SELECT external_id, state, state_authority FROM prescriptions ORDER BY external_id")
    return [(row["external_id"][-1:], row["state"], row["state_authority"]) for row in rows]


async def test_applications_are_mirrored_and_follow_their_state(database: Database) -> None:
    applications = [make_application(1), make_application(2, statut="new")]
    bench = await make_searching_bench(database, applications)

    first = await bench.run()
    before = await read_prescriptions(bench)
    applications[1]["statut"] = "accepted"
    second = await bench.run()

    assert first["counts"] == {"seen": 6, "created": 6}
    assert before == [("1", "processing", "external"), ("2", "new", "external")]
    assert second["counts"]["updated"] == 1
    assert await read_prescriptions(bench) == [("1", "processing", "external"), ("2", "accepted", "external")]


async def test_an_application_that_left_their_answers_stays(database: Database) -> None:
    applications = [make_application(1), make_application(2)]
    bench = await make_searching_bench(database, applications)
    await bench.run()
    del applications[1]

    for _ in range(3):
        await bench.run()

    assert len(await read_prescriptions(bench)) == 2


async def test_no_number_of_social_security_is_stored_in_clear(database: Database) -> None:
    bench = await make_searching_bench(database, [make_application(1, statut="inconnu")])
    await bench.run()

    async with database.begin() as tx:
        await tx.set_local("raccord.is_system", "on")
        for table in ("people", "prescriptions", "sync_rejections", "sync_runs", "connections", "record_versions"):
            rows = await tx.fetch(f"SELECT row_to_json({table})::text AS text FROM {table}")
            assert all(NIR not in row["text"] and NIR.encode().hex() not in row["text"] for row in rows), table


async def test_a_refused_application_is_replayed_once_its_employer_is_there(database: Database) -> None:
    bench = await make_searching_bench(database, [make_application(1, entreprise_siret="00010000800028")])
    await bench.run()
    refused = await bench.list_rejections()
    bench.tool.rows.append(make_siae(2, siret="00010000800028"))

    run = await bench.run()

    assert [code for _, code, _ in refused] == ["not_in_settings"]
    assert "rejected" not in run["counts"]
    assert await bench.list_rejections() == []
