"""Run every benchmark on a fresh embedded database, print each result as a line of JSON, and keep them in a file."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import importing, reading, searching, syncing
from raccord.kernel.embedded_postgres import run_cluster
from raccord.kernel.schema import migrate
from raccord.reference.loading import install_shipped_lists

# Durable as in production: nothing is turned off. Memory as a server of this size has it.
SERVER = {"shared_buffers": "2GB"}
RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Run."""
    with tempfile.TemporaryDirectory(prefix="raccord-bench-") as name:
        folder = Path(name)
        with run_cluster(folder / "postgres", settings=SERVER) as cluster:
            migrate(cluster.url(role="owner"))
            asyncio.run(install_shipped_lists(cluster.url(role="owner")))
            results = asyncio.run(reading.compare(cluster, folder))
            results += importing.measure(cluster, folder)
            results += asyncio.run(syncing.measure(cluster, folder))
            # Last: it fills the database with hundreds of thousands of records.
            results += searching.measure_search(cluster, folder)
    ground = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    RESULTS.write_text(json.dumps({"ground": ground, "results": results}, indent=2) + "\n", encoding="utf-8")
    missed = [str(result["what"]) for result in results if not result["is_reached"]]
    print("Every bar is reached." if not missed else f"Below the bar: {', '.join(missed)}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
