"""The page that teaches to write an adapter: its example is built as it stands, and passes the standard suite."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.commands import leave_unmeasured
from tests.house.sources import ROOT

PAGE = ROOT / "docs" / "adapters" / "write-one.md"
FILE = re.compile(r"^```python file: (?P<name>\S+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
CONFTEST = """
import raccord.adapters

raccord.adapters.__path__.append({folder!r})
"""


def test_the_example_of_the_page_is_a_whole_adapter(tmp_path: Path) -> None:
    folder = tmp_path / "adapters"
    (folder / "bottin").mkdir(parents=True)
    (folder / "bottin" / "__init__.py").write_text('"""Bottin."""\n', encoding="utf-8")
    files = {found["name"]: found["body"] for found in FILE.finditer(PAGE.read_text("utf-8"))}
    for name, body in files.items():
        place = tmp_path if name.startswith("test_") else folder / "bottin"
        (place / name).write_text(body, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(CONFTEST.format(folder=str(folder)), encoding="utf-8")

    assert set(files) == {"payloads.py", "translate.py", "adapter.py", "test_bottin.py"}
    linted = run(
        "ruff", "check", "--config", str(ROOT / "pyproject.toml"), "--ignore", "D1,INP001,I001,S", str(tmp_path)
    )
    assert linted.returncode == 0, linted.stdout
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:randomly", "-q"]
    tested = run("pytest", "-c", str(ROOT / "pyproject.toml"), *options, str(tmp_path / "test_bottin.py"))
    assert tested.returncode == 0, tested.stdout[-8_000:]
    assert " passed" in tested.stdout


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    environment = leave_unmeasured(os.environ)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
