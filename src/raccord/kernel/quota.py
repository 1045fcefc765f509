"""The share of each client in this process: a count by fixed window, told in every answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_MAX_KEYS = 10_000


@dataclass(slots=True)
class Share:
    """What a key has spent in its present window.

    Units: `resets_at` is of the quota's clock, in seconds.
    """

    spent: int
    resets_at: float


class Quota:
    """At most `limit` requests a key in each window of `window_s`; past `_MAX_KEYS` keys, the oldest is forgotten."""

    def __init__(self, limit: int, *, window_s: int = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._window_s = window_s
        self._clock = clock
        self._shares: dict[str, Share] = {}
        self._policy = f'"client";q={limit};w={window_s}'.encode()

    def spend(self, key: str) -> tuple[bool, int, int]:
        """Count one request of the key.

        Shape: whether it is within the share, what remains, and the seconds until the next window.
        """
        now = self._clock()
        share = self._shares.get(key)
        if share is None or share.resets_at <= now:
            self._shares.pop(key, None)
            if len(self._shares) >= _MAX_KEYS:
                del self._shares[next(iter(self._shares))]
            share = self._shares[key] = Share(0, now + self._window_s)
        share.spent += 1
        remaining = max(0, self._limit - share.spent)
        return share.spent <= self._limit, remaining, max(1, int(share.resets_at - now) + 1)

    def write_fields(self, remaining: int, reset_s: int) -> tuple[tuple[bytes, bytes], ...]:
        """Write the header fields of an answer.

        Source: draft-ietf-httpapi-ratelimit-headers-10.
        """
        return (
            (b"ratelimit-policy", self._policy),
            (b"ratelimit", f'"client";r={remaining};t={reset_s}'.encode()),
        )
