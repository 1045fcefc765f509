"""Every key of a TOML text is found on its line, however it is written."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.toml_lines import Path, find_lines

KEYS = st.text(min_size=1, max_size=6)
VALUES = st.integers() | st.booleans() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=3)
TABLES = st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, max_size=3), max_size=5)


def quote(key: str) -> str:
    return json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quote(key)} = {write_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + "".join(f"  {write_value(item)},\n" for item in value) + "]"
    return quote(value) if isinstance(value, str) else json.dumps(value)


def write_toml(tables: dict[str, dict[str, Any]]) -> tuple[str, dict[Path, int]]:
    """Write tables with comments between, and note where each key stands."""
    lines: list[str] = ["# début : [rien] = {"]
    where: dict[Path, int] = {}
    for name, table in tables.items():
        lines.append(f"[{quote(name)}]" + " # } ] =")
        where[(name,)] = len(lines)
        for key, value in table.items():
            where[(name, key)] = len(lines) + 1
            lines += f"{quote(key)} = {write_value(value)}".split("\n")
    return "\n".join(lines) + "\n", where


@given(st.dictionaries(KEYS, TABLES, max_size=4))
def test_every_key_is_found(tables: dict[str, dict[str, Any]]) -> None:
    text, where = write_toml(tables)
    assert tomllib.loads(text) is not None

    found = find_lines(text)

    assert {path: found.get(path) for path in where} == where


def test_lists_of_tables_dotted_keys_and_long_strings_are_followed() -> None:
    text = 'a.b = """\nx = 1\n"""\n[[r]]\nk = 1.5\n[[r]]\nk = 2020-01-01 10:00:00\n[r.s]\nt = [\n  { u = 1 },\n]\n'

    assert find_lines(text) == {
        ("a",): 1, ("a", "b"): 1, ("r",): 4, ("r", 0): 4, ("r", 0, "k"): 5, ("r", 1): 6, ("r", 1, "k"): 7,
        ("r", 1, "s"): 8, ("r", 1, "s", "t"): 9, ("r", 1, "s", "t", 0): 10, ("r", 1, "s", "t", 0, "u"): 10,
    }  # fmt: skip
