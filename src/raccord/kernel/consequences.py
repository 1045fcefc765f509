"""What can go wrong with another system, named by what follows: come back later, ask for credentials, stop."""

from __future__ import annotations

from raccord.kernel.text import Text


class TryLater(Exception):
    """The other system cannot answer now. What was done stays; the rest is tried again.

    Units: `after_s` in seconds, from now.
    """

    def __init__(self, after_s: float, reason: str = "") -> None:
        super().__init__(reason or f"try again in {after_s:.0f} s")
        self.after_s = after_s


class CredentialsRefused(Exception):
    """The credentials do not open, or open no more. Nothing is tried until a person gives others."""


class Broken(Exception):
    """The other system is not what we take it for: its contract changed, or the address is wrong. A person is needed.

    Shape: the reason says what was met and where, never a value that the other system holds.
    """

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason
