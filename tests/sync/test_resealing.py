"""`raccord sync reseal`: all that is sealed opens under the new key alone, however often it was stopped on the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.seals import Seals
from raccord.sync import messages
from raccord.sync.connections import open_secrets
from raccord.sync.deciding import undo_deletions
from raccord.sync.messages import keep_message
from raccord.sync.resealing import BATCH, SEALED, reseal
from tests.adapters.plain_list import make_row, make_rows, write_message
from tests.commands import run_raccord
from tests.conftest import SECRET
from tests.sync.conftest import TOKEN, Bench, counts

OLD, NEW = "o" * 32, "n" * 32


async def fill(bench: Bench) -> None:
    """Have something sealed under the old key in each place."""
    bench.seals = Seals(OLD.encode())
    bench.tool.rows = make_rows(12)
    bench.tool.rows[4]["name"] = ""
    await bench.connect(name="autre")
    await bench.run()
    del bench.tool.rows[5]
    await bench.run("full")
    async with bench.database.begin() as tx:
        await keep_message(tx, bench.seals, bench.connection_id, write_message(make_row(90)))
        await tx.fetch("DELETE FROM connections WHERE name = 'liste'")


async def count_old(bench: Bench) -> int:
    present, old = Seals(NEW.encode()).present, 0
    for each in SEALED:
        rows = await bench.database.fetch(f"SELECT {each.column} AS sealed FROM {each.table}")
        sealed = [row["sealed"] for row in rows if row["sealed"] is not None]
        assert sealed, each.name
        old += sum(not one.startswith(present) for one in sealed)
    return old


async def test_after_it_the_retired_key_may_be_forgotten(
    bench: Bench, tmp_path: Path, database_url: str, owner_url: str
) -> None:
    await fill(bench)
    before = await count_old(bench)
    folder = {
        "RACCORD_DATABASE_URL": database_url,
        "RACCORD_MIGRATION_URL": owner_url,
        "RACCORD_SECRET_KEY": SECRET,
        "RACCORD_DATA_DIR": str(tmp_path),
        "RACCORD_SEALING_KEY": NEW,
        "RACCORD_RETIRED_SEALING_KEY": OLD,
    }

    done = await asyncio.to_thread(run_raccord, "sync", "reseal", **folder)

    assert done.stdout == "1 connections, 1 messages, 1 rejections, 1 deletions sealed anew.\n"
    assert "messages: 1" in done.stderr
    assert (before, await count_old(bench)) == (4, 0)
    bench.seals = Seals(NEW.encode())
    assert open_secrets(bench.seals, await bench.read_connection()) == {"token": TOKEN}
    assert counts(await bench.run("receive")) == {"seen": 1, "created": 1}
    assert counts(await bench.run("replay")) == {"seen": 1, "rejected": 1}
    rows = await bench.database.fetch("SELECT run_id FROM sync_deletions")
    assert await undo_deletions(bench.engine, bench.connection_id, rows[0]["run_id"]) == 1


async def keep_many(bench: Bench, count: int) -> None:
    old, ids = Seals(OLD.encode()), [make_uuid7() for _ in range(count)]
    async with bench.database.begin() as tx:
        await tx.fetch(
            "INSERT INTO sync_messages (id, connection_id, payload) SELECT id, $1, payload "
            "FROM unnest($2::uuid[], $3::bytea[]) AS kept (id, payload)",
            bench.connection_id,
            ids,
            [old.seal(b"{}\n", messages.write_place(each)) for each in ids],
        )


async def test_stopped_after_a_batch_it_goes_on_with_what_is_left(bench: Bench) -> None:
    await fill(bench)
    await keep_many(bench, BATCH + 10)
    both = Seals(NEW.encode(), OLD.encode())

    def stop(name: str, _count: int) -> None:
        if name == "messages":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await reseal(bench.database, both, stop)
    left = await count_old(bench)
    told: list[tuple[str, int]] = []
    done = await reseal(bench.database, both, lambda *each: told.append(each))

    assert (left, await count_old(bench)) == (13, 0)
    assert [(each.name, each.done) for each in done] == [
        ("connections", 0), ("messages", 11), ("rejections", 1), ("deletions", 1),
    ]  # fmt: skip
    assert ("messages", 11) in told


async def test_what_opens_under_no_key_is_counted_and_left(bench: Bench) -> None:
    await fill(bench)

    done = await reseal(bench.database, Seals(NEW.encode()), lambda _name, _count: None)

    assert [(each.done, each.broken) for each in done] == [(0, 1)] * 4
    assert await count_old(bench) == 4


async def test_what_is_being_written_meanwhile_is_waited_for_by_nobody_and_left_out_by_nothing(bench: Bench) -> None:
    await fill(bench)
    both = Seals(NEW.encode(), OLD.encode())
    async with bench.database.begin() as tx:
        await tx.fetch("SELECT 1 FROM sync_messages FOR UPDATE")
        going = asyncio.create_task(reseal(bench.database, both, lambda _name, _count: None))
        await asyncio.sleep(0.2)
        assert not going.done()

    await going
    assert await count_old(bench) == 0
