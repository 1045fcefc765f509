"""A batch and its checkpoint are one: rivals, clashes, stops and lost connections cost no line and count none twice."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from uuid import UUID

import pytest

from raccord.bulk import ledger
from raccord.bulk.imports import plan_import, run_import, run_queued_import
from raccord.bulk.ledger import Order, Progress
from raccord.demo.identifiers import make_siret
from raccord.jobs.engine import Job, JobInterrupted
from raccord.kernel.database import Database, Row
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.row_files import open_source
from tests.bulk.conftest import Json, list_reasons, make_row, run_waiting_imports, write_ndjson

CLIENT = UUID("019a0000-0000-7000-8000-0000000000c1")


async def send(database: Database, content: bytes, mapping: str | None = None) -> UUID:
    import_id = make_uuid7()
    async with database.begin() as tx:
        await ledger.open_import(tx, import_id, Order("structures", "partenaire", CLIENT, "ndjson", mapping), content)
    return import_id


async def read(database: Database, import_id: UUID) -> Row:
    [row] = await database.fetch("SELECT * FROM imports WHERE id = $1", import_id)
    return row


async def import_rows(database: Database, rows: list[Json]) -> Row:
    import_id = await send(database, write_ndjson(rows))
    await run_waiting_imports(database)
    return await read(database, import_id)


def count(row: Row) -> tuple[int, int, int, int]:
    return row["created_count"], row["updated_count"], row["unchanged_count"], row["rejected_count"]


async def run_once(database: Database, import_id: UUID, content: bytes, report: Callable[[Progress], None]) -> None:
    source = open_source(io.BytesIO(content), "ndjson")
    plan = plan_import(import_id, Order("structures", "partenaire", CLIENT), source, None)
    await run_import(database, plan, source.rows, report=report)


async def test_two_records_that_exchange_their_keys_cost_the_others_nothing(database: Database) -> None:
    await import_rows(database, [make_row(1), make_row(2), make_row(3)])
    swapped = [
        make_row(1, siret=make_siret(2)),
        make_row(2, siret=make_siret(1)),
        make_row(3, name="Autre"),
        make_row(4),
    ]

    done = await import_rows(database, swapped)

    assert done["state"] == "completed"
    assert sum(count(done)) == 4
    assert count(done)[:2] in ((1, 1), (1, 3))


async def test_a_row_that_the_database_refuses_costs_no_other(database: Database, owner_url: str) -> None:
    owner = Database(owner_url, size=1)
    async with owner.begin() as tx:
        await tx.fetch("ALTER TABLE structures ADD CONSTRAINT no_seven CHECK (external_id <> 'S-7')")
    await owner.close()

    done = await import_rows(database, [make_row(n) for n in range(20)])

    assert (done["state"], count(done)) == ("completed", (19, 0, 0, 1))
    assert await list_reasons(database) == [(8, "S-7", "conflict", None)]


async def test_a_stopped_import_goes_on_where_it_was(database: Database) -> None:
    import_id = await send(database, write_ndjson([make_row(n) for n in range(2_500)]))

    with pytest.raises(JobInterrupted):
        await run_queued_import(database, Job({"import_id": str(import_id)}, False, lambda: True))
    stopped = await read(database, import_id)
    assert (stopped["state"], stopped["lines_read"]) == ("running", 1_000)
    await run_waiting_imports(database)

    done = await read(database, import_id)
    assert (done["state"], done["payload"], count(done)) == ("completed", None, (2_500, 0, 0, 0))
    assert (await database.fetch("SELECT count(*) FROM change_inbox"))[0]["count"] == 2_500


async def test_two_workers_on_one_import_count_each_line_once(database: Database) -> None:
    content = write_ndjson([*(make_row(n) for n in range(2_200)), make_row(1)])
    import_id = await send(database, content)
    job = Job({"import_id": str(import_id)}, False, lambda: False)

    await asyncio.gather(run_queued_import(database, job), run_queued_import(database, job))

    done = await read(database, import_id)
    assert (done["state"], count(done)) == ("completed", (2_200, 0, 0, 1))
    assert len(await list_reasons(database)) == 1


async def test_two_imports_of_the_same_new_records_meet_without_loss(database: Database) -> None:
    rows = [make_row(n) for n in range(300)]
    first, second = await send(database, write_ndjson(rows)), await send(database, write_ndjson(rows[::-1]))

    await asyncio.gather(
        *(run_queued_import(database, Job({"import_id": str(one)}, False, lambda: False)) for one in (first, second))
    )

    counts = [count(await read(database, one)) for one in (first, second)]
    assert sum(made for made, *_ in counts) == 300
    assert [sum(one) for one in counts] == [300, 300]
    assert (await database.fetch("SELECT sum(version) FROM structures"))[0]["sum"] == 300


async def test_a_connection_killed_in_a_batch_costs_a_second_try(database: Database) -> None:
    content = write_ndjson([make_row(n) for n in range(3_000)])
    import_id = await send(database, content)
    async with database.begin() as tx:
        await ledger.take_import(tx, import_id)
    is_killed = asyncio.Event()
    killer = asyncio.create_task(kill_first_writer(database, is_killed))

    await run_once(database, import_id, content, lambda _progress: None)
    await killer

    assert is_killed.is_set()
    assert count(await read(database, import_id)) == (3_000, 0, 0, 0)


async def kill_first_writer(database: Database, is_killed: asyncio.Event) -> None:
    while not is_killed.is_set():
        killed = await database.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND state LIKE '%transaction%' AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        )
        if killed:
            is_killed.set()
        await asyncio.sleep(0.001)


async def test_an_import_ended_by_another_writes_nothing_more(database: Database) -> None:
    content = write_ndjson([make_row(1)])
    import_id = await send(database, content)
    async with database.begin() as tx:
        await ledger.close_import(tx, import_id)
    said: list[Progress] = []

    await run_once(database, import_id, content, said.append)
    await run_queued_import(database, Job({"import_id": str(import_id)}, False, lambda: False))

    assert said == []
    assert (await read(database, import_id))["lines_read"] == 0


async def test_what_is_unreadable_or_broken_fails_with_its_code(database: Database) -> None:
    empty = await send(database, b"\x1f\x8b\x08\x00damaged")
    await run_waiting_imports(database)
    broken = await send(database, write_ndjson([make_row(1)]), mapping="absente")

    with pytest.raises(KeyError):
        await run_queued_import(database, Job({"import_id": str(broken)}, False, lambda: False))
    assert (await read(database, broken))["state"] == "running"
    await run_queued_import(database, Job({"import_id": str(broken)}, True, lambda: False))

    failed = [await read(database, one) for one in (empty, broken)]
    assert [(row["state"], row["failure_code"], row["payload"]) for row in failed] == [
        ("failed", "malformed_body", None), ("failed", "internal_error", None),
    ]  # fmt: skip


async def test_old_imports_are_given_up_then_forgotten(database: Database) -> None:
    stuck, old = await send(database, b"{}"), await send(database, b"{}")
    async with database.begin() as tx:
        await ledger.close_import(tx, old)
        await tx.fetch("UPDATE imports SET finished_at = now() - interval '91 days' WHERE id = $1", old)
        await tx.fetch("UPDATE imports SET progressed_at = now() - interval '25 hours' WHERE id = $1", stuck)
        await ledger.drop_old_imports(tx)

    [left] = await database.fetch("SELECT id, state, failure_code, payload FROM imports")
    assert tuple(left.values()) == (stuck, "failed", "abandoned", None)
