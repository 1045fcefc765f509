"""An adapter under the engine: a connection of its own to a stand-in, and the story that every adapter lives through.

class TestRuns(RunsSuite):
    @pytest.fixture
    def bench(self, database: Database) -> ToolBench: ...
    def remove_one(self, bench): ...       # the tool has one record less; returns its kind and external id
    def spoil_one(self, bench): ...        # one record cannot be taken; returns it, and what mends it
    def rotate(self, bench): ...           # the tool's secret changes; returns the new secrets
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from raccord.adapters.contract import Manifest
from raccord.jobs.engine import JobInterrupted
from raccord.kernel.database import Database
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import parse_object
from raccord.sync import connections, ledger
from raccord.sync.connections import Connection, Order, find_connection
from raccord.sync.going import Engine
from raccord.sync.ledger import COUNTED, Mode
from raccord.sync.runner import run_sync
from tests.adapters.stand_in import FakeTime, StandIn, open_outbound

Json = dict[str, Any]
Named = tuple[str, str]


@dataclass
class ToolBench:
    """An engine, a tool and one connection between them.

    Shape: `total` is how many records a first run writes.
    """

    database: Database
    manifest: Manifest
    tool: StandIn
    settings: Json
    secrets: Json
    source: str
    total: int = 0
    client_id: UUID | None = None
    clock: FakeTime = field(default_factory=FakeTime)
    seals: Seals = field(default_factory=lambda: Seals(b"present" * 8))
    connection_id: UUID = field(default_factory=uuid4)

    @property
    def engine(self) -> Engine:
        adapters = {self.manifest.name: self.manifest}
        return Engine(
            self.database, self.seals, open_outbound(self.tool, self.clock, self.database), adapters, folder=None
        )

    async def connect(self, **fields: Any) -> None:
        order = Order(
            name=self.manifest.name, source=self.source, settings=self.settings, secrets=self.secrets,
            client_id=self.client_id, **fields,
        )  # fmt: skip
        async with self.database.begin() as tx:
            made = await connections.add_connection(tx, self.seals, self.manifest, order)
        self.connection_id = made.id

    async def run(self, mode: Mode = "full", **options: Any) -> Json:
        """Run to the end, and return the run as the ledger has it, with its counts that are not zero."""
        async with self.database.begin() as tx:
            run_id = await ledger.open_run(tx, self.connection_id, mode)
        await run_sync(self.engine, run_id, **options)
        return await self.read_run(run_id)

    async def stop_and_go_on(self) -> Json:
        """Run, be stopped after each page, and go on each time in another process's place."""
        async with self.database.begin() as tx:
            run_id = await ledger.open_run(tx, self.connection_id, "full")
        for _ in range(200):
            try:
                await run_sync(self.engine, run_id, is_stopping=lambda: True)
            except JobInterrupted:
                continue
            break
        return await self.read_run(run_id)

    async def read_run(self, run_id: UUID) -> Json:
        row = await ledger.read_run(self.database, self.connection_id, run_id)
        assert row is not None
        counts = {name: row[f"{name}_count"] for name in COUNTED if row[f"{name}_count"]}
        findings = parse_object(row["findings"].encode()) if row["findings"] else {}
        return dict(row) | {"findings": findings, "counts": counts}

    async def read_connection(self) -> Connection:
        async with self.database.begin() as tx:
            found = await find_connection(tx, self.connection_id)
        assert found is not None
        return found

    async def replace_secrets(self, secrets: Json) -> None:
        connection = await self.read_connection()
        async with self.database.begin() as tx:
            await connections.save_connection(tx, connection, self.seals, secrets)

    async def list_records(self) -> set[Named]:
        """List what is written and not deleted."""
        found: set[Named] = set()
        async with self.database.begin() as tx:
            await tx.set_local("raccord.is_system", "on")
            for kind in self.manifest.reads:
                rows = await tx.fetch(
                    f"SELECT external_id FROM {kind} WHERE source = $1 AND deleted_at IS NULL", self.source
                )
                found |= {(kind, row["external_id"]) for row in rows}
        return found

    async def read_document(self, kind: str, external_id: str) -> Json:
        rows = await self.database.fetch(
            f"SELECT document::text AS document FROM {kind} WHERE source = $1 AND external_id = $2",
            self.source,
            external_id,
        )
        document: Json = parse_object(rows[0]["document"].encode())
        return document

    async def count_changes(self) -> int:
        rows = await self.database.fetch(
            "SELECT (SELECT count(*) FROM change_inbox) + (SELECT count(*) FROM change_log) AS count"
        )
        return int(rows[0]["count"])

    async def list_rejections(self) -> list[tuple[str, str, str | None]]:
        rows = await self.database.fetch(
            "SELECT external_id, code, pointer FROM sync_rejections WHERE resolved_at IS NULL ORDER BY external_id"
        )
        return [tuple(row.values()) for row in rows]


class RunsSuite:
    """The story; `bench` is a fixture of the subclass, `never_proven` the kinds whose absence says nothing."""

    never_proven: frozenset[str] = frozenset()

    def remove_one(self, bench: Any) -> Named:
        raise NotImplementedError

    def spoil_one(self, bench: Any) -> tuple[Named, Callable[[], object]]:
        raise NotImplementedError

    def rotate(self, bench: Any) -> Json:
        raise NotImplementedError

    def empty(self, bench: Any) -> None:
        bench.tool.rows.clear()

    def halve(self, bench: Any) -> None:
        del bench.tool.rows[len(bench.tool.rows) // 2 :]

    async def test_a_first_run_writes_all_and_a_second_nothing(self, bench: ToolBench) -> None:
        first = await bench.run()
        changes = await bench.count_changes()

        again = await bench.run()

        assert (first["state"], first["counts"]) == ("completed", {"seen": bench.total, "created": bench.total})
        assert again["counts"] == {"seen": bench.total, "unchanged": bench.total}
        assert await bench.count_changes() == changes
        assert len(await bench.list_records()) == bench.total

    async def test_what_is_gone_from_two_whole_walks_is_deleted(self, bench: ToolBench) -> None:
        await bench.run()
        gone = self.remove_one(bench)

        once = await bench.run()
        still = gone in await bench.list_records()
        twice = await bench.run()

        assert once["state"] == twice["state"] == "completed"
        assert still, "rows move between pages: once is not enough"
        assert twice["counts"]["deleted"] == 1
        assert await bench.list_records() & {gone} == set()

    async def test_a_run_that_is_stopped_after_each_page_comes_to_the_same_end(self, bench: ToolBench) -> None:
        run = await bench.stop_and_go_on()

        assert run["state"] == "completed"
        assert len(await bench.list_records()) == bench.total
        proven = [proof["is_proven"] for proof in run["findings"]["proof"] if proof["kind"] not in self.never_proven]
        assert proven
        assert all(proven)

    async def test_what_is_refused_costs_no_other_and_is_replayed(self, bench: ToolBench) -> None:
        spoilt, mend = self.spoil_one(bench)
        first = await bench.run()
        refused = await bench.list_rejections()
        again = await bench.run("replay")

        mend()
        await bench.run()
        await bench.run("replay")

        assert first["counts"]["rejected"] == again["counts"]["rejected"] == 1
        assert [external_id for external_id, _, _ in refused] == [spoilt[1]]
        assert spoilt in await bench.list_records()
        assert await bench.list_rejections() == []

    async def test_secrets_are_replaced_without_a_stop(self, bench: ToolBench) -> None:
        await bench.run()
        secrets = self.rotate(bench)

        refused = await bench.run()
        await bench.replace_secrets(secrets)
        after = await bench.run()

        assert refused["failure_code"] == "credentials_refused"
        assert after["state"] == "completed"
        assert (await bench.read_connection()).state == "active"

    async def test_a_dry_run_tells_and_writes_nothing(self, bench: ToolBench) -> None:
        await bench.run()
        changes, records = await bench.count_changes(), await bench.list_records()
        self.remove_one(bench)
        await bench.run()
        async with bench.database.begin() as tx:
            # Without a place to go on from, it walks through all.
            await tx.fetch('UPDATE connections SET checkpoint = \'{"cursor": null, "since": null}\'')

        run = await bench.run("dry_run")

        assert run["state"] == "completed"
        assert [difference["status"] for difference in run["findings"]["differences"]] == ["deleted"]
        assert (await bench.count_changes(), await bench.list_records()) == (changes, records)

    @pytest.mark.parametrize("what", ["nothing", "half"])
    async def test_a_tool_that_returns_nothing_or_half_deletes_nothing(self, bench: ToolBench, what: str) -> None:
        await bench.run()
        records = await bench.list_records()
        (self.empty if what == "nothing" else self.halve)(bench)

        for _ in range(3):
            await bench.run()

        assert await bench.list_records() == records
