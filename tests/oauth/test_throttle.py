from __future__ import annotations

import pytest

from raccord.oauth import throttle
from raccord.oauth.throttle import Throttle, name_origin


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_window_slides() -> None:
    clock = Clock()
    door = Throttle(2, window_s=10, clock=clock)

    door.count_act("a")
    clock.now += 4
    assert door.tell_wait("a") == 0
    door.count_act("a")

    assert door.tell_wait("a") == 6
    assert door.tell_wait("b") == 0
    clock.now += 6
    assert door.tell_wait("a") == 0
    door.count_act("a")
    assert door.tell_wait("a") == 4


def test_only_the_last_keys_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_MAX_KEYS", 3)
    door = Throttle(1, clock=Clock())

    for key in "abcd":
        door.count_act(key)

    assert [door.tell_wait(key) > 0 for key in "abcd"] == [False, True, True, True]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "testclient"),
        (None, "-"),
    ],
)
def test_an_origin_is_what_one_subscriber_holds(host: str | None, origin: str) -> None:
    assert name_origin(host) == origin
