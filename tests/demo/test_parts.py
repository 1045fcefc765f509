"""What the demo starts: stopped with it, also by an interrupt that comes while it starts."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from raccord.demo.parts import hear_interrupts, start_part
from raccord.settings import Settings

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def hearing() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    hear_interrupts()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_an_interrupt_while_a_part_starts_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **options))
        os.kill(os.getpid(), signal.SIGINT)
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", interrupted)

    with pytest.raises(KeyboardInterrupt), start_part(Settings(data_dir=tmp_path), "worker"):
        pytest.fail("the block has begun all the same")

    assert started[0].returncode is not None


def test_an_interrupt_while_a_part_stops_waits_for_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen.terminate

    def interrupted(process: subprocess.Popen[bytes]) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        real(process)

    monkeypatch.setattr(subprocess.Popen, "terminate", interrupted)

    with pytest.raises(KeyboardInterrupt), start_part(Settings(data_dir=tmp_path), "worker") as part:
        pass

    assert part.returncode is not None
