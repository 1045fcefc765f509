"""Settings: the installation's secret, which is made once and is never half a one."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from raccord.settings import Settings, SettingsError


def test_processes_that_start_together_keep_one_secret(tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / str(number)
        settings = [Settings(data_dir=folder) for _ in range(8)]

        with ThreadPoolExecutor(8) as together:
            found = set(together.map(Settings.read_secret, settings))

        assert len(found) == 1
        assert len(found.pop()) >= 32
        assert [path.name for path in folder.iterdir()] == ["secret-key"]
        assert stat.S_IMODE((folder / "secret-key").stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", ["", "\n", "short"])
def test_a_secret_cut_short_is_refused_and_not_used(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secret-key").write_text(kept, encoding="ascii")

    with pytest.raises(SettingsError, match="secret-key"):
        Settings(data_dir=tmp_path).read_secret()
