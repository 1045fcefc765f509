"""Access follows links, grants and agreements at once, and the feed of each client tells what it gained or lost."""

from __future__ import annotations

from uuid import UUID

import pytest

from raccord.kernel.clock import read_today
from raccord.kernel.database import Database
from raccord.kernel.errors import InvalidContentError
from raccord.oauth.clients import revoke_client
from raccord.records.entitlements import (
    add_grant,
    end_agreement,
    revoke_grant,
    sign_agreement,
    take_expired_access,
)
from tests.access.invariants import Check
from tests.partners import ALL_SCOPES, Json, Partner, Partners

TODAY = read_today()
Told = list[tuple[str, str]]


class Follower:
    """A partner that follows its feed."""

    def __init__(self, partner: Partner) -> None:
        self._partner, self._cursor = partner, None

    async def read_told(self) -> Told:
        """Read what was told of personal kinds since last time."""
        changes, self._cursor = await self._partner.read_feed(self._cursor)  # type: ignore[assignment]  # None once
        return [(change["kind"], change["type"]) for change in changes if change["kind"] != "structures"]


async def read_statuses(partner: Partner, prescription: Json, person_id: str = "") -> tuple[int, ...]:
    """Read the answers for the prescription and for its person."""
    addresses = [f"/v1/prescriptions/{prescription['id']}", f"/v1/people/{person_id}" if person_id else ""]
    return tuple([(await partner.get(address)).status_code for address in addresses if address])


async def find_person(partner: Partner, prescription: Json) -> str:
    """Find the id under which the partner knows the person."""
    return str((await partner.get(f"/v1/prescriptions/{prescription['id']}")).json()["person_id"])


async def revoke(database: Database, grant_id: UUID) -> bool:
    async with database.begin() as tx:
        return await revoke_grant(tx, grant_id)


async def test_a_new_record_is_told_as_created_and_not_as_access_too(
    prescriber: Partner, employer: Partner, holds: Check
) -> None:
    followers = Follower(prescriber), Follower(employer)

    await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)

    assert await followers[0].read_told() == [("people", "created"), ("prescriptions", "created")]
    # The person was there before: the recipient is told of the access. Their creation shows too, being older.
    assert sorted(await followers[1].read_told()) == [
        ("people", "access_granted"), ("people", "created"), ("prescriptions", "created"),
    ]  # fmt: skip
    await holds()


async def test_a_grant_opens_the_older_records_and_tells_its_client_alone(
    partners: Partners, prescriber: Partner, employer: Partner, holds: Check
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    late = await partners.add("second-logiciel")
    follower, bystander = Follower(late), Follower(employer)
    assert await read_statuses(late, sent) == (404,)
    assert await follower.read_told() == []
    await bystander.read_told()

    await partners.grant(late.client_id, employer.structure_id)

    assert await read_statuses(late, sent, await find_person(late, sent)) == (200, 200)
    granted = [told for told in await follower.read_told() if told[1] == "access_granted"]
    assert sorted(granted) == [("people", "access_granted"), ("prescriptions", "access_granted")]
    assert await bystander.read_told() == []
    await holds()


async def test_a_revoked_grant_takes_access_away_at_once(
    partners: Partners, database: Database, prescriber: Partner, employer: Partner, holds: Check
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    late = await partners.add("second-logiciel")
    grant_id = await partners.grant(late.client_id, employer.structure_id)
    person_id = await find_person(late, sent)
    follower, bystander = Follower(late), Follower(employer)
    await follower.read_told()
    await bystander.read_told()

    assert await revoke(database, grant_id)

    assert await read_statuses(late, sent, person_id) == (404, 404)
    assert (await late.get("/v1/prescriptions")).json()["data"] == []
    assert sorted(await follower.read_told()) == [
        ("people", "access_revoked"), ("prescriptions", "access_revoked"),
    ]  # fmt: skip
    assert await bystander.read_told() == []
    assert await read_statuses(employer, sent) == (200,)
    assert not await revoke(database, grant_id)
    await holds()


async def test_a_grant_or_an_agreement_of_nobody_is_refused(
    partners: Partners, database: Database, employer: Partner, unknown_id: str
) -> None:
    revoked = await partners.add("ancien-logiciel")
    nobody = UUID(unknown_id)
    structure_id = UUID(employer.structure_id)
    async with database.begin() as tx:
        await revoke_client(tx, revoked.client_id)

    for client_id, granting in (
        (nobody, structure_id),
        (revoked.client_id, structure_id),
        (employer.client_id, nobody),
    ):
        async with database.begin() as tx:
            with pytest.raises(InvalidContentError):
                await add_grant(tx, client_id, granting, ["structures:read"], None)
    async with database.begin() as tx:
        with pytest.raises(InvalidContentError):
            await sign_agreement(tx, nobody, TODAY, "Direction")

    assert len(await database.fetch("SELECT 1 FROM grants")) == 1
    assert [row["structure_id"] for row in await database.fetch("SELECT structure_id FROM agreements")] == [
        structure_id
    ]


async def test_a_grant_to_read_lets_its_client_write_nothing_and_delete_nothing(
    partners: Partners, database: Database, prescriber: Partner, employer: Partner
) -> None:
    person = await prescriber.add_person()
    sent = await prescriber.prescribe(person, employer.structure_id)
    path = (await open_path(prescriber))["id"]
    [grant] = await database.fetch("SELECT id FROM grants WHERE client_id = $1", prescriber.client_id)
    reading = [scope for scope in ALL_SCOPES if not scope.endswith(":write")]
    await partners.grant(prescriber.client_id, prescriber.structure_id, reading)
    assert await revoke(database, grant["id"])

    for address in (f"/v1/people/{person['id']}", f"/v1/prescriptions/{sent['id']}", f"/v1/career-paths/{path}"):
        patched = await prescriber.patch(address, {}, if_match="*")
        deleted = await prescriber.delete(address, if_match="*")
        assert [patched.json()["code"], deleted.json()["code"]] == ["structure_not_granted"] * 2
        assert (await prescriber.get(address)).status_code == 200


async def test_of_two_grants_the_end_of_one_takes_nothing_away(
    partners: Partners, database: Database, prescriber: Partner, employer: Partner, holds: Check
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    second = await partners.grant(employer.client_id, employer.structure_id)
    follower = Follower(employer)
    await follower.read_told()

    await revoke(database, second)

    assert await read_statuses(employer, sent) == (200,)
    assert await follower.read_told() == []
    await holds()


async def test_a_grant_opens_the_kinds_of_its_scopes_only(
    partners: Partners, prescriber: Partner, employer: Partner, holds: Check
) -> None:
    late = await partners.add("second-logiciel")
    await partners.grant(late.client_id, employer.structure_id, ["prescriptions:read"])

    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)

    assert await read_statuses(late, sent, await find_person(late, sent)) == (200, 404)
    await holds()


async def test_an_agreement_that_ends_closes_all_and_one_signed_again_opens_all(
    database: Database, prescriber: Partner, employer: Partner, holds: Check
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    person_id = await find_person(employer, sent)
    follower = Follower(employer)
    await follower.read_told()

    async with database.begin() as tx:
        assert await end_agreement(tx, UUID(employer.structure_id))
    assert await read_statuses(employer, sent, person_id) == (404, 404)
    assert {kind for _, kind in await follower.read_told()} == {"access_revoked"}
    await holds()
    async with database.begin() as tx:
        assert not await end_agreement(tx, UUID(employer.structure_id))
        await sign_agreement(tx, UUID(employer.structure_id), TODAY, "Direction")

    assert await read_statuses(employer, sent, person_id) == (200, 200)
    assert ("prescriptions", "access_granted") in await follower.read_told()
    await holds()


async def test_without_an_agreement_a_grant_opens_nothing_personal(
    partners: Partners, database: Database, prescriber: Partner, holds: Check
) -> None:
    recipient = await partners.add_structure("ACI")
    late = await partners.add("sans-accord")
    async with database.begin() as tx:
        await add_grant(tx, late.client_id, UUID(recipient), ["prescriptions:read"], None)

    sent = await prescriber.prescribe(await prescriber.add_person(), recipient)

    assert await read_statuses(late, sent) == (404,)
    await holds()
    async with database.begin() as tx:
        await sign_agreement(tx, UUID(recipient), TODAY, "Direction")
    assert await read_statuses(late, sent) == (200,)


@pytest.mark.parametrize(
    ("move", "fields"), [("refuse", {"refusal_reason": "no_position"}), ("accept", {"hiring_start_on": "2027-01-04"})]
)
async def test_a_refusal_ends_the_recipients_access_to_the_person_and_an_acceptance_opens_the_path(
    prescriber: Partner, employer: Partner, holds: Check, move: str, fields: Json
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    person_id = await find_person(employer, sent)
    followers = Follower(prescriber), Follower(employer)
    for follower in followers:
        await follower.read_told()

    answer = await employer.move(f"/v1/prescriptions/{sent['id']}", move, **fields)

    assert answer.status_code == 200, answer.text
    to_prescriber, to_employer = [await follower.read_told() for follower in followers]
    if move == "refuse":
        assert await read_statuses(employer, sent, person_id) == (200, 404)
        assert sorted(to_employer) == [("people", "access_revoked"), ("prescriptions", "updated")]
        assert to_prescriber == [("prescriptions", "updated")]
    else:
        [path] = (await employer.get("/v1/career-paths")).json()["data"]
        assert path["employment_periods"][0]["structure_id"] == employer.structure_id
        assert ("career_paths", "access_granted") in to_employer
        assert ("career_paths", "created") in to_prescriber
    await holds()


async def open_path(prescriber: Partner, *others: Json) -> Json:
    """Write a path led by the prescriber's structure."""
    body = {
        "person_id": (await prescriber.add_person())["id"],
        "framework": "iae",
        "started_on": "2026-03-02",
        "participants": [
            {"structure_id": prescriber.structure_id, "role": "single_referent", "started_on": "2026-03-02"},
            *others,
        ],
    }
    answer = await prescriber.put(f"/v1/career-paths/by-source/{prescriber.source}/C-1", body)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def test_a_participant_sees_the_path_until_its_last_day(
    prescriber: Partner, employer: Partner, holds: Check
) -> None:
    part = {"structure_id": employer.structure_id, "role": "contributor", "started_on": "2026-03-02"}
    path = await open_path(prescriber, part)
    follower = Follower(employer)
    assert (await employer.get(f"/v1/career-paths/{path['id']}")).status_code == 200
    await follower.read_told()
    await holds()

    await open_path(prescriber, {**part, "ended_on": "2026-06-30"})

    assert (await employer.get(f"/v1/career-paths/{path['id']}")).status_code == 404
    assert sorted(await follower.read_told()) == [
        ("career_paths", "access_revoked"), ("people", "access_revoked"),
    ]  # fmt: skip
    assert (await prescriber.get(f"/v1/career-paths/{path['id']}")).status_code == 200
    await holds()


async def test_access_past_its_date_is_refused_at_once_and_told_by_the_next_sweep(
    database: Database, prescriber: Partner, employer: Partner, holds: Check
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    follower = Follower(employer)
    await follower.read_told()
    # The clock of the database cannot be held: the dates are moved instead.
    async with database.begin() as tx:
        for table in ("grants", "record_access"):
            await tx.fetch(
                f"UPDATE {table} SET valid_until = now() - interval '1 second' WHERE client_id = $1",
                employer.client_id,
            )

    assert await read_statuses(employer, sent) == (404,)
    assert (await employer.get("/v1/prescriptions")).json()["data"] == []
    assert await follower.read_told() == []
    async with database.begin() as tx:
        assert await take_expired_access(tx) == 2
        assert await take_expired_access(tx) == 0
    assert sorted(await follower.read_told()) == [
        ("people", "access_revoked"), ("prescriptions", "access_revoked"),
    ]  # fmt: skip
    assert await read_statuses(prescriber, sent) == (200,)
    await holds()


async def test_a_grant_that_ended_yesterday_opens_nothing(
    partners: Partners, prescriber: Partner, employer: Partner, holds: Check
) -> None:
    sent = await prescriber.prescribe(await prescriber.add_person(), employer.structure_id)
    late = await partners.add("second-logiciel")

    await partners.grant(late.client_id, employer.structure_id, ends_on=TODAY.replace(year=TODAY.year - 1))
    assert await read_statuses(late, sent) == (404,)
    await partners.grant(late.client_id, employer.structure_id, ends_on=TODAY)

    assert await read_statuses(late, sent) == (200,)
    await holds()


async def test_a_record_that_moves_to_another_person_or_recipient_moves_its_access(
    partners: Partners, prescriber: Partner, employer: Partner, stranger: Partner, holds: Check
) -> None:
    first, second = await prescriber.add_person("P-1"), await prescriber.add_person("P-2")
    sent = await prescriber.prescribe(first, employer.structure_id)
    known = await find_person(employer, sent)

    await prescriber.prescribe(second, stranger.structure_id)

    assert await read_statuses(employer, sent, known) == (404, 404)
    assert await read_statuses(stranger, sent, await find_person(stranger, sent)) == (200, 200)
    await holds()
