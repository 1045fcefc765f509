"""Races between those who write and those who grant or revoke: no access without its reason, none missing."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest

from raccord.access.row_security import see_everything
from raccord.kernel.clock import read_today
from raccord.kernel.database import Database, Transaction
from raccord.kernel.refusals import RaccordError
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.records.entitlements import (
    add_grant,
    end_agreement,
    revoke_grant,
    sign_agreement,
    take_expired_access,
)
from raccord.records.kind import Kind
from raccord.records.store import Outcome, Put, Writer, put_one
from raccord.records.tombstones import delete_record
from raccord.records.workflow import apply_move, get_move
from raccord.resources.career_paths.kind import CAREER_PATHS
from raccord.resources.people.kind import PEOPLE
from raccord.resources.prescriptions.kind import PRESCRIPTIONS
from tests.access.invariants import Check
from tests.partners import ALL_SCOPES, Partner, Partners
from tests.records.feed_race import wait_for_lock

TODAY = read_today()
WRITER = Writer("prescripteur", "essai", "essai")
Watcher: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Act = Callable[[Transaction], Awaitable[object]]


async def commit(database: Database, act: Act) -> None:
    """Do the act in a transaction of its own."""
    async with database.begin() as tx:
        await act(tx)


async def run_both(database: Database, watcher: Watcher, first: Act, second: Act) -> None:
    """Do the first act, then the second while the first is not committed: it has to wait."""
    async with database.begin() as tx:
        await first(tx)
        later = asyncio.create_task(commit(database, second))
        await wait_for_lock(watcher)
    await later


async def count_access(database: Database, client_id: UUID) -> int:
    rows = await database.fetch("SELECT count(*) AS held FROM record_access WHERE client_id = $1", client_id)
    return int(rows[0]["held"])


def write_prescription(prescriber: Partner, person_id: UUID, recipient: str, external_id: str = "R-1") -> Act:
    """Make the act of sending a person to a structure."""
    body = {
        "person_id": str(person_id),
        "prescriber_structure_id": prescriber.structure_id,
        "recipient_structure_id": recipient,
        "prescribed_on": "2026-11-20",
    }
    return lambda tx: put_one(tx, PRESCRIPTIONS, WRITER, Put(external_id, json.dumps(body).encode()))


@pytest.fixture
async def person_id(prescriber: Partner, database: Database) -> UUID:
    """The stored id of a person whom the prescriber follows."""
    await prescriber.add_person()
    async with database.begin() as tx, see_everything(tx):
        return UUID(str((await tx.fetch("SELECT id FROM people"))[0]["id"]))


@pytest.mark.parametrize("is_write_first", [True, False])
async def test_a_grant_revoked_while_a_prescription_is_written_leaves_no_access(
    partners: Partners, database: Database, watcher: Watcher, prescriber: Partner, person_id: UUID,
    holds: Check, is_write_first: bool,
) -> None:  # fmt: skip
    client = await partners.add("logiciel")
    recipient = await partners.add_structure("ACI")
    grant_id = await partners.grant(client.client_id, recipient)
    acts: list[Act] = [
        write_prescription(prescriber, person_id, recipient), lambda tx: revoke_grant(tx, grant_id),
    ]  # fmt: skip

    await run_both(database, watcher, *(acts if is_write_first else acts[::-1]))

    assert await count_access(database, client.client_id) == 0
    await holds()


@pytest.mark.parametrize("is_write_first", [True, False])
async def test_a_grant_given_while_a_prescription_is_written_opens_it(
    partners: Partners, database: Database, watcher: Watcher, prescriber: Partner, person_id: UUID,
    holds: Check, is_write_first: bool,
) -> None:  # fmt: skip
    client = await partners.add("logiciel")
    recipient = await partners.add_structure("ACI")
    async with database.begin() as tx:
        await sign_agreement(tx, UUID(recipient), TODAY, "Direction")
    acts: list[Act] = [
        write_prescription(prescriber, person_id, recipient),
        lambda tx: add_grant(tx, client.client_id, UUID(recipient), ALL_SCOPES, None),
    ]

    await run_both(database, watcher, *(acts if is_write_first else acts[::-1]))

    assert await count_access(database, client.client_id) == 2
    await holds()


@pytest.mark.parametrize("is_write_first", [True, False])
async def test_a_first_signature_while_a_prescription_is_written_opens_it(
    partners: Partners, database: Database, watcher: Watcher, prescriber: Partner, person_id: UUID,
    holds: Check, is_write_first: bool,
) -> None:  # fmt: skip
    client = await partners.add("logiciel")
    recipient = await partners.add_structure("ACI")
    async with database.begin() as tx:
        await tx.fetch(
            "INSERT INTO grants (id, client_id, structure_id, scopes, valid_until) VALUES ($1, $2, $3, $4, 'infinity')",
            UUID(int=1), client.client_id, UUID(recipient), list(ALL_SCOPES),
        )  # fmt: skip
    acts: list[Act] = [
        write_prescription(prescriber, person_id, recipient),
        lambda tx: sign_agreement(tx, UUID(recipient), TODAY, "Direction"),
    ]

    await run_both(database, watcher, *(acts if is_write_first else acts[::-1]))

    assert await count_access(database, client.client_id) == 2
    await holds()


@pytest.mark.parametrize("is_grant_first", [True, False])
async def test_a_first_grant_and_a_first_signature_at_once_open_what_is_there(
    partners: Partners, database: Database, watcher: Watcher, prescriber: Partner, person_id: UUID,
    holds: Check, is_grant_first: bool,
) -> None:  # fmt: skip
    client = await partners.add("logiciel")
    recipient = await partners.add_structure("ACI")
    async with database.begin() as tx:
        await write_prescription(prescriber, person_id, recipient)(tx)
        await tx.fetch("DELETE FROM agreements WHERE structure_id = $1", UUID(recipient))
    acts: list[Act] = [
        lambda tx: add_grant(tx, client.client_id, UUID(recipient), ALL_SCOPES, None),
        lambda tx: sign_agreement(tx, UUID(recipient), TODAY, "Direction"),
    ]

    await run_both(database, watcher, *(acts if is_grant_first else acts[::-1]))

    assert await count_access(database, client.client_id) == 2
    await holds()


@pytest.mark.parametrize("is_move_first", [True, False])
@pytest.mark.parametrize("move", ["transfer", "accept"])
async def test_a_grant_revoked_while_a_prescription_moves_to_its_structure_leaves_no_access(
    partners: Partners, database: Database, watcher: Watcher, prescriber: Partner, employer: Partner,
    person_id: UUID, holds: Check, move: str, is_move_first: bool,
) -> None:  # fmt: skip
    client = await partners.add("logiciel")
    target = await partners.add_structure("ACI")
    grant_id = await partners.grant(client.client_id, target)
    async with database.begin() as tx:
        await write_prescription(prescriber, person_id, employer.structure_id)(tx)
        if move == "accept":
            await move_prescription(tx, "transfer", {"recipient_structure_id": target})
    fields: JsonObject = {"recipient_structure_id": target} if move == "transfer" else dict(_HIRED)
    acts: list[Act] = [lambda tx: move_prescription(tx, move, fields), lambda tx: revoke_grant(tx, grant_id)]

    await run_both(database, watcher, *(acts if is_move_first else acts[::-1]))

    assert await count_access(database, client.client_id) == 0
    await holds()


_HIRED: JsonObject = {"hiring_start_on": "2027-01-04", "hiring_end_on": None}


async def move_prescription(tx: Transaction, name: str, fields: JsonObject, external_id: str = "R-1") -> Outcome:
    """Make a move on the prescription as it stands."""
    async with see_everything(tx):
        rows = await tx.fetch(
            "SELECT document::text AS document FROM prescriptions WHERE external_id = $1", external_id
        )
    document = parse_object(rows[0]["document"].encode())
    return await apply_move(
        tx, PRESCRIPTIONS, document, get_move(PRESCRIPTIONS, name), fields,
        version=int(str(document["version"])), caller=None, correlation_id="essai",
    )  # fmt: skip


async def test_an_acceptance_overtaken_by_a_prescription_to_a_structure_that_a_grant_concerns_does_not_block(
    partners: Partners, database: Database, watcher: Watcher, prescriber: Partner, employer: Partner,
    person_id: UUID, holds: Check,
) -> None:  # fmt: skip
    client = await partners.add("logiciel")
    other = await partners.add_structure("ACI")
    async with database.begin() as tx:
        await sign_agreement(tx, UUID(other), TODAY, "Direction")
        await write_prescription(prescriber, person_id, employer.structure_id)(tx)

    async with database.begin() as tx:
        await write_prescription(prescriber, person_id, other, "R-2")(tx)
        accepting = asyncio.create_task(commit(database, lambda tx: move_prescription(tx, "accept", dict(_HIRED))))
        await wait_for_lock(watcher)
        granting = asyncio.create_task(
            commit(database, lambda tx: add_grant(tx, client.client_id, UUID(other), ALL_SCOPES, None))
        )
        await wait_for_lock(watcher, waiting=2)
    await asyncio.gather(accepting, granting)

    async with database.begin() as tx, see_everything(tx):
        rows = await tx.fetch("SELECT external_id, state FROM prescriptions")
    assert {row["external_id"]: row["state"] for row in rows} == {"R-1": "accepted", "R-2": "obsolete"}
    await holds()


async def test_access_renewed_while_it_is_swept_away_stays(
    database: Database, watcher: Watcher, prescriber: Partner, employer: Partner, person_id: UUID, holds: Check
) -> None:
    async with database.begin() as tx:
        await write_prescription(prescriber, person_id, employer.structure_id)(tx)
        for table in ("grants", "record_access"):
            await tx.fetch(f"UPDATE {table} SET valid_until = now() WHERE client_id = $1", employer.client_id)

    async with database.begin() as renewing:
        await add_grant(renewing, employer.client_id, UUID(employer.structure_id), ALL_SCOPES, None)
        async with database.begin() as sweeping:
            swept = await take_expired_access(sweeping)

    assert swept == 0
    assert await count_access(database, employer.client_id) == 2
    await holds()


async def test_two_employers_who_accept_one_person_at_once_do_not_block_each_other(
    partners: Partners, prescriber: Partner, holds: Check
) -> None:
    person = await prescriber.add_person()
    employers = [await partners.add(f"employeur-{n}", kind="ACI") for n in range(4)]
    addresses = [
        f"/v1/prescriptions/{(await prescriber.prescribe(person, e.structure_id, f'R-{n}'))['id']}"
        for n, e in enumerate(employers)
    ]

    answers = await asyncio.gather(
        *(
            employer.post(
                f"{address}/transitions", {"transition": "accept", "hiring_start_on": "2027-01-04"}, if_match='"1"'
            )
            for employer, address in zip(employers, addresses, strict=True)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    states = [(await prescriber.get(address)).json()["state"] for address in addresses]
    assert sorted(states) == ["accepted", "obsolete", "obsolete", "obsolete"]
    await holds()


async def test_a_deletion_and_a_rewriting_of_one_prescription_at_once_do_not_block_each_other(
    prescriber: Partner, employer: Partner, holds: Check
) -> None:
    people = [await prescriber.add_person(f"P-{n}") for n in range(4)]
    for number in range(6):
        sent = await prescriber.prescribe(people[0], employer.structure_id, f"R-{number}")
        answers = await asyncio.gather(
            prescriber.delete(f"/v1/prescriptions/{sent['id']}", if_match='"1"'),
            *(prescriber.put(
                f"/v1/prescriptions/by-source/prescripteur/R-{number}",
                {name: sent[name] for name in ("prescriber_structure_id", "recipient_structure_id", "prescribed_on")}
                | {"person_id": person["id"], "job_title": f"Poste {number}"},
            ) for person in people),
        )  # fmt: skip
        assert {answer.status_code for answer in answers} <= {200, 201, 204, 412}, [a.text for a in answers]
    await holds()


class Life:
    """Anything that may happen to people, prescriptions, paths, grants and agreements, at random."""

    def __init__(self, database: Database, seed: int, structures: list[UUID], clients: list[UUID]) -> None:
        self._database, self._rng = database, random.Random(seed)
        self._structures, self._clients = structures, clients
        self.done: list[str] = []

    async def act(self) -> None:
        """Do one thing, in a transaction of its own; a refusal is a thing that happens."""
        deeds = (
            self._write_person, self._write_prescription, self._write_prescription, self._write_path,
            self._move, self._move, self._move, self._delete, self._grant, self._revoke, self._sign,
            self._end_agreement,
        )  # fmt: skip
        deed = self._rng.choice(deeds)
        try:
            async with self._database.begin() as tx:
                await deed(tx)
        except RaccordError:
            return
        self.done.append(deed.__name__)

    def _pick_structure(self) -> str:
        return str(self._rng.choice(self._structures))

    async def _pick(self, tx: Transaction, kind: Kind) -> JsonObject | None:
        async with see_everything(tx):
            rows = await tx.fetch(
                f"SELECT document::text AS document FROM {kind.name} WHERE deleted_at IS NULL ORDER BY external_id"
            )
        return parse_object(self._rng.choice(rows)["document"].encode()) if rows else None

    async def _write(self, tx: Transaction, kind: Kind, count: int, body: JsonObject) -> None:
        await put_one(tx, kind, WRITER, Put(f"X-{self._rng.randrange(count)}", json.dumps(body).encode()))

    async def _write_person(self, tx: Transaction) -> None:
        names: JsonObject = {"first_name": "Camille", "last_name": "Exemple", "birth_date": "1990-01-01"}
        await self._write(tx, PEOPLE, 5, {**names, "managing_structure_id": self._pick_structure()})

    async def _write_prescription(self, tx: Transaction) -> None:
        person = await self._pick(tx, PEOPLE)
        if person is not None:
            body: JsonObject = {"person_id": person["id"], "prescribed_on": "2026-11-20"}
            body["prescriber_structure_id"] = self._pick_structure()
            await self._write(tx, PRESCRIPTIONS, 12, {**body, "recipient_structure_id": self._pick_structure()})

    async def _write_path(self, tx: Transaction) -> None:
        person = await self._pick(tx, PEOPLE)
        ended_on = self._rng.choice([None, (TODAY - timedelta(days=9)).isoformat(), "2999-01-01"])
        part: JsonObject = {"structure_id": self._pick_structure(), "role": "contributor", "ended_on": ended_on}
        if person is not None:
            body: JsonObject = {"person_id": person["id"], "framework": "iae", "started_on": "2026-01-05"}
            await self._write(tx, CAREER_PATHS, 5, {**body, "participants": [{**part, "started_on": "2026-01-05"}]})

    async def _move(self, tx: Transaction) -> None:
        document = await self._pick(tx, PRESCRIPTIONS)
        if document is None:
            return
        legal = [move for move in PRESCRIPTIONS.workflow.moves if document["state"] in move.from_states]  # type: ignore[union-attr]  # it has one
        move = self._rng.choice(legal)
        values: JsonObject = {
            **_HIRED, "comment": "Plus tard.", "refusal_reason": "no_position",
            "recipient_structure_id": self._pick_structure(),
        }  # fmt: skip
        fields: JsonObject = {name: values[name] for name in move.required}
        if move.name == "accept":
            fields = dict(_HIRED)
        await apply_move(
            tx, PRESCRIPTIONS, document, move, fields,
            version=int(str(document["version"])), caller=None, correlation_id="essai",
        )  # fmt: skip

    async def _delete(self, tx: Transaction) -> None:
        kind = self._rng.choice((PRESCRIPTIONS, CAREER_PATHS))
        document = await self._pick(tx, kind)
        if document is not None and document["source"] == WRITER.source:
            record_id, version = UUID(str(document["id"])), int(str(document["version"]))
            await delete_record(tx, kind, WRITER, record_id, expected_version=version, reason="deleted_by_source")

    async def _grant(self, tx: Transaction) -> None:
        scopes = self._rng.choice((ALL_SCOPES, ("prescriptions:read",), ("people:read", "career_paths:read")))
        ends_on = self._rng.choice([None, TODAY + timedelta(days=30)])
        client_id = self._rng.choice(self._clients)
        await add_grant(tx, client_id, self._rng.choice(self._structures), scopes, ends_on)

    async def _revoke(self, tx: Transaction) -> None:
        rows = await tx.fetch("SELECT id FROM grants WHERE valid_until > now() ORDER BY created_at, id")
        if len(rows) > 2:
            await revoke_grant(tx, self._rng.choice(rows)["id"])

    async def _sign(self, tx: Transaction) -> None:
        await sign_agreement(tx, self._rng.choice(self._structures), TODAY, "Direction")

    async def _end_agreement(self, tx: Transaction) -> None:
        if self._rng.random() < 0.5:
            await end_agreement(tx, self._rng.choice(self._structures))


@pytest.mark.parametrize("lives", [1, 8])
async def test_whatever_happens_access_is_what_links_grants_and_agreements_say(
    partners: Partners, database: Database, holds: Check, lives: int
) -> None:
    structures = [UUID(await partners.add_structure()) for _ in range(5)]
    clients = [(await partners.add(f"logiciel-{number}")).client_id for number in range(3)]
    running = [Life(database, 2026 + number, structures, clients) for number in range(lives)]

    for _ in range(5):
        await asyncio.gather(*(live_on(life, 200 // (5 * lives)) for life in running))
        await holds()

    assert len({deed for life in running for deed in life.done}) >= 9


async def live_on(life: Life, turns: int) -> None:
    for _ in range(turns):
        await life.act()
