"""On which line each key of a TOML document stands: what the standard parser does not tell, and people need.

Only for text that tomllib has parsed: here nothing is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|\r?\n|[\[\]{}=,.]|[^\s\[\]{}=,.\#\"']+",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class _Token(NamedTuple):
    text: str
    line: int


def find_lines(text: str) -> dict[Path, int]:
    """Find the line of every key, table and element, by its path; lines count from 1."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = [token for token in _list_tokens(text) if not token.text.startswith("#")]
        self._place = 0
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        table: Path = ()
        while self._place < len(self._tokens):
            if _is_newline(self._text):
                self._place += 1
            elif self._text == "[":
                table = self._read_header()
            else:
                self._read_pair(table)
        return self._lines

    @property
    def _text(self) -> str:
        return self._tokens[self._place].text if self._place < len(self._tokens) else ""

    def _note(self, path: Path, line: int) -> None:
        self._lines.setdefault(path, line)

    def _read_header(self) -> Path:
        self._place += 1
        is_list = self._text == "["
        self._place += is_list
        path, line = self._read_key(())
        self._place += 1 + is_list
        if is_list:
            self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, self._counts[path])
        self._note(path, line)
        return path

    def _read_key(self, path: Path) -> tuple[Path, int]:
        """Read a dotted key; below a list of tables it goes on in the last of them."""
        line = self._tokens[self._place].line
        while True:
            if path in self._counts:
                path = (*path, self._counts[path])
            path = (*path, _unquote(self._text))
            self._note(path, line)
            self._place += 1
            if self._text != ".":
                return path, line
            self._place += 1

    def _read_pair(self, table: Path) -> None:
        path, _ = self._read_key(table)
        self._place += 1
        self._read_value(path)

    def _read_value(self, path: Path) -> None:
        if self._text == "{":
            self._read_items(path, "}")
        elif self._text == "[":
            self._read_items(path, "]")
        else:
            # A number or a date may be several tokens.
            while self._text not in ("", ",", "]", "}") and not _is_newline(self._text):
                self._place += 1

    def _read_items(self, path: Path, end: str) -> None:
        self._place += 1
        number = 0
        while self._text and self._text != end:
            if self._text == "," or _is_newline(self._text):
                self._place += 1
            elif end == "}":
                self._read_pair(path)
            else:
                self._note((*path, number), self._tokens[self._place].line)
                self._read_value((*path, number))
                number += 1
        self._place += 1


def _list_tokens(text: str) -> Iterator[_Token]:
    line, seen = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", seen, found.start())
        seen = found.start()
        yield _Token(found[0], line)


def _is_newline(text: str) -> bool:
    return text in ("\n", "\r\n")


def _unquote(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    return _ESCAPE.sub(_unescape, key[1:-1]) if key.startswith('"') else key


def _unescape(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(found[3], found[3])
