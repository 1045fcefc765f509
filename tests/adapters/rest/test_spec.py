"""A spec is refused clearly: which key, on which line, in both languages; whatever the text is, it is read in time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from raccord.adapters.rest.connection import RestSettings
from raccord.adapters.rest.parse import SpecRefused, parse_spec
from tests.adapters.rest.cases import MAP, write_spec

GOOD = write_spec()


def refuse(text: str) -> list[tuple[int, str, str]]:
    """Parse what is no spec, and tell what is wrong with it."""
    with pytest.raises(SpecRefused) as raised:
        parse_spec(text)
    return [(problem.line, problem.path, problem.code) for problem in raised.value.problems]


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        ("size = 10", "size = 0", "streams.structures.pages.size", "greater_than_equal"),
        ("size = 10", 'size = "ten"', "streams.structures.pages.size", "int_type"),
        ('type = "page"', 'type = "leaf"', "streams.structures.pages", "union_tag_invalid"),
        ('type = "bearer"', 'type = "magic"', "auth", "union_tag_invalid"),
        ('kind = "structures"', 'kind = "people"', "streams.structures.kind", "literal_error"),
        ('kind = "structures"', "", "streams.structures.kind", "missing"),
        ('id = "/id"', 'id = "id"', "streams.structures.records.id", "string_pattern_mismatch"),
        ('name = "/nom"', 'nom = "/nom"', "streams.structures.map", "unmapped_field"),
        ('"address.city"', '"address.town"', "streams.structures.map.address.town", "unknown_field"),
        ('"postal_code"]', '"postcode"]', "streams.structures.map.address.postal_code.transforms", "unknown_transform"),
        ('path = "structures"', 'path = "s/{parent.id}"', "streams.structures.request.path", "unknown_substitution"),
        ('path = "structures"', 'path = "s/{state.since}"', "streams.structures.request.path", "unknown_substitution"),
        ('path = "structures"', 'path = "s/{1+1}"', "streams.structures.request.path", "unknown_substitution"),
        ('path = "structures"', 'path = "s/{env.HOME}"', "streams.structures.request.path", "unknown_substitution"),
        ('field = "/modifie_le", ', "", "streams.structures.cursor.field", "missing"),
        ('param = "since"', 'lookback = 5, type = "opaque"', "", "malformed_toml"),
        ('name = "/nom"', 'name = "/nom"\nname = "/autre"', "", "malformed_toml"),
        ("[streams.structures.map]", "[streams.structures.map", "", "malformed_toml"),
        ('name = "/nom"', "name = {}", "streams.structures.map.name", "missing"),
        ('name = "/nom"', "name = 3", "streams.structures.map.name", "model_type"),
    ],
)  # fmt: skip
def test_every_refusal_names_its_key_and_its_line(old: str, new: str, path: str, code: str) -> None:
    text = GOOD.replace(old, new, 1)
    line = line_of(GOOD, old) + (new.count("\n") if code == "malformed_toml" else 0)

    found = refuse(text)

    if code in ("missing", "unmapped_field") and not new:
        # What is missing has no line: the nearest table above has.
        assert [(where, why) for _, where, why in found] == [(path, code)]
    elif code == "unmapped_field":
        assert (line_of(text, "[streams.structures.map]"), path, code) in found
    else:
        assert (line, path, code) in found


def test_several_faults_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = GOOD.replace("size = 10", "size = -1").replace('id = "/id"', 'id = ""')

    assert [line for line, _, _ in refuse(text)] == sorted(
        [line_of(text, 'id = ""'), line_of(text, "size = -1")]
    )  # fmt: skip


def test_a_connection_is_told_in_both_languages() -> None:
    text = GOOD.replace("size = 10", "size = -1")

    with pytest.raises(ValidationError) as raised:
        RestSettings(spec=text)

    [error] = raised.value.errors()
    assert error["type"] == "invalid_spec"
    assert (
        f"ligne {line_of(text, 'size = -1')}, streams.structures.pages.size : Valeur trop petite." in error["ctx"]["fr"]
    )
    assert f"line {line_of(text, 'size = -1')}, streams.structures.pages.size: Too small." in error["ctx"]["en"]


def test_what_the_spec_substitutes_must_be_given() -> None:
    text = GOOD.replace('path = "structures"', 'path = "{config.agency}/structures"')

    with pytest.raises(ValidationError, match="Missing in config: agency"):
        RestSettings(spec=text)
    assert RestSettings(spec=text, config={"agency": "69"}).parsed.streams


def test_a_create_that_would_double_is_refused() -> None:
    write = '[streams.structures.write]\ncreate = { method = "POST", path = "structures" }\n'

    assert [code for _, _, code in refuse(GOOD + write)] == ["not_idempotent"]
    assert parse_spec(GOOD + write + 'idempotency_header = "Idempotency-Key"\n').streams
    assert parse_spec(GOOD + write.replace("POST", "PUT")).streams


def test_streams_hold_together() -> None:
    lonely = '[streams.x]\nkind = "services"\n'
    orphan = lonely + 'parent = "y"\nrequest = { path = "x" }\nmap = { name = "/n", description = "/d" }\n'

    assert "no_call" in [code for _, _, code in refuse(GOOD + lonely)]
    assert "unknown_parent" in [code for _, _, code in refuse(GOOD + orphan)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#" * 65_537, "too_large"),
        ("a." * 32_000 + "a = 1", "line_too_long"),
        ("a = " + "[\n" * 20_000, "too_deep"),
        ("a = " + "[" * 500 + "]" * 400, "too_deep"),
        ("a = " + "[" * 300 + "]" * 300, "too_deep"),
        ("[a.b.c.d.e.f.g.h.i.j.k.l.m.n.o]", "too_deep"),
        ("a = '''" + "\n" * 5_000, "malformed_toml"),
        ("\x00", "malformed_toml"),
        ("\ud800 = 1", "malformed_toml"),
        ("base_url = nan", "string_type"),
        ("streams = 1\nbase_url = 'x'", "dict_type"),
        ("streams = {}\nbase_url = 'x'", "too_short"),
        ("", "missing"),
        ("x = " + "9" * 900, "extra_forbidden"),
    ],
)
def test_hostile_texts_are_refused_soon(text: str, code: str) -> None:
    began = time.process_time()

    found = refuse(text)

    assert code in [why for _, _, why in found]
    assert all(line >= 1 for line, _, _ in found)
    assert time.process_time() - began < 2


def test_many_lines_of_long_keys_are_read_in_time() -> None:
    text = "\n".join(f"k{number}" + ".a" * 480 + " = 1" for number in range(60))
    began = time.process_time()

    assert refuse(text)
    assert time.process_time() - began < 10


@given(st.text(max_size=300))
def test_any_text_is_a_spec_or_is_refused(text: str) -> None:
    with pytest.raises(SpecRefused):
        parse_spec(text)


@given(st.data())
def test_a_spec_that_lost_or_gained_a_piece_is_still_read_or_refused_with_a_line(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 40)))
    text = GOOD[:start] + data.draw(st.text(alphabet="{}[]=\"'#.,\n/a1 ", max_size=10)) + GOOD[end:]

    try:
        parse_spec(text)
    except SpecRefused as refused:
        assert all(1 <= problem.line <= text.count("\n") + 1 for problem in refused.problems)  # noqa: PT017
        assert re.match(r"line [0-9]+, ", str(refused))  # noqa: PT017


def test_the_map_of_the_tests_is_one() -> None:
    assert MAP in GOOD
