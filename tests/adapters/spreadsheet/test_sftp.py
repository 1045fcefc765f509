"""Tables are fetched from a real SFTP server on this machine: its key is checked, its refusals are named."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from raccord.adapters.contract import Broken, CredentialsRefused, TryLater
from raccord.adapters.spreadsheet.connection import SftpPlace, SheetSecrets
from raccord.adapters.spreadsheet.manifest import MANIFEST
from raccord.adapters.spreadsheet.sftp import SftpShelf
from raccord.kernel.network_guard import NetworkGuard
from tests.adapters.spreadsheet.cases import MAPPING, make_rows, put, write_csv, write_xlsx
from tests.adapters.stand_in import StandIn
from tests.adapters.suite import Case, name_items

PASSWORD = "s3cret-of-the-server"
HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
CLIENT_KEY = asyncssh.generate_private_key("ssh-ed25519")


class Server(asyncssh.SSHServer):
    """One account, by password or by key."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("moi", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == "moi" and key.public_data == CLIENT_KEY.public_data


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """Start the server on a port of this machine."""

    def serve(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=bytes(tmp_path))

    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Server, server_host_keys=[HOST_KEY], sftp_factory=serve
    )
    async with server:
        yield server.get_port()


def connect(port: int, *, key: asyncssh.SSHKey = HOST_KEY, secrets: dict[str, Any] | None = None, **more: Any) -> Case:
    host_key = " ".join(key.export_public_key().decode().split()[:2])
    place = {"type": "sftp", "host": "127.0.0.1", "port": port, "username": "moi", "host_key": host_key, "folder": "/"}
    return Case(
        replace(MANIFEST, reads=("structures",)),
        StandIn(),
        settings={"kind": "structures", "mapping": MAPPING, "place": place, "files": "*.csv", **more},
        secrets=secrets if secrets is not None else {"password": PASSWORD},
        calls_http=False,
    )


async def test_files_are_fetched_and_renamed(port: int, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(700)))
    put(tmp_path, "b.xlsx", write_xlsx(make_rows(3)))

    batches = await connect(port, is_renamed_after_read=True).walk()

    assert len(name_items(batches)) == 700
    assert (tmp_path / "a.csv.lu").exists()
    assert (tmp_path / "b.xlsx").exists()


async def test_a_key_opens_as_a_password_does(port: int, tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(3)))
    secret = CLIENT_KEY.export_private_key().decode()

    await connect(port, secrets={"private_key": secret}).build().check()


@pytest.mark.parametrize("secrets", [{"password": "another"}, {}, {"private_key": "not a key"}])
async def test_what_does_not_open_is_said_to(port: int, secrets: dict[str, Any]) -> None:
    case = connect(port)
    case.secrets = secrets

    with pytest.raises(CredentialsRefused):
        await case.build().check()


async def test_a_server_with_another_key_is_told_nothing(port: int) -> None:
    with pytest.raises(Broken, match="another key"):
        await connect(port, key=asyncssh.generate_private_key("ssh-ed25519")).build().check()


async def test_a_folder_that_is_not_there_is_broken(port: int) -> None:
    case = connect(port)
    case.settings["place"]["folder"] = "/nowhere"

    with pytest.raises(Broken, match="missing"):
        await case.build().check()


async def test_a_server_that_does_not_answer_is_tried_later(port: int) -> None:
    case = connect(1)

    with pytest.raises(TryLater):
        await case.build().check()


async def test_no_server_of_a_private_network_is_called(port: int) -> None:
    place = SftpPlace.model_validate(connect(port).settings["place"])

    with pytest.raises(Broken, match="does not call"):
        await SftpShelf(place, SheetSecrets(), NetworkGuard()).list_files("*")


async def test_a_pattern_has_no_folder(port: int) -> None:
    with pytest.raises(Broken, match="no folder"):
        await connect(port, files="a/*.csv").build().check()


def test_an_installation_without_the_extra_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncssh", None)

    with pytest.raises(Broken, match=r"raccord\[sftp\]"):
        connect(22).build()
