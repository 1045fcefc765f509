"""The one source of the present moment, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)
PARIS = ZoneInfo("Europe/Paris")


def read_now() -> datetime:
    """Return the present instant.

    Units: UTC, microseconds.
    """
    return _frozen.get() or datetime.now(UTC)


def read_today() -> date:
    """Return the present calendar day in Europe/Paris, where the sector's deadlines are counted."""
    return read_now().astimezone(PARIS).date()


@contextmanager
def freeze_clock(moment: datetime) -> Iterator[None]:
    """Hold the clock at the moment within the block."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
