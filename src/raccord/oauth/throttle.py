"""A bound on how often one key may act, held in this process."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

_MAX_KEYS = 10_000


class Throttle:
    """At most `limit` acts a key in any `window_s`, no bound if it is 0; the keys seen last are kept.

    Asking and counting are apart, so that what a stranger does in a client's name costs it nothing.
    """

    def __init__(self, limit: int, *, window_s: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._window_s = window_s
        self._clock = clock
        self._acts: dict[str, deque[float]] = {}

    def tell_wait(self, key: str) -> int:
        """Tell how long the key must wait.

        Units: whole seconds, rounded up; 0 to go on.
        """
        acts = self._acts.get(key)
        if not acts or len(acts) < self._limit:
            return 0
        return max(0, math.ceil(acts[0] + self._window_s - self._clock()))

    def count_act(self, key: str) -> None:
        """Count one act of the key."""
        acts = self._acts.pop(key, None)
        if acts is None:
            acts = deque(maxlen=self._limit)
            if len(self._acts) >= _MAX_KEYS:
                del self._acts[next(iter(self._acts))]
        acts.append(self._clock())
        self._acts[key] = acts


def name_origin(host: str | None) -> str:
    """Name the origin of an address: itself, or its /64, which one IPv6 subscriber holds whole."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or "-"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)
