"""Small files, small functions, names that say something."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.sources import SRC, list_functions, list_modules, name_place, parse_module

pytestmark = pytest.mark.no_cover  # the code is read, not run

MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 400
BANNED = ("utils", "helpers", "common", "misc", "manager", "process", "info")


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [
        f"{name_place(path, node)} {node.name}: {length}"
        for path in list_modules()
        for node in list_functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]

    assert not long


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = [
        f"{name_place(path)}: {length}"
        for path in list_modules()
        if (length := len(path.read_text("utf-8").splitlines())) > MAX_FILE_LINES
    ]

    assert not long


def test_every_module_says_what_belongs_there() -> None:
    silent = [name_place(path) for path in list_modules() if not ast.get_docstring(parse_module(path))]

    assert not silent


def test_packages_hold_a_docstring_and_nothing_else() -> None:
    folders = {path.parent for path in list_modules()}
    missing = [name_place(folder) for folder in folders if not (folder / "__init__.py").exists()]
    busy = [
        name_place(path) for path in list_modules() if path.name == "__init__.py" and len(parse_module(path).body) != 1
    ]

    assert not missing
    assert not busy


def test_no_module_bears_a_name_that_means_anything() -> None:
    found = [name_place(path) for path in list_modules() if {*path.relative_to(SRC).with_suffix("").parts} & {*BANNED}]

    assert not found


def test_no_class_or_function_bears_a_name_that_means_anything() -> None:
    found = [
        f"{name_place(path, node)} {node.name}"
        for path in list_modules()
        for node in ast.walk(parse_module(path))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and {word.lower() for word in split_words(node.name)} & {*BANNED}
    ]

    assert not found


@pytest.mark.parametrize(
    ("name", "words"),
    [("JobManager", ["Job", "Manager"]), ("read_info", ["read", "info"]), ("HTTPProcess", ["HTTP", "Process"])],
)
def test_names_are_split_into_words(name: str, words: list[str]) -> None:
    assert split_words(name) == words


def split_words(name: str) -> list[str]:
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
