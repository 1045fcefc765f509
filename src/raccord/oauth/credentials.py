"""The form of client secrets and access tokens: how they are made, and how one is told from garbage.

Both begin with a prefix that secret scanners and our own logs recognise, and hold only [A-Za-z0-9_-]:
encoding them for a header or a form changes nothing (`+` in Basic credentials would be read in two ways).
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote
from uuid import UUID

_RANDOM_BYTES = 32
_SECRET = re.compile(r"rac_cs_[A-Za-z0-9_-]{43}")
_TOKEN = re.compile(r"(rac_at_[A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})")
_BASIC = re.compile(r"basic +([A-Za-z0-9+/]{4,600}={0,2})", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class ClientCredentials:
    """What a client presents at the OAuth endpoints (client_secret_basic)."""

    client_id: UUID
    secret: str


def make_client_secret() -> str:
    """Make a client secret of 256 random bits."""
    return "rac_cs_" + secrets.token_urlsafe(_RANDOM_BYTES)


def make_access_token() -> str:
    """Make an access token: 256 random bits, then their checksum."""
    body = "rac_at_" + secrets.token_urlsafe(_RANDOM_BYTES)
    return body + _compute_checksum(body)


def is_access_token(token: str) -> bool:
    """Tell whether the text could be one of our tokens, so that garbage costs no query."""
    match = _TOKEN.fullmatch(token)
    return match is not None and _compute_checksum(match[1]) == match[2]


def parse_basic(headers: Sequence[str]) -> ClientCredentials | None:
    """Read the client's credentials from the Authorization headers of a request.

    Shape:  None for anything but one well-formed Basic header that holds a client id and a secret of ours:
            unknown, ill-formed, undecodable and repeated credentials are all answered alike.
    Source: RFC 6749 §2.3.1 (both parts are percent-encoded), RFC 7617.
    """
    match = _BASIC.fullmatch(headers[0].strip(" \t")) if len(headers) == 1 else None
    if match is None:
        return None
    try:
        pair = base64.b64decode(match[1], validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    client_id, _, secret = pair.partition(":")
    client_id, secret = unquote(client_id), unquote(secret)
    if not _UUID.fullmatch(client_id) or not _SECRET.fullmatch(secret):
        return None
    return ClientCredentials(UUID(client_id), secret)


def _compute_checksum(body: str) -> str:
    checksum = zlib.crc32(body.encode()).to_bytes(4, "big")
    return base64.urlsafe_b64encode(checksum).decode().rstrip("=")
