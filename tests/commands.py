"""The command line as an operator runs it, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping


def leave_unmeasured(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a process whose coverage is not measured: measured, it would cost twice as much.

    Processes that tests start are unmeasured, but for one of each sort.
    """
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}


def run_raccord(*arguments: str, is_measured: bool = False, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with the settings."""
    command = [sys.executable, "-m", "raccord", *arguments]
    known = os.environ if is_measured else leave_unmeasured(os.environ)
    environment = {**known, **settings}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
