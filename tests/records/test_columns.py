"""Columns are derived in one place: what is stored is what the documents say, for every kind, after a life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Double

from raccord.demo.load import WorldLoader
from raccord.demo.world import World, build_world
from raccord.kernel.database import Database, Row
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.kernel.validation import validate_content
from raccord.records.kind import Kind
from raccord.records.rows import write_instant
from raccord.records.tables import list_own_columns
from raccord.resources.registry import KINDS
from tests.records.ground import fetch_all

TODAY = date(2026, 11, 22)


def shrink_world(world: World) -> World:
    """Keep a part of the people, and what is told of them."""
    people = world.people[::5]
    kept = {person["external_id"] for person in people}
    return replace(
        world,
        people=people,
        prescriptions=[item for item in world.prescriptions if item["person"] in kept],
        career_paths=[item for item in world.career_paths if item["person"] in kept],
    )


def find_differences(kind: Kind, row: Row) -> dict[str, tuple[object, object]]:
    """Find the columns that are not what the row's document says."""
    document = parse_object(row["document"].encode())
    derived: Mapping[str, object] = {
        **kind.columns(kind.upcast(document, row["shape_version"])),
        **{name: document[name] for name in ("source", "external_id", "version")},
        **{name: document[name] for name in ("id", "created_at", "updated_at")},
    }
    stored = {
        **row,
        "id": str(row["id"]),
        **{name: write_instant(row[name]) for name in ("created_at", "updated_at")},
    }
    return {name: (stored[name], value) for name, value in derived.items() if stored[name] != value}


async def test_every_column_is_what_the_document_says(database: Database) -> None:
    world = shrink_world(build_world(today=TODAY))
    async with database.begin() as tx:
        await WorldLoader(tx, world, TODAY, lambda *_: None).load()

    for kind in KINDS:
        rows = await fetch_all(database, f"SELECT *, document::text AS document FROM {kind.name}")
        assert len(rows) > 10, kind.name
        assert [found for row in rows if (found := find_differences(kind, row))] == [], kind.name


def test_every_kind_derives_exactly_its_own_columns() -> None:
    for kind in KINDS:
        content = complete_example(kind)
        document = {**content, **kind.start_state(content, None), "id": "019a0000-0000-7000-8000-00000000000a"}
        derived = kind.columns(document)
        own = list_own_columns(kind.table)
        assert set(derived) == set(own), kind.name
        assert not any(isinstance(value, datetime) for value in derived.values())
        assert all(isinstance(derived[n], float | None) for n, t in own.items() if isinstance(t, Double))


def complete_example(kind: Kind) -> JsonObject:
    """Give the example every field of its shape, as the write door does."""
    return parse_object(validate_content(kind.content, dump_json(kind.example)).model_dump_json().encode())
