"""What a write or a grant does to access, and the changes that tell clients what they gained or lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from raccord.access import grants
from raccord.access.links import Link, find_concerned, remove_links_to_others, replace_links
from raccord.access.record_access import (
    expire_access,
    lock_for_links,
    lock_heads,
    refresh_access,
    touch_heads,
)
from raccord.access.row_security import see_everything
from raccord.kernel.database import Transaction
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.oauth.revocations import announce_revocation
from raccord.records.attempts import OvertakenError
from raccord.records.changes import append_access_moves
from raccord.records.kind import Kind

_NO_CLIENT = Text("Aucun client en service n'a cet identifiant.", "No live client has this id.")
_NO_STRUCTURE = Text("Aucune structure n'a cet identifiant.", "No structure has this id.")


async def lock_before_write(tx: Transaction, kind: Kind, items: Sequence[tuple[UUID, JsonObject]]) -> None:
    """Lock, before any row, the agreements and heads that the contents concern: always in this order."""
    if kind.personal is None:
        return
    links = [
        link for record_id, content in items for link in kind.personal.list_links({**content, "id": str(record_id)})
    ]
    await _lock_statements(tx, [record_id for record_id, _ in items], links)


async def lock_before_delete(tx: Transaction, record_id: UUID) -> None:
    """Lock, before its row, what the end of the record concerns."""
    await _lock_statements(tx, [record_id], [])


async def _lock_statements(tx: Transaction, via: Sequence[UUID], links: Sequence[Link]) -> None:
    """Lock what the links concern, those of now and those to be.

    The structures of everybody around are locked too: what follows a move writes their records.
    Errors: OvertakenError if others came to be concerned while we waited.
    """
    records = {link.record_id for link in links} | set(via)
    structures, stated = found = await find_concerned(tx, via, records)
    await lock_for_links(tx, {link.structure_id for link in links} | structures, records | stated)
    if await find_concerned(tx, via, records) != found:
        raise OvertakenError


async def follow_writes(
    tx: Transaction, kind: Kind, documents: Sequence[JsonObject], made: set[UUID], correlation_id: str
) -> None:
    """Bring links and access up to the written documents; log who gained or lost what.

    The access that comes with a record just made is told by its own `created`, and not twice.
    """
    if kind.personal is None or not documents:
        return
    heads = [(UUID(str(document["id"])), datetime.fromisoformat(str(document["updated_at"]))) for document in documents]
    await touch_heads(tx, kind.name, heads)
    links: list[tuple[UUID, Link]] = [
        (UUID(str(document["id"])), link) for document in documents for link in kind.personal.list_links(document)
    ]
    concerned = await replace_links(tx, [record_id for record_id, _ in heads], links)
    moves = await refresh_access(tx, concerned)
    await append_access_moves(tx, [move for move in moves if move.record_id not in made], correlation_id)


async def drop_links(tx: Transaction, via: UUID, correlation_id: str) -> None:
    """Take away what a deleted record gave access to elsewhere; the links to itself stay, to see its tombstone."""
    concerned = await remove_links_to_others(tx, via)
    await lock_heads(tx, concerned)
    await append_access_moves(tx, await refresh_access(tx, concerned), correlation_id)


async def add_grant(
    tx: Transaction, client_id: UUID, structure_id: UUID, scopes: Sequence[str], ends_on: date | None
) -> UUID:
    """Let the client act for the structure, and see what that opens.

    Errors: InvalidContentError for a client or a structure that there is not, or no longer.
    """
    if not await tx.fetch("SELECT 1 FROM oauth_clients WHERE id = $1 AND revoked_at IS NULL", client_id):
        raise _refuse("client_id", _NO_CLIENT)
    await _require_structure(tx, structure_id)
    async with see_everything(tx):
        grant_id = await grants.insert_grant(tx, client_id, structure_id, scopes, ends_on)
        await _refresh_structure(tx, structure_id, f"grant:{grant_id}")
    return grant_id


async def revoke_grant(tx: Transaction, grant_id: UUID) -> bool:
    """End the grant, and with it at once all access that nothing else holds up."""
    async with see_everything(tx):
        structure_id = await grants.revoke_grant(tx, grant_id)
        if structure_id is not None:
            await _refresh_structure(tx, structure_id, f"grant:{grant_id}")
    return structure_id is not None


async def sign_agreement(tx: Transaction, structure_id: UUID, signed_on: date, signatory: str) -> None:
    """Record the structure's signature, without which its grants open nothing personal.

    Errors: InvalidContentError for a structure that there is not, or no longer.
    """
    await _require_structure(tx, structure_id)
    async with see_everything(tx):
        await grants.sign_agreement(tx, structure_id, signed_on, signatory)
        await _refresh_structure(tx, structure_id, f"agreement:{structure_id}")


async def end_agreement(tx: Transaction, structure_id: UUID) -> bool:
    """End the structure's agreement, and with it all personal access through the structure."""
    async with see_everything(tx):
        is_ended = await grants.end_agreement(tx, structure_id)
        await _refresh_structure(tx, structure_id, f"agreement:{structure_id}")
    return is_ended


async def take_expired_access(tx: Transaction) -> int:
    """Clear access past its date and tell the clients; returns how many."""
    async with see_everything(tx):
        moves = await expire_access(tx)
        await append_access_moves(tx, moves, "expiry")
    return len(moves)


async def _require_structure(tx: Transaction, structure_id: UUID) -> None:
    if not await tx.fetch("SELECT 1 FROM structures WHERE id = $1 AND deleted_at IS NULL", structure_id):
        raise _refuse("structure_id", _NO_STRUCTURE)


def _refuse(name: str, message: Text) -> InvalidContentError:
    return InvalidContentError(message, [FieldError("pointer", f"/{name}", "unknown_reference", message)])


async def _refresh_structure(tx: Transaction, structure_id: UUID, correlation_id: str) -> None:
    linked = await tx.fetch("SELECT DISTINCT record_id FROM links WHERE structure_id = $1", structure_id)
    record_ids = [row["record_id"] for row in linked]
    await lock_heads(tx, record_ids)
    await append_access_moves(tx, await refresh_access(tx, record_ids), correlation_id)
    # Every process remembers its callers' structures for a while: they are read again now.
    await announce_revocation(tx)
