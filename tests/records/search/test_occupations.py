"""Occupations that typed words name: whole words of ROME labels, whatever their gender and number."""

from __future__ import annotations

import pytest

from raccord.kernel.database import Database
from raccord.records.search.occupations import find_named_occupations


@pytest.mark.parametrize("typed", ["boulangère", "BOULANGERS", "boulangères"])
async def test_both_genders_and_numbers_name_the_same(database: Database, typed: str) -> None:
    named = await find_named_occupations(database, "boulanger")

    assert "D1102" in named
    assert await find_named_occupations(database, typed) == named


@pytest.mark.parametrize("typed", ["bou", "boulang", "zzz", "de la", "'", "agent"])
async def test_what_is_no_whole_word_or_names_too_many_names_none(database: Database, typed: str) -> None:
    assert await find_named_occupations(database, typed) == []
