"""The page of the adapter says what it is: its examples run, and it names every setting."""

from __future__ import annotations

import json
import re
from typing import Any

from raccord.adapters.spreadsheet.connection import (
    FilePlace,
    GristPlace,
    SftpPlace,
    SheetSecrets,
    SheetSettings,
)
from raccord.adapters.spreadsheet.manifest import MANIFEST
from raccord.adapters.spreadsheet.mapping import SheetMapping
from tests.adapters.spreadsheet.test_payloads import BOOK
from tests.house.sources import ROOT

PAGE = (ROOT / "docs" / "adapters" / "spreadsheet.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^```(?:json|python) example=(\w+)\n(.*?)^```$", PAGE, re.M | re.S))


def test_the_settings_are_settings() -> None:
    assert SheetSettings.model_validate_json(EXAMPLES["settings"]).header_row == 3


def test_the_proposal_is_made_as_printed() -> None:
    with BOOK.open("rb") as stream:
        known: dict[str, Any] = {"stream": stream}
        exec(compile(EXAMPLES["proposal"], "spreadsheet.md", "exec"), known)

    settings = json.loads(EXAMPLES["settings"]) | {"mapping": known["mapping"].model_dump(mode="json")}
    assert SheetSettings.model_validate_json(json.dumps(settings)).mapping.external_id == "Identifiant"


def test_the_page_names_every_setting_and_secret() -> None:
    shapes = (SheetSettings, SheetSecrets, SheetMapping, FilePlace, SftpPlace, GristPlace)
    keys = {name for shape in shapes for name in shape.model_fields} - {"type"}

    assert not sorted(key for key in keys if not re.search(rf"`[^`]*\b{key}\b[^`]*`", PAGE))
    assert MANIFEST.contact in PAGE
