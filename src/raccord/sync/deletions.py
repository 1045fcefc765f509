"""Deletions: by tombstone, or by what a walk proven complete did not meet; with a guard, and a time to undo.

A tool that returns nothing, or half, deletes nothing: what looks like that is asked about first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from raccord.access.row_security import see_everything
from raccord.kernel.database import Row, Transaction
from raccord.kernel.seals import Seals
from raccord.kernel.shapes import Envelope
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object, read_object
from raccord.records.kind import Kind
from raccord.records.store import Put, Writer, put_many
from raccord.records.tombstones import delete_record
from raccord.sync import rejections
from raccord.sync.connections import Connection
from raccord.sync.differences import note_deletion
from raccord.sync.going import Going

GUARD_FLOOR = 50
GUARD_SHARE = 0.05
# Under the floor too: below ten records, a few that go are many and mean little.
HALF_COUNTS_FROM = 10
UNDO = timedelta(days=7)
REASON = "gone_at_source"
CHUNK = 500


@dataclass(frozen=True)
class Scope:
    """The part of a kind that a walk has seen whole; a snapshot believes what it misses the first time."""

    kind: Kind
    parts: tuple[str, ...]
    is_snapshot: bool


def passes_guard(candidates: int, known: int) -> bool:
    """Tell whether so many may go without asking."""
    if candidates > max(GUARD_FLOOR, GUARD_SHARE * known):
        return False
    return known < HALF_COUNTS_FROM or candidates * 2 < known


async def list_missing(tx: Transaction, connection_id: UUID, walk: int, scope: Scope) -> list[str]:
    """List the records that the scope should hold and this walk did not meet, often enough to be believed.

    Shape: without those that a person chose to keep, until the tool has shown them again.
    """
    rows = await tx.fetch(
        "SELECT external_id FROM sync_records WHERE connection_id = $1 AND kind = $2 AND part = ANY ($3::text[]) "
        "AND walk < $4 AND missed >= $5 AND NOT is_kept ORDER BY external_id",
        connection_id,
        scope.kind.name,
        list(scope.parts),
        walk,
        0 if scope.is_snapshot else 1,
    )
    return [row["external_id"] for row in rows]


async def note_missing(tx: Transaction, connection_id: UUID, walk: int, scope: Scope) -> None:
    """Note of what was not met that it was missed: once, which is all that is asked about."""
    await tx.fetch(
        "UPDATE sync_records SET missed = 1 WHERE connection_id = $1 AND kind = $2 "
        "AND part = ANY ($3::text[]) AND walk < $4 AND missed = 0",
        connection_id,
        scope.kind.name,
        list(scope.parts),
        walk,
    )


async def count_known(tx: Transaction, connection_id: UUID, kind: str) -> int:
    """Count the records of the kind that the connection's tool is known to hold."""
    rows = await tx.fetch(
        "SELECT count(*) AS known FROM sync_records WHERE connection_id = $1 AND kind = $2", connection_id, kind
    )
    known: int = rows[0]["known"]
    return known


async def delete_named(tx: Transaction, going: Going, kind: Kind, external_ids: Sequence[str]) -> int:
    """Delete the run's records of these names, and forget their marks; returns how many there were."""
    deleted = await delete_records(
        tx, going.engine.seals, going.connection, kind, external_ids, run_id=going.run.id
    )  # fmt: skip
    if going.is_dry:
        for external_id in deleted:
            note_deletion(going, kind, external_id)
    return len(deleted)


async def delete_records(
    tx: Transaction, seals: Seals, connection: Connection, kind: Kind, external_ids: Sequence[str], *, run_id: UUID
) -> list[str]:
    """Delete the connection's records of these names, keeping sealed for a while what undoes it.

    Shape: returns the names of the records deleted; what another connection of the source holds too stays.
    """
    names = await _forget_marks(tx, connection, kind, external_ids)
    rows = await _read_live(tx, connection, kind, names)
    writer = Writer(connection.source, connection.origin, f"sync:{run_id}")
    for row in rows:
        await delete_record(tx, kind, writer, row["id"], expected_version=row["version"], reason=REASON)
    await _keep_undo(tx, seals, connection, kind, rows, run_id=run_id)
    await rejections.resolve(tx, connection.id, kind.name, external_ids)
    return [row["external_id"] for row in rows]


async def _forget_marks(tx: Transaction, connection: Connection, kind: Kind, external_ids: Sequence[str]) -> list[str]:
    """Forget that the tool holds these; returns those that it held, and that no sister connection does."""
    rows = await tx.fetch(
        """
        DELETE FROM sync_records AS own WHERE connection_id = $1 AND kind = $2 AND external_id = ANY ($3::text[])
        RETURNING external_id, EXISTS (
            SELECT FROM sync_records AS other JOIN connections AS sister ON sister.id = other.connection_id
            WHERE other.kind = own.kind AND other.external_id = own.external_id AND sister.id <> $1
              AND sister.source = $4
        ) AS is_shared
        """,
        connection.id,
        kind.name,
        sorted(external_ids),
        connection.source,
    )
    return [row["external_id"] for row in rows if not row["is_shared"]]


async def _read_live(tx: Transaction, connection: Connection, kind: Kind, names: Sequence[str]) -> Sequence[Row]:
    async with see_everything(tx):
        return await tx.fetch(
            "SELECT id, external_id, version, shape_version, document::text AS document "  # noqa: S608
            f"FROM {kind.table.name} WHERE source = $1 AND external_id = ANY ($2::text[]) AND deleted_at IS NULL "
            "ORDER BY id",
            connection.source,
            list(names),
        )


async def _keep_undo(
    tx: Transaction, seals: Seals, connection: Connection, kind: Kind, rows: Sequence[Row], *, run_id: UUID
) -> None:
    await tx.fetch(
        """
        INSERT INTO sync_deletions (connection_id, run_id, kind, external_id, walk, state, payload, decided_at)
        SELECT $1, $2, $3, external_id, $4, 'done', payload, now()
        FROM unnest($5::text[], $6::bytea[]) AS gone (external_id, payload)
        ON CONFLICT (connection_id, kind, external_id) DO UPDATE SET run_id = excluded.run_id, state = 'done',
            payload = excluded.payload, decided_at = now(), walk = excluded.walk
        """,
        connection.id,
        run_id,
        kind.name,
        connection.walk,
        [row["external_id"] for row in rows],
        [seals.seal(_write_undo(kind, row), write_place(connection.id)) for row in rows],
    )


def _write_undo(kind: Kind, row: Row) -> bytes:
    document = kind.upcast(parse_object(row["document"].encode()), row["shape_version"])
    content: JsonObject = {name: document[name] for name in kind.content_fields if name in document}
    state = {name: value for name, value in document.items() if name not in content and name not in _ENVELOPE}
    return dump_json({"content": content, "state": state})


async def ask(
    tx: Transaction, connection_id: UUID, run_id: UUID, walk: int, missing: Sequence[tuple[str, str]]
) -> None:
    """Write down what would be deleted, for a person to confirm; what was asked before is asked no more."""
    await tx.fetch("DELETE FROM sync_deletions WHERE connection_id = $1 AND state = 'pending'", connection_id)
    await tx.fetch(
        """
        INSERT INTO sync_deletions (connection_id, run_id, kind, external_id, walk, state)
        SELECT $1, $2, kind, external_id, $3, 'pending'
        FROM unnest($4::text[], $5::text[]) AS missing (kind, external_id)
        ON CONFLICT (connection_id, kind, external_id) DO UPDATE
            SET run_id = excluded.run_id, state = 'pending', payload = NULL, decided_at = NULL, walk = excluded.walk
        """,
        connection_id,
        run_id,
        walk,
        [kind for kind, _ in missing],
        [external_id for _, external_id in missing],
    )


async def list_pending(tx: Transaction, connection_id: UUID, kind: str, limit: int) -> list[str]:
    """List what waits to be confirmed and has not been met since: what has, is asked no more."""
    await tx.fetch(
        """
        DELETE FROM sync_deletions AS asked USING sync_records AS held
        WHERE asked.connection_id = $1 AND asked.state = 'pending' AND held.connection_id = $1
          AND held.kind = asked.kind AND held.external_id = asked.external_id AND held.walk >= asked.walk
        """,
        connection_id,
    )
    rows = await tx.fetch(
        "SELECT external_id FROM sync_deletions WHERE connection_id = $1 AND kind = $2 AND state = 'pending' "
        "ORDER BY external_id LIMIT $3",
        connection_id,
        kind,
        limit,
    )
    return [row["external_id"] for row in rows]


async def forget_pending(tx: Transaction, connection_id: UUID, kind: str, external_ids: Sequence[str]) -> None:
    """Ask no more about these."""
    await tx.fetch(
        "DELETE FROM sync_deletions WHERE connection_id = $1 AND kind = $2 AND external_id = ANY ($3::text[]) "
        "AND state = 'pending'",
        connection_id,
        kind,
        list(external_ids),
    )


async def find_asking_run(tx: Transaction, connection_id: UUID) -> UUID:
    """Find the run that asked last."""
    rows = await tx.fetch(
        "SELECT run_id FROM sync_deletions WHERE connection_id = $1 AND state = 'pending' LIMIT 1", connection_id
    )
    run_id: UUID = rows[0]["run_id"]
    return run_id


async def refuse_pending(tx: Transaction, connection_id: UUID) -> int:
    """Keep what was asked about, until the tool shows it again; returns how many records."""
    rows = await tx.fetch(
        """
        WITH asked AS (
            DELETE FROM sync_deletions WHERE connection_id = $1 AND state = 'pending' RETURNING kind, external_id, walk
        ), kept AS (
            UPDATE sync_records AS held SET is_kept = true FROM asked WHERE held.connection_id = $1
                AND held.kind = asked.kind AND held.external_id = asked.external_id AND held.walk < asked.walk
        ) SELECT count(*) AS kept FROM asked
        """,
        connection_id,
    )
    kept: int = rows[0]["kept"]
    return kept


async def undo(tx: Transaction, seals: Seals, connection: Connection, kind: Kind, *, run_id: UUID, limit: int) -> int:
    """Bring back records that a run deleted, with the content and state they had; returns how many, 0 at the end."""
    rows = await tx.fetch(
        "DELETE FROM sync_deletions WHERE (connection_id, kind, external_id) IN ("
        "SELECT connection_id, kind, external_id FROM sync_deletions WHERE connection_id = $1 AND kind = $2 "
        "AND run_id = $3 AND state = 'done' AND payload IS NOT NULL ORDER BY external_id LIMIT $4) "
        "RETURNING external_id, payload",
        connection.id,
        kind.name,
        run_id,
        limit,
    )
    puts = [_read_undo(row["external_id"], seals.open(row["payload"], write_place(connection.id))) for row in rows]
    await put_many(tx, kind, Writer(connection.source, connection.origin, f"undo:{run_id}"), puts)
    await tx.fetch(
        "INSERT INTO sync_records (connection_id, kind, external_id, part, walk) "
        "SELECT $1, $2, external_id, '', $4 FROM unnest($3::text[]) AS back (external_id) ON CONFLICT DO NOTHING",
        connection.id,
        kind.name,
        [put.external_id for put in puts],
        connection.walk,
    )
    return len(puts)


def _read_undo(external_id: str, payload: bytes) -> Put:
    stored = parse_object(payload)
    return Put(external_id, dump_json(read_object(stored, "content")), state=read_object(stored, "state"))


async def drop_old(tx: Transaction) -> None:
    """Forget what can be undone no more."""
    await tx.fetch("DELETE FROM sync_deletions WHERE state = 'done' AND decided_at < now() - $1::interval", UNDO)


def write_place(connection_id: UUID) -> str:
    """Write for which place it is sealed."""
    return f"deletions:{connection_id}"


_ENVELOPE = frozenset(Envelope.model_fields)
