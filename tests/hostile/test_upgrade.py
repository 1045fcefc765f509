"""An offer to go on in HTTP/2, as Java's client makes with its first request: the request is answered all the same."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SECRET
from tests.servers import Server, run_server

FORM = b"grant_type=client_credentials"
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"


@pytest.fixture
def server(tmp_path: Path, database_url: str, owner_url: str) -> Iterator[Server]:
    with run_server(tmp_path, database_url=database_url, migration_url=owner_url, secret_key=SECRET) as running:
        yield running


def write_request(body: bytes, *headers: bytes) -> bytes:
    media = b"Content-Type: application/x-www-form-urlencoded\r\n"
    return (
        b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n"
        + media + b"".join(headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )  # fmt: skip


def send(server: Server, *pieces: bytes, answers: int = 1) -> list[tuple[int, str]]:
    """Send the pieces one after another on one connection; returns the answers' statuses and error codes."""
    host, _, port = server.base_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)
        received = b""
        while received.count(b'"error":') < answers:
            more = connection.recv(65_536)
            assert more, received
            received += more
    found = re.findall(rb'HTTP/1\.1 (\d{3}) .*?"error":"(\w+)"', received, re.DOTALL)
    return [(int(status), code.decode()) for status, code in found]


async def test_a_request_that_offers_http_2_is_read_with_its_body(server: Server) -> None:
    read = (401, "invalid_client")
    offered, plain = write_request(FORM, OFFER), write_request(FORM)
    head, _, _ = offered.partition(b"\r\n\r\n")
    # What looks like the offer in a body is the body's own.
    quoted = FORM + b"&scope=%0D%0A\r\nUpgrade: h2c\r\n"

    assert send(server, offered) == [read]
    assert send(server, head + b"\r\n\r\n", FORM) == [read]
    assert send(server, offered, plain, answers=2) == [read, read]
    assert send(server, offered.replace(b"Upgrade: h2c", b"UPGRADE:h2c ")) == [read]
    assert send(server, write_request(quoted)) == [read]
    assert send(server, *write_request(quoted).partition(b"&scope")) == [read]
