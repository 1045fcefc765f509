"""Keys derived from the one secret of an installation, one for each use, so that no key serves twice."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from raccord.kernel.identifiers import PairwiseIdentifiers


class Keys:
    """Hold the installation's secret and derive from it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._tokens = self._derive("tokens")
        self._cursors = self._derive("cursors")
        self._seals = AESSIV(self._derive("seals", 64))
        self.pairwise_for = lru_cache(maxsize=1024)(self._make_pairwise)

    def _derive(self, use: str, length: int = 32) -> bytes:
        return HKDF(SHA256(), length, salt=None, info=b"raccord:" + use.encode()).derive(self._secret)

    def digest_secret(self, secret: str) -> bytes:
        """Return the form in which a token or a client secret is stored.

        HMAC and not a slow hash: the secrets are 256 random bits, so guessing is hopeless, and a slow hash
        would let anybody exhaust the server with wrong passwords.
        """
        return hmac.digest(self._tokens, secret.encode(), hashlib.sha256)

    def sign_cursor(self, payload: bytes) -> bytes:
        """Return the short signature of a cursor.

        Units: 12 bytes; a cursor is no secret, the signature only keeps callers from writing their own.
        """
        return hmac.digest(self._cursors, payload, hashlib.sha256)[:12]

    def seal(self, plain: bytes) -> str:
        """Close the text to all who do not hold the installation's secret.

        The same text is closed into the same, so that a record which holds it is unchanged when it comes again.
        Source: RFC 5297 (AES-SIV); base64url without padding.
        """
        return base64.urlsafe_b64encode(self._seals.encrypt(plain, None)).rstrip(b"=").decode()

    def unseal(self, sealed: str) -> bytes:
        """Open what `seal` closed.

        Errors: ValueError for what this installation did not close, or somebody changed.
        """
        try:
            closed = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            return self._seals.decrypt(closed, None)
        except InvalidTag:
            raise ValueError("not sealed by this installation") from None

    def _make_pairwise(self, client_id: uuid.UUID) -> PairwiseIdentifiers:
        return PairwiseIdentifiers(self._derive(f"pairwise:{client_id}", 16))
