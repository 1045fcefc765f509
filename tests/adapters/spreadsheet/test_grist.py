"""Tables of a Grist document pass the suite; their cells are read by the types of their columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raccord.adapters.contract import Broken
from raccord.adapters.spreadsheet.grist import read_cell
from raccord.adapters.spreadsheet.manifest import MANIFEST
from tests.adapters.stand_in import StandIn
from tests.adapters.suite import AdapterSuite, Case, list_items

KEY = "s3cret-of-grist"
TYPES = {"Nom": "Text", "Type": "Choice", "Maj": "Date", "Themes": "ChoiceList", "manualSort": "ManualSortPos"}


class Grist(StandIn):
    """Grist, with one table."""

    async def answer(self, request: Request) -> Response:
        self.check_token(request)
        if request.url.path == "/o/api/docs/docA/tables/Structures/columns":
            columns = [{"id": name, "fields": {"type": kind, "label": name}} for name, kind in TYPES.items()]
            return JSONResponse({"columns": columns})
        if request.url.path == "/o/api/docs/docA/tables/Structures/records":
            return JSONResponse({"records": [{"id": n, "fields": row} for n, row in enumerate(self.rows, 1)]})
        return JSONResponse({"error": "not found"}, 404)


def make_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"Nom": f"Structure {n}", "Type": "ACI", "Maj": 1_763_596_800, "manualSort": n,
         "Themes": ["L", "mobilite--acceder-a-un-vehicule"]}
        for n in range(count)
    ]  # fmt: skip


def connect(tool: Grist, **place: Any) -> Case:
    mapping = {
        "external_id": "id",
        "ignored": ["manualSort"],
        "fields": {
            "name": "Nom", "kind": "Type", "topics": "Themes",
            "source_updated_on": {"column": "Maj", "transforms": ["date"]},
        },
    }  # fmt: skip
    where = {"type": "grist", "url": "http://grist.test/o", "document": "docA", "table": "Structures", **place}
    return Case(
        replace(MANIFEST, reads=("structures",)),
        tool,
        settings={"kind": "structures", "mapping": mapping, "place": where},
        secrets={"key": KEY},
    )


class TestGrist(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        case = connect(Grist(make_rows(600), token=KEY))
        return replace(
            case, expected={"structures": 600}, wrong_secrets={"key": "another"}, spoil=lambda row: {**row, "Nom": "x"}
        )


async def test_records_become_content_by_their_columns() -> None:
    case = connect(Grist(make_rows(1), token=KEY))
    [item] = list_items(await case.walk())

    assert item.external_id == "1"
    assert case.build().translate(item).content == {
        "name": "Structure 0", "kind": "ACI", "topics": ["mobilite--acceder-a-un-vehicule"],
        "source_updated_on": "2025-11-20",
    }  # fmt: skip


async def test_another_table_is_broken() -> None:
    with pytest.raises(Broken):
        await connect(Grist(token=KEY), table="Autre").build().check()


@pytest.mark.parametrize(
    ("value", "type_", "read"),
    [
        (" a ", "Text", "a"), ("", "Text", None), (3.0, "Numeric", 3), (3.5, "Numeric", 3.5), (True, "Bool", True),
        (86_400, "Date", "1970-01-02"), (86_400.5, "DateTime:Europe/Paris", "1970-01-02T00:00:00.500000+00:00"),
        (None, "Date", None), (0, "Ref:Villes", None), (4, "Ref:Villes", 4),
        (["L", "a", "b"], "ChoiceList", ["a", "b"]),
        (["L"], "ChoiceList", None), (["E", "ZeroDivisionError"], "Any", {"error": "grist"}),
        (["d", 86_400], "Any", "1970-01-02"), ([], "Any", None), (1e30, "Date", {"error": "date"}),
        (["P"], "Any", {"error": "grist"}),
    ],
)  # fmt: skip
def test_cells_are_read_by_their_type(value: Any, type_: str, read: Any) -> None:
    assert read_cell(value, type_) == read
