"""Running the service: the database it reaches, the API's server, the worker's process."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from raccord.kernel.embedded_postgres import find_cluster, run_cluster
from raccord.kernel.logs import configure_logs
from raccord.settings import Settings

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class DatabaseUrls:
    """The one database, for its two roles."""

    app: str
    owner: str


@contextmanager
def reach_database(settings: Settings) -> Iterator[DatabaseUrls]:
    """Reach the database of the settings: the external one, the embedded one that runs, or one started for this."""
    if settings.database_url is not None and settings.migration_url is not None:
        yield DatabaseUrls(settings.database_url, settings.migration_url)
        return
    running = find_cluster(settings.data_dir)
    if running is not None:
        yield DatabaseUrls(running.url(role="app"), running.url(role="owner"))
        return
    with run_cluster(settings.data_dir) as started:
        yield DatabaseUrls(started.url(role="app"), started.url(role="owner"))


def serve_api(settings: Settings, *, parent: int | None = None) -> None:
    """Serve the API until told to stop."""
    import uvicorn

    from raccord.app import create_app
    from raccord.kernel.http_protocol import HttpProtocol

    configure_logs(settings.log_level)
    die_with(parent)
    with reach_database(settings) as urls:
        app = create_app(settings, urls.app)
        # What was made to last is not looked at again by each collection: it is most of the heap.
        gc.collect()
        gc.freeze()
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=HttpProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=10,
            h11_max_incomplete_event_size=65_536,
        )
        uvicorn.Server(config).run()


def serve_jobs(settings: Settings, *, parent: int | None = None) -> None:
    """Run the worker until told to stop."""
    configure_logs(settings.log_level)
    die_with(parent)
    with reach_database(settings) as urls:
        asyncio.run(_run_until_told(settings, urls.app))


def die_with(parent: int | None) -> None:
    """Stop when the parent ends, killed outright even: nothing that a command started outlives it."""
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


async def _run_until_told(settings: Settings, url: str) -> None:
    from raccord.worker import run_worker

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    working = asyncio.create_task(run_worker(settings, url))
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    waiting.cancel()
    for outcome in await asyncio.gather(working, waiting, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
