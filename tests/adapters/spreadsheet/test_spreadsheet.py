"""Tables of a folder pass the suite, whatever their format; a file is read when it is whole, and its end is proof."""

from __future__ import annotations

import gzip
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from raccord.adapters.contract import Batch, Broken, Drift, RecordRefused, TryLater, Walk
from raccord.adapters.spreadsheet.connection import SheetSettings
from raccord.kernel.database import Database
from tests.adapters.engine_suite import SOURCE, Connected
from tests.adapters.spreadsheet.cases import (
    COLUMNS,
    LONG_AGO,
    MAPPING,
    WRITERS,
    TableRows,
    connect,
    make_rows,
    put,
    write_csv,
    write_xlsx,
)
from tests.adapters.suite import AdapterSuite, Case, list_items, name_items


def spoil(cells: Any) -> Any:
    return [cells[0], "x", *cells[2:]]


@pytest.mark.parametrize("format_", sorted(WRITERS))
class TestFiles(AdapterSuite):
    @pytest.fixture
    def case(self, tmp_path: Path, format_: str) -> Case:
        times, folder = count(LONG_AGO), tmp_path / SOURCE
        folder.mkdir()

        def write(rows: list[Any]) -> None:
            put(folder, f"structures.{format_}", WRITERS[format_](rows), at=next(times))

        case = connect(folder, "structures.*")
        case.tool.rows = TableRows(make_rows(600), write)
        case.spoil = spoil
        case.expected = {"structures": 600}
        return case


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def ends(batches: list[Batch]) -> int:
    return sum(len(batch.ends) for batch in batches)


async def test_no_file_proves_nothing(tmp_path: Path) -> None:
    batches = await connect(tmp_path, "*.csv").walk()

    assert [batch.is_last for batch in batches] == [True]
    assert ends(batches) == 0


async def test_the_newest_file_is_the_snapshot_or_all_of_them_are(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(5)), at=1_763_000_000)
    put(tmp_path, "b.csv", write_csv(make_rows(9)[7:]), at=1_762_000_000)

    assert len(name_items(await connect(tmp_path, "*.csv").walk())) == 5
    assert len(name_items(await connect(tmp_path, "*.csv", which="all").walk())) == 7


async def test_a_file_that_may_still_be_written_is_read_later(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(5)), at=time.time())

    with pytest.raises(TryLater) as raised:
        await connect(tmp_path, "a.csv").walk()
    assert 0 < raised.value.after_s <= 31


async def test_a_file_that_changes_while_it_is_read_proves_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(1_200)))
    walked = connect(tmp_path, "a.csv").build().pull(Walk())
    met = [await anext(walked)]
    put(tmp_path, "a.csv", write_csv(make_rows(3)), at=1_763_000_777)

    with pytest.raises(TryLater):
        met += [batch async for batch in walked]

    assert ends(met) == 0


async def test_a_walk_that_was_stopped_reads_another_file_from_its_start(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(1_200)))
    case = connect(tmp_path, "a.csv")
    cursor = (await case.walk())[0].cursor
    assert len(list_items(await case.walk(Walk(cursor=cursor)))) == 700

    put(tmp_path, "a.csv", write_csv(make_rows(1_201)), at=1_763_000_777)

    assert len(list_items(await case.walk(Walk(cursor=cursor)))) == 1_201


async def test_what_was_read_is_renamed_once_it_is_kept_and_never_by_a_dry_run(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(5)))
    put(tmp_path, "old.csv", write_csv(make_rows(4)), at=1_762_000_000)
    case = connect(tmp_path, "*.csv", is_renamed_after_read=True)

    await case.walk(Walk(is_dry=True))
    assert list_names(tmp_path) == ["a.csv", "old.csv"]

    walked = [batch async for batch in case.build().pull(Walk())]
    assert ends(walked) == 1
    assert walked[-1].is_last
    assert list_names(tmp_path) == ["a.csv.lu", "old.csv.lu"]
    assert ends(await case.walk(Walk(cursor=walked[-2].cursor))) == 0


async def test_what_the_engine_could_not_keep_is_not_renamed(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(5)))
    walk = connect(tmp_path, "*.csv", is_renamed_after_read=True).build().pull(Walk())

    # The engine reads one page ahead: that of the end is given, and the one after it asked for.
    while not (await anext(walk)).ends:
        pass
    await anext(walk)
    await walk.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert list_names(tmp_path) == ["a.csv"]


async def test_the_engine_reads_the_folder_of_the_source_alone_and_renames_what_it_has_kept(
    tmp_path: Path, database: Database
) -> None:
    folder = tmp_path / SOURCE
    folder.mkdir()
    put(folder, "a.csv", write_csv(make_rows(5)))
    put(tmp_path, "of-another.csv", write_csv(make_rows(9)))
    connected = Connected(database, connect(folder, "*.csv", is_renamed_after_read=True))
    await connected.connect()

    dry = await connected.run("dry_run")
    kept = list_names(folder)
    done = await connected.run()
    again = await connected.run()

    assert (dry["created_count"], kept) == (5, ["a.csv"])
    assert (done["state"], done["created_count"], list_names(folder)) == ("completed", 5, ["a.csv.lu"])
    assert (again["state"], again["deleted_count"]) == ("completed", 0)
    assert await connected.count_live() == {"structures": 5}


async def test_a_gzipped_csv_is_no_surprise_to_json_lines(tmp_path: Path) -> None:
    put(tmp_path, "a.ndjson.gz", gzip.compress(WRITERS["ndjson"](make_rows(3))))

    assert len(name_items(await connect(tmp_path, "a.ndjson.gz").walk())) == 3


@pytest.mark.parametrize(
    "files", ["../a.csv", "/etc/passwd", "a/../../b.csv", "..", "a\\b", "**/a.csv/../b", "", "a\0"]
)
def test_no_name_leads_out_of_the_folder(files: str) -> None:
    with pytest.raises(ValidationError):
        SheetSettings.model_validate(
            {"kind": "structures", "mapping": MAPPING, "place": {"type": "folder"}, "files": files}
        )


async def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    outside = put(tmp_path, "secret.csv", write_csv(make_rows(5)))
    (inside / "a.csv").symlink_to(outside)

    assert not name_items(await connect(inside, "*.csv").walk())


async def test_an_installation_without_a_folder_says_so(tmp_path: Path) -> None:
    case = connect(tmp_path, "a.csv")
    case.folder = None

    with pytest.raises(Broken, match="no folder"):
        case.build()


async def test_a_column_that_went_breaks_before_anything_is_read(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", write_csv(make_rows(5)).replace(b"Ville", b"Commune", 1))

    with pytest.raises(Broken, match="Column missing: Ville"):
        await connect(tmp_path, "a.csv").walk()
    with pytest.raises(Broken, match="Column missing: Ville"):
        await connect(tmp_path, "a.csv").build().check()


async def translate_one(folder: Path, **cells: Any) -> Any:
    names = [*COLUMNS, *(name for name in cells if name not in COLUMNS)]
    values = dict(zip(COLUMNS, make_rows(1)[0], strict=True)) | cells
    rows = [[values[name] for name in COLUMNS]]
    book = write_xlsx(rows) if len(names) == len(COLUMNS) else write_csv(rows)
    if len(names) > len(COLUMNS):
        text = book.decode("cp1252").splitlines()
        extra = names[len(COLUMNS) :]
        book = "\r\n".join([";".join([text[0], *extra]), ";".join([text[1], *(str(cells[n]) for n in extra)])]).encode()
    put(folder, "one.csv" if len(names) > len(COLUMNS) else "one.xlsx", book)
    case = connect(folder, "one.*")
    [item] = list_items(await case.walk())
    return case.build().translate(item)


async def test_a_new_column_and_an_unknown_code_are_drift(tmp_path: Path) -> None:
    translation = await translate_one(tmp_path, Type="Péniche", Nouvelle="a/b")

    assert translation.drifts == [
        Drift("unknown_code", "/Type", "Péniche"), Drift("new_field", "/Nouvelle", "a/b"),
    ]  # fmt: skip
    assert "kind" not in translation.content


async def test_a_cell_in_error_sets_its_row_aside(tmp_path: Path) -> None:
    with pytest.raises(RecordRefused) as raised:
        await translate_one(tmp_path, Ville='<c t="e"><v>#N/A</v></c>')

    assert (raised.value.code, raised.value.pointer) == ("cell_error", "/Ville")


@pytest.mark.parametrize("day", ["2026-11-20", "20/11/2026", "20.11.2026", '<c s="1"><v>46346</v></c>'])
async def test_days_are_read_in_every_way_that_tables_write_them(tmp_path: Path, day: str) -> None:
    assert (await translate_one(tmp_path, **{"Mise à jour": day})).content["source_updated_on"] == "2026-11-20"


async def test_rows_without_an_id_are_set_aside_and_the_ignored_change_nothing(tmp_path: Path) -> None:
    rows = make_rows(3)
    rows[1][0] = ""
    put(tmp_path, "a.csv", write_csv(rows))
    before = await connect(tmp_path, "a.csv").walk()
    rows[0][6] = "suivi par Mme B."
    put(tmp_path, "a.csv", write_csv(rows))
    after = await connect(tmp_path, "a.csv").walk()

    assert [one.refusal.code for batch in before for one in batch.unnamed] == ["no_id"]
    assert list_items(before) == list_items(after)


async def test_rows_that_share_an_id_and_differ_are_set_aside_but_the_first(tmp_path: Path) -> None:
    rows = make_rows(1_200)
    rows[1_100] = [rows[0][0], "Another", *rows[0][2:]]
    put(tmp_path, "a.csv", write_csv([*rows, rows[5]]))
    case = connect(tmp_path, "a.csv")

    walked = await case.walk()
    resumed = await case.walk(Walk(cursor=walked[1].cursor))

    met = [item.external_id for item in list_items(walked)]
    assert (met.count("S-1"), met.count("S-6")) == (1, 2)
    for batches in (walked, resumed):
        [unnamed] = [one for batch in batches for one in batch.unnamed]
        assert (unnamed.refusal.code, unnamed.refusal.pointer) == ("doubled_id", "/Identifiant")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fields": {"name": "Nom", "nom": "Nom"}}, "unknown_field"),
        ({"fields": {"name": {"column": "Nom", "transforms": ["shout"]}}}, "unknown_transform"),
        ({"fields": {"phone": "Tél"}}, "unmapped_field"),
        ({"fields": {}}, "too_short"),
    ],
)
def test_a_mapping_is_checked_against_its_kind(change: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as raised:
        SheetSettings.model_validate(
            {"kind": "structures", "mapping": {**MAPPING, **change}, "place": {"type": "folder"}, "files": "a.csv"}
        )

    assert [error["type"] for error in raised.value.errors()] == [code]
