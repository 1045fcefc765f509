"""Cursors: opaque and signed, bound to the question they continue. They hold a place, never a count."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from raccord.kernel.errors import InvalidCursorError
from raccord.kernel.keys import Keys
from raccord.kernel.refusals import FieldError
from raccord.kernel.text import Text

MAX_LIMIT = 200
DEFAULT_LIMIT = 50


def fingerprint_question(*parts: object) -> str:
    """Return a short digest of what is asked (route, filters, caller): a cursor serves that question alone."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=9).hexdigest()


def write_cursor(keys: Keys, question: str, place: Sequence[str | int]) -> str:
    """Write the cursor that continues the question after the place."""
    payload = json.dumps([question, *place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(keys.sign_cursor(payload) + payload).decode().rstrip("=")


def read_cursor(keys: Keys, question: str, cursor: str, name: str = "cursor") -> list[str | int]:
    """Read back the place.

    Errors: InvalidCursorError if the cursor is not ours, was changed, or continues another question.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raise _refuse(name) from None
    signature, payload = raw[:12], raw[12:]
    # The signature first: what is not ours is not even parsed.
    if not hmac.compare_digest(signature, keys.sign_cursor(payload)):
        raise _refuse(name)
    asked, *place = json.loads(payload)
    if asked != question:
        raise _refuse(name)
    return list(place)


def _refuse(name: str) -> InvalidCursorError:
    message = Text("Curseur inconnu, modifié ou d'une autre liste.", "Cursor unknown, changed or of another list.")
    return InvalidCursorError(message, [FieldError("parameter", name, "invalid_cursor", message)])
