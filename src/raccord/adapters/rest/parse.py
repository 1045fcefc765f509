"""From the TOML text to the spec: every refusal names its line. What the types cannot say is checked here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pydantic import ValidationError

from raccord.adapters.rest.rules import check_spec, list_config_names
from raccord.adapters.rest.spec import Spec
from raccord.kernel.refusals import JsonValue
from raccord.kernel.text import Text
from raccord.kernel.toml_lines import Path, find_lines
from raccord.kernel.validation import explain_errors

MAX_BYTES = 65_536
# The standard parser takes time with the square of a dotted key's length: 26 s for one of 64 KB.
MAX_LINE = 1_000
MAX_DEPTH = 12
_TOLD = 10
_LINE = re.compile(r"line ([0-9]+)")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a spec, and on which line."""

    line: int
    path: str
    code: str
    message: Text


class SpecRefused(Exception):
    """The text is no spec; the problems are in the order of their lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__(self.text.en)

    @property
    def text(self) -> Text:
        """The first problems in one sentence each."""
        told = self.problems[:_TOLD]
        return Text(
            " ; ".join(f"ligne {problem.line}, {problem.path or 'TOML'} : {problem.message.fr}" for problem in told),
            "; ".join(f"line {problem.line}, {problem.path or 'TOML'}: {problem.message.en}" for problem in told),
        )


@lru_cache(maxsize=32)
def parse_spec(text: str) -> Spec:
    """Read a spec.

    Errors: SpecRefused.
    """
    written = _parse_toml(text)
    try:
        spec = Spec.model_validate(written)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise _refuse(text, written, [(e.path, e.code, e.message) for e in explain_errors(details)]) from None
    if found := list(check_spec(spec)):
        raise _refuse(text, written, found)
    return spec


def list_missing_config(spec: Spec, config: dict[str, str]) -> list[str]:
    """List the names that the spec substitutes and the connection does not give."""
    return sorted(list_config_names(spec) - set(config))


def _parse_toml(text: str) -> dict[str, JsonValue]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _refuse_line(1, "too_large", Text("Plus de 64 Ko.", "Over 64 KB."))
    for number, written_line in enumerate(text.split("\n"), 1):
        if len(written_line) > MAX_LINE:
            message = Text(f"Ligne de plus de {MAX_LINE} caractères.", f"A line over {MAX_LINE} characters.")
            raise _refuse_line(number, "line_too_long", message)
    try:
        written: dict[str, JsonValue] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = _LINE.search(str(error))
        line = int(told[1]) if told else text.rstrip().count("\n") + 1
        raise _refuse_line(line, "malformed_toml", Text("Ce n'est pas du TOML.", "This is not TOML.")) from None
    except (RecursionError, ValueError):
        raise _refuse_line(1, "too_deep", _TOO_DEEP) from None
    if (path := _find_deep(written)) is not None:
        raise _refuse(text, written, [(path, "too_deep", _TOO_DEEP)])
    return written


def _find_deep(written: JsonValue) -> Path | None:
    """Find what nests too deep."""
    level: list[tuple[Path, JsonValue]] = [((), written)]
    for _ in range(MAX_DEPTH + 1):
        level = [((*path, name), inner) for path, value in level for name, inner in _list_inner(value)]
    return level[0][0] if level else None


def _list_inner(value: JsonValue) -> Iterator[tuple[str | int, JsonValue]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _refuse(text: str, written: JsonValue, found: Sequence[tuple[Path, str, Text]]) -> SpecRefused:
    try:
        lines = find_lines(text)
    except RecursionError:
        lines = {}
    return SpecRefused([_place(lines, written, path, (code, message)) for path, code, message in found])


def _place(lines: dict[Path, int], written: JsonValue, path: Path, told: tuple[str, Text]) -> Problem:
    """Place a problem on the line of its key, or of the nearest key above it where it is missing.

    Shape: the path may hold names that are not in the text: the tags of unions.
    """
    kept: Path = ()
    value = written
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            continue
        kept = (*kept, part)
    named = (*kept, path[-1]) if told[0] == "missing" and path[-1:] != kept[-1:] else kept
    while kept and kept not in lines:
        kept = kept[:-1]
    return Problem(lines.get(kept, 1), ".".join(str(part)[:64] for part in named), *told)


def _refuse_line(line: int, code: str, message: Text) -> SpecRefused:
    return SpecRefused([Problem(line, "", code, message)])


_TOO_DEEP = Text(f"Plus de {MAX_DEPTH} niveaux d'imbrication.", f"More than {MAX_DEPTH} levels of nesting.")
