"""The adapter of data·inclusion, before its stand-in."""

from __future__ import annotations

import pytest

from raccord.adapters.contract import CredentialsRefused, Drift, End, Item, RecordRefused, Walk
from raccord.adapters.data_inclusion.adapter import DataInclusionCursor
from raccord.adapters.data_inclusion.manifest import MANIFEST
from tests.adapters.data_inclusion.stand_in import TOKEN, DataInclusionTool, make_service, make_structure, make_tool
from tests.adapters.suite import AdapterSuite, Case, list_items, name_items

URL = "http://data-inclusion.test"


def make_case(tool: DataInclusionTool, **settings: object) -> Case:
    return Case(
        MANIFEST,
        tool,
        settings={"url": URL, "page_size": 10, **settings},
        secrets={"token": TOKEN},
        wrong_secrets={"token": "another"},
        expected={"structures": 25, "services": 12},
        spoil=lambda row: {**row, "nom": None},
    )


class TestDataInclusion(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        return make_case(make_tool())


async def test_a_token_for_pages_alone_is_refused() -> None:
    with pytest.raises(CredentialsRefused):
        await make_case(make_tool()).build({"token": "widget-token"}).check()


async def test_structures_are_read_before_the_services_that_name_them() -> None:
    kinds = [item.kind for item in list_items(await make_case(make_tool()).walk())]

    assert kinds == ["structures"] * 25 + ["services"] * 12


async def test_the_score_of_a_row_does_not_make_it_another() -> None:
    tool = make_tool(1, 0)
    [before] = list_items(await make_case(tool).walk())
    tool.rows[0]["score_qualite"] = 0.1

    [after] = list_items(await make_case(tool).walk())

    assert before == after


async def test_territories_and_sources_are_asked_for_and_each_territory_ends_for_itself() -> None:
    elsewhere = {"code_insee": "57463", "code_postal": "57000"}
    tool = DataInclusionTool(
        [make_structure(1), make_structure(2, **elsewhere), make_structure(3, source="soliguide")],
        [make_service(1, 2, **elsewhere)],
    )
    case = make_case(tool, departments=["57", "69"], sources=["dora", "fredo"])

    batches = await case.walk()

    assert [(item.external_id, item.part) for item in list_items(batches)] == [
        ("dora--00002", "57"), ("dora--00001", "69"), ("dora--s00001", "57"),
    ]  # fmt: skip
    assert [end for batch in batches for end in batch.ends] == [
        End("structures", "57", 1), End("structures", "69", 1), End("services", "57", 1), End("services", "69", 0),
    ]  # fmt: skip


async def test_rows_that_disappear_between_two_pages_leave_nothing_proven() -> None:
    tool = make_tool(25, 0)
    tool.at_call(4, lambda: tool.rows.pop(0))

    batches = await make_case(tool).walk()

    assert [end.is_complete for batch in batches for end in batch.ends if end.kind == "structures"] == [False]


async def test_a_list_that_shrinks_under_the_walk_ends_at_a_page_without_rows() -> None:
    tool = make_tool(25, 0)
    tool.at_call(5, tool.rows.clear)

    batches = await make_case(tool).walk()

    assert batches[-1].is_last
    assert len(name_items(batches)) == 20


async def test_a_row_without_id_is_set_aside() -> None:
    tool = DataInclusionTool([make_structure(1), {"nom": "Sans identifiant"}], [])

    [unnamed] = [unnamed for batch in await make_case(tool).walk() for unnamed in batch.unnamed]

    assert (unnamed.kind, unnamed.refusal.code, unnamed.refusal.pointer) == ("structures", "no_id", "/id")


async def test_a_cursor_of_a_territory_no_longer_asked_for_begins_again() -> None:
    case = make_case(make_tool())

    batches = await case.walk(Walk(cursor=DataInclusionCursor(kind="services", department="57", expected=37)))

    assert batches[-1].is_last
    assert {kind for kind, _ in name_items(batches)} == {"structures", "services"}


def test_what_is_not_known_is_told_and_what_is_documented_translated() -> None:
    row = make_structure(1, reseaux_porteurs=["plie", "reseau-nouveau"], label_nouveau="oui")

    translation = make_case(make_tool()).build().translate(Item("structures", "dora--00001", row))

    assert list(translation.drifts) == [
        Drift("new_field", "/label_nouveau", "oui"),
        Drift("unknown_code", "/reseaux_porteurs/1", "reseau-nouveau"),
    ]
    assert translation.content["networks"] == ["plie"]
    assert "label_nouveau" not in str(translation.content)


@pytest.mark.parametrize(("field", "value"), [("nom", None), ("latitude", "nord"), ("reseaux_porteurs", "plie")])
def test_a_field_of_another_type_refuses_the_row_and_names_it(field: str, value: object) -> None:
    item = Item("structures", "dora--00001", make_structure(1, **{field: value}))

    with pytest.raises(RecordRefused) as raised:
        make_case(make_tool()).build().translate(item)

    assert (raised.value.code, raised.value.pointer) == ("unreadable_payload", f"/{field}")
