"""The ways in to PostgreSQL answer the same statement alike."""

from __future__ import annotations

import pytest

from raccord.kernel.database import Database


@pytest.mark.parametrize("count", [0, 2])
async def test_a_row_without_columns_is_a_row(database: Database, count: int) -> None:
    asked = "SELECT FROM generate_series(1, $1::int)"

    async with database.begin() as tx:
        assert len(await tx.fetch(asked, count)) == count
    assert len(await database.fetch_alone(asked, count)) == count
    assert len(await database.fetch(asked, count)) == count
