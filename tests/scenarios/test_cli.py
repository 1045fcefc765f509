"""The command line, where an operator forgets something."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from tests.commands import run_raccord, run_raccord_measured


def test_a_database_without_its_schema_is_told_in_one_line(tmp_path: Path) -> None:
    done = run_raccord_measured("client", "list", RACCORD_DATA_DIR=str(tmp_path / "data"))

    assert done.returncode == 2
    assert done.stderr.strip() == "The database has no schema yet: run `raccord migrate` first."
    assert done.stdout == ""


DEAD = "postgresql+asyncpg://raccord_app:secret-7391@127.0.0.1:1/raccord"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["client", "create", "Logiciel", "--source", "logiciel", "--scope", "nope:read"], "scopes: One of: "),
        (
            ["client", "create", "Logiciel", "--source", "logiciel", "--scope", "structures:read", "--purpose", "nope"],
            "purposes: One of: ",
        ),
        (["grant", "add", str(UUID(int=1)), str(UUID(int=2)), "--scope", "nope:read"], "scopes: One of: "),
    ],
)
def test_an_unknown_scope_or_purpose_is_refused_with_those_there_are(
    tmp_path: Path, arguments: list[str], named: str
) -> None:
    done = run_raccord(*arguments, RACCORD_DATA_DIR=str(tmp_path / "data"))

    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["client", "list"], ["migrate"]])
def test_a_database_out_of_reach_is_told_in_one_line_without_its_password(tmp_path: Path, command: list[str]) -> None:
    done = run_raccord(
        *command,
        RACCORD_DATA_DIR=str(tmp_path / "data"),
        RACCORD_DATABASE_URL=DEAD,
        RACCORD_MIGRATION_URL=DEAD,
        RACCORD_SECRET_KEY="0123456789" * 4,
    )

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "127.0.0.1" in done.stderr
    assert "7391" not in done.stderr


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run_raccord("demo", RACCORD_DATA_DIR=str(tmp_path / "file" / "data"))

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path / "file" / "data") in done.stderr


def test_a_wrong_setting_is_refused_by_its_name_and_not_by_its_value(tmp_path: Path) -> None:
    done = run_raccord("serve", RACCORD_DATA_DIR=str(tmp_path), RACCORD_PORT="not-a-port-7391")

    assert done.returncode == 2
    assert done.stderr.startswith("RACCORD_PORT: ")
    assert "7391" not in done.stderr


def test_an_official_address_out_of_reach_is_told_in_one_line(tmp_path: Path) -> None:
    address = "http://127.0.0.1:9/communes"
    done = run_raccord(
        "reference", "load", "communes", RACCORD_DATA_DIR=str(tmp_path / "data"), RACCORD_REFERENCE_COMMUNES_URL=address
    )

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"Fetching {address}…",
        f"communes: {address} does not answer (ConnectError): give a file instead",
    ]
    assert done.stdout == ""
