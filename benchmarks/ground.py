"""What the benchmarks stand on: a fresh embedded database, synthetic structures, servers on loopback, a token."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from raccord.demo.identifiers import make_siret
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster
from raccord.kernel.keys import Keys
from raccord.oauth.clients import create_client

SECRET = "benchmarks-" * 4


def make_structure(number: int, size: int) -> dict[str, object]:
    """Make a synthetic structure whose stored document is of about so many bytes."""
    base: dict[str, object] = {
        "kind": ("ACI", "AI", "EI", "ETTI", "EITI")[number % 5],
        "siret": make_siret(number),
        "name": f"Structure de mesure {number}",
        "brand": "Mesure",
        "naf_code": "8899B",
        "phone": "+33199000000",
        "email": f"contact-{number}@example.org",
        "website": f"https://example.org/{number}",
        "address": {
            "line_1": f"{number % 200} rue de la Mesure", "postal_code": "69001", "city": "Lyon",
            "insee_code": "69381", "department": "69",
        },
        "location": {"latitude": 45.7676, "longitude": 4.8344},
    }  # fmt: skip
    words = f"Chantier d'insertion n° {number} : maraîchage, entretien d'espaces verts, réemploi. "
    return {**base, "description": (words * 100)[: max(10, size - 760)]}


def find_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(arguments: list[str], port: int, path: str, log: Path, **environment: str) -> Iterator[int]:
    """Run a server process until the block ends; yields its pid."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], env={**os.environ, **environment}, stdout=output, stderr=output
        )
        try:
            _wait(port, path, process)
            yield process.pid
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def serve_raccord(cluster: Cluster, log: Path) -> Iterator[tuple[int, int]]:
    """Run the API as it runs anywhere, one worker process; yields its port and pid."""
    port = find_port()
    environment = {
        "RACCORD_DATABASE_URL": cluster.url(role="app"),
        "RACCORD_MIGRATION_URL": cluster.url(role="owner"),
        "RACCORD_SECRET_KEY": SECRET,
        "RACCORD_PORT": str(port),
        "RACCORD_REQUESTS_PER_MINUTE": "100000000",
    }
    with serve(["-m", "raccord", "serve"], port, "/health/ready", log, **environment) as pid:
        yield port, pid


@contextmanager
def serve_bare(cluster: Cluster, log: Path, probe: str) -> Iterator[int]:
    """Run the yardstick; yields its port."""
    port = find_port()
    url = cluster.url(role="app").replace("postgresql+asyncpg", "postgresql")
    with serve(["-m", "benchmarks.bare", str(port), url], port, probe, log):
        yield port


async def make_token(cluster: Cluster, port: int, scope: str = "structures:read") -> str:
    """Register a client and get its token as any client does."""
    import httpx

    database = Database(cluster.url(role="app"), size=2)
    async with database.begin() as tx:
        made, secret = await create_client(
            tx,
            Keys(SECRET.encode()),
            name="mesure",
            source=f"mesure-{uuid.uuid4().hex[:8]}",
            scopes=[scope],
            purposes=[],
        )
    await database.engine.dispose()
    async with httpx.AsyncClient() as http:
        answer = await http.post(
            f"http://127.0.0.1:{port}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(str(made.id), secret),
        )
    return str(answer.json()["access_token"])


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server did not start; see the log beside the data")
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}"):
            return
        time.sleep(0.1)
    raise RuntimeError("the server is not ready")
