"""Identifiers: record ids, and the pairwise ids under which each client knows a person."""

from __future__ import annotations

import os
import uuid
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from raccord.kernel.clock import read_now


def make_uuid7(at: datetime | None = None) -> uuid.UUID:
    """Make a time-ordered id (UUIDv7), in Python because PostgreSQL makes them only from version 18.

    Source: RFC 9562 §5.7; 48 bits of milliseconds, 74 random bits.
    """
    milliseconds = int((at or read_now()).timestamp() * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 62 & 0xFFF) << 64
    return uuid.UUID(int=value | 0b10 << 62 | random & (1 << 62) - 1)


def make_uuid4() -> uuid.UUID:
    """Make a random id (UUIDv4), for people: their id must not tell when they were first registered."""
    return uuid.uuid4()


class PairwiseIdentifiers:
    """Translate a person's id into the id that one client knows, and back.

    Two clients that compare their files find no common key. The translation is one AES block under a key
    derived for the client, hence a permutation of all UUIDs: reversible, without a table to keep or to leak.
    Source: OpenID Connect Core §8.1 for the idea of pairwise subject identifiers.
    """

    def __init__(self, client_key: bytes) -> None:
        # One block, never repeated under one key but for the same id: ECB is the raw permutation wanted here.
        self._cipher = Cipher(algorithms.AES(client_key), modes.ECB())  # noqa: S305

    def conceal(self, record_id: uuid.UUID) -> uuid.UUID:
        """Return the id under which the client knows the person."""
        encryptor = self._cipher.encryptor()
        return uuid.UUID(bytes=encryptor.update(record_id.bytes) + encryptor.finalize())

    def reveal(self, pairwise_id: uuid.UUID) -> uuid.UUID:
        """Return the stored id of the person whom the client calls so."""
        decryptor = self._cipher.decryptor()
        return uuid.UUID(bytes=decryptor.update(pairwise_id.bytes) + decryptor.finalize())
