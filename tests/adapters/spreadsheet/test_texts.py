"""CSV and NDJSON as people's tools write them: marks, code pages, separators, quotes; a bad row harms no other."""

from __future__ import annotations

import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.adapters.contract import Broken
from raccord.adapters.spreadsheet.rows import Line, find_header, read_table, write_letters
from raccord.adapters.spreadsheet.texts import Encoding, choose_delimiter, choose_encoding, read_csv, read_ndjson

ROWS = "Identifiant;Raison sociale;Été\r\n1;Les Jardins d'Éole;oui\r\n"
CELLS = [["Identifiant", "Raison sociale", "Été"], ["1", "Les Jardins d'Éole", "oui"]]


def read(content: bytes, encoding: Encoding = "auto") -> list[Line]:
    return list(read_csv(io.BytesIO(content), encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_usual_encoding_is_recognised(encoding: str) -> None:
    assert [list(line.cells) for line in read(ROWS.encode(encoding))] == CELLS


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_usual_separator_is_recognised(delimiter: str) -> None:
    content = ROWS.replace(";", delimiter).encode()

    assert [list(line.cells) for line in read(content)] == CELLS


def test_commas_of_numbers_separate_nothing() -> None:
    assert choose_delimiter("id;lat;long\n1;45,75;4,85\n2;43,61;1,44\n") == ";"


def test_an_encoding_that_is_said_is_not_guessed() -> None:
    assert choose_encoding(io.BytesIO("é".encode()), "latin-1") == "cp1252"
    assert choose_encoding(io.BytesIO("é".encode("cp1252")), "utf-8") == "utf-8-sig"


def test_a_sound_start_does_not_make_a_file_utf_8() -> None:
    assert choose_encoding(io.BytesIO(b"a" * 2_000_000 + "é".encode("cp1252"))) == "cp1252"


def test_rows_in_quotes_span_lines_and_keep_their_numbers() -> None:
    assert [(line.number, list(line.cells)) for line in read(b'a,b\n"x\ny",2\n\n3,"4 ""q"""\n')] == [
        (1, ["a", "b"]), (2, ["x\ny", "2"]), (4, []), (5, ["3", '4 "q"']),
    ]  # fmt: skip


def test_a_quote_that_never_closes_costs_its_row_and_no_time() -> None:
    began = time.process_time()
    lines = read(b"a,b\n" + b'1,"' + b"x,y\n" * 200_000)

    assert lines[1].refusal is not None
    assert lines[1].refusal.code == "malformed_csv"
    assert len(lines) > 100_000
    assert time.process_time() - began < 5


def test_an_endless_line_is_let_go() -> None:
    lines = read(b"a,b\n" + b"x" * 1_000_000 + b"\n1,2\n")

    assert [line.refusal is not None for line in lines] == [False, True, False]


def test_rows_shorter_or_longer_than_the_header_keep_what_they_hold() -> None:
    table = read_table(read(b"a;b;;\n1\n1;2;3;4;5\n;;;\n"), 1)

    assert list(table.columns) == ["a", "b"]
    assert [record.fields for record in table.records] == [
        {"a": "1"},
        {"a": "1", "b": "2", "(C)": "3", "(D)": "4", "(E)": "5"},
    ]


def test_the_header_is_found_below_a_title() -> None:
    lines = read(b"Structures de la Loire;;;\n;;;\nid;nom;ville;cp\n1;a;b;42000\n")

    assert find_header(lines) == 3
    assert list(read_table(lines, 3).columns) == ["id", "nom", "ville", "cp"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b";;;\n", b"\xef\xbb\xbf"])
def test_a_table_without_a_header_is_refused(content: bytes) -> None:
    with pytest.raises(Broken, match="No header"):
        read_table(read(content), 1)


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(Broken, match="columns"):
        read_table(read(b";".join(b"c" for _ in range(501))), 1)


def test_json_lines_name_what_is_nested_by_dots() -> None:
    table = read_ndjson(io.BytesIO(b'{"id": 1, "adresse": {"ville": " Lyon ", "cp": null}}\nnot json\n{"id": 2}\n'))
    records = list(table.records)

    assert list(table.columns) == ["id", "adresse.ville"]
    assert [record.fields for record in records] == [{"id": 1, "adresse.ville": "Lyon"}, {}, {"id": 2}]
    assert records[1].refusal is not None


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        table = read_table(read_csv(io.BytesIO(content)), 1)
    except Broken:
        return
    for record in table.records:
        assert json.dumps(record.fields) is not None


@given(st.integers(0, 20_000))
def test_letters_count_columns(place: int) -> None:
    number = 0
    for letter in write_letters(place):
        number = number * 26 + ord(letter) - 64
    assert number == place + 1
