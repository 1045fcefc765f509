"""Importing: the command, on a file of 100,000 structures, twice; the second time nothing has changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from benchmarks.ground import SECRET, make_structure
from raccord.kernel.embedded_postgres import Cluster

LINES = 100_000
SIZE = 1_300
BARS = {"first": 3_000, "unchanged": 12_000}
# Memory is flat when the second half of the run adds no more than this to the first.
FLAT_MB = 20


def write_file(path: Path) -> None:
    """Write the file, line by line."""
    with path.open("w", encoding="utf-8") as output:
        for number in range(LINES):
            record = {"external_id": f"I-{number}", **make_structure(number, SIZE)}
            output.write(json.dumps(record, ensure_ascii=False) + "\n")


def measure(cluster: Cluster, folder: Path) -> list[dict[str, object]]:
    """Import the file twice and report each run."""
    path = folder / "structures.jsonl"
    write_file(path)
    return [_import(cluster, path, what) for what in ("first", "unchanged")]


def _import(cluster: Cluster, path: Path, what: str) -> dict[str, object]:
    environment = {
        **os.environ,
        "RACCORD_DATABASE_URL": cluster.url(role="app"),
        "RACCORD_MIGRATION_URL": cluster.url(role="owner"),
        "RACCORD_SECRET_KEY": SECRET,
    }
    command = [sys.executable, "-m", "raccord", "import", "structures", str(path), "--source", "mesure-import"]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    memory: list[float] = []
    watcher = threading.Thread(target=_watch, args=(process, memory))
    watcher.start()
    if process.wait() != 0:
        raise RuntimeError(f"the import ended with {process.returncode}")
    watcher.join()
    elapsed = time.perf_counter() - started
    half = len(memory) // 2
    growth = max(memory[half:]) - max(memory[:half])
    result: dict[str, object] = {
        "what": f"import of {LINES} structures of {SIZE} B, {what}",
        "lines_per_s": round(LINES / elapsed),
        "bar": BARS[what],
        "is_reached": LINES / elapsed >= BARS[what] and growth <= FLAT_MB,
        "seconds": round(elapsed, 1),
        "peak_mb": round(max(memory), 1),
        "growth_in_second_half_mb": round(growth, 1),
    }
    print(json.dumps(result), flush=True)
    return result


def _watch(process: subprocess.Popen[bytes], memory: list[float]) -> None:
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        try:
            text = status.read_text("ascii")
        except OSError:
            return
        memory += [int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS:")]
        time.sleep(0.1)
