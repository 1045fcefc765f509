"""What synchronisation is tested with: an engine before the plain list, and connections to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from raccord.kernel.database import Database
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import parse_object
from raccord.sync import connections, ledger
from raccord.sync.connections import Connection, Order
from raccord.sync.going import Engine
from raccord.sync.ledger import Mode
from raccord.sync.runner import run_sync
from tests.adapters.plain_list import MANIFEST, ListTool, make_rows
from tests.adapters.stand_in import FakeTime, open_outbound

TOKEN = "s3cret-of-the-tool"
Json = dict[str, Any]


@dataclass
class Bench:
    """An engine, a tool, and one connection between them."""

    database: Database
    tool: ListTool
    clock: FakeTime = field(default_factory=FakeTime)
    seals: Seals = field(default_factory=lambda: Seals(b"present" * 8))
    connection_id: UUID = field(default_factory=uuid4)

    @property
    def engine(self) -> Engine:
        outbound = open_outbound(self.tool, self.clock, self.database)
        return Engine(self.database, self.seals, outbound, {MANIFEST.name: MANIFEST}, folder=None)

    async def connect(self, **fields: Any) -> Connection:
        order = {
            "name": "liste",
            "source": "outil",
            "settings": {"url": "http://tool.test/api"},
            "secrets": {"token": TOKEN},
            **fields,
        }
        async with self.database.begin() as tx:
            made = await connections.add_connection(tx, self.seals, MANIFEST, Order(**order))
        self.connection_id = made.id
        return made

    async def open_run(self, mode: Mode = "incremental", plan: Any = None) -> UUID:
        async with self.database.begin() as tx:
            return await ledger.open_run(tx, self.connection_id, mode, plan)

    async def run(self, mode: Mode = "incremental", plan: Any = None, **options: Any) -> Json:
        """Run to the end, and return the run as the ledger has it."""
        run_id = await self.open_run(mode, plan)
        await run_sync(self.engine, run_id, **options)
        return await self.read_run(run_id)

    async def read_run(self, run_id: UUID) -> Json:
        row = await ledger.read_run(self.database, self.connection_id, run_id)
        assert row is not None
        return dict(row) | {"findings": parse_object(row["findings"].encode()) if row["findings"] else None}

    async def read_connection(self) -> Connection:
        found = await connections.find_connection(self.database, self.connection_id)
        assert found is not None
        return found

    async def list_names(self) -> list[str]:
        rows = await self.database.fetch(
            "SELECT external_id FROM structures WHERE source = 'outil' AND deleted_at IS NULL ORDER BY external_id"
        )
        return [row["external_id"] for row in rows]

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


@pytest.fixture
async def bench(database: Database) -> Bench:
    """Twenty-five structures in a tool, and a connection to it."""
    made = Bench(database, ListTool(make_rows(25), token=TOKEN))
    await made.connect()
    return made


def counts(run: Mapping[str, Any]) -> dict[str, int]:
    """The counts of a run that are not zero."""
    return {name: run[f"{name}_count"] for name in ledger.COUNTED if run[f"{name}_count"]}
