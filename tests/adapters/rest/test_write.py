"""A change told to the publisher: once however often it is told, never over somebody else's, and never back to us."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from raccord.adapters.contract import Change, Receipt, RecordRefused, TryLater
from tests.adapters.rest.cases import connect, write_spec
from tests.adapters.rest.publisher import Publisher
from tests.adapters.stand_in import server_error
from tests.adapters.suite import Case, name_items

ID = UUID("0198c0de-0000-7000-8000-000000000001")
CREATE = '[streams.structures.write]\ncreate = { method = "POST", path = "structures", id = "/id" }\n'
CHANGE = """update = { method = "PATCH", path = "structures/{state.external_id}" }
delete = { method = "DELETE", path = "structures/{state.external_id}" }
"""
KEYED = 'idempotency_header = "Idempotency-Key"\n'
FOUND = 'find = { path = "structures/by-ref", params = { ref = "{state.id}" }, pointer = "/results" }\n'
MARKED = 'echo = { field = "/origine", value = "raccord" }\n'
SENT = '[streams.structures.write.map]\n"/ref" = "id"\n"/type" = { field = "kind", codes = { EI = "entreprise" } }\n'
DOCUMENT: dict[str, Any] = {
    "id": str(ID), "name": "Nouvelle", "kind": "EI", "phone": "0102030405",
    "address": {"postal_code": "69002", "city": "Lyon"},
}  # fmt: skip


def change(sort: Any = "created", external_id: str | None = None, **fields: Any) -> Change:
    document = None if sort == "deleted" else {**DOCUMENT, **fields}
    return Change("structures", ID, 3, sort, document, external_id, f"{ID}-3")


def open_case(tool: Publisher, *parts: str) -> Case:
    return connect(tool, write_spec(more="".join(parts)))


async def test_a_record_is_created_once_however_often_it_is_told() -> None:
    tool = Publisher()
    adapter = open_case(tool, CREATE, KEYED, MARKED, SENT).build()

    first, second = await adapter.push(change()), await adapter.push(change())

    assert first == second == Receipt("26")
    assert tool.rows[25:] == [
        {"id": 26, "nom": "Nouvelle", "type": "entreprise", "adresse": {"cp": "69002", "ville": "Lyon"},
         "origine": "raccord", "ref": str(ID)},
    ]  # fmt: skip
    assert {call.headers["idempotency-key"] for call in tool.calls} == {f"{ID}-3"}


async def test_without_keys_a_record_is_looked_for_before_it_is_created() -> None:
    tool = Publisher()
    adapter = open_case(tool, CREATE, CHANGE, FOUND, SENT).build()

    first, second = await adapter.push(change()), await adapter.push(change(name="Autre"))

    assert first == second == Receipt("26")
    assert [row["nom"] for row in tool.rows[25:]] == ["Autre"]


async def test_a_post_that_nothing_makes_safe_is_not_repeated() -> None:
    tool = Publisher()
    tool.script(server_error(at_call=2))

    with pytest.raises(TryLater):
        await open_case(tool, CREATE, FOUND, SENT).build().push(change())

    assert [call.method for call in tool.calls] == ["GET", "POST"]


async def test_what_has_no_value_any_more_is_taken_away_by_a_patch() -> None:
    tool = Publisher()

    receipt = await open_case(tool, CREATE, KEYED, CHANGE).build().push(change("updated", "7", address=None))

    assert receipt == Receipt("7")
    assert tool.rows[6]["adresse"] == {"cp": None, "ville": None}


async def test_a_record_is_deleted_and_one_that_is_gone_already_is_too() -> None:
    tool = Publisher()
    adapter = open_case(tool, CREATE, KEYED, CHANGE).build()

    assert await adapter.push(change("deleted", "7")) == Receipt("7")
    assert await adapter.push(change("deleted", "7")) == Receipt("7")
    assert len(tool.rows) == 24


async def test_a_change_made_in_the_tool_meanwhile_is_not_written_over() -> None:
    tool = Publisher()
    case = open_case(tool, CREATE, KEYED, CHANGE, 'precondition = "etag"\n')
    tool.at_call(2, lambda: tool.rows[6].update(modifie_le="2026-11-25T00:00:00Z", nom="Changée là-bas"))

    with pytest.raises(TryLater):
        await case.build().push(change("updated", "7"))
    assert tool.rows[6]["nom"] == "Changée là-bas"

    await case.build().push(change("updated", "7"))
    assert tool.rows[6]["nom"] == "Nouvelle"


async def test_what_the_tool_refuses_is_set_aside() -> None:
    adapter = open_case(Publisher(), CREATE, KEYED, CHANGE).build()

    with pytest.raises(RecordRefused) as refused:
        await adapter.push(change(name="Refusez-moi"))
    with pytest.raises(RecordRefused) as gone:
        await adapter.push(change("updated", "900"))

    assert (refused.value.code, gone.value.code) == ("refused_by_tool", "gone_at_tool")


async def test_what_the_spec_does_not_write_is_ignored() -> None:
    assert (await open_case(Publisher()).build().push(change())).is_ignored
    assert (await open_case(Publisher(), CREATE, KEYED).build().push(change("deleted", "7"))).is_ignored


async def test_what_bears_our_mark_does_not_come_back_and_is_not_missed() -> None:
    tool = Publisher()
    case = connect(tool, write_spec(records='total = "/count", ', more="".join([CREATE, KEYED, MARKED])))
    await case.build().push(change())

    batches = await case.walk()

    assert len(name_items(batches)) == 25
    assert batches[-1].ends[0].total == 25
