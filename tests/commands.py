"""The command line as an operator runs it, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence


def leave_unmeasured(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a process whose coverage is not measured: measured, it would cost twice as much.

    Processes that tests start are unmeasured, but for one of each sort.
    """
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}


def run_raccord(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with the settings."""
    return _run(arguments, {**leave_unmeasured(os.environ), **settings})


def run_raccord_measured(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it so that its coverage is measured."""
    return _run(arguments, {**os.environ, **settings})


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "raccord", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
