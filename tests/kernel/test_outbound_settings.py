"""Whether connections may call this machine is settled where the installation is described, and never in production."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from raccord.settings import Settings

KEY = SecretStr("a-secret-of-tests" * 3)
OUTSIDE = "postgresql+asyncpg://app@db.example/raccord"


def test_it_may_not_unless_it_is_said(tmp_path: Path) -> None:
    assert not Settings(data_dir=tmp_path).outbound_loopback
    assert Settings(data_dir=tmp_path, outbound_loopback=True).outbound_loopback


@pytest.mark.parametrize(
    "production",
    [
        {"database_url": OUTSIDE, "migration_url": OUTSIDE, "secret_key": KEY},
        {"public_url": "https://raccord.example"},
    ],
)
def test_in_production_it_may_not_at_all(tmp_path: Path, production: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="RACCORD_OUTBOUND_LOOPBACK"):
        Settings(data_dir=tmp_path, outbound_loopback=True, **production)  # type: ignore[arg-type]  # of several types


def test_the_sealing_keys_come_in_the_order_in_which_they_seal(tmp_path: Path) -> None:
    old, new = SecretStr("o" * 40), SecretStr("n" * 40)
    settings = Settings(data_dir=tmp_path, secret_key=KEY, sealing_key=new, retired_sealing_key=old)

    assert settings.read_sealing_secrets() == [b"n" * 40, b"o" * 40, KEY.get_secret_value().encode()]
    assert Settings(data_dir=tmp_path, secret_key=KEY).read_sealing_secrets() == [KEY.get_secret_value().encode()]
