"""The announcement that a token, a client or a grant was taken away: every process forgets it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
import structlog
from sqlalchemy.engine import make_url

from raccord.kernel.database import Transaction
from raccord.kernel.logs import describe_exception

CHANNEL = "raccord_revocations"
_LONGEST_PAUSE_S = 30.0
# A connection cut without a goodbye is noticed no later than this.
_PROBE_S = 30.0


async def announce_revocation(tx: Transaction) -> None:
    """Announce, when the transaction commits, that rights may have gone: a grant's, a client's.

    Shape: it names nothing, so everything is forgotten; a token's own revocation names its digest.
    """
    await tx.fetch("SELECT pg_notify($1, '')", CHANNEL)


async def listen_for_revocations(url: str, forget: Callable[[str], None], *, first_pause_s: float = 0.5) -> None:
    """Call `forget` with what each announcement names, for ever; connect again when the connection is lost.

    Shape: `url` leads straight to the primary; LISTEN through a pooler hears nothing.
    """
    pause_s = first_pause_s
    while True:
        try:
            connection = await asyncpg.connect(
                make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), timeout=10
            )
            try:
                await _follow(connection, forget)
                pause_s = first_pause_s
            finally:
                connection.terminate()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            structlog.get_logger().warning("revocations are not heard, caches expire", **describe_exception(error))
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


async def _follow(connection: asyncpg.Connection[asyncpg.Record], forget: Callable[[str], None]) -> None:
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _connection: lost.set())
    await connection.add_listener(CHANNEL, lambda *notice: forget(str(notice[-1])))
    # What was announced before this moment was not heard.
    forget("")
    while not lost.is_set():
        try:
            await asyncio.wait_for(lost.wait(), _PROBE_S)
        except TimeoutError:
            await connection.fetchval("SELECT 1", timeout=5)
