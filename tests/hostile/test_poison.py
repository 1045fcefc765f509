"""What one partner writes may stop nobody's work: characters that PostgreSQL cannot read back, dates at the edges."""

from __future__ import annotations

from typing import Any

import pytest

from raccord.kernel.database import Database
from raccord.resources.job_offers.kind import JOB_OFFERS
from raccord.resources.job_offers.upkeep import suspend_orphans
from tests.partners import Partner, Partners
from tests.resources.offers import PATH, make_offer, write_offer

Json = dict[str, Any]


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("logiciel", kind="ACI")


@pytest.mark.parametrize(
    "extensions", [{"outil": {"\x00": "1"}}, {"outil": {"a": ["\x00"]}}, {"outil": {"a": {"b": "\x00"}}}]
)
async def test_a_nul_in_extensions_is_refused(partner: Partner, database: Database, extensions: Json) -> None:
    path = f"/v1/structures/by-source/{partner.source}/S-1"
    answer = await partner.put(path, {"name": "Structure", "kind": "ACI", "extensions": extensions})
    if answer.status_code == 201:
        await write_offer(partner, make_offer(answer.json()["id"]))
        async with database.begin() as tx:
            assert await suspend_orphans(tx, JOB_OFFERS) == 0
    assert answer.status_code == 422


EDGES = ["9999-12-31T23:59:59Z", "9999-11-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59Z"]


@pytest.mark.parametrize("instant", EDGES)
@pytest.mark.parametrize("name", ["created_at", "updated_at", "received_at", "last_seen_at"])
async def test_an_instant_from_which_no_day_can_be_counted_is_refused(
    partner: Partner, name: str, instant: str
) -> None:
    for system, licence in (("les-emplois", "open_licence_2"), ("france-travail", "france_travail")):
        offer = make_offer(provenance={"system": system, name: instant}, licence={"code": licence})

        answer = await partner.put(f"{PATH}/by-source/{partner.source}/O-1", offer)

        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/provenance/{name}"]
