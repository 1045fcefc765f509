"""What is substituted is text and stays text: it opens no other substitution, and climbs out of no address."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from raccord.adapters.contract import Broken
from raccord.adapters.rest.template import (
    Values,
    check_template,
    fill,
    fill_body,
    fill_headers,
    fill_map,
    fill_path,
    list_names,
)

ANY = st.text(min_size=1, max_size=40)


@given(ANY)
def test_a_value_is_taken_as_it_is_and_never_looked_into(value: str) -> None:
    assert fill("a{config.x}b", Values(config={"x": value, "y": "no"})) == f"a{value}b"


@given(ANY)
def test_a_value_in_a_path_is_one_segment_whatever_it_holds(value: str) -> None:
    values = Values(config={"x": value})
    if value in (".", "..") or (not value.isprintable() and any("\ud800" <= mark <= "\udfff" for mark in value)):
        return

    path = fill_path("list/{config.x}/end", values)

    first, middle, last = urlsplit(f"http://h/{path}").path.strip("/").split("/")
    assert (first, unquote(middle), last) == ("list", value, "end")
    assert not urlsplit(path).query


@pytest.mark.parametrize("value", [".", "..", ""])
def test_a_path_cannot_be_climbed(value: str) -> None:
    with pytest.raises(Broken):
        fill_path("list/{config.x}", Values(config={"x": value}))


@given(ANY)
def test_a_header_cannot_be_split(value: str) -> None:
    try:
        written = fill_headers({"x-name": "{config.x}"}, Values(config={"x": value}))
    except Broken:
        return
    assert written["x-name"].isascii()
    assert written["x-name"].isprintable()


@given(st.text(alphabet="{}abc.config state x1", max_size=30))
def test_a_template_is_refused_or_all_its_braces_are_understood(text: str) -> None:
    try:
        check_template(text)
    except PydanticCustomError:
        return
    filled = fill(
        text, Values({name: "v" for _, name in list_names(text)}, {name: "v" for _, name in list_names(text)})
    )
    left = text.replace("{{", "").replace("}}", "")
    assert filled is not None
    assert left.count("{") == len(list(list_names(text)))


def test_doubled_braces_are_braces() -> None:
    assert fill(check_template('{{"a": "{config.x}"}}'), Values(config={"x": "1"})) == '{"a": "1"}'


def test_what_is_not_known_is_left_out_of_parameters_and_bodies() -> None:
    values = Values(config={"a": "1"})

    assert fill_map({"p": "{config.a}", "q": "{state.since}"}, values) == {"p": "1"}
    assert fill_body({"p": ["{config.a}"], "q": "{state.since}", "n": 3}, values) == {"p": ["1"], "n": 3}


def test_a_parent_is_read_by_its_fields() -> None:
    values = Values(parent={"id": 7, "agence": {"code": "69"}, "ouverte": True, "liste": []})

    assert fill("{parent.id}-{parent.agence.code}-{parent.ouverte}", values) == "7-69-true"
    assert fill("{parent.liste}", values) is None
