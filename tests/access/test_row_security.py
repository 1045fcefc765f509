"""Row-level security, with every filter of ours switched off: the application's role reads the tables as they are."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from raccord.access.row_security import enter_as_client, see_everything
from raccord.kernel.database import Database, Transaction
from raccord.records.changes import sequence_changes
from raccord.resources.registry import KINDS
from tests.partners import Json, Partner

PERSONAL = tuple(kind for kind in KINDS if kind.is_personal)
NAMES = ", ".join(f"'{kind.name}'" for kind in PERSONAL)
# What holds anything of a person's record, and how to read all of it.
TABLES = {
    **{kind.name: f"SELECT id AS record_id FROM {kind.name}" for kind in PERSONAL},
    "record_versions": f"SELECT record_id FROM record_versions WHERE kind IN ({NAMES})",
    "change_log": "SELECT record_id FROM change_log WHERE is_personal",
}
NOTHING: dict[str, set[UUID]] = {name: set() for name in TABLES}


@pytest.fixture
async def world(prescriber: Partner, employer: Partner, stranger: Partner, database: Database) -> dict[str, Json]:
    """Two people: one sent to the employer and hired, one to the stranger; a version of each record."""
    told: dict[str, Json] = {}
    for name, recipient in (("employer", employer), ("stranger", stranger)):
        person = await prescriber.add_person(f"P-{name}")
        await prescriber.add_person(f"P-{name}", city="Lyon")
        sent = await prescriber.prescribe(person, recipient.structure_id, f"R-{name}")
        answer = await recipient.move(f"/v1/prescriptions/{sent['id']}", "accept", hiring_start_on="2027-01-04")
        assert answer.status_code == 200, answer.text
        told[name] = sent
    while await sequence_changes(database):
        pass
    return told


async def read_all(tx: Transaction) -> dict[str, set[UUID]]:
    """Read every row of every personal table, without a condition of ours."""
    return {name: {row["record_id"] for row in await tx.fetch(sql)} for name, sql in TABLES.items()}


async def list_accessible(tx: Transaction, client_id: UUID) -> set[UUID]:
    rows = await tx.fetch("SELECT record_id FROM record_access WHERE client_id = $1", client_id)
    return {row["record_id"] for row in rows}


@pytest.mark.usefixtures("world")
async def test_without_a_client_every_personal_table_is_empty(database: Database) -> None:
    async with database.begin() as tx:
        assert await read_all(tx) == NOTHING
        async with see_everything(tx):
            assert all((await read_all(tx)).values())
        assert await read_all(tx) == NOTHING
    # The readers of open records cannot see a person either.
    for sql in TABLES.values():
        assert list(await database.fetch(sql)) == []


@pytest.mark.usefixtures("world")
async def test_a_client_sees_its_rows_and_no_others(
    database: Database, prescriber: Partner, employer: Partner, stranger: Partner
) -> None:
    everything: dict[str, set[UUID]] = {}
    seen: dict[str, dict[str, set[UUID]]] = {}
    async with database.begin() as tx, see_everything(tx):
        everything = await read_all(tx)
    for partner in (prescriber, employer, stranger):
        async with database.begin() as tx:
            await enter_as_client(tx, partner.client_id)
            seen[partner.source] = await read_all(tx)
            accessible = await list_accessible(tx, partner.client_id)
        for name, ids in seen[partner.source].items():
            told = await list_told(database, partner) if name == "change_log" else set()
            assert ids == everything[name] & (accessible | told), (partner.source, name)

    assert seen["prescripteur"] == everything
    assert {name: len(ids) for name, ids in seen["employeur"].items()} == {
        "people": 1, "prescriptions": 1, "career_paths": 1, "record_versions": 3, "change_log": 3,
    }  # fmt: skip
    assert all(not seen["employeur"][name] & seen["etranger"][name] for name in TABLES)


async def list_told(database: Database, partner: Partner) -> set[UUID]:
    """List the records of which a change is for this client alone."""
    async with database.begin() as tx, see_everything(tx):
        rows = await tx.fetch("SELECT record_id FROM change_log WHERE audience = $1", partner.client_id)
    return {row["record_id"] for row in rows}


@pytest.mark.usefixtures("world")
async def test_a_client_cannot_write_past_the_write_door(database: Database, employer: Partner) -> None:
    for kind in PERSONAL:
        async with database.begin() as tx:
            await enter_as_client(tx, employer.client_id)
            assert await tx.fetch(f"UPDATE {kind.name} SET version = 99 RETURNING 1") == []
            assert await tx.fetch(f"DELETE FROM {kind.name} RETURNING 1") == []
        with pytest.raises(DBAPIError, match="row-level security"):
            await copy_rows(database, employer, kind.name)


async def copy_rows(database: Database, partner: Partner, table: str) -> None:
    async with database.begin() as tx:
        await enter_as_client(tx, partner.client_id)
        await tx.fetch(f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize("table", ["consultation_log", "change_log"])
async def test_the_application_only_adds_to_the_logs(database: Database, table: str) -> None:
    async def spoil(statement: str) -> None:
        async with database.begin() as tx, see_everything(tx):
            await tx.fetch(statement.format(table))

    for statement in ("UPDATE {} SET kind = 'x'", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(DBAPIError, match="permission denied"):
            await spoil(statement)


@pytest.mark.parametrize("table", ["consultation_log", "change_log"])
async def test_the_parts_of_a_log_are_closed_as_the_whole_is(database: Database, table: str) -> None:
    async with database.begin() as tx:
        parts = await tx.fetch(
            "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::text::regclass", table
        )
        rights = await tx.fetch(
            """
            SELECT part.name, kind.name AS held FROM unnest($1::text[]) AS part (name),
                   unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS kind (name)
            WHERE has_table_privilege(part.name, kind.name)
            """,
            [row["name"] for row in parts],
        )

    assert len(parts) >= 3
    assert [tuple(row.values()) for row in rights] == []


@pytest.mark.usefixtures("world")
async def test_a_connection_forgets_whom_it_served(database_url: str, prescriber: Partner) -> None:
    # One connection only: whoever comes next gets the very one that was used.
    single = Database(database_url, size=1)
    try:
        async with single.begin() as tx:
            await enter_as_client(tx, prescriber.client_id)
            async with see_everything(tx):
                pid = (await tx.fetch("SELECT pg_backend_pid() AS pid"))[0]["pid"]
            assert (await read_all(tx))["people"]
        with pytest.raises(RuntimeError, match="panne"):
            await break_down(single, prescriber)

        async with single.begin() as tx:
            assert (await tx.fetch("SELECT pg_backend_pid() AS pid"))[0]["pid"] == pid
            assert await read_all(tx) == NOTHING
    finally:
        await single.close()


async def break_down(database: Database, partner: Partner) -> None:
    async with database.begin() as tx:
        await enter_as_client(tx, partner.client_id)
        async with see_everything(tx):
            raise RuntimeError("panne")


async def test_after_requests_of_the_api_its_connections_serve_nobody(
    prescriber: Partner, world: dict[str, Json]
) -> None:
    database: Database = prescriber.http._transport.app.state.database  # type: ignore[attr-defined]  # the tests' own
    for sent in world.values():
        await prescriber.get(f"/v1/prescriptions/{sent['id']}")
        await prescriber.get("/v1/people/00000000-0000-4000-8000-000000000000")

    for _ in range(3):
        async with database.begin() as tx:
            assert await read_all(tx) == NOTHING
