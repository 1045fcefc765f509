"""The command line as an operator runs it, for tests."""

from __future__ import annotations

import os
import subprocess
import sys


def run_raccord(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with the settings."""
    command = [sys.executable, "-m", "raccord", *arguments]
    environment = {**os.environ, **settings}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
