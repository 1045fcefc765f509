"""The demo: PostgreSQL, the API and a worker on a synthetic world, started and stopped together."""

from __future__ import annotations

import asyncio
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.request import urlopen

from raccord.demo.credentials import FILE_NAME, read_entries, write_entries
from raccord.demo.parts import hear_interrupts, start_part
from raccord.kernel.embedded_postgres import Cluster, run_cluster
from raccord.settings import Settings, SettingsError

READY_SECONDS = 60


def run_demo(settings: Settings) -> None:
    """Run the demo until Ctrl-C."""
    started = time.monotonic()
    # Ctrl-C too: a shell has what it starts with & ignore it.
    hear_interrupts()
    _check_port(settings)
    with suppress(KeyboardInterrupt), run_cluster(settings.data_dir, report=_say) as cluster:
        credentials = settings.data_dir / FILE_NAME
        is_first = not credentials.exists()
        if is_first:
            _prepare(settings, cluster)
        else:
            # Before the API answers: who waits for it reads there where it is.
            write_entries(credentials, settings.base_url, read_entries(credentials))
        # The demo's tools are on this machine, which a worker calls only when it is told that it may.
        with start_part(settings, "serve") as api, start_part(settings, "worker", "--calls-loopback") as worker:
            if not is_first:
                # A second start finds everything in place nearly always: the servers start meanwhile.
                _prepare(settings, cluster)
            _wait_until_ready(settings, api)
            _say(f"Ready in {time.monotonic() - started:.1f} s. Ctrl-C stops everything.\n")
            _print_examples(settings)
            with _start_tools(settings, cluster) as tools:
                _watch(api, worker, *tools)
    _say("Stopped.")


def _check_port(settings: Settings) -> None:
    """Refuse a port that another program listens on, whose answers would be taken for ours.

    Errors: SettingsError.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        place, why = f"{settings.host}:{settings.port}", str(error.strerror).partition(" (")[0]
        raise SettingsError(f"RACCORD_PORT: {place} cannot be listened on: {why}. Choose another port.") from None


def _prepare(settings: Settings, cluster: Cluster) -> None:
    from raccord.demo.prepare import prepare_demo

    asyncio.run(prepare_demo(settings, cluster, settings.data_dir / FILE_NAME, _say))


@contextmanager
def _start_tools(settings: Settings, cluster: Cluster) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start the tools' stand-ins on a free port, and connect them."""
    from raccord.demo.prepare import connect_demo_tools
    from raccord.demo.tools import TOOLS

    if not TOOLS:
        yield []
        return
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    with start_part(settings, "demo-tools", str(port)) as tools:
        asyncio.run(connect_demo_tools(settings, cluster, port))
        yield [tools]


def _wait_until_ready(settings: Settings, api: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if api.poll() is not None:
            sys.exit(f"The API did not start: see {settings.data_dir / 'serve.log'}")
        with suppress(OSError), urlopen(f"http://{settings.host}:{settings.port}/health/ready", timeout=5):
            return
        time.sleep(0.05)
    sys.exit(f"The API is not ready after {READY_SECONDS} s: see {settings.data_dir / 'serve.log'}")


def _watch(*processes: subprocess.Popen[bytes]) -> None:
    while all(process.poll() is None for process in processes):
        time.sleep(0.2)
    sys.exit("A part of the demo has stopped; the logs beside the data tell why.")


def _print_examples(settings: Settings) -> None:
    path = settings.data_dir / FILE_NAME
    clients = {entry["name"]: entry for entry in read_entries(path)}
    url, one, folder = settings.base_url, clients["prescriber"], shlex.quote(str(settings.data_dir.resolve()))
    _say(f"""API        {url}        reference  {url}/docs        credentials  {path}

TOKEN=$(curl -s -u {one["client_id"]}:{one["client_secret"]} -d grant_type=client_credentials \\
  {url}/oauth/token | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')
curl -s -H "Authorization: Bearer $TOKEN" "{url}/v1/structures?kind=ACI&department=69&limit=2"
curl -s -H "Authorization: Bearer $TOKEN" -H "Raccord-Purpose: prescription" "{url}/v1/prescriptions?limit=1"
curl -s -H "Authorization: Bearer $TOKEN" "{url}/v1/changes?limit=2"

Two tools stand beside it, data·inclusion and Les emplois, and are synchronised every fifteen minutes:
RACCORD_DATA_DIR={folder} RACCORD_OUTBOUND_LOOPBACK=true {sys.executable} -m raccord sync run les-emplois --full
""")


def _say(message: str) -> None:
    print(message, flush=True)
