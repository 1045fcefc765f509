"""Beginning again: what another writer changed before our locks were taken is read anew, with none of them held."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from raccord.kernel.database import Transaction
from raccord.kernel.errors import UnavailableError

MAX_ATTEMPTS = 10
T = TypeVar("T")


class OvertakenError(Exception):
    """Another writer, who committed meanwhile, changed what our locks were chosen by, or holds a key of ours."""


async def begin_again(tx: Transaction, act: Callable[[], Awaitable[T]]) -> T:
    """Do the act, and again from its beginning each time that it is overtaken.

    Beginning again gives back all locks: to hold some while waiting for others would be a way to a deadlock.
    Errors: UnavailableError after some attempts, and those of the act.
    """
    for _ in range(MAX_ATTEMPTS):
        with suppress(OvertakenError):
            async with tx.session.begin_nested():
                return await act()
    raise UnavailableError(headers={"Retry-After": "1"})
