"""The demo's parts, each a process of its own: started, and stopped whenever the person interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from raccord.settings import Settings

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def hear_interrupts() -> None:
    """Let Ctrl-C, and what else tells a process to stop, raise KeyboardInterrupt in this one."""
    for number in _INTERRUPTS:
        signal.signal(number, _interrupt)


@contextmanager
def start_part(settings: Settings, command: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of `raccord` beside the block; its words go to a log beside the data."""
    process = None
    with (settings.data_dir / f"{command}.log").open("ab") as log:
        try:
            with _hold_interrupts():
                process = subprocess.Popen(
                    [sys.executable, "-m", "raccord", command, *arguments, "--parent", str(os.getpid())],
                    stdout=log,
                    stderr=log,
                    # Away from the terminal's Ctrl-C: each is told to stop in order, the database last.
                    start_new_session=True,
                )
            yield process
        finally:
            if process is not None:
                with _hold_interrupts():
                    _stop(process)


@contextmanager
def _hold_interrupts() -> Iterator[None]:
    """Let an interrupt wait for the end of the block: in its midst, a process would be left without an owner."""
    held: list[int] = []
    before = {number: signal.signal(number, lambda told, _frame: held.append(told)) for number in _INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        raise KeyboardInterrupt


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
