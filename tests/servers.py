"""A real server process on a loopback port, as a person would start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.commands import leave_unmeasured

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Server:
    """A server that runs: where, and what it writes."""

    base_url: str
    log: Path
    process: subprocess.Popen[bytes]


@contextmanager
def run_server(
    folder: Path,
    *,
    database_url: str,
    migration_url: str,
    secret_key: str,
    is_measured: bool = False,
    **settings: object,
) -> Iterator[Server]:
    """Run `raccord serve` on the database until the block ends; `settings` are further RACCORD_ variables."""
    port = find_free_port()
    own = {
        "data_dir": folder,
        "database_url": database_url,
        "migration_url": migration_url,
        "secret_key": secret_key,
        "port": port,
        **settings,
    }
    known = os.environ if is_measured else leave_unmeasured(os.environ)
    environment = {**known, **{f"RACCORD_{name.upper()}": str(value) for name, value in own.items()}}
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "raccord", "serve"], stdout=output, stderr=output, env=environment
        )
    try:
        server = Server(f"http://127.0.0.1:{port}", log, process)
        wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def find_free_port() -> int:
    """Find a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(server: Server, patience_s: float = PATIENCE_S) -> None:
    """Wait until the server answers that it is ready.

    Errors: AssertionError, with its log, if it ends first or takes too long.
    """
    deadline = time.monotonic() + patience_s
    with httpx.Client(timeout=5) as http:  # one for all: each loads the machine's certificates
        while time.monotonic() < deadline and server.process.poll() is None:
            with suppress(httpx.TransportError):
                if http.get(f"{server.base_url}/health/ready").status_code == 200:
                    return
            time.sleep(0.1)
    raise AssertionError(f"the server is not ready: {server.log.read_text(encoding='utf-8')[-2000:]}")
