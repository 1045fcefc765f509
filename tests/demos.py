"""A demo as a person starts it, for tests: a real process, its folder, its credentials, what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from raccord.demo.tools import TOOLS
from tests.commands import leave_unmeasured, run_raccord
from tests.once import make_once
from tests.servers import Server, find_free_port, wait_until_ready

# A first start loads a whole world: slow where several tests share two cores.
PATIENCE_S = 240.0


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    folder: Path
    base_url: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def read_credentials(self) -> dict[str, Any]:
        """Read the file that tells a person how to call."""
        return dict(json.loads((self.folder / "demo-credentials.json").read_text("utf-8")))

    def call_as(self, name: str, path: str, **headers: str) -> httpx.Response:
        """Call the API as one of the demo's clients."""
        credentials = self.read_credentials()
        [client] = [entry for entry in credentials["clients"] if entry["name"] == name]
        answer = httpx.post(
            credentials["token_url"],
            data={"grant_type": "client_credentials"},
            auth=(client["client_id"], client["client_secret"]),
        )
        token = answer.raise_for_status().json()["access_token"]
        return httpx.get(f"{self.base_url}{path}", headers={"Authorization": f"Bearer {token}", **headers})

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send the signal and wait for the end; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def run_demo(folder: Path) -> Iterator[Demo]:
    """Run a demo in the folder, on a free port; nothing of it is left after the block."""
    port = find_free_port()
    known = leave_unmeasured(os.environ)
    kept = {name: value for name, value in known.items() if not name.startswith("RACCORD_")}
    environment = {**kept, "RACCORD_DATA_DIR": str(folder), "RACCORD_PORT": str(port)}
    log_path = folder.parent / f"{folder.name}.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            # As a shell without job control starts what is in the background: it must hear Ctrl-C all the same.
            ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "raccord", "demo"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            wait_until_ready(Server(base_url, log_path, process), PATIENCE_S)
            yield Demo(folder, base_url, environment, process)
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
            process.wait(60)


def list_processes(folder: Path) -> dict[int, str]:
    """List the live processes that have to do with the folder, by where they run or what they were told."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            traces = (command, (entry / "environ").read_bytes(), os.fsencode((entry / "cwd").readlink()))
            if command and any(os.fsencode(folder) in trace for trace in traces):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode("utf-8", "replace")
    return found


def wait_until_gone(folder: Path, seconds: float = 30.0) -> dict[int, str]:
    """Wait until no process has to do with the folder; returns those that stay."""
    deadline = time.monotonic() + seconds
    while (left := list_processes(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def make_demo(factory: pytest.TempPathFactory) -> Path:
    """Make a demo's folder and stop the demo: once for all test processes, since a first start is slow."""

    def make(folder: Path) -> None:
        with run_demo(folder / "demo") as demo:
            forget_schedules(demo)
            assert demo.stop() == 0

    return make_once(factory, "made-demo", make) / "demo"


def forget_schedules(demo: Demo) -> None:
    """Have the tools synchronised at each start and when asked, not every quarter of an hour too.

    The schedule's runs would take the calls that a minute allows, from tests that meet the quarter.
    """
    changes = demo.folder.parent / "no-schedule.json"
    changes.write_text('{"schedule": null}', "utf-8")
    deadline = time.monotonic() + PATIENCE_S
    for tool in TOOLS:
        # The demo connects its tools once it is ready.
        while (done := run_raccord("sync", "edit", tool.name, str(changes), **demo.environment)).returncode:
            assert time.monotonic() < deadline, done.stderr
