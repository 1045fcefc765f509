"""What is slow to make and only read afterwards: made once for all test processes."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Have the first test process that comes make what is in the folder; returns the folder.

    Errors: those of `make`, in each process that asks: what failed is tried again.
    """
    base = factory.getbasetemp()
    # By its name and not by the environment, which a pytest that a test starts has too, beside a folder of its own.
    shared = base.parent if base.name.startswith("popen-gw") else base
    folder, sign = shared / name, shared / f"{name}.made"
    folder.mkdir(exist_ok=True)
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not sign.exists():
            make(folder)
            sign.touch()
    return folder


def copy_made(made: Path, to: Path) -> Path:
    """Copy a folder that holds a stopped PostgreSQL's, with the owner that it asks for."""
    shutil.copytree(made, to, symlinks=True, ignore=shutil.ignore_patterns("socket*", "lock"), dirs_exist_ok=True)
    for path in (made, *made.rglob("*")):
        status = path.lstat()
        copied = to / path.relative_to(made)
        if copied.exists():
            os.chown(copied, status.st_uid, status.st_gid)
    return to
