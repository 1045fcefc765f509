"""The quality scale of adapters: what each claims is answered, named, and has its page."""

from __future__ import annotations

import pytest

from raccord.adapters.contract import Exempt, Manifest
from raccord.adapters.quality import TIERS
from raccord.adapters.registry import ADAPTERS
from tests.adapters.plain_list import MANIFEST as PLAIN_LIST
from tests.house.sources import ROOT

EVERY = [*ADAPTERS, PLAIN_LIST]
RULES = {rule for rules in TIERS.values() for rule in rules}
by_name = pytest.mark.parametrize("manifest", EVERY, ids=lambda manifest: manifest.name)


@by_name
def test_answers_are_rules_and_exemptions_say_why(manifest: Manifest) -> None:
    assert set(manifest.quality) <= RULES
    assert all(answer.why for answer in manifest.quality.values() if isinstance(answer, Exempt))


@by_name
def test_an_adapter_is_bronze_at_least_and_has_its_folder_tests_and_page(manifest: Manifest) -> None:
    assert manifest.tier is not None
    if manifest in ADAPTERS:
        assert manifest.tier in ("silver", "gold"), "production asks for silver"
        assert (ROOT / "src" / "raccord" / "adapters" / manifest.name).is_dir()
        assert (ROOT / "tests" / "adapters" / manifest.name).is_dir()
        page = ROOT / "docs" / "adapters" / f"{manifest.name}.md"
        # Where the contact is the page itself, it says whom to write to.
        assert manifest.contact in page.read_text("utf-8") or ROOT / manifest.contact == page
        assert "contact" in page.read_text("utf-8").lower()


def test_names_are_unique() -> None:
    names = [manifest.name for manifest in EVERY]

    assert len(names) == len(set(names))
