"""From an access token to its caller, with a short memory: what every request goes through."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from raccord.access.caller import Caller
from raccord.kernel.database import Database, Row, Transaction
from raccord.kernel.keys import Keys
from raccord.oauth.credentials import is_access_token
from raccord.oauth.revocations import listen_for_revocations

_MAX_REMEMBERED = 10_000

# One row for each set of scopes granted, or one with nulls: most structures grant a software the same scopes.
_SELECT_CALLER = """
SELECT client.id, client.name, client.source, token.scopes, token.purposes,
       extract(epoch FROM token.expires_at - now())::float8 AS remaining_s, granted.scopes AS granted_scopes,
       granted.structure_ids
FROM oauth_tokens AS token
JOIN oauth_clients AS client ON client.id = token.client_id AND client.revoked_at IS NULL
LEFT JOIN LATERAL (
    SELECT live.scopes, array_agg(live.structure_id) AS structure_ids
    FROM grants AS live
    JOIN agreements AS signed ON signed.structure_id = live.structure_id AND signed.valid_until > now()
    WHERE live.client_id = client.id AND live.valid_until > now()
    GROUP BY live.scopes
) AS granted ON true
WHERE token.digest = $1 AND token.revoked_at IS NULL AND token.expires_at > now()
"""


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    until: float


class TokenReader:
    """Tell who calls, by token. A caller is remembered `memory_s` at most, never past its token's end.

    Refusals are not remembered: a token is good from the moment it is issued.
    """

    def __init__(self, database: Database, keys: Keys, *, memory_s: float = 10.0) -> None:
        self._database = database
        self._keys = keys
        self._memory_s = memory_s
        self._remembered: dict[bytes, _Remembered] = {}
        self._forgotten = 0

    async def authenticate(self, token: str) -> Caller | None:
        """Return the caller whose live token this is, or None."""
        digest = self._keys.digest_secret(token)
        found = self._remembered.get(digest)
        if found is not None and found.until > time.monotonic():
            return found.caller
        return await self._read_caller(digest) if is_access_token(token) else None

    def forget_token(self, token: str) -> None:
        """Forget the caller of one token."""
        self._forget(self._keys.digest_secret(token).hex())

    def clear(self) -> None:
        """Forget every caller, so that the next request of each reads its rights again."""
        self._forget("")

    async def listen(self, url: str | None) -> None:
        """Forget at each revocation announced, until cancelled. Without a direct URL, memory only expires.

        Shape: `url` leads to the primary and not through a pooler; None where there is no such way.
        """
        if url is not None:
            await listen_for_revocations(url, self._forget)

    def _forget(self, named: str) -> None:
        self._forgotten += 1
        if named:
            self._remembered.pop(bytes.fromhex(named), None)
        else:
            self._remembered.clear()

    async def _read_caller(self, digest: bytes) -> Caller | None:
        asked_at, forgotten = time.monotonic(), self._forgotten
        rows = await self._database.fetch(_SELECT_CALLER, digest)
        if not rows:
            self._remembered.pop(digest, None)
            return None
        caller = _build_caller(rows)
        # What was read before a revocation must not be remembered after it.
        if forgotten == self._forgotten:
            until = asked_at + min(self._memory_s, rows[0]["remaining_s"])
            self._remember(digest, _Remembered(caller, until))
        return caller

    def _remember(self, digest: bytes, remembered: _Remembered) -> None:
        self._remembered.pop(digest, None)
        if len(self._remembered) >= _MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = remembered


async def delete_old_tokens(tx: Transaction, *, ended_for: timedelta) -> int:
    """Delete the tokens that ended so long ago; returns how many there were."""
    rows = await tx.fetch(
        "WITH gone AS (DELETE FROM oauth_tokens WHERE expires_at < now() - $1::interval RETURNING 1)"
        " SELECT count(*) AS gone FROM gone",
        ended_for,
    )
    count: int = rows[0]["gone"]
    return count


def _build_caller(rows: Sequence[Row]) -> Caller:
    token_scopes = frozenset(rows[0]["scopes"])
    structures: dict[UUID, frozenset[str]] = {}
    for row in rows:
        scopes = token_scopes.intersection(row["granted_scopes"] or ())
        if scopes:
            for structure_id in row["structure_ids"]:
                structures[structure_id] = structures.get(structure_id, frozenset()) | scopes
    return Caller(
        client_id=rows[0]["id"],
        name=rows[0]["name"],
        source=rows[0]["source"],
        scopes=token_scopes,
        purposes=frozenset(rows[0]["purposes"]),
        structures=structures,
    )
