"""The ledger of runs: what was asked, who is at it, how far it got, what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from raccord.kernel.clock import read_now
from raccord.kernel.database import Reader, Row, Transaction
from raccord.kernel.errors import RunUnderWayError
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.kernel.text import Text
from raccord.sync.connections import Connection

Mode = Literal["incremental", "full", "reconcile", "dry_run", "replay", "receive"]
COUNTED = ("seen", "created", "updated", "unchanged", "rejected", "deleted", "pushed")
# A worker that has said nothing for so long is dead: another may take its run.
HOLD = timedelta(seconds=60)
GIVE_UP = timedelta(hours=24)
KEPT = timedelta(days=90)
# A tool that says everything at once makes thousands of these in a day.
RECEIVED_KEPT = timedelta(days=7)
COLUMNS = """
id, connection_id, mode, state, walk, walk_mode, total, seen_count, created_count, updated_count, unchanged_count,
rejected_count, deleted_count, pushed_count, checkpoint_before::text AS checkpoint_before, progress::text AS progress,
findings::text AS findings, failure_code, failure_fr, failure_en, resume_at, created_at, started_at, finished_at
"""


class HoldLostError(Exception):
    """Another worker has taken the run, or it was ended: nothing more is written here."""


@dataclass(frozen=True)
class Failure:
    """Why a run failed as a whole."""

    code: str
    message: Text


@dataclass
class Progress:
    """Where a walk stands, and what it has shown so far: stored with each page.

    Shape: `ends` are the parts that ended, as (kind, part, total, is_complete, is_snapshot); `unsure` the kinds of
           which something was met that could not be named, or whose total moved; `drifts` counts by pointer;
           `settled` says that what was not met has been dealt with.
    """

    cursor: JsonObject | None = None
    newest: str | None = None
    ends: list[JsonValue] = field(default_factory=list)
    unsure: dict[str, str] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    drifts: Counter[str] = field(default_factory=Counter)
    is_walked: bool = False
    settled: Literal["", "done", "asking"] = ""

    def dump(self) -> str:
        """Write as it is stored."""
        return dump_json({**vars(self), "drifts": dict(self.drifts.most_common(100))}).decode()

    @classmethod
    def read(cls, stored: JsonObject) -> Progress:
        """Read what is stored."""
        made = cls()
        for name, value in stored.items():
            setattr(made, name, Counter(value) if name == "drifts" and isinstance(value, dict) else value)
        return made


@dataclass(frozen=True)
class Run:
    """A run that somebody holds."""

    id: UUID
    connection_id: UUID
    mode: Mode
    holder: UUID
    walk: int
    walk_mode: Literal["full", "incremental"] | None
    progress: Progress
    started_at: datetime
    created_at: datetime


async def open_run(tx: Transaction, connection_id: UUID, mode: Mode, plan: JsonObject | None = None) -> UUID:
    """Write a run down, to be taken up.

    Errors: RunUnderWayError if the connection has one that has not ended.
    """
    made = await tx.fetch(
        "INSERT INTO sync_runs (id, connection_id, mode, state, progress) "
        "VALUES ($1, $2, $3, 'pending', $4::text::json) "
        "ON CONFLICT (connection_id) WHERE finished_at IS NULL DO NOTHING RETURNING id",
        make_uuid7(),
        connection_id,
        mode,
        Progress(cursor=plan).dump(),
    )
    if not made:
        raise _name_open_run(await find_open_run(tx, connection_id))
    run_id: UUID = made[0]["id"]
    return run_id


def _name_open_run(found: Row | None) -> RunUnderWayError:
    """Name the run that is in the way; one that has ended this very moment is no more."""
    if found is None:
        return RunUnderWayError(headers={"Retry-After": "1"})
    run_id: UUID = found["id"]
    return RunUnderWayError(
        Text(f"La synchronisation {run_id} n'est pas achevée.", f"The run {run_id} has not ended."),
        extensions={"run_id": str(run_id), "run_url": write_path(found["connection_id"], run_id)},
    )


def write_path(connection_id: UUID, run_id: UUID) -> str:
    """Write the path at which the API shows a run."""
    return f"/v1/connections/{connection_id}/runs/{run_id}"


async def find_open_run(reader: Reader, connection_id: UUID) -> Row | None:
    """Find the run of the connection that has not ended, and whether somebody is at it."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS}, coalesce(held_until > now(), false) AS is_held FROM sync_runs "  # noqa: S608
        "WHERE connection_id = $1 AND finished_at IS NULL",
        connection_id,
    )
    return rows[0] if rows else None


async def take_run(tx: Transaction, run_id: UUID, holder: UUID) -> Run | None:
    """Take a run up, from whoever held it; None if it has ended, or asks for a person."""
    rows = await tx.fetch(
        f"""
        UPDATE sync_runs SET state = 'running', holder = $2, held_until = now() + $3::interval,
            started_at = coalesce(started_at, now()), resume_at = NULL
        WHERE id = $1 AND state IN ('pending', 'running', 'waiting') RETURNING {COLUMNS}
        """,  # noqa: S608
        run_id,
        holder,
        HOLD,
    )
    if not rows:
        return None
    row = rows[0]
    return Run(
        row["id"], row["connection_id"], row["mode"], holder, row["walk"] or 0, row["walk_mode"],
        Progress.read(parse_object(row["progress"].encode())), row["started_at"], row["created_at"],
    )  # fmt: skip


async def begin_walk(
    tx: Transaction, run: Run, connection: Connection, walk_mode: Literal["full", "incremental"]
) -> int:
    """Number the walk and note from where it goes; returns its number."""
    rows = await tx.fetch("UPDATE connections SET walk = walk + 1 WHERE id = $1 RETURNING walk", connection.id)
    await tx.fetch(
        "UPDATE sync_runs SET walk = $2, walk_mode = $3, checkpoint_before = $4::text::json WHERE id = $1",
        run.id,
        rows[0]["walk"],
        walk_mode,
        dump_json(connection.checkpoint).decode(),
    )
    number: int = rows[0]["walk"]
    return number


async def hold(tx: Transaction, run: Run) -> None:
    """Hold the run until the transaction ends, and some time longer.

    Errors: HoldLostError.
    """
    rows = await tx.fetch(
        "UPDATE sync_runs SET held_until = now() + $3::interval "
        "WHERE id = $1 AND holder = $2 AND state = 'running' RETURNING 1",
        run.id,
        run.holder,
        HOLD,
    )
    if not rows:
        raise HoldLostError


async def save_page(tx: Transaction, run: Run, counts: Mapping[str, int], total: int | None) -> None:
    """Note what became of a page, with how far the walk has got."""
    await tx.fetch(
        f"UPDATE sync_runs SET progress = $2::text::json, total = coalesce($3, total), "  # noqa: S608
        f"{', '.join(f'{name}_count = {name}_count + ${4 + n}' for n, name in enumerate(COUNTED))} WHERE id = $1",
        run.id,
        run.progress.dump(),
        total,
        *(counts.get(name, 0) for name in COUNTED),
    )


async def close_run(tx: Transaction, run_id: UUID, failure: Failure | None = None) -> None:
    """End a run."""
    message = failure.message if failure is not None else None
    await tx.fetch(
        """
        UPDATE sync_runs SET state = $2, finished_at = now(), holder = NULL, held_until = NULL, failure_code = $3,
            failure_fr = $4, failure_en = $5 WHERE id = $1 AND finished_at IS NULL
        """,
        run_id,
        "completed" if failure is None else "failed",
        failure.code if failure is not None else None,
        message.fr if message is not None else None,
        message.en if message is not None else None,
    )


async def let_wait(tx: Transaction, run: Run, resume_at: datetime) -> bool:
    """Put a run off; False if it has been put off for too long, and is to be ended."""
    if read_now() - run.created_at > GIVE_UP:
        return False
    await tx.fetch(
        "UPDATE sync_runs SET state = 'waiting', holder = NULL, held_until = NULL, resume_at = $2 WHERE id = $1",
        run.id,
        resume_at,
    )
    return True


async def let_go(tx: Transaction, run: Run) -> None:
    """Give a run back, to be taken up where it stands."""
    await tx.fetch(
        "UPDATE sync_runs SET state = 'pending', holder = NULL, held_until = NULL WHERE id = $1 AND holder = $2",
        run.id,
        run.holder,
    )


async def note_findings(tx: Transaction, run_id: UUID, findings: JsonObject) -> None:
    """Note what a run found out: its proof, its drifts, its differences."""
    await tx.fetch("UPDATE sync_runs SET findings = $2::text::json WHERE id = $1", run_id, dump_json(findings).decode())


async def read_run(reader: Reader, connection_id: UUID, run_id: UUID) -> Row | None:
    """Read one of the connection's runs."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM sync_runs WHERE connection_id = $1 AND id = $2",  # noqa: S608
        connection_id,
        run_id,
    )
    return rows[0] if rows else None


async def list_runs(reader: Reader, connection_id: UUID, before: UUID | None, limit: int) -> Sequence[Row]:
    """List the connection's runs, newest first."""
    return await reader.fetch(
        f"SELECT {COLUMNS} FROM sync_runs WHERE connection_id = $1 AND ($2::uuid IS NULL OR id < $2) "  # noqa: S608
        "ORDER BY id DESC LIMIT $3",
        connection_id,
        before,
        limit,
    )


async def drop_old_runs(tx: Transaction) -> None:
    """Forget runs that ended long ago."""
    await tx.fetch(
        "DELETE FROM sync_runs WHERE finished_at < now() - CASE mode WHEN 'receive' THEN $2::interval ELSE $1 END",
        KEPT,
        RECEIVED_KEPT,
    )
