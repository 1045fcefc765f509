"""What a person decides of deletions: those that were asked about go or stay, those of a run come back."""

from __future__ import annotations

from uuid import UUID

from raccord.kernel.errors import NotFoundError
from raccord.resources.registry import KINDS
from raccord.sync import connections, deletions
from raccord.sync.connections import Connection
from raccord.sync.deletions import CHUNK
from raccord.sync.going import Engine


async def decide_deletions(engine: Engine, connection_id: UUID, *, is_confirmed: bool) -> int:
    """Delete what was asked about and was not met again since, or keep it; returns how many went or stay.

    Errors: NotFoundError.
    """
    connection = await _find(engine, connection_id)
    if not is_confirmed:
        async with engine.database.begin() as tx:
            kept = await deletions.refuse_pending(tx, connection_id)
    else:
        kept = await _delete_pending(engine, connection)
    async with engine.database.begin() as tx:
        await tx.fetch(
            "UPDATE sync_runs SET state = 'completed' WHERE connection_id = $1 AND state = 'asking'", connection_id
        )
    return kept


async def _delete_pending(engine: Engine, connection: Connection) -> int:
    deleted = 0
    for kind in KINDS:
        while True:
            async with engine.database.begin() as tx:
                names = await deletions.list_pending(tx, connection.id, kind.name, CHUNK)
                if not names:
                    break
                run_id = await deletions.find_asking_run(tx, connection.id)
                gone = await deletions.delete_records(tx, engine.seals, connection, kind, names, run_id=run_id)
                await deletions.forget_pending(tx, connection.id, kind.name, names)
                await tx.fetch(
                    "UPDATE sync_runs SET deleted_count = deleted_count + $2 WHERE id = $1", run_id, len(gone)
                )
            deleted += len(gone)
    return deleted


async def undo_deletions(engine: Engine, connection_id: UUID, run_id: UUID) -> int:
    """Bring back what a run deleted, while it can be; returns how many records.

    Errors: NotFoundError.
    """
    connection = await _find(engine, connection_id)
    restored = 0
    for kind in KINDS:
        while True:
            async with engine.database.begin() as tx:
                done = await deletions.undo(tx, engine.seals, connection, kind, run_id=run_id, limit=CHUNK)
            restored += done
            if not done:
                break
    return restored


async def _find(engine: Engine, connection_id: UUID) -> Connection:
    connection = await connections.find_connection(engine.database, connection_id)
    if connection is None:
        raise NotFoundError
    return connection
