"""A process's short memory is bounded, and forgets in time."""

from __future__ import annotations

from raccord.kernel.memory import Memory


def test_a_value_is_forgotten_after_its_lifetime() -> None:
    now = 0.0
    memory: Memory[str, int] = Memory(10, 5, clock=lambda: now)
    memory.keep("a", 1)

    now = 4.9
    assert memory.recall("a") == 1
    now = 5.0
    assert memory.recall("a") is None


def test_the_oldest_goes_first_when_it_is_full() -> None:
    memory: Memory[int, int] = Memory(3, 60)
    for number in range(5):
        memory.keep(number, number)
    memory.keep(2, 20)

    assert [memory.recall(number) for number in range(5)] == [None, None, 20, 3, 4]
