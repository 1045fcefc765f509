"""Adding a kind is one folder and one line of the registry: routes, scopes, feed and imports follow."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import anyio

from raccord.resources.registry import KINDS
from tests.commands import leave_unmeasured
from tests.house.sources import ROOT, SRC, list_modules, name_place

HOUSE = Path(__file__).parent


def copy_source_with_toys(folder: Path) -> Path:
    """Copy src with the kind in it, by what a person would add and nothing else."""
    copied = folder / "src" / "raccord"
    shutil.copytree(SRC, copied, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "migrations", folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HOUSE / "toys", copied / "resources" / "toys", ignore=shutil.ignore_patterns("__pycache__"))
    registry = copied / "resources" / "registry.py"
    text, count = re.subn(r"(?<=^KINDS: tuple\[Kind, \.\.\.\] = \()", "TOYS, ", registry.read_text("utf-8"), flags=re.M)
    assert count == 1
    text = text.replace("\nKINDS:", "\nfrom raccord.resources.toys.kind import TOYS\n\nKINDS:", 1)
    registry.write_text(text, encoding="utf-8")
    return copied.parent


async def test_a_folder_and_a_line_are_a_kind(tmp_path: Path, database_url: str, owner_url: str) -> None:
    source = copy_source_with_toys(tmp_path)

    done = await anyio.run_process(
        [sys.executable, str(HOUSE / "toy_life.py"), database_url, owner_url, str(tmp_path)],
        cwd=ROOT,
        env={**leave_unmeasured(os.environ), "PYTHONPATH": f"{source}{os.pathsep}{ROOT}"},
        check=False,
    )

    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def test_no_part_below_the_resources_imports_a_kind() -> None:
    kinds = {kind.name for kind in KINDS}
    importing = re.compile(r"from raccord\.resources\.(\w+)")
    below = ("access", "jobs", "kernel", "oauth", "records", "reference", "bulk")

    found = [
        f"{name_place(path)}: {name}"
        for path in list_modules()
        if path.relative_to(SRC).parts[0] in below
        for name in importing.findall(path.read_text("utf-8"))
        if name in kinds
    ]

    assert not found
