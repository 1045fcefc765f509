"""The suite itself, tried on the plain list."""

from __future__ import annotations

import pytest

from tests.adapters.plain_list import MANIFEST, ListTool, make_rows, write_message
from tests.adapters.suite import AdapterSuite, Case


class TestPlainList(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        return Case(
            MANIFEST,
            ListTool(make_rows(25), token="s3cret-of-the-tool"),
            settings={"url": "http://tool.test/api"},
            secrets={"token": "s3cret-of-the-tool"},
            wrong_secrets={"token": "another"},
            expected={"structures": 25},
            change=lambda row: row | {"name": "Renommée", "updated": "2026-11-20T09:00:00+00:00"},
            spoil=lambda row: row | {"name": "x"},
            write_message=write_message,
            write_gone=lambda row: write_message({"id": row["id"], "deleted": True}),
        )
