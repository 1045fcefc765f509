"""Rules of the house that a machine can check in the text of the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import (
    ROOT,
    SRC,
    list_modules,
    name_place,
    parse_module,
    read_committed_texts,
)

pytestmark = pytest.mark.no_cover  # the code is read, not run

# Above the features: what reads settings and joins the parts.
ROOTS = (
    *(
        "cli.py",
        "commands/data.py",
        "commands/sync.py",
        "commands/running.py",
        "app.py",
        "worker.py",
        "serving.py",
        "contract.py",
    ),
    *("contract.py", "settings.py", "demo/run.py", "demo/parts.py", "demo/prepare.py"),
)
# Hands PATH on to PostgreSQL's programs, and keeps all else from them.
READS_ENVIRONMENT = "kernel/embedded_setup.py"
COMMITS = "kernel/database.py"
SESSION_SET = re.compile(r"(?:^|;)\s*SET\s+(?!LOCAL\b)|set_config\s*\([^)]*,\s*(?:false|'f'|'off')\s*\)", re.IGNORECASE)
# Spelt in parts, so that this file is not its own first offender.
UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|X" + "XX)\\b")
HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("py" + "pi", "org"), ("python" + "hosted", "org"), ("npm" + "js", "org"), ("npm" + "js", "com"),
            ("crates", "io"), ("proxy", "golang", "org"), ("repo1", "maven", "org"), ("docker", "io"),
            ("ghcr", "io"), ("quay", "io"), ("nuget", "org"), ("rubygems", "org"),
        )
    )
)  # fmt: skip
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wo" + r"rk/(?:main|shared)|ro" + r"ot/|ho" + r"me/(?!raccord\b)[a-z])")


def test_nobody_commits_but_the_database() -> None:
    found = [
        name_place(path, node)
        for path in list_modules()
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.Attribute) and node.attr == "commit" and name_in_src(path) != COMMITS
    ]

    assert not found


def test_no_setting_outlives_its_transaction() -> None:
    found = [
        name_place(path, node)
        for path in list_modules()
        for node, text in list_strings(path)
        if SESSION_SET.search(text)
    ]

    assert not found


@pytest.mark.parametrize(
    ("sql", "is_session_wide"),
    [
        ("SET statement_timeout = '4s'", True),
        ("BEGIN; set role postgres", True),
        ("SELECT set_config('raccord.client_id', $1, false)", True),
        ("SET LOCAL statement_timeout = '4s'", False),
        ("SELECT set_config($1, $2, true)", False),
        ("UPDATE grants SET valid_until = now()", False),
    ],
)
def test_session_settings_are_recognised(sql: str, is_session_wide: bool) -> None:
    assert bool(SESSION_SET.search(sql)) is is_session_wide


def test_features_are_handed_what_they_need_and_read_no_settings() -> None:
    importers = {
        name_in_src(path)
        for path in list_modules()
        if any(module.startswith("raccord.settings") for module in list_imports(path))
    }

    assert importers <= set(ROOTS)


def test_nothing_reads_the_environment_beside_the_settings() -> None:
    readers = {
        name_in_src(path)
        for path in list_modules()
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }

    assert readers <= {READS_ENVIRONMENT}


def test_nothing_runs_after_the_answer_outside_its_transaction() -> None:
    found = [
        name_place(path)
        for path in list_modules()
        if "BackgroundTasks" in path.read_text("utf-8") or "HTTPException(" in path.read_text("utf-8")
    ]

    assert not found


def test_nothing_is_left_unfinished() -> None:
    found = [name_place(path) for path, text in read_committed_texts() if UNFINISHED.search(text)]

    assert not found


def test_no_registry_and_no_machine_is_named() -> None:
    found = [
        f"{name_place(path)}: {match[0]}"
        for path, text in read_committed_texts()
        for match in (HOSTS.search(text), MACHINE_PATHS.search(text))
        if match is not None
    ]

    assert not found


def test_arrows_point_down() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    # Without its cache: another test process may be writing it.
    checked = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def name_in_src(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


def list_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def list_strings(path: Path) -> Iterator[tuple[ast.expr, str]]:
    """List the literal strings but docstrings; what an f-string fills in is an `x`."""
    skipped: set[int] = set()
    for node in ast.walk(parse_module(path)):
        if isinstance(node, ast.Expr):
            skipped.add(id(node.value))  # a docstring speaks English
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield node, "".join(str(p.value) if isinstance(p, ast.Constant) else "x" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node, node.value
