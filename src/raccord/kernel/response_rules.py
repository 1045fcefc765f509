"""What is done with an answer of another system, as data: which answers, what follows, how long to wait.

A rule is one line that a person reads; the client in outbound.py obeys, and knows no system by name.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum

from raccord.kernel.clock import read_now
from raccord.kernel.refusals import JsonValue

# Later than this is no wait but another day's run: the caller is told TryLater.
MAX_WAIT_S = 60.0
# Longer than this no system is left alone: a header may ask for a century.
MAX_ASKED_S = 86_400.0
_DIGITS = frozenset("0123456789.")


class Action(StrEnum):
    """What follows an answer."""

    RETURN = "return"
    """The answer is handed on: the caller knows what it means."""
    RETRY = "retry"
    """The system stumbled: the same call again, a few times, then TryLater."""
    SLOW_DOWN = "slow_down"
    """We ask too much: everybody who calls this host waits."""
    REFRESH = "refresh"
    """The credentials have run out: new ones are fetched once, then the same call again, then CredentialsRefused."""
    REFUSED = "refused"
    """CredentialsRefused at once."""
    FAIL = "fail"
    """Broken at once."""


@dataclass(frozen=True)
class Wait:
    """How long to wait before a call is made again: what a header says, or else a time that doubles, with jitter.

    Shape: `header` holds seconds or a date (Retry-After), or with `is_instant` seconds since 1970 (X-…-Reset);
           `growth` 1 is a constant wait.
    Units: seconds.
    """

    first_s: float = 1.0
    growth: float = 2.0
    header: str | None = "retry-after"
    is_instant: bool = False

    def choose(self, attempt: int, headers: Mapping[str, str]) -> float:
        """Choose the wait before the attempt that follows `attempt` (0 is the first): a day at most."""
        asked = self._read_header(headers)
        if asked is not None:
            return min(max(0.0, asked), MAX_ASKED_S)
        whole = min(self.first_s * self.growth**attempt, MAX_ASKED_S)
        # Between half and all of it: callers that failed together do not come back together.
        return whole if self.growth == 1 else whole * random.uniform(0.5, 1.0)  # noqa: S311

    def _read_header(self, headers: Mapping[str, str]) -> float | None:
        value = headers.get(self.header or "", "").strip()
        if not value:
            return None
        if set(value) <= _DIGITS and value.count(".") <= 1 and value != ".":
            number = float(value)
            return number - read_now().timestamp() if self.is_instant else number
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - read_now()).total_seconds()


@dataclass(frozen=True)
class Rule:
    """One rule: of an answer that matches, what follows.

    Shape: `statuses` are ranges, both ends included; `text` must occur in the body; `pointer` names a value of a JSON
           body (RFC 6901), which must be one of `values`. The first rule that matches decides.
    """

    action: Action
    statuses: tuple[tuple[int, int], ...] = ((100, 599),)
    text: str | None = None
    pointer: str | None = None
    values: frozenset[str | int | bool | None] = frozenset()
    has_header: str | None = None
    wait: Wait = field(default_factory=Wait)
    attempts: int = 4

    def matches(self, status: int, headers: Mapping[str, str], body: bytes, parsed: JsonValue) -> bool:
        """Tell whether the rule is about this answer."""
        if not any(low <= status <= high for low, high in self.statuses):
            return False
        if self.has_header is not None and self.has_header not in headers:
            return False
        if self.text is not None and self.text.encode() not in body:
            return False
        return self.pointer is None or _is_among(read_pointer(parsed, self.pointer), self.values)


def on(*statuses: int) -> tuple[tuple[int, int], ...]:
    """Write the ranges of single statuses."""
    return tuple((status, status) for status in statuses)


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule(Action.RETURN, ((200, 299),)),
    Rule(Action.REFRESH, on(401)),
    Rule(Action.REFUSED, on(403)),
    Rule(Action.SLOW_DOWN, on(429)),
    # A maintenance that announces its end is no fault.
    Rule(Action.SLOW_DOWN, on(503), has_header="retry-after"),
    Rule(Action.RETRY, on(408, 425, 500, 502, 503, 504)),
    # Redirects among them: to follow one is to call an address that nobody has vetted.
    Rule(Action.FAIL),
)


def choose_rule(rules: Sequence[Rule], status: int, headers: Mapping[str, str], body: bytes, parsed: JsonValue) -> Rule:
    """Choose the first of the rules, then of the default ones, that is about the answer.

    Shape: `headers` are named in lower case.
    """
    return next(rule for rule in (*rules, *DEFAULT_RULES) if rule.matches(status, headers, body, parsed))


def read_pointer(value: JsonValue, pointer: str) -> JsonValue:
    """Read what the JSON Pointer names; None where nothing is.

    Source: RFC 6901.
    """
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isascii() and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _is_among(value: JsonValue, values: frozenset[str | int | bool | None]) -> bool:
    return not isinstance(value, dict | list | float) and value in values
