"""The change log that cannot miss: an inbox written with the record, and a sequencer that numbers what is committed.

Numbers taken before commit lose rows: a reader that has passed a number never sees a lower one that commits later.
The sequencer numbers what is already visible; positions are dense, monotonic, plain data that survives a restore.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from raccord.access.record_access import AccessMove
from raccord.kernel.clock import read_now
from raccord.kernel.database import Database, Transaction

ChangeType = Literal["created", "updated", "deleted", "access_granted", "access_revoked"]
CHANGE_TYPES: tuple[ChangeType, ...] = ("created", "updated", "deleted", "access_granted", "access_revoked")
BATCH = 5_000


@dataclass(frozen=True)
class Change:
    """One line of the log. No document, no personal data: which record, which version, which fields."""

    kind: str
    record_id: UUID
    version: int
    type: ChangeType
    changed_fields: tuple[str, ...]
    source: str
    origin: str
    correlation_id: str
    is_personal: bool
    audience: UUID | None = None


async def append_changes(tx: Transaction, changes: Sequence[Change], at: datetime) -> None:
    """Append to the inbox.

    The rows of the records must be locked already: one record's changes are then in order in the log.
    """
    if not changes:
        return
    await tx.fetch(
        """
        INSERT INTO change_inbox (at, kind, record_id, version, type, changed_fields, source, origin,
                                  correlation_id, is_personal, audience)
        SELECT $1, kind, record_id, version, type, string_to_array(fields, ' '), source, origin,
               correlation_id, is_personal, audience
        FROM unnest($2::text[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
                    $9::text[], $10::bool[], $11::uuid[]) WITH ORDINALITY
             AS change (kind, record_id, version, type, fields, source, origin, correlation_id, is_personal,
                        audience, place)
        ORDER BY place
        """,
        at,
        [change.kind for change in changes],
        [change.record_id for change in changes],
        [change.version for change in changes],
        [change.type for change in changes],
        [" ".join(change.changed_fields) for change in changes],
        [change.source for change in changes],
        [change.origin for change in changes],
        [change.correlation_id for change in changes],
        [change.is_personal for change in changes],
        [change.audience for change in changes],
    )


async def append_access_moves(tx: Transaction, moves: Sequence[AccessMove], correlation_id: str) -> None:
    """Append gains and losses of access, each for the eyes of its client alone."""
    changes = [
        Change(
            move.kind,
            move.record_id,
            0,
            move.move,
            (),
            "raccord",
            "raccord",
            correlation_id,
            True,
            move.client_id,
        )
        for move in moves
    ]
    await append_changes(tx, changes, read_now())


async def sequence_changes(database: Database, batch: int = BATCH) -> int:
    """Move committed changes from the inbox to the log, if nobody else is at it.

    Shape: returns how many were moved; 0 when there is nothing to do or a rival holds the head.
    """
    async with database.begin() as tx:
        if not (await tx.fetch("SELECT EXISTS (SELECT FROM change_inbox) AS is_waiting"))[0]["is_waiting"]:
            return 0
        # Two statements: the second one's snapshot is taken once the head is ours.
        if not await tx.fetch("SELECT position FROM feed_head FOR UPDATE SKIP LOCKED"):
            return 0
        moved = await tx.fetch(_MOVE, batch)
        return int(moved[0]["moved"])


_MOVE = """
WITH moved AS (
    DELETE FROM change_inbox
    WHERE id = ANY (ARRAY (SELECT id FROM change_inbox ORDER BY id LIMIT $1))
    RETURNING *
), logged AS (
    INSERT INTO change_log (position, at, kind, record_id, version, type, changed_fields, source, origin,
                            correlation_id, is_personal, audience)
    SELECT (SELECT position FROM feed_head) + row_number() OVER (ORDER BY id), at, kind, record_id, version, type,
           changed_fields, source, origin, correlation_id, is_personal, audience
    FROM moved
), counted AS (
    SELECT count(*) AS moved FROM moved
), advanced AS (
    UPDATE feed_head SET position = position + (SELECT moved FROM counted)
    WHERE (SELECT moved FROM counted) > 0
)
SELECT moved FROM counted
"""


@dataclass(frozen=True)
class FeedPage:
    """A stretch of the log that the caller may see, and where it ends."""

    changes: Sequence[tuple[int, datetime, Change]]
    position: int
    is_caught_up: bool


async def read_changes(
    tx: Transaction, after: int, limit: int, kinds: Sequence[str], types: Sequence[str], *, window: int = 20_000
) -> FeedPage:
    """Read what the transaction's client may see after the position.

    Shape: looks at `window` positions at most, so that a caller who sees little still gets an answer in bounded
           time: `position` may advance with no change shown.
    """
    # In one snapshot: when nothing waited in it, all that was committed before is in the log, up to its head.
    sight = "SELECT position, NOT EXISTS (SELECT FROM change_inbox) AS is_drained FROM feed_head"
    head = (await tx.fetch(sight))[0]
    last = min(after + window, head["position"])
    rows = await tx.fetch(
        """
        SELECT * FROM change_log
        WHERE position > $1 AND position <= $2 AND kind = ANY ($3::text[]) AND type = ANY ($4::text[])
        ORDER BY position LIMIT $5
        """,
        after,
        last,
        list(kinds),
        list(types),
        limit,
    )
    changes = [
        (
            row["position"],
            row["at"],
            Change(
                row["kind"], row["record_id"], row["version"], row["type"], tuple(row["changed_fields"]),
                row["source"], row["origin"], row["correlation_id"], row["is_personal"], row["audience"],
            ),
        )
        for row in rows
    ]  # fmt: skip
    position = changes[-1][0] if len(changes) == limit else max(last, after)
    return FeedPage(changes, position, is_caught_up=head["is_drained"] and position >= head["position"])


async def read_bounds(tx: Transaction) -> tuple[int, int]:
    """Return the position before which the log has been dropped, and its last."""
    row = (await tx.fetch("SELECT oldest_position, position FROM feed_head"))[0]
    return row["oldest_position"], row["position"]
