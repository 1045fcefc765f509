"""Workbooks are read by their values, row by row; what is damaged or hostile is refused, and soon."""

from __future__ import annotations

import io
import resource
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raccord.adapters.contract import Broken
from raccord.adapters.spreadsheet.rows import Cell, CellError, Line, read_table
from raccord.adapters.spreadsheet.xlsx import list_sheets, read_sheet, write_serial
from tests.adapters.spreadsheet.books import MAIN, inline, row, write_book, zip_parts


def read(book: bytes, sheet: str | None = None) -> list[Line]:
    return list(read_sheet(io.BytesIO(book), sheet))


def read_cells(cells: str, **parts: Any) -> list[Cell]:
    [line] = read(write_book(f"<row>{cells}</row>", **parts))
    return list(line.cells)


def test_sheets_are_found_by_name_and_the_first_without() -> None:
    book = write_book(row("premier"))

    assert list_sheets(io.BytesIO(book)) == ["Feuil1", "Autre"]
    assert read(book) == [Line(1, ["premier"])]
    assert read(book, "Autre") == [Line(1, ["autre"])]
    with pytest.raises(Broken, match="No sheet"):
        read(book, "Absente")


def test_every_sort_of_cell_is_its_value() -> None:
    cells = (
        '<c t="s"><v>1</v></c><c t="b"><v>1</v></c><c><v>12.5</v></c><c><v>1.3002526500013E13</v></c>'
        '<c s="1"><v>45000</v></c><c s="2"><v>45000</v></c><c s="3"><v>45000</v></c><c s="4"><v>45000.5</v></c>'
        '<c t="d"><v>2026-01-02</v></c><c/>'
    )
    texts = "<si><t>un</t></si><si><r><t>de</t></r><r><t>ux</t></r><rPh><t>phon</t></rPh></si>"

    assert read_cells(cells, texts=texts) == [
        "deux", True, 12.5, 13002526500013, "2023-03-15", "2023-03-15", 45000, "2023-03-15T12:00:00", "2026-01-02",
        None,
    ]  # fmt: skip


def test_a_formula_is_what_it_was_worked_out_to_and_never_run() -> None:
    cells = (
        '<c><f>1+1</f><v>2</v></c><c t="str"><f>CONCAT("a","b")</f><v>ab</v></c><c t="str"><f>""</f><v></v></c>'
        '<c><f>HYPERLINK("http://x")</f></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    )

    assert read_cells(cells) == [2, "ab", None, CellError("formula"), CellError("#DIV/0!")]


def test_what_stands_far_to_the_right_makes_no_long_row() -> None:
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = read(
        write_book('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')
    )

    assert [(line.number, len(line.cells)) for line in lines] == [(1, 1), (1048576, 0)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began < 50_000


def test_merged_headers_name_their_columns_by_letters() -> None:
    rows = (
        row("Liste des structures", None, None)
        + row("Id", "Adresse", None, "Nom", "Nom")
        + row(7, "rue", "69001", "a", "b")
    )
    table = read_table(read(write_book(rows, after='<mergeCells><mergeCell ref="B2:C2"/></mergeCells>')), header_row=2)

    assert list(table.columns) == ["Id", "Adresse", "(C)", "Nom", "Nom (2)"]
    assert [record.fields for record in table.records] == [
        {"Id": 7, "Adresse": "rue", "(C)": "69001", "Nom": "a", "Nom (2)": "b"}
    ]


@pytest.mark.parametrize(
    ("serial", "is_1904", "written"),
    [
        (1, False, "1900-01-01"), (59, False, "1900-02-28"), (61, False, "1900-03-01"), (45_000, False, "2023-03-15"),
        (45_000.75, False, "2023-03-15T18:00:00"), (0.25, False, "06:00:00"), (43_538, True, "2023-03-15"),
        (-1, False, CellError("date")), (2_958_466, False, CellError("date")),
    ],
)  # fmt: skip
def test_serials_are_days(serial: float, is_1904: bool, written: Cell) -> None:
    assert write_serial(serial, is_1904=is_1904) == written


def test_a_workbook_that_counts_from_1904_is_read_so() -> None:
    assert read_cells('<c s="1"><v>43538</v></c>', workbook='<workbookPr date1904="1"/>') == ["2023-03-15"]


BOMB = write_book(row("x"), more={"xl/sharedStrings.xml": b"<sst>" + b" " * 30_000_000 + b"</sst>"})
LAUGHS = f'<!DOCTYPE lolz [<!ENTITY a "aaaa">]><worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode()
OUTSIDE = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><sst/>'


@pytest.mark.parametrize(
    "book",
    [
        b"", b"PK", b"not a zip" * 100, zip_parts({"a.txt": b"x"}), write_book(row("x"))[:-40],
        write_book("<row><c><v>1</v>"), write_book(row("x"), more={"xl/worksheets/sheet1.xml": LAUGHS}),
        write_book(row("x"), more={"xl/sharedStrings.xml": OUTSIDE}),
        write_book(row("x"), more={"xl/workbook.xml": b"<workbook>\xff"}),
        write_book(row("x"), more={f"x{number}": b"" for number in range(2_001)}),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_workbook_is_refused(book: bytes) -> None:
    with pytest.raises(Broken):
        read(book)


def test_a_bomb_is_let_go_before_it_is_unpacked() -> None:
    assert len(BOMB) < 100_000

    with pytest.raises(Broken, match="unpacks beyond"):
        list(read_sheet(io.BytesIO(BOMB), max_unpacked=1_000_000))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    book = bytearray(write_book(row("Id", "Nom") + row(1, "a"), texts="<si><t>a</t></si>"))
    for _ in range(data.draw(st.integers(1, 5))):
        book[data.draw(st.integers(0, len(book) - 1))] = data.draw(st.integers(0, 255))

    try:
        read(bytes(book))
    except Broken as error:
        assert error.reason.fr  # noqa: PT017


@given(
    st.lists(
        st.lists(
            st.text(
                alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"),
                max_size=20,
            ),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(deadline=None)
def test_any_text_comes_back_as_it_was_written(rows: list[list[str]]) -> None:
    book = write_book("".join(f"<row>{''.join(inline(cell) for cell in cells)}</row>" for cells in rows))

    assert [list(line.cells) for line in read(book)] == [[cell or None for cell in cells] for cells in rows]


def test_a_long_sheet_is_read_in_time() -> None:
    book = write_book("".join(row(number, "Structure", 69001, "Lyon", 45000) for number in range(20_000)))
    began = time.process_time()

    assert len(read(book)) == 20_000
    assert time.process_time() - began < 5
