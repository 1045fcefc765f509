"""Reading never crashes, never loses a line, never grows."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.errors import BodyTooLargeError, MalformedBodyError
from raccord.kernel.row_files import MAX_ROW_BYTES, Format, SourceRow, open_source

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)
NAMES = st.lists(st.text("abcdef_.é", min_size=1, max_size=6), min_size=2, max_size=5, unique=True)


def read(content: bytes, format_: Format | None = None, **options: int) -> list[SourceRow]:
    return list(open_source(io.BytesIO(content), format_, **options).rows)


def codes(rows: list[SourceRow]) -> list[str]:
    return [row.error.code if row.error else "" for row in rows]


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers() | CELLS | st.none(), min_size=1), min_size=1))
def test_ndjson_reads_back_what_was_written(objects: list[dict[str, object]]) -> None:
    rows = read("\n".join(json.dumps(item) for item in objects).encode())

    assert [row.fields for row in rows] == objects
    assert [row.line for row in rows] == list(range(1, len(objects) + 1))


@given(NAMES, st.data(), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_csv_reads_back_what_was_written(
    names: list[str], data: st.DataObject, delimiter: str, end: str, has_bom: bool, is_packed: bool
) -> None:
    line = st.lists(CELLS, min_size=len(names), max_size=len(names)).filter(any)
    cells = data.draw(st.lists(line, max_size=5))
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerows([names, *cells])
    content = (b"\xef\xbb\xbf" if has_bom else b"") + written.getvalue().encode()

    rows = read(gzip.compress(content) if is_packed else content, "csv")

    assert [list(row.fields.values()) for row in rows] == cells
    assert all(row.error is None and list(row.fields) == names for row in rows)


@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for format_ in ("csv", "ndjson", None):
        try:
            rows = read(content, format_)
        except MalformedBodyError:
            continue
        numbers = [row.line for row in rows]
        assert numbers == sorted(set(numbers))


@given(st.lists(st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"")), min_size=1, max_size=20))
def test_every_line_of_ndjson_is_a_row(lines: list[bytes]) -> None:
    content = b'{"a":1}\n' + b"\n".join(lines)

    rows = read(content)

    assert [row.line for row in rows] == [1, *(n for n, line in enumerate(lines, start=2) if line.strip())]


def test_bad_lines_are_refused_where_they_are_and_the_rest_is_read() -> None:
    content = b'\n{"a":1}\n{"a":\n\n[1]\n{"a":"\xff"}\n' + b"[" * 50_000 + b'\n{"a":2}'

    rows = read(content, "ndjson")

    assert [(row.line, code) for row, code in zip(rows, codes(rows), strict=True)] == [
        (2, ""), (3, "malformed_json"), (5, "malformed_json"), (6, "not_utf8"), (7, "malformed_json"), (8, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("format_", ["ndjson", "csv"])
def test_a_line_too_long_is_refused_and_the_next_is_read(format_: Format) -> None:
    first = b"a,b\n1,2\n" if format_ == "csv" else b'{"a":1}\n'
    last = b"3,4\n" if format_ == "csv" else b'{"a":2}\n'

    rows = read(first + b'{"a":"' + b"x" * (3 * MAX_ROW_BYTES) + b'"}\n' + last, format_)

    assert codes(rows) == ["", "row_too_long", ""]


def test_csv_tells_damaged_rows_from_sound_ones() -> None:
    content = b'a,b\n1,2\n1\n1,2,3\n"1"x,2\n1,\xff\n\n5,6\n'

    rows = read(content, "csv")

    assert codes(rows) == ["", "column_count", "column_count", "malformed_csv", "not_utf8", ""]
    assert [row.line for row in rows] == [2, 3, 4, 5, 6, 8]


def test_a_quote_never_closed_costs_its_line_alone() -> None:
    content = b'a,b\n"1,2\n3,4\n' + b"5,6\n" * 300

    rows = read(content, "csv")

    assert codes(rows) == ["row_too_long", *[""] * 301]
    assert rows[1].fields == {"a": "3", "b": "4"}


def test_a_quoted_cell_spans_lines() -> None:
    [row, after] = read(b'a,b\n"1\n2",3\n4,5\n', "csv")

    assert (row.line, row.last_line, row.fields) == (2, 3, {"a": "1\n2", "b": "3"})
    assert after.line == 4


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"a,,b\n", b"a,a\n", b"\xffa,b\n", b'"a\n', gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9]]
)
def test_what_has_no_sound_beginning_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(MalformedBodyError):
        read(content, "csv")


def test_what_unpacks_beyond_the_limit_is_stopped() -> None:
    bomb = gzip.compress(b'{"a":1}\n' * 500_000)

    with pytest.raises(BodyTooLargeError):
        read(bomb, limit=100_000)


def test_the_format_is_told_by_the_first_character() -> None:
    assert open_source(io.BytesIO(b'\xef\xbb\xbf \n{"a":1}')).format == "ndjson"
    assert open_source(io.BytesIO(b"a;b\n1;2")).columns == ("a", "b")
