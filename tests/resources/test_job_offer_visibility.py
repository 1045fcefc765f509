"""What licences and drafts do to reading: who sees which offer until when, in every way there is to read one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from raccord.kernel.database import Database
from raccord.reference.licences import LICENCES_BY_CODE, LicenceCode
from raccord.resources.job_offers.licensing import NEVER, find_visible_until, may_be_exported
from tests.partners import Partner, Partners
from tests.records.ground import fetch_all
from tests.resources.offers import PATH, make_foreign, make_offer, write_offer

Json = dict[str, Any]


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("logiciel", kind="ACI")


@pytest.fixture
async def other(partners: Partners) -> Partner:
    return await partners.add("autre", kind="EI")


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


async def list_statuses(reader: Partner, offer: Json) -> dict[str, int | bool]:
    """Try every way to read the offer."""
    path = f"{PATH}/{offer['id']}"
    listed = (await reader.get(f"{PATH}?limit=200")).json()["data"]
    return {
        "read": (await reader.get(path)).status_code,
        "by_source": (await reader.get(f"{PATH}/by-source/{offer['source']}/{offer['external_id']}")).status_code,
        "history": (await reader.get(f"{path}/history")).status_code,
        "publication": (await reader.get(f"{path}/publication")).status_code,
        "duplicates": (await reader.get(f"{path}/duplicates")).status_code,
        "transitions": (await reader.get(f"{path}/transitions")).status_code,
        "is_listed": offer["id"] in [item["id"] for item in listed],
    }


SEEN = {
    **dict.fromkeys(("read", "by_source", "history", "publication", "duplicates", "transitions"), 200),
    "is_listed": True,
}
HIDDEN = {
    **dict.fromkeys(("read", "by_source", "history", "publication", "duplicates", "transitions"), 404),
    "is_listed": False,
}


async def test_a_draft_is_seen_by_its_own_source_alone(partner: Partner, other: Partner) -> None:
    draft = await write_offer(partner, make_offer(partner.structure_id, is_published=False))

    assert await list_statuses(partner, draft) == SEEN
    assert await list_statuses(other, draft) == HIDDEN
    published = await write_offer(partner, make_offer(partner.structure_id))
    assert await list_statuses(other, published) == SEEN


async def test_nothing_tells_a_hidden_offer_from_none(partner: Partner, other: Partner, unknown_id: str) -> None:
    draft = await write_offer(partner, make_offer(partner.structure_id, is_published=False))
    answers = [await other.get(f"{PATH}/{record_id}") for record_id in (draft["id"], unknown_id)]
    writes = [
        await other.patch(f"{PATH}/{record_id}", {"title": "À moi"}, if_match="*")
        for record_id in (draft["id"], unknown_id)
    ]

    for found in (answers, writes):
        first, second = ({**answer.json(), "request_id": ""} for answer in found)
        assert first == second
        assert found[0].status_code == 404


async def test_the_versions_of_a_draft_stay_its_own_once_published(partner: Partner, other: Partner) -> None:
    for number in range(4):
        await write_offer(partner, make_offer(partner.structure_id, title=f"Brouillon {number}", is_published=False))
    offer = await write_offer(partner, make_offer(partner.structure_id))
    await write_offer(partner, make_offer(partner.structure_id, title="Titre corrigé (H/F)"))

    path = f"{PATH}/{offer['id']}/history"

    assert [item["version"] for item in (await partner.get(path)).json()["data"]] == [6, 5, 4, 3, 2, 1]
    assert [item["version"] for item in (await other.get(path)).json()["data"]] == [6, 5]
    first = (await other.get(f"{path}?limit=1")).json()
    assert ([item["version"] for item in first["data"]], first["next_before_version"]) == ([6], 6)
    rest = (await other.get(f"{path}?limit=1&before_version=6")).json()
    assert ([item["version"] for item in rest["data"]], rest["next_before_version"]) == ([5], None)


async def test_what_a_deleted_offer_said_goes_with_it(partner: Partner, other: Partner) -> None:
    offer = await write_offer(partner, make_foreign(ago(1)))
    path = f"{PATH}/{offer['id']}"
    assert (await partner.delete(path, if_match="*")).status_code == 204

    assert (await other.get(path)).status_code == 410
    [entry] = (await other.get(f"{path}/history")).json()["data"]
    assert "title" not in entry["document"]
    assert [item["version"] for item in (await partner.get(f"{path}/history")).json()["data"]] == [2, 1]


@pytest.mark.parametrize(
    ("hours", "expected"), [(1, SEEN), (23.9, SEEN), (24.1, HIDDEN), (500, HIDDEN), (None, HIDDEN)]
)
async def test_a_france_travail_offer_is_shown_for_a_day_after_it_was_seen(
    partner: Partner, other: Partner, hours: float | None, expected: Json
) -> None:
    offer = await write_offer(partner, make_foreign(ago(hours) if hours is not None else None))

    assert offer["status"] == "active"
    assert await list_statuses(other, offer) == expected
    assert await list_statuses(partner, offer) == SEEN


async def test_an_offer_cannot_have_been_seen_later_than_now(partner: Partner) -> None:
    offers = [make_foreign(ago(-hours)) for hours in (0.5, 2)]

    sooner, later = [await partner.put(f"{PATH}/by-source/{partner.source}/O-1", offer) for offer in offers]

    assert sooner.status_code == 201, sooner.text
    assert later.status_code == 422
    assert [(error["pointer"], error["code"]) for error in later.json()["errors"]] == [
        ("/provenance/last_seen_at", "seen_in_future")
    ]


async def test_an_offer_that_is_seen_again_is_shown_again(partner: Partner, other: Partner) -> None:
    await write_offer(partner, make_foreign(ago(48)))
    offer = await write_offer(partner, make_foreign(ago(0)))

    assert await list_statuses(other, offer) == SEEN
    history = (await other.get(f"{PATH}/{offer['id']}/history")).json()["data"]
    assert [item["version"] for item in history] == [2]
    report = (await other.get(f"{PATH}/{offer['id']}/publication")).json()
    until = datetime.fromisoformat(report["visible_until"])
    assert timedelta(hours=23) < until - datetime.now(UTC) <= timedelta(hours=24)
    assert report["is_exportable"] is False
    assert "24 heures" in report["attribution"]


async def test_pages_are_filled_whatever_is_hidden(partner: Partner, other: Partner) -> None:
    shown = []
    for number in range(12):
        is_published = number % 3 == 0
        offer = await write_offer(partner, make_offer(partner.structure_id, is_published=is_published), f"O-{number}")
        shown += [offer["id"]] if is_published else []
    found: list[str] = []
    url = f"{PATH}?limit=2"
    while url:
        page = (await other.get(url)).json()
        found += [item["id"] for item in page["data"]]
        url = f"{PATH}?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""

    assert found == shown


async def test_every_served_offer_carries_its_licence_and_provenance(partner: Partner, other: Partner) -> None:
    offer = await write_offer(partner, make_foreign(ago(1)))

    read = (await other.get(f"{PATH}/{offer['id']}")).json()

    assert read["licence"] == {"code": "france_travail"}
    assert read["provenance"]["system"] == "france-travail"


async def test_the_filters_find_by_licence_and_system(partner: Partner, other: Partner) -> None:
    offer = await write_offer(partner, make_foreign(ago(1)), "O-1")
    own = await write_offer(partner, make_offer(partner.structure_id), "O-2")

    for query, expected in (
        ("licence_code=france_travail", [offer["id"]]),
        ("system=france-travail", [offer["id"]]),
        (f"structure_id={partner.structure_id}", [own["id"]]),
        ("siret=00010000800010", [offer["id"]]),
        ("status=active&status=filled&rome_code=A1405&contract_type=fixed_term_inclusion", [offer["id"], own["id"]]),
        ("department=75", []),
    ):
        found = (await other.get(f"{PATH}?{query}")).json()["data"]
        assert [item["id"] for item in found] == expected, query


@pytest.mark.parametrize("code", list(LicenceCode))
def test_an_export_takes_what_its_licence_lets_go(code: LicenceCode) -> None:
    today = date(2026, 11, 25)
    seen = {"system": "s", "last_seen_at": "2026-11-25T08:00:00Z"}
    document: Json = {"status": "active", "licence": {"code": code.value}, "provenance": seen}

    assert may_be_exported(document, today) is LICENCES_BY_CODE[code].allows_onward_export
    assert not may_be_exported({**document, "status": "draft"}, today)


def test_an_export_takes_what_was_first_published_here_while_it_is_active() -> None:
    assert may_be_exported({"status": "active"}, date(2026, 11, 25))
    assert not may_be_exported({"status": "expired"}, date(2026, 11, 25))


def test_freshness_is_counted_from_the_last_sight() -> None:
    document: Json = {"status": "active", "licence": {"code": "france_travail"}}

    assert find_visible_until(document) == NEVER
    document["provenance"] = {"last_seen_at": "2026-11-25T08:00:00+02:00"}
    assert find_visible_until(document) == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    assert find_visible_until({"status": "active"}) is None


async def test_the_column_says_what_the_document_does(partner: Partner, database: Database) -> None:
    await write_offer(partner, make_offer(partner.structure_id, is_published=False), "O-1")
    await write_offer(partner, make_offer(partner.structure_id), "O-2")

    rows = await fetch_all(database, "SELECT visible_until FROM job_offers ORDER BY external_id")

    assert [row["visible_until"] for row in rows] == [NEVER, None]
