"""Idempotency keys: a POST that creates, sent twice, creates once.

Kept in the transaction of the effect. The answer is not stored: it is rebuilt from the version that was made, so no
copy of personal data lies here, outside row-level security and erasure.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from uuid import UUID

from raccord.kernel.database import Transaction
from raccord.kernel.errors import (
    IdempotencyInFlightError,
    IdempotencyKeyReusedError,
    InvalidHeaderError,
    MissingHeaderError,
)
from raccord.kernel.refusals import FieldError
from raccord.kernel.text import Text

_KEY = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True)
class Replay:
    """What the key made the first time."""

    status: int
    record_id: UUID
    version: int


@dataclass(frozen=True)
class KeyedRequest:
    """One request under its key: same client, same operation, same body."""

    client_id: UUID
    operation: str
    key: str
    body: bytes

    @property
    def fingerprint(self) -> bytes:
        """Identify the body."""
        return hashlib.blake2b(self.body, digest_size=16).digest()


def check_key(key: str | None) -> str:
    """Check the header.

    Errors: MissingHeaderError, InvalidHeaderError.
    """
    if key is None:
        message = Text("Idempotency-Key est requis.", "Idempotency-Key is required.")
        raise MissingHeaderError(message, [FieldError("header", "Idempotency-Key", "missing", message)])
    if not _KEY.fullmatch(key):
        message = Text("1 à 128 caractères ASCII visibles.", "1 to 128 visible ASCII characters.")
        raise InvalidHeaderError(message, [FieldError("header", "Idempotency-Key", "invalid_key", message)])
    return key


async def find_replay(tx: Transaction, request: KeyedRequest) -> Replay | None:
    """Find what this request made already, and hold its key until the transaction ends.

    Errors: IdempotencyInFlightError while the first one runs, IdempotencyKeyReusedError for another body.
    """
    name = f"{request.client_id}:{request.operation}:{request.key}"
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    locked = await tx.fetch("SELECT pg_try_advisory_xact_lock($1) AS is_ours", number)
    if not locked[0]["is_ours"]:
        raise IdempotencyInFlightError(headers={"Retry-After": "1"})
    rows = await tx.fetch(
        "SELECT fingerprint, status, record_id, version FROM idempotency_keys "
        "WHERE client_id = $1 AND operation = $2 AND key = $3",
        request.client_id,
        request.operation,
        request.key,
    )
    if not rows:
        return None
    if rows[0]["fingerprint"] != request.fingerprint:
        raise IdempotencyKeyReusedError
    return Replay(rows[0]["status"], rows[0]["record_id"], rows[0]["version"])


async def keep_key(tx: Transaction, request: KeyedRequest, kind: str, replay: Replay) -> None:
    """Keep what the request made, for at least a day."""
    await tx.fetch(
        "INSERT INTO idempotency_keys (client_id, operation, key, fingerprint, status, kind, record_id, version) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        request.client_id,
        request.operation,
        request.key,
        request.fingerprint,
        replay.status,
        kind,
        replay.record_id,
        replay.version,
    )


async def drop_old_keys(tx: Transaction) -> None:
    """Forget the keys of more than a day ago."""
    await tx.fetch("DELETE FROM idempotency_keys WHERE created_at < now() - interval '25 hours'")
