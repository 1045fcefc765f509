"""The command line as an operator runs it, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping


def leave_unmeasured(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a process whose coverage is not measured: its time would be half of it again, or more.

    For what runs many times, or calls from outside; one process of each sort is measured.
    """
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}


def run_raccord(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with the settings."""
    command = [sys.executable, "-m", "raccord", *arguments]
    environment = {**os.environ, **settings}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
