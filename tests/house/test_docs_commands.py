"""The commands of the pages run as they are printed, beside a demo, in the order of reading.

A block that cannot be run here says so where it opens, with its reason: ```bash no-run: the reason.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demos import Demo, make_demo, run_demo
from tests.house.sources import ROOT, list_committed_files
from tests.once import copy_made

FENCE = re.compile(r"^```(?P<opening>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = "bash no-run: "
# Each page is run whole in one shell: what a block sets, the next ones use. What it must print, in this order.
PAGES = {
    "README.md": [
        '"name":"prescriber"', '"kind":"ACI"', "Lyon", "created prescriptions", '"state":"accepted"', "accepted",
        "('active', [{'prescription_id'", '"code":"not_found"', "404",
    ],
    "docs/partners/demarrer.md": [
        '"source":"logiciel-prescripteur"', '"kind":"ACI"', '"recipient_structure_id"', '"external_id":"demarrer-1"',
        "idempotency-replayed: true", '"city":"Lyon"', '"code":"version_mismatch"', "412", '"is_caught_up"',
        '"code":"unknown_parameter"', "400",
        '"france_travail":"DDI"', '"code":"57463"',
    ],
    "docs/runbook.md": [
        "client_id", "Signed.", "grant_id", "client_secret", "Revoked.", "Revoked.", "2 created", "2 unchanged",
        '"list": "communes"', "naf_sections: 21 entries loaded", "up to date",
    ],
    "docs/adapters/spreadsheet.md": [
        "Names the rows: Identifiant", "CP -> address.postal_code", "- Suivi par: left out", '"postal_code": "01000"',
        '"adapter": "spreadsheet"', "The tool answers",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = copy_made(make_demo(tmp_path_factory), tmp_path_factory.mktemp("docs") / "demo")
    with run_demo(folder) as running:
        yield running


def test_the_commands_of_the_pages_run_and_say_what_they_should(demo: Demo) -> None:
    for page, expected in PAGES.items():
        script = "\n".join(list_blocks(ROOT / page, "bash"))
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT,
            env=demo.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

        assert ran.returncode == 0, f"{page}: {ran.stdout}"
        assert find_in_order(expected, ran.stdout) is None, f"{page} does not say it: {ran.stdout}"
        assert '"status":500' not in ran.stdout


def test_no_page_has_commands_that_nobody_runs() -> None:
    with_commands = {
        path.relative_to(ROOT).as_posix()
        for path in list_committed_files()
        if path.suffix == ".md" and list_blocks(path, "bash")
    }

    assert with_commands == set(PAGES)


def test_commands_are_marked_as_bash_and_reasons_are_given() -> None:
    openings = {
        (path.relative_to(ROOT).as_posix(), match["opening"])
        for path in list_committed_files()
        if path.suffix == ".md"
        for match in FENCE.finditer(path.read_text("utf-8"))
    }
    wrong = {
        (page, opening)
        for page, opening in openings
        if opening.split(" ")[0] in ("sh", "shell", "console", "bash")
        and opening != "bash"
        and not (opening.startswith(NOT_RUN) and len(opening) > len(NOT_RUN) + 10)
    }

    assert not wrong


def list_blocks(page: Path, opening: str) -> list[str]:
    return [match["body"] for match in FENCE.finditer(page.read_text("utf-8")) if match["opening"] == opening]


def find_in_order(expected: list[str], text: str) -> str | None:
    """Find the first piece that does not come after those before it."""
    place = 0
    for piece in expected:
        found = text.find(piece, place)
        if found < 0:
            return piece
        place = found + len(piece)
    return None
