"""The schema's history: one chain, dated, walked up and down, and the same as the tables that the code describes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import cast

import anyio.to_thread
import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from raccord.kernel.embedded_postgres import Cluster
from raccord.kernel.schema import make_config, migrate, read_code_revision
from tests.databases import borrow_database, make_plain
from tests.house.sources import ROOT

VERSIONS = ROOT / "migrations" / "versions"
OBJECTS = """
SELECT c.relkind::text || ' ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relname NOT LIKE 'alembic_version%'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL SELECT 'f ' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL SELECT 'y ' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = 'public' AND t.typtype = 'e'
UNION ALL SELECT 'p ' || polname || ' ' || polrelid::regclass::text FROM pg_policy
ORDER BY 1
"""


@pytest.fixture
async def empty_url(cluster: Cluster) -> AsyncIterator[str]:
    """A fresh database, without a schema."""
    async with borrow_database(cluster) as name:
        yield cluster.url(name, "owner")


def test_revisions_are_one_chain() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))

    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    assert all(not script.is_merge_point and not script.is_branch_point for script in scripts.walk_revisions())


def test_files_are_dated_in_the_order_of_the_chain() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    names = [str(script.path).rsplit("/", 1)[1] for script in scripts.walk_revisions()][::-1]

    assert {path.name for path in VERSIONS.glob("*.py")} == {*names}
    assert all(re.fullmatch(r"20\d\d_\d\d_\d\d_[a-z0-9_]+\.py", name) for name in names)
    assert [name[:10] for name in names] == sorted(name[:10] for name in names)


async def test_the_schema_goes_up_down_and_up_again(empty_url: str) -> None:
    await anyio.to_thread.run_sync(migrate, empty_url)
    after_up = await list_objects(empty_url)

    await anyio.to_thread.run_sync(command.downgrade, make_config(empty_url), "base")
    after_down = await list_objects(empty_url)
    await anyio.to_thread.run_sync(migrate, empty_url)

    assert after_down == []
    assert await list_objects(empty_url) == after_up
    assert await read_revision(empty_url) == read_code_revision()


async def test_the_schema_is_what_the_code_describes(owner_url: str) -> None:
    # Raises when a table, column, index or constraint differs.
    await anyio.to_thread.run_sync(command.check, make_config(owner_url))


async def test_migrating_again_changes_nothing(owner_url: str) -> None:
    before = await list_objects(owner_url)

    await anyio.to_thread.run_sync(migrate, owner_url)

    assert await list_objects(owner_url) == before


async def test_every_personal_table_is_closed_to_its_owner_too(owner_url: str) -> None:
    from raccord.resources.registry import KINDS

    connection = await asyncpg.connect(make_plain(owner_url))
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind IN ('r', 'p')"
    )
    await connection.close()

    closed = {row["relname"] for row in rows}
    assert {kind.table.name for kind in KINDS if kind.is_personal} <= closed
    assert "record_versions" in closed
    assert not {kind.table.name for kind in KINDS if not kind.is_personal} & closed


async def list_objects(url: str) -> list[str]:
    connection = await asyncpg.connect(make_plain(url))
    rows = await connection.fetch(OBJECTS)
    await connection.close()
    return [cast("str", row[0]) for row in rows]


async def read_revision(url: str) -> str:
    connection = await asyncpg.connect(make_plain(url))
    revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    await connection.close()
    return str(revision)
