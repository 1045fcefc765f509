"""Sealing anew, under the present key, all that synchronisation keeps sealed, so that a retired key can be forgotten.

What is done is told by the seals themselves: killed at any moment and run again, it goes on with what is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from raccord.kernel.database import Database, Row, Transaction
from raccord.kernel.seals import SealBrokenError, Seals
from raccord.sync import connections, deletions, messages, rejections

BATCH = 500
_AGAIN_S = 0.5
Tell = Callable[[str, int], None]


@dataclass(frozen=True)
class Sealed:
    """A column that is sealed.

    Shape: `key` names the columns that a row is known by, with their types; `find_place` says for where it was sealed.
    """

    name: str
    table: str
    column: str
    key: Mapping[str, str]
    find_place: Callable[[Row], str]


_OF_RECORD = {"connection_id": "uuid", "kind": "text", "external_id": "text"}
SEALED = (
    Sealed("connections", "connections", "secrets", {"id": "uuid"}, lambda row: connections.write_place(row["id"])),
    Sealed("messages", "sync_messages", "payload", {"id": "uuid"}, lambda row: messages.write_place(row["id"])),
    Sealed("rejections", "sync_rejections", "payload", _OF_RECORD,
           lambda row: rejections.write_place(row["connection_id"])),
    Sealed("deletions", "sync_deletions", "payload", _OF_RECORD,
           lambda row: deletions.write_place(row["connection_id"])),
)  # fmt: skip


@dataclass
class Resealed:
    """How many of one column were sealed anew, and how many open under no key that is known."""

    name: str
    done: int = 0
    broken: int = 0


async def reseal(database: Database, seals: Seals, tell: Tell) -> list[Resealed]:
    """Seal everything anew, some hundreds in each transaction; what is lost already stays as it is, and is counted."""
    return [await _reseal_column(database, seals, sealed, tell) for sealed in SEALED]


async def _reseal_column(database: Database, seals: Seals, sealed: Sealed, tell: Tell) -> Resealed:
    resealed = Resealed(sealed.name)
    while True:
        resealed.broken = 0
        after: Sequence[object] | None = None
        while True:
            async with database.begin() as tx:
                rows = await _read_old(tx, seals, sealed, after)
                await _renew(tx, seals, sealed, rows, resealed)
            tell(sealed.name, resealed.done)
            if not rows:
                break
            after = [rows[-1][name] for name in sealed.key]
        if await _count_old(database, seals, sealed) <= resealed.broken:
            return resealed
        # The rest was being written when we passed.
        await asyncio.sleep(_AGAIN_S)


async def _read_old(tx: Transaction, seals: Seals, sealed: Sealed, after: Sequence[object] | None) -> Sequence[Row]:
    """Read the next rows that another key sealed; who waits for no lock stops nobody who writes in another order."""
    names = ", ".join(sealed.key)
    places = ", ".join(f"${number}::{kind}" for number, kind in enumerate(sealed.key.values(), start=4))
    return await tx.fetch(
        f"SELECT {names}, {sealed.column} AS sealed FROM {sealed.table} "  # noqa: S608
        f"WHERE substr({sealed.column}, 1, length($1::bytea)) <> $1 AND ($2::bool OR ({names}) > ({places})) "
        f"ORDER BY {names} LIMIT $3 FOR UPDATE SKIP LOCKED",
        seals.present,
        after is None,
        BATCH,
        *(after or [None] * len(sealed.key)),
    )


async def _renew(tx: Transaction, seals: Seals, sealed: Sealed, rows: Sequence[Row], resealed: Resealed) -> None:
    renewed: list[tuple[Row, bytes]] = []
    for row in rows:
        place = sealed.find_place(row)
        try:
            renewed.append((row, seals.seal(seals.open(row["sealed"], place), place)))
        except SealBrokenError:
            resealed.broken += 1
    lists = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(sealed.key.values(), start=2))
    same = " AND ".join(f"old.{name} = new.{name}" for name in sealed.key)
    await tx.fetch(
        f"UPDATE {sealed.table} AS old SET {sealed.column} = new.sealed "  # noqa: S608
        f"FROM unnest($1::bytea[], {lists}) AS new (sealed, {', '.join(sealed.key)}) WHERE {same}",
        [each for _, each in renewed],
        *([row[name] for row, _ in renewed] for name in sealed.key),
    )
    resealed.done += len(renewed)


async def _count_old(database: Database, seals: Seals, sealed: Sealed) -> int:
    rows = await database.fetch(
        f"SELECT count(*) AS old FROM {sealed.table} "  # noqa: S608
        f"WHERE substr({sealed.column}, 1, length($1::bytea)) <> $1",
        seals.present,
    )
    old: int = rows[0]["old"]
    return old
