"""The tests of an adapter that receives: what its tool sends is proven, and written once, through the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from raccord.adapters.contract import Broken, CredentialsRefused, Inbound, Item
from raccord.jobs.engine import Job
from raccord.kernel.database import Row
from raccord.sync.messages import enqueue_forgotten, keep_message
from raccord.sync.scheduling import take_queued
from tests.adapters.case import Case
from tests.adapters.engine_suite import SEALS, Connected, EngineSuite

Write = Callable[[Any], Inbound]
HOSTILE = (b"", b"null", b"[]", b"1", b'"x"', b"{", b"\xff", b'{"data": []}', b'{"data": 1}', b"[" * 100_000)


class ReceiveSuite(EngineSuite):
    """The tests; they are skipped where the case says nothing of messages."""

    @pytest.fixture
    def write(self, case: Case) -> Write:
        """Write the message that tells of a row. Asked for before a database: most adapters receive nothing."""
        if case.write_message is None:
            pytest.skip("the tool sends nothing by itself")
        return case.write_message

    async def test_a_message_with_its_proof_is_read(self, write: Write, case: Case) -> None:
        batch = await case.build().receive(write(case.tool.rows[0]))

        assert len(batch.items) == 1
        assert not batch.gone
        assert not case.tool.calls, "to read a message calls nothing"

    async def test_a_message_reads_as_the_walk_does(self, write: Write, case: Case) -> None:
        [walked, *_] = (await case.walk())[0].items
        [told] = (await case.build().receive(write(case.tool.rows[0]))).items

        assert told == walked

    async def test_a_message_without_its_proof_is_refused(self, write: Write, case: Case) -> None:
        inbound = write(case.tool.rows[0])
        reversed_ = {name: value[::-1] for name, value in inbound.headers.items()}

        for forged in (replace(inbound, headers={}, params={}), replace(inbound, headers=reversed_)):
            with pytest.raises(CredentialsRefused):
                await case.build().receive(forged)

    async def test_what_was_proven_before_is_read_without_its_proof(self, write: Write, case: Case) -> None:
        inbound = replace(write(case.tool.rows[0]), headers={}, is_proven=True)

        assert len((await case.build().receive(inbound)).items) == 1

    @pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:12]))
    async def test_whatever_the_body_holds_it_is_read_or_broken(self, write: Write, case: Case, body: bytes) -> None:
        items: Sequence[Item] = ()
        with suppress(Broken):
            items = (await case.build().receive(replace(write(case.tool.rows[0]), body=body, is_proven=True))).items

        assert not items

    async def test_a_message_is_written_once_however_often_it_comes(
        self, write: Write, connected: Connected, case: Case
    ) -> None:
        first = await take(connected, write(case.tool.rows[0]))
        again = await take(connected, write(case.tool.rows[0]), write(case.tool.rows[0]))

        assert (first["mode"], first["state"]) == ("receive", "completed"), first["failure_en"]
        assert (first["seen_count"], first["created_count"]) == (1, 1)
        assert (again["seen_count"], again["unchanged_count"]) == (2, 2)
        assert sum((await connected.count_live()).values()) == 1

    async def test_a_message_moves_no_checkpoint_and_the_walk_finds_it_unchanged(
        self, write: Write, connected: Connected, case: Case
    ) -> None:
        await take(connected, write(case.tool.rows[0]))
        [row] = await connected.database.fetch("SELECT checkpoint::text AS checkpoint FROM connections")

        run = await connected.run("full")

        assert row["checkpoint"] == '{"cursor": null, "since": null}'
        assert (run["unchanged_count"], await connected.count_live()) == (1, case.expected)

    async def test_a_tombstone_deletes(self, write: Write, connected: Connected, case: Case) -> None:
        if case.write_gone is None:
            pytest.skip("the tool says nothing of what is gone")
        await take(connected, write(case.tool.rows[0]))

        run = await take(connected, case.write_gone(case.tool.rows[0]))

        assert run["deleted_count"] == 1
        assert await connected.count_live() == {}

    async def test_a_record_that_is_refused_is_set_aside_replays_and_is_mended(
        self, write: Write, connected: Connected, case: Case
    ) -> None:
        if case.spoil is None:
            pytest.skip("nothing is refused of this tool")
        refused = await take(connected, write(case.spoil(case.tool.rows[0])))
        replayed = await connected.run("replay")
        mended = await take(connected, write(case.tool.rows[0]))

        assert (refused["rejected_count"], replayed["rejected_count"], mended["created_count"]) == (1, 1, 1)
        assert await connected.list_reasons() == set()

    async def test_a_message_whose_job_was_lost_is_taken_all_the_same(
        self, write: Write, connected: Connected, case: Case
    ) -> None:
        async with connected.database.begin() as tx:
            await keep_message(tx, SEALS, connected.id, write(case.tool.rows[0]))
            await tx.fetch("DELETE FROM procrastinate_jobs")

        async with connected.database.begin() as tx:
            await enqueue_forgotten(tx)
        run = await take(connected)

        assert run["created_count"] == 1


async def take(connected: Connected, *messages: Inbound) -> Row:
    """Keep the messages, do what the worker does with the job that waits, and return the run that it made."""
    async with connected.database.begin() as tx:
        for inbound in messages:
            await keep_message(tx, SEALS, connected.id, inbound)
    [queued] = await connected.database.fetch("SELECT id, args->>'connection_id' AS id_ FROM procrastinate_jobs")
    await take_queued(connected.engine, Job({"connection_id": queued["id_"]}, True, lambda: False))
    async with connected.database.begin() as tx:
        await tx.fetch("DELETE FROM procrastinate_jobs")
    [run] = await connected.database.fetch("SELECT * FROM sync_runs ORDER BY id DESC LIMIT 1")
    return run
