"""The command line, where an operator forgets something."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_raccord(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "raccord", *arguments]
    environment = {**os.environ, **settings}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_database_without_its_schema_is_told_in_one_line(tmp_path: Path) -> None:
    done = run_raccord("client", "list", RACCORD_DATA_DIR=str(tmp_path / "data"))

    assert done.returncode == 2
    assert done.stderr.strip() == "The database has no schema yet: run `raccord migrate` first."
    assert done.stdout == ""


def test_a_wrong_setting_is_refused_by_its_name_and_not_by_its_value(tmp_path: Path) -> None:
    done = run_raccord("serve", RACCORD_DATA_DIR=str(tmp_path), RACCORD_PORT="not-a-port-7391")

    assert done.returncode == 2
    assert done.stderr.startswith("RACCORD_PORT: ")
    assert "7391" not in done.stderr


def test_an_official_address_out_of_reach_is_told_in_one_line(tmp_path: Path) -> None:
    address = "http://127.0.0.1:9/communes"
    done = run_raccord(
        "reference", "load", "communes", RACCORD_DATA_DIR=str(tmp_path / "data"), RACCORD_REFERENCE_COMMUNES_URL=address
    )

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"Fetching {address}…",
        f"communes: {address} does not answer (ConnectError): give a file instead",
    ]
    assert done.stdout == ""
