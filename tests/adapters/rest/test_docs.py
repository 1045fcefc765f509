"""The page of the adapter says what the spec is: its examples run, and it names every key."""

from __future__ import annotations

import json
import re
from typing import Any, get_args
from uuid import UUID

import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raccord.adapters.contract import Change, Gone, Receipt
from raccord.adapters.rest import message_spec
from raccord.adapters.rest import spec as specs
from raccord.adapters.rest.parse import parse_spec
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import dump_json
from raccord.kernel.validation import validate_content
from raccord.resources.registry import KINDS_BY_NAME
from raccord.resources.transforms import TRANSFORMS
from tests.adapters.rest.cases import connect
from tests.adapters.rest.publisher import KEY, RECEIVE_KEY, Publisher, sign_message
from tests.adapters.stand_in import StandIn
from tests.adapters.suite import Case, list_items
from tests.house.sources import ROOT

PAGE = (ROOT / "docs" / "adapters" / "rest.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^```toml example=(\w+)\n(.*?)^```$", PAGE, re.M | re.S))
TEXT = "Un accompagnement vers l'emploi, chaque semaine, pour toutes et tous."


class BothWays(StandIn):
    """The tool of the second example."""

    async def answer(self, request: Request) -> Response:
        if request.headers.get("x-api-key") != KEY:
            return JSONResponse({}, 401)
        if request.method == "POST":
            row = {**json.loads(await request.body()), "id": "E-9"}
            self.rows.append(row)
            return JSONResponse({"id": "E-9"}, 201)
        start = int(request.query_params.get("cursor", 0))
        following = str(start + 2) if start + 2 < len(self.rows) else None
        return JSONResponse({"data": self.rows[start : start + 2], "next": following})


class Parents(StandIn):
    """The tool of the third example."""

    async def answer(self, request: Request) -> Response:
        if request.url.path == "/token":
            return JSONResponse({"access_token": "t", "expires_in": 60})
        if request.headers.get("authorization") != "Bearer t":
            return JSONResponse({}, 401)
        if request.url.path == "/v3/agencies":
            page = int(request.query_params.get("page", 1))
            headers = {"link": f'</v3/agencies?page={page + 1}>; rel="next"'} if page < 3 else {}
            return JSONResponse([{"id": f"A{page}"}], headers=headers)
        agency = request.url.path.split("/")[3]
        return JSONResponse({"services": [{"code": f"{agency}-1", "title": "Aide à l'emploi", "text": TEXT}]})


def connect_example(name: str, tool: StandIn, secrets: dict[str, Any], config: dict[str, str] | None = None) -> Case:
    case = connect(Publisher(), EXAMPLES[name])
    return Case(case.manifest, tool, {"spec": EXAMPLES[name], "config": config or {}}, secrets)


async def test_the_first_example_reads() -> None:
    items = list_items(await connect(Publisher(), EXAMPLES["structures"]).walk())

    assert len(items) == 25


async def test_the_second_example_reads_changes_and_writes() -> None:
    rows = [
        {"id": f"E-{number}", "name": f"Structure {number}", "siret": "13002526500013", "phone": "0102030405",
         "updated_at": "2026-11-20T08:00:00Z", "deleted_at": None, "last_seen_at": number}
        for number in range(5)
    ]  # fmt: skip
    rows[4]["deleted_at"] = "2026-11-21"
    tool = BothWays(rows)
    case = connect_example("both_ways", tool, {"key": KEY}, {"agency": "lyon"})
    record = UUID(int=7)
    change = Change("structures", record, 1, "created", {"id": str(record), "name": "Nouvelle"}, None, "k")

    batches = await case.walk()
    receipt = await case.build().push(change)

    assert [len(batch.items) for batch in batches] == [2, 2, 0]
    assert [gone.external_id for batch in batches for gone in batch.gone] == ["E-4"]
    assert receipt == Receipt("E-9")
    assert tool.rows[-1] == {"name": "Nouvelle", "external_ref": str(record), "origin": "raccord", "id": "E-9"}
    for item in list_items(batches):
        translation = case.build().translate(item)
        assert not translation.drifts
        validate_content(KINDS_BY_NAME["structures"].content, dump_json(translation.content))


async def test_the_third_example_reads_lists_within_lists() -> None:
    case = connect_example("parents", Parents(), {"client_id": "moi", "client_secret": KEY})

    items = list_items(await case.walk())

    assert [item.external_id for item in items] == ["A1-1", "A2-1", "A3-1"]
    content = case.build().translate(items[0]).content
    assert content["structure_external_id"] == "A1"
    validate_content(KINDS_BY_NAME["services"].content, dump_json(content))


async def test_the_fourth_example_takes_webhooks() -> None:
    case = connect_example("webhooks", Parents(), {"key": KEY, "receive_key": RECEIVE_KEY})
    row = {"id": "S-1", "title": "Aide à l'emploi", "text": TEXT, "agency": "A1"}
    adapter = case.build()

    saved = await adapter.receive(sign_message("service.saved", row))
    gone = await adapter.receive(sign_message("service.deleted", {"id": "S-1"}))

    translation = adapter.translate(saved.items[0])
    assert not translation.drifts
    validate_content(KINDS_BY_NAME["services"].content, dump_json(translation.content))
    assert gone.gone == [Gone("services", "S-1")]
    assert not case.tool.calls


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_is_a_spec_as_printed(name: str) -> None:
    assert parse_spec(EXAMPLES[name]).streams


def test_the_page_names_every_key_of_a_spec_and_every_type() -> None:
    parts = {**vars(specs), **vars(message_spec)}.values()
    models = [value for value in parts if isinstance(value, type) and issubclass(value, BaseModel)]
    keys = {name for model in models if model is not Shape for name in model.model_fields}
    types = {
        one
        for model in models
        if "type" in model.model_fields
        for one in get_args(model.model_fields["type"].annotation)
    }  # fmt: skip

    missing = sorted(word for word in keys | types | {*TRANSFORMS} if not re.search(rf"`[^`]*\b{word}\b[^`]*`", PAGE))

    assert not missing
