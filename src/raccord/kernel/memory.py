"""What a process remembers for a short while: bounded, and forgotten in its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """Values by key, each for a lifetime; beyond its size the oldest are forgotten first.

    Units: seconds.
    """

    def __init__(self, size: int, lifetime_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._lifetime_s, self._clock = size, lifetime_s, clock
        self._kept: dict[K, tuple[float, V]] = {}

    def recall(self, key: K) -> V | None:
        """Return the value, if it is remembered."""
        found = self._kept.get(key)
        return found[1] if found is not None and found[0] > self._clock() else None

    def keep(self, key: K, value: V) -> V:
        """Remember the value; returns it."""
        self._kept.pop(key, None)
        if len(self._kept) >= self._size:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (self._clock() + self._lifetime_s, value)
        return value
