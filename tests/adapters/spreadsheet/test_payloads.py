"""Tables as other programs write them: a workbook of openpyxl's, and Grist's answers in its published form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raccord.adapters.contract import Drift, RecordRefused
from raccord.adapters.spreadsheet.previewing import preview_table
from raccord.adapters.spreadsheet.proposing import propose_mapping
from raccord.kernel.strict_json import dump_json
from raccord.kernel.validation import validate_content
from raccord.resources.registry import KINDS_BY_NAME
from tests.adapters.spreadsheet import test_grist
from tests.adapters.spreadsheet.cases import connect, put
from tests.adapters.stand_in import StandIn
from tests.adapters.suite import list_items

PAYLOADS = Path(__file__).parent / "payloads"
BOOK = PAYLOADS / "classeur.xlsx"


def validate(content: Any) -> None:
    validate_content(KINDS_BY_NAME["structures"].content, dump_json(content))


async def test_a_workbook_goes_from_its_proposal_to_its_records(tmp_path: Path) -> None:
    with BOOK.open("rb") as stream:  # a small file of the tests
        preview = preview_table(BOOK.name, stream)
    proposal = propose_mapping("structures", preview.columns, preview.rows)
    mapping = proposal.make_mapping(min_confidence=0.9)
    assert mapping is not None
    confirmed = mapping.model_dump(mode="json")
    confirmed["fields"]["kind"]["codes"] = {"Chantier": "ACI", "Entreprise": "EI"}
    confirmed["fields"]["kind"]["transforms"] = []
    put(tmp_path, "a.xlsx", BOOK.read_bytes())
    case = connect(tmp_path, "a.xlsx", header_row=preview.header_row, mapping=confirmed)

    items = list_items(await case.walk())
    translations = [case.build().translate(item) for item in items]

    assert (preview.header_row, proposal.external_id, confirmed["ignored"]) == (3, "Identifiant", ["Score"])
    assert [item.external_id for item in items] == ["S-1", "S-2", "S-3"]
    assert translations[0].content == {
        "name": "Les Jardins d'Éole", "siret": "13002526500013", "kind": "ACI", "source_updated_on": "2026-11-20",
        "address": {"postal_code": "01000", "city": "Bourg-en-Bresse"},
    }  # fmt: skip
    assert translations[1].content["name"] == "Atelier du Pont"
    assert translations[1].content["source_updated_on"] == "2026-11-19"
    assert translations[2].drifts == [Drift("unknown_code", "/Type", "Péniche")]
    validate(translations[0].content)
    validate(translations[1].content)


class RecordedGrist(StandIn):
    """Grist, by answers in the form that it publishes."""

    async def answer(self, request: Request) -> Response:
        name = "grist_" + request.url.path.rpartition("/")[2] + ".json"
        return JSONResponse(json.loads((PAYLOADS / name).read_text("utf-8")))


async def test_answers_of_grist_become_records() -> None:
    case = test_grist.connect(test_grist.Grist())
    case.tool = RecordedGrist()
    case.settings["mapping"] = {
        "external_id": "id",
        "ignored": ["Referent"],
        "fields": {
            "name": "Nom", "kind": {"column": "Type", "codes": {"ACI": "ACI"}}, "topics": "Thematiques",
            "source_updated_on": "Mise_a_jour", "description": "Anciennete",
        },
    }  # fmt: skip
    adapter = case.build()

    await adapter.check()
    first, second, third = list_items(await case.walk())

    assert adapter.translate(first).content == {
        "name": "Les Jardins d'Éole", "kind": "ACI", "topics": ["mobilite--acceder-a-un-vehicule"],
        "source_updated_on": "2025-11-20", "description": "370.5",
    }  # fmt: skip
    assert second.raw == {"id": 2, "Nom": "Atelier du Pont", "Anciennete": {"error": "grist"}}
    with pytest.raises(RecordRefused, match="error"):
        adapter.translate(second)
    assert adapter.translate(third).drifts == [Drift("unknown_code", "/Type", "Péniche")]
    validate(adapter.translate(first).content)
