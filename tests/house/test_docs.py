"""The pages say what the code does: lists and tables that the code also holds are compared with it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

import raccord.access.tables
import raccord.app
import raccord.bulk.tables
import raccord.reference.tables
import raccord.resources.job_offers.tables
import raccord.resources.structures.same_as
import raccord.sync.tables  # noqa: F401  # so that every error and every table is known
from raccord.access.projection import PURPOSES, SCOPED, Category
from raccord.kernel import errors
from raccord.kernel.errors import list_error_classes
from raccord.kernel.tables import metadata
from raccord.resources.registry import KINDS, list_scopes
from tests.house.sources import ROOT, list_committed_files

ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = [path for path in list_committed_files() if path.suffix == ".md"]
Table = list[dict[str, str]]


def test_the_readme_stays_short_and_speaks_french_too() -> None:
    text = (ROOT / "README.md").read_text("utf-8")

    assert len(text.splitlines()) <= 120
    assert "**En bref.**" in text


@pytest.mark.parametrize("page", ["errors.md", "settings.md"])
def test_generated_pages_are_in_step(page: str) -> None:
    written = (ROOT / "docs" / page).read_text("utf-8")

    assert written == load_script("write_docs").render_pages()[page], "run python scripts/write_docs.py"


def test_every_error_stands_in_the_one_tree() -> None:
    assert {error.__module__ for error in list_error_classes()} == {errors.__name__}
    assert all(error.__name__ in (errors.__doc__ or "") for error in list_error_classes())


def test_error_codes_are_unique() -> None:
    codes = [error.code for error in list_error_classes()]

    assert len(codes) == len(set(codes))


def test_links_of_the_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert not broken


def test_every_scope_is_documented() -> None:
    documented = {row["Scope"].strip("`"): row["Opens"] for row in read_table(ARCHITECTURE, "Scope")}

    assert documented == list_scopes()


def test_the_table_of_purposes_is_the_one_applied() -> None:
    shown = {
        row["Purpose"].strip("`"): {name: cell for name, cell in row.items() if name != "Purpose"}
        for row in read_table(ARCHITECTURE, "Purpose")
    }

    assert shown == {
        purpose: {category: describe_opening(category, opened) for category in list_categories()}
        for purpose, opened in PURPOSES.items()
    }


def test_the_table_of_categories_is_the_one_applied() -> None:
    shown = {
        row["Category"]: {part.split(": ")[0]: set(re.findall(r"`(\w+)`", part)) for part in row["Fields"].split("; ")}
        for row in read_table(ARCHITECTURE, "Category")
    }

    assert shown == {category: list_fields(category) for category in list_categories()}


def test_every_field_of_a_personal_kind_has_a_category() -> None:
    known = {*get_args(Category)}
    for kind in KINDS:
        if kind.personal is None:
            continue
        fields = set(kind.record.model_fields)
        assert fields <= set(kind.personal.categories), kind.name
        assert set(kind.personal.categories) <= fields | {"deleted_at", "deletion_reason"}, kind.name
        assert set(kind.personal.categories.values()) <= known, kind.name


def test_every_table_says_how_long_it_is_kept() -> None:
    rows = {row["Table"].strip("`"): row["Kept"] for row in read_table(ARCHITECTURE, "Table")}

    assert set(rows) - {"procrastinate_*"} == set(metadata.tables)
    assert all(rows.values())


def test_decisions_have_the_same_four_parts_on_one_page() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    parts = ["## Context", "## Decision", "## Consequences", "## Alternatives"]

    assert decisions
    for path in decisions:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 60, path.name
        if path.name != "0000-dependencies.md":
            assert [line for line in text.splitlines() if line.startswith("## ")] == parts, path.name


def read_table(page: Path, first: str) -> Table:
    """Read the table of the page whose first column is this."""
    lines = page.read_text("utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {first} |"))
    header = split_row(lines[start])
    rows: Table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(header, split_row(line), strict=True)))
    return rows


def split_row(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def list_categories() -> list[Category]:
    return [category for category in get_args(Category) if category != "envelope"]


def describe_opening(category: Category, opened: frozenset[Category]) -> str:
    if category not in opened:
        return "—"
    return f"with `{SCOPED[category]}`" if category in SCOPED else "yes"


def list_fields(category: Category) -> dict[str, set[str]]:
    fields = {
        kind.name: {
            name
            for name, given in kind.personal.categories.items()
            if given == category and name in kind.record.model_fields
        }
        for kind in KINDS
        if kind.personal is not None
    }
    return {name: found for name, found in fields.items() if found}


def load_script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
