"""The tests that every adapter passes with the engine around it, on a real database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from raccord.adapters.contract import Capability
from raccord.kernel.database import Database
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import parse_object
from raccord.sync import connections, ledger
from raccord.sync.connections import Order
from raccord.sync.going import Engine
from raccord.sync.ledger import Mode
from raccord.sync.runner import run_sync
from tests.adapters.case import Case
from tests.adapters.stand_in import expired_token, open_outbound, server_error

SEALS = Seals(b"a-sealing-key-of-the-suite")
SOURCE = "outil-de-la-suite"


class Connected:
    """A connection to the case's tool."""

    def __init__(self, database: Database, case: Case) -> None:
        self.database = database
        self.case = case
        self.id = UUID(int=0)

    @property
    def engine(self) -> Engine:
        """The engine of a worker before the tool."""
        outbound = open_outbound(self.case.tool, self.case.clock, self.database)
        manifest = self.case.manifest
        # The case's folder is the source's own, among those of the installation.
        folder = self.case.folder.parent if self.case.folder is not None else None
        return Engine(self.database, SEALS, outbound, {manifest.name: manifest}, folder)

    async def connect(self, **fields: Any) -> None:
        order = Order(name="suite", source=SOURCE, settings=self.case.settings, secrets=self.case.secrets, **fields)
        async with self.database.begin() as tx:
            self.id = (await connections.add_connection(tx, SEALS, self.case.manifest, order)).id

    async def run(self, mode: Mode = "incremental", *, run_id: UUID | None = None) -> dict[str, Any]:
        if run_id is None:
            async with self.database.begin() as tx:
                run_id = await ledger.open_run(tx, self.id, mode)
        await run_sync(self.engine, run_id)
        row = await ledger.read_run(self.database, self.id, run_id)
        assert row is not None
        findings = parse_object(row["findings"].encode()) if row["findings"] else {}
        return {**row, "findings": findings}

    async def count_live(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        async with self.database.begin() as tx:
            await tx.set_local("raccord.is_system", "on")
            for name in self.case.manifest.reads:
                rows = await tx.fetch(
                    f"SELECT count(*) AS count FROM {name} WHERE source = $1 AND deleted_at IS NULL", SOURCE
                )
                if rows[0]["count"]:
                    counts[name] = rows[0]["count"]
        return counts

    async def list_reasons(self) -> set[str]:
        rows = await self.database.fetch("SELECT DISTINCT code FROM sync_rejections WHERE resolved_at IS NULL")
        return {row["code"] for row in rows}


class EngineSuite:
    """The tests; `case` is a fixture of the subclass."""

    @pytest.fixture
    async def connected(self, database: Database, case: Case) -> Connected:
        """Connect the case's tool."""
        made = Connected(database, case)
        await made.connect()
        return made

    async def test_a_full_pull_writes_all_and_a_second_nothing(self, connected: Connected, case: Case) -> None:
        first = await connected.run()
        again = await connected.run("full")

        assert first["state"] == "completed", (first["failure_en"], await connected.list_reasons())
        assert await connected.list_reasons() == set()
        assert await connected.count_live() == case.expected
        assert (again["created_count"], again["updated_count"], again["deleted_count"]) == (0, 0, 0)

    async def test_an_incremental_pull_takes_what_changed(self, connected: Connected, case: Case) -> None:
        if case.change is None or Capability.INCREMENTAL not in case.manifest.capabilities:
            pytest.skip("nothing changes in this tool, or all is read each time")
        await connected.run()
        case.tool.rows[0] = case.change(case.tool.rows[0])

        run = await connected.run()

        assert (run["walk_mode"], run["state"]) == ("incremental", "completed")
        assert run["updated_count"] >= 1
        assert run["deleted_count"] == 0

    async def test_what_is_gone_is_deleted_once_it_is_proven(self, connected: Connected, case: Case) -> None:
        if not case.tool.rows:
            pytest.skip("the tool keeps its rows elsewhere")
        await connected.run()
        before = sum((await connected.count_live()).values())
        case.tool.rows.pop()
        runs = [await connected.run("full") for _ in range(2)]

        assert [run["state"] for run in runs] == ["completed", "completed"]
        assert before - 10 < sum((await connected.count_live()).values()) < before

    @pytest.mark.parametrize("kept", ["nothing", "half"])
    async def test_a_tool_that_returns_nothing_or_half_deletes_nothing(
        self, connected: Connected, case: Case, kept: str
    ) -> None:
        if len(case.tool.rows) < 10:
            pytest.skip("too few rows to tell half of them from a few")
        await connected.run()
        before = await connected.count_live()
        del case.tool.rows[0 if kept == "nothing" else len(case.tool.rows) // 2 - 1 :]
        for _ in range(2):
            await connected.run("full")

        assert await connected.count_live() == before

    async def test_a_walk_cut_short_deletes_nothing_and_goes_on(self, connected: Connected, case: Case) -> None:
        if not case.calls_http:
            pytest.skip("an adapter of files")
        case.tool.script(server_error(at_call=2, times=50))
        async with connected.database.begin() as tx:
            run_id = await ledger.open_run(tx, connected.id, "full")

        waiting = await connected.run(run_id=run_id)
        case.tool.heal()
        case.clock.moment += 10_000
        done = await connected.run(run_id=run_id)

        assert waiting["state"] in ("waiting", "completed")
        assert done["state"] == "completed"
        assert await connected.count_live() == case.expected

    async def test_a_record_that_is_refused_is_set_aside_and_replayed(self, connected: Connected, case: Case) -> None:
        if case.spoil is None:
            pytest.skip("nothing is refused of this tool")
        sound = case.tool.rows[0]
        case.tool.rows[0] = case.spoil(sound)

        first = await connected.run()
        replayed = await connected.run("replay")
        case.tool.rows[0] = sound
        await connected.run("full")

        assert first["rejected_count"] >= 1
        assert replayed["rejected_count"] >= 1
        assert await connected.list_reasons() == set()
        assert await connected.count_live() == case.expected

    async def test_secrets_that_ran_out_are_replaced(self, connected: Connected, case: Case) -> None:
        if case.wrong_secrets is None:
            pytest.skip("the tool asks for no credentials")
        case.tool.script(expired_token(times=50))
        refused = await connected.run()
        case.tool.heal()
        async with connected.database.begin() as tx:
            found = await connections.find_connection(tx, connected.id)
            assert found is not None
            await connections.save_connection(tx, found, SEALS, case.secrets)

        done = await connected.run()

        assert (refused["state"], refused["failure_code"]) == ("failed", "credentials_refused")
        assert done["state"] == "completed"

    async def test_a_dry_run_tells_and_writes_nothing(self, connected: Connected, case: Case) -> None:
        run = await connected.run("dry_run")

        assert run["state"] == "completed"
        assert run["created_count"] == sum(case.expected.values())
        assert run["findings"]["differences"]
        assert await connected.count_live() == {}
