"""JSON as it is written: compact, and the same value when it is read again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.errors import MalformedBodyError
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import MAX_DEPTH, dump_json, parse_json

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(values)
def test_what_is_written_is_read_as_it_was(value: JsonValue) -> None:
    written = dump_json(value)

    assert parse_json(written) == value
    assert repr(parse_json(written)) == repr(json.loads(json.dumps(value)))


def test_it_is_compact_in_the_order_of_the_keys_and_in_plain_letters() -> None:
    assert (
        dump_json({"b": [1, 2.5, None], "a": "été \u2028 \x00"})
        == '{"b":[1,2.5,null],"a":"été \u2028 \\u0000"}'.encode()
    )


def test_what_nests_as_deep_as_it_may_is_written() -> None:
    deep: JsonValue = 1
    for _ in range(MAX_DEPTH * 10):
        deep = [deep]

    assert dump_json(deep) == b"[" * MAX_DEPTH * 10 + b"1" + b"]" * MAX_DEPTH * 10


def test_a_lone_surrogate_is_written_as_bytes_that_nobody_reads() -> None:
    with pytest.raises(MalformedBodyError):
        parse_json(dump_json({"name": "\ud800"}))
