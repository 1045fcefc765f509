"""Messages: what a tool sent by itself, kept sealed from its arrival until a run has written it.

The row of a message goes in the transaction of its page, so it is lost by no crash and written twice by none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from raccord.adapters.contract import Batch, Broken, CredentialsRefused, Inbound, RecordRefused, Unnamed
from raccord.jobs.engine import JobInterrupted, TaskName, enqueue
from raccord.kernel.database import Transaction
from raccord.kernel.errors import NotFoundError, TooManyMessagesError
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.seals import SealBrokenError, Seals
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object, read_object
from raccord.kernel.text import Text
from raccord.sync import ledger
from raccord.sync.going import Going
from raccord.sync.pages import write_page

KEPT = timedelta(days=30)
# What waits is looked for each minute.
_AGAIN_S = 60
# What stands for a kind where a whole message is set aside: of which it is cannot be told.
UNKNOWN_KIND = "messages"
# They open something elsewhere, and no adapter reads a record from them.
_NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True)
class Message:
    """A message that waits."""

    id: UUID
    payload: bytes


async def check_room(tx: Transaction, connection_id: UUID, limit: int) -> None:
    """Check that fewer messages wait than may; those that come at one moment may pass it by their number.

    Errors: TooManyMessagesError.
    """
    full = await tx.fetch(
        "SELECT 1 FROM sync_messages WHERE connection_id = $1 OFFSET $2 LIMIT 1", connection_id, limit - 1
    )
    if full:
        raise TooManyMessagesError(headers={"Retry-After": str(_AGAIN_S)})


async def keep_message(tx: Transaction, seals: Seals, connection_id: UUID, inbound: Inbound) -> UUID:
    """Keep a message that was proven, and have it taken; returns its id.

    Errors: NotFoundError for a connection that was paused or forgotten meanwhile.
    """
    message_id = make_uuid7()
    kept = await tx.fetch(
        "INSERT INTO sync_messages (id, connection_id, payload) SELECT $1, id, $3 FROM connections "
        "WHERE id = $2 AND state <> 'paused' FOR KEY SHARE RETURNING id",
        message_id,
        connection_id,
        seals.seal(_write(inbound), write_place(message_id)),
    )
    if not kept:
        raise NotFoundError
    await enqueue_taking(tx, connection_id)
    return message_id


async def enqueue_taking(tx: Transaction, connection_id: UUID) -> None:
    """Have the connection's messages taken, after its other runs; one job at a time waits to do so.

    A message that commits as that job ends may be without one: the minute's scan finds it.
    """
    await enqueue(
        tx, TaskName.TAKE_MESSAGES, {"connection_id": str(connection_id)},
        lock=f"sync:{connection_id}", queueing_lock=f"messages:{connection_id}",
    )  # fmt: skip


async def enqueue_forgotten(tx: Transaction) -> None:
    """Have the messages taken whose job was lost, or that waited for another run of their connection."""
    rows = await tx.fetch(
        "SELECT id FROM connections WHERE state = 'active' "
        "AND EXISTS (SELECT FROM sync_messages WHERE connection_id = connections.id) "
        "AND NOT EXISTS (SELECT FROM sync_runs WHERE connection_id = connections.id AND finished_at IS NULL "
        "AND mode <> 'receive')"
    )
    for row in rows:
        await enqueue_taking(tx, row["id"])


async def open_taking_run(tx: Transaction, connection_id: UUID) -> UUID | None:
    """Open a run that takes what waits, or find the one that was stopped; None where nothing is to be done now.

    Errors: RunUnderWayError if another run was opened this very moment.
    """
    found = await ledger.find_open_run(tx, connection_id)
    if found is not None:
        return found["id"] if found["mode"] == "receive" and not found["is_held"] else None
    waiting = await tx.fetch(
        "SELECT 1 FROM connections WHERE id = $1 AND state = 'active' "
        "AND EXISTS (SELECT FROM sync_messages WHERE connection_id = $1)",
        connection_id,
    )
    return await ledger.open_run(tx, connection_id, "receive") if waiting else None


async def take_messages(going: Going) -> None:
    """Take what waits, in its order, each message as a page of its own.

    Errors: HoldLostError; Broken under the drift policy `freeze`: the message waits on; JobInterrupted.
    """
    while (message := await _find_next(going)) is not None:
        batch = await _read(going, message)
        await write_page(going, batch, also=partial(_forget, message.id))
        if going.is_stopping():
            raise JobInterrupted
    async with going.engine.database.begin() as tx:
        await ledger.note_findings(tx, going.run.id, {"drifts": dict(going.run.progress.drifts.most_common(50))})


async def drop_old(tx: Transaction) -> None:
    """Forget messages that nobody took, of connections that stand still."""
    await tx.fetch("DELETE FROM sync_messages WHERE received_at < now() - $1::interval", KEPT)


async def _find_next(going: Going) -> Message | None:
    async with going.engine.database.begin() as tx:
        rows = await tx.fetch(
            "SELECT id, payload FROM sync_messages WHERE connection_id = $1 ORDER BY id LIMIT 1", going.connection.id
        )
    return Message(rows[0]["id"], rows[0]["payload"]) if rows else None


async def _forget(message_id: UUID, tx: Transaction) -> None:
    await tx.fetch("DELETE FROM sync_messages WHERE id = $1", message_id)


async def _read(going: Going, message: Message) -> Batch:
    """Read a message again; one that is read no more, after a change of settings or of the adapter, is set aside."""
    inbound: Inbound | None = None
    try:
        inbound = _open(going.engine.seals, message)
        batch = await going.adapter.receive(inbound)
    except (Broken, CredentialsRefused, SealBrokenError) as error:
        reason = error.reason if isinstance(error, Broken) else _UNREADABLE
        raw: JsonObject = {"message": str(message.id)}
        if inbound is not None:
            raw["body"] = inbound.body.decode("utf-8", "replace")
        return Batch(unnamed=[Unnamed(UNKNOWN_KIND, raw, RecordRefused("unreadable_payload", reason))])
    # The rest is of a walk: a message moves no checkpoint, and proves nothing to be whole.
    return Batch(items=batch.items, gone=batch.gone, unnamed=batch.unnamed, drifts=batch.drifts)


def _write(inbound: Inbound) -> bytes:
    """Write as it is sealed: a line of JSON, then the body to the byte."""
    headers: JsonObject = {name: value for name, value in inbound.headers.items() if name not in _NOT_KEPT}
    return dump_json({"headers": headers, "params": {**inbound.params}}) + b"\n" + inbound.body


def _open(seals: Seals, message: Message) -> Inbound:
    head, _, body = seals.open(message.payload, write_place(message.id)).partition(b"\n")
    stored = parse_object(head)
    headers, params = (
        {name: str(value) for name, value in read_object(stored, part).items()} for part in ("headers", "params")
    )
    return Inbound(headers, params, body, is_proven=True)


def write_place(message_id: UUID) -> str:
    """Write for which place it is sealed."""
    return f"message:{message_id}"


_UNREADABLE = Text("Ce message ne s'ouvre plus.", "This message opens no more.")
