"""Sealing what must be stored and not be read: secrets of connections, payloads that were refused.

A seal names its key, so that the key can be changed while what was sealed before still opens.
"""

from __future__ import annotations

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_ID = 4
_NONCE = 12


class SealBrokenError(Exception):
    """What is sealed does not open: another key, another place, or altered."""


class Seals:
    """AES-256-GCM under the present key; the retired ones only open."""

    def __init__(self, present: bytes, *retired: bytes) -> None:
        keys = [_derive(secret) for secret in (present, *retired)]
        self._ciphers = {_name(key): AESGCM(key) for key in reversed(keys)}
        # What every seal of the present key begins with.
        self.present = _name(keys[0])

    def seal(self, plain: bytes, place: str) -> bytes:
        """Seal for one place: moved to another row, it does not open.

        Shape: key id (4 bytes), nonce (12), ciphertext with its tag.
        """
        nonce = secrets.token_bytes(_NONCE)
        return self.present + nonce + self._ciphers[self.present].encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Open what was sealed for the place.

        Errors: SealBrokenError.
        """
        cipher = self._ciphers.get(sealed[:_KEY_ID])
        if cipher is None:
            raise SealBrokenError
        nonce, text = sealed[_KEY_ID : _KEY_ID + _NONCE], sealed[_KEY_ID + _NONCE :]
        try:
            return cipher.decrypt(nonce, text, place.encode())
        except (InvalidTag, ValueError):
            raise SealBrokenError from None


def _derive(secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"raccord:seals").derive(secret)


def _name(key: bytes) -> bytes:
    return hashlib.blake2b(key, digest_size=_KEY_ID, person=b"raccord-seal").digest()
