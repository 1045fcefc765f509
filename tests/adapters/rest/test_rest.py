"""The declarative adapter passes the suite, however the tool pages and opens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from raccord.adapters.contract import Broken, Walk
from raccord.adapters.rest.connection import RestCursor
from tests.adapters.rest.cases import AUTH, PAGES, connect, write_receiving_spec, write_spec
from tests.adapters.rest.publisher import KEY, RECEIVE_KEY, Publisher, make_row, sign_message
from tests.adapters.stand_in import Row, expired_token, truncated
from tests.adapters.suite import AdapterSuite, Case, list_items, name_items

STYLES = sorted({*PAGES} - {"stuck"})


def rename(row: Row) -> Row:
    return {**row, "nom": "Renommée", "modifie_le": "2026-11-20T09:00:00Z"}


def spoil(row: Row) -> Row:
    return {**row, "nom": "x"}


class TestRest(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        spec = write_receiving_spec(records='total = "/count", ')
        secrets = {"key": KEY, "receive_key": RECEIVE_KEY}
        case = connect(Publisher(), spec, secrets=secrets, expected={"structures": 25})
        return replace(
            case,
            wrong_secrets={"key": "another"},
            change=rename,
            spoil=spoil,
            write_message=lambda row: sign_message("structure.saved", row),
            write_gone=lambda row: sign_message("structure.gone", {"id": row["id"]}),
        )


class TestRestWithOAuth2(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        tool = Publisher(style="range", auth="oauth2")
        case = connect(tool, write_spec("range", "oauth2"), expected={"structures": 25})
        wrong_secrets = {"client_id": "moi", "client_secret": "another"}
        return replace(case, wrong_secrets=wrong_secrets, change=rename, spoil=spoil)


@pytest.mark.parametrize("style", STYLES)
async def test_every_way_of_paging_meets_all_and_goes_on_from_any_place(style: str) -> None:
    case = connect(Publisher(style=style), write_spec(style))

    batches = await case.walk()

    assert name_items(batches) == {("structures", str(number)) for number in range(1, 26)}
    assert batches[-1].is_last
    for place, batch in enumerate(batches[:-1]):
        rest = await case.walk(Walk(cursor=RestCursor.model_validate_json(batch.cursor.model_dump_json())))  # type: ignore[union-attr]
        assert name_items(batches[: place + 1]) | name_items(rest) == name_items(batches)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("count", [0, 10, 20])
async def test_no_way_of_paging_loses_its_end_on_a_full_or_an_empty_page(style: str, count: int) -> None:
    case = connect(Publisher([make_row(number) for number in range(1, count + 1)], style=style), write_spec(style))

    batches = await case.walk()

    assert len(name_items(batches)) == count
    assert [batch.is_last for batch in batches] == [False] * (len(batches) - 1) + [True]
    assert [end.kind for batch in batches for end in batch.ends] == ["structures"]


@pytest.mark.parametrize("auth", sorted(AUTH))
async def test_every_way_of_opening_opens(auth: str) -> None:
    case = connect(Publisher(auth=auth), write_spec(auth=auth))

    await case.build().check()

    assert len(name_items(await case.walk())) == 25


async def test_a_token_that_ends_in_mid_walk_is_renewed() -> None:
    tool = Publisher(style="range", auth="oauth2")
    tool.script(expired_token(at_call=3))

    assert len(name_items(await connect(tool, write_spec("range", "oauth2")).walk())) == 25
    assert tool.tokens == 2


@pytest.mark.parametrize(
    ("style", "is_snapshot"), [("none", True), ("keyset", True), ("page", False), ("range", False)]
)
async def test_only_what_no_row_can_slip_through_is_a_snapshot(style: str, is_snapshot: bool) -> None:
    [end] = (await connect(Publisher(style=style), write_spec(style)).walk())[-1].ends

    assert (end.is_complete, end.is_snapshot) == (True, is_snapshot)


async def test_without_full_diff_the_end_proves_nothing() -> None:
    [end] = (await connect(Publisher(), write_spec(deletes="none")).walk())[-1].ends

    assert not end.is_complete


async def test_a_ceiling_is_said_to_hide_what_is_beyond() -> None:
    spec = write_spec("range").replace("size = 10 }", "size = 10, ceiling = 15 }")
    batches = await connect(Publisher(style="range"), spec).walk()

    assert len(list_items(batches)) == 15
    assert not batches[-1].ends[0].is_complete


async def test_rows_that_move_between_pages_and_doubled_rows_end_nothing() -> None:
    tool = Publisher()
    tool.double_row()
    tool.at_call(2, lambda: tool.rows.insert(0, make_row(900)))

    batches = await connect(tool, write_spec(records='total = "/count", ')).walk()

    assert [batch.total for batch in batches] == [26, 27, 27]
    assert batches[-1].ends[0].total == 27
    # The row that slipped in before the first page was not met: the total says so.
    assert len(name_items(batches)) == 25


async def test_a_tool_that_gives_the_same_page_for_ever_is_broken() -> None:
    with pytest.raises(Broken, match="same page"):
        await connect(Publisher(style="stuck"), write_spec("stuck")).walk()


async def test_an_answer_that_is_cut_for_ever_is_broken() -> None:
    tool = Publisher()
    tool.script(truncated(times=50))

    with pytest.raises(Broken, match="not JSON"):
        await connect(tool, write_spec()).walk()


async def test_a_list_that_is_elsewhere_is_broken() -> None:
    with pytest.raises(Broken, match="No list"):
        await connect(Publisher(), write_spec().replace("/results", "/data/items")).walk()


async def test_a_next_page_on_another_host_is_not_called() -> None:
    tool = Publisher(style="next_url")
    tool._next_url = lambda _request: "https://elsewhere.test/page2"  # type: ignore[method-assign,assignment]  # it turns bad

    with pytest.raises(Broken, match="another host"):
        await connect(tool, write_spec("next_url")).walk()


async def test_a_key_that_the_tool_repeats_in_its_addresses_is_in_no_checkpoint() -> None:
    tool = Publisher(style="next_url", auth="query")
    batches = await connect(tool, write_spec("next_url", "query")).walk()

    assert tool.token is not None
    assert batches[0].cursor is not None
    assert tool.token not in batches[0].cursor.model_dump_json()
    assert tool.calls[-1].params["api_key"] == tool.token


async def test_what_changed_is_asked_for_in_the_tools_own_grain() -> None:
    tool = Publisher()
    tool.rows[3]["modifie_le"] = "2026-11-22T08:00:00Z"
    case = connect(tool, write_spec())
    [newest] = [item for item in list_items(await case.walk()) if item.external_id == "4"]

    batches = await case.walk(Walk("incremental", since=newest.updated_at))

    assert tool.calls[-1].params["since"] == "2026-11-22T08:00:00Z"
    assert name_items(batches) == {("structures", "4")}
    assert not batches[-1].ends


async def test_positions_go_on_from_the_highest_that_was_met() -> None:
    tool = Publisher([make_row(number, version=number * 10) for number in range(1, 26)])
    cursor = 'cursor = { type = "int", field = "/version", param = "after_version", lookback = 5 }\n'
    case = connect(tool, write_spec(cursor=cursor))
    end = (await case.walk())[-1].cursor

    tool.rows[0]["version"] = 300
    batches = await case.walk(Walk("incremental", cursor=end))

    assert tool.calls[-1].params["after_version"] == "245"
    assert name_items(batches) == {("structures", "1"), ("structures", "25")}
    assert isinstance(batches[-1].cursor, RestCursor)
    assert batches[-1].cursor.next_marks == {"structures": "300"}


async def test_an_opaque_token_is_given_back() -> None:
    tool = Publisher(style="cursor")
    cursor = 'cursor = { type = "opaque", pointer = "/sync_token", param = "from" }\n'
    case = connect(tool, write_spec("cursor", cursor=cursor))
    end = (await case.walk())[-1].cursor

    await case.walk(Walk("incremental", cursor=end))

    assert tool.calls[-1].params["from"] == "sync-1"


async def test_tombstones_are_told_and_are_no_records() -> None:
    tool = Publisher()
    tool.rows[0]["actif"] = "non"
    deletes = 'deletes = { type = "tombstone_field", field = "/actif", values = ["non"] }'

    batches = await connect(tool, write_spec().replace('deletes = { type = "full_diff" }', deletes)).walk()

    assert [gone.external_id for batch in batches for gone in batch.gone] == ["1"]
    assert len(list_items(batches)) == 24


async def test_what_the_tool_lists_as_deleted_is_told_after_its_records() -> None:
    tool = Publisher()
    tool.deleted = [{"id": 900, "le": "2026-11-21"}, {"id": 901, "le": "2026-11-23"}]
    deletes = (
        'deletes = { type = "deleted_endpoint", request = { path = "deleted", params = { since = "{state.since}" } } }'
    )
    spec = write_spec().replace('deletes = { type = "full_diff" }', deletes)
    case = connect(tool, spec)

    full = await case.walk()
    since = list_items(full)[0].updated_at
    assert since is not None
    later = await case.walk(Walk("incremental", since=since.replace(day=22)))

    assert [gone.external_id for batch in full for gone in batch.gone] == ["900", "901"]
    assert [gone.external_id for batch in later for gone in batch.gone] == ["901"]
    assert [batch.is_last for batch in full] == [False, False, False, True]


async def test_rows_without_an_id_are_set_aside() -> None:
    tool = Publisher()
    del tool.rows[0]["id"]

    batches = await connect(tool, write_spec()).walk()

    assert [one.refusal.code for batch in batches for one in batch.unnamed] == ["no_id"]
    assert len(list_items(batches)) == 24


async def test_json_lines_and_csv_are_read_and_their_bad_lines_set_aside() -> None:
    fields = '[streams.structures.map]\nname = "/nom"\n"address.city" = "/ville"\n"address.postal_code" = "/cp"\n'
    lines = write_spec("none", records='format = "jsonl", ')
    csv = write_spec("none", records='format = "csv", encoding = "latin-1", ', fields=fields)
    tool = Publisher(style="csv")
    tool.rows[1]["nom"] = "Une; de trop"

    from_lines = await connect(Publisher(style="jsonl"), lines).walk()
    from_csv = await connect(tool, csv).walk()

    assert len(list_items(from_lines)) == 25
    assert list_items(from_csv)[0].raw["ville"] == "Bezons-lès-Étang"
    assert [one.refusal.code for one in from_csv[0].unnamed] == ["column_count"]


SERVICES = """
base_url = "http://publisher.test/api/v2"
auth = { type = "bearer" }
[streams.agences]
kind = "structures"
request = { path = "structures" }
records = { pointer = "/results" }
pages = { type = "page", size = 10 }
deletes = { type = "full_diff" }
[streams.agences.map]
name = "/nom"
[streams.services]
kind = "services"
parent = "agences"
request = { path = "agences/{parent.id}/services" }
records = { id = "/code" }
deletes = { type = "full_diff" }
[streams.services.map]
name = "/intitule"
description = "/texte"
structure_external_id = { pointer = "/@parent/id", transforms = ["text"] }
"""


KINDS = ("structures", "services")


class Agencies(Publisher):
    """Twelve agencies, two services each."""

    def __init__(self) -> None:
        super().__init__([make_row(number) for number in range(1, 13)])
        self.services = [
            {
                "code": f"S{number}",
                "intitule": f"Service {number}",
                "texte": "Un accompagnement vers le numérique, une fois par semaine, pour tous.",
                "agence": number % 12 + 1,
            }
            for number in range(24)
        ]

    async def answer(self, request):  # type: ignore[no-untyped-def]  # as its base
        kept = self.rows
        if "/agences/" in request.url.path:
            self.rows = self.services
        try:
            return await super().answer(request)
        finally:
            self.rows = kept


class TestRestOfAParent(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        case = connect(Agencies(), SERVICES, reads=KINDS, expected={"structures": 12, "services": 24})
        return replace(case, wrong_secrets={"key": "another"})


async def test_a_record_knows_of_its_parent_what_the_map_reads() -> None:
    items = list_items(await connect(Agencies(), SERVICES, reads=KINDS).walk())

    parents = [item.raw["@parent"] for item in items if item.kind == "services"]
    assert parents == [{"id": number // 2 + 1} for number in range(24)]


async def test_volatile_fields_change_nothing() -> None:
    tool = Publisher([make_row(1, score={"jour": 1, "base": 2})])
    case = connect(tool, write_spec(records='ignored = ["/score/jour"], '))
    [before] = list_items(await case.walk())

    tool.rows[0]["score"] = {"jour": 7, "base": 2}
    [after] = list_items(await case.walk())

    assert before.raw == after.raw
