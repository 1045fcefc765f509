"""What is installed beside us may be combined with EUPL-1.2, and every dependency is accounted for."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata

from tests.house.sources import ROOT
from tests.house.test_docs import read_table

# In the words that packages use for them; each may be used by, or combined with, a work under EUPL-1.2.
ALLOWED = {
    "Apache Software License", "Apache-2.0", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "ISC", "ISC License",
    "ISC License (ISCL)", "LGPL", "LGPL-3.0-only", "GNU Lesser General Public License v2 or later (LGPLv2+)",
    "MIT", "MIT-0", "MIT License", "MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)", "PSF-2.0",
    "The Unlicense (Unlicense)", "Unlicense",
}  # fmt: skip
# For other systems; their metadata is not here to be read.
ELSEWHERE = {"colorama": "BSD-3-Clause", "tzdata": "Apache-2.0"}


def test_every_licence_installed_is_allowed() -> None:
    refused = {name: unknown for name in list_locked() if (unknown := read_licences(name) - ALLOWED)}

    assert not refused


def test_every_package_states_a_licence() -> None:
    assert not [name for name in list_locked() if not read_licences(name)]


def test_every_dependency_is_accounted_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[^A-Za-z0-9-]", line)[0] for line in project["dependencies"]}
    rows = read_table(ROOT / "docs" / "adr" / "0000-dependencies.md", "Package")

    assert {row["Package"] for row in rows} == declared
    assert all(row["Why"] and row["Licence"] for row in rows)


def test_the_lock_holds_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert len(re.findall(r"^\S+==", text, re.M)) <= text.count("--hash=sha256:")


def test_the_licence_is_the_one_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert project["license"] == "EUPL-1.2"
    assert (ROOT / "LICENSE").read_text("utf-8").startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")


def list_locked() -> list[str]:
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / "requirements.lock").read_text("utf-8"), re.M)


def read_licences(name: str) -> set[str]:
    """Read what the package says of its licence: the expression first, then classifiers, then the free field."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return {ELSEWHERE[name]}
    for expression in said.get_all("License-Expression", []):
        return set(re.split(r" (?:AND|OR) ", expression))
    classifiers = said.get_all("Classifier", [])
    named = {line.rsplit(" :: ", 1)[1] for line in classifiers if line.startswith("License :: ")}
    return named or {part for line in said.get_all("License", []) for part in re.split(r" (?:AND|OR) ", line.strip())}
