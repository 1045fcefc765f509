"""The project's own files, as the house tests read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "raccord"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def list_modules() -> tuple[Path, ...]:
    """List the modules of src."""
    return tuple(sorted(SRC.rglob("*.py")))


@cache
def parse_module(path: Path) -> ast.Module:
    """Parse a module."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def list_functions(path: Path) -> Iterator[Function]:
    """List the functions and methods of a module, inner ones too."""
    for node in ast.walk(parse_module(path)):
        if isinstance(node, Function):
            yield node


def name_place(path: Path, node: ast.AST | None = None) -> str:
    """Say where something is."""
    line = f":{getattr(node, 'lineno', '')}" if node is not None else ""
    return f"{path.relative_to(ROOT)}{line}"


@cache
def list_committed_files() -> tuple[Path, ...]:
    """List what is committed, or would be: what is ignored is not the project's."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def read_committed_texts() -> Iterator[tuple[Path, str]]:
    """Read the committed files that are text."""
    for path in list_committed_files():
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            yield path, data.decode("utf-8", errors="replace")
