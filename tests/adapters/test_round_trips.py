"""What a tool sends, written through the public door, read back, and written for that tool again, is what it sent."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raccord.adapters.data_inclusion import translate as data_inclusion
from raccord.adapters.france_travail import translate as france_travail
from raccord.adapters.les_emplois import translate as les_emplois
from raccord.adapters.pairs import list_objects
from raccord.kernel.keys import Keys
from raccord.kernel.strict_json import JsonObject
from tests.adapters.data_inclusion.records import FULL_SERVICE, SERVICES
from tests.adapters.data_inclusion.records import FULL_STRUCTURE as DATA_INCLUSION_STRUCTURE
from tests.adapters.data_inclusion.records import STRUCTURES as DATA_INCLUSION_STRUCTURES
from tests.adapters.france_travail.offers import FULL_OFFER, OFFERS
from tests.adapters.les_emplois.structures import FULL_STRUCTURE as LES_EMPLOIS_STRUCTURE
from tests.adapters.les_emplois.structures import STRUCTURES as LES_EMPLOIS_STRUCTURES
from tests.adapters.payloads import Drawn, write_canonical
from tests.partners import Partner, Partners

# The database of a test serves all its examples, each under a source of its own.
drawn = settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
SOURCES = (f"source-{number}" for number in itertools.count(1))


def draw_many(payloads: Drawn) -> st.SearchStrategy[list[JsonObject]]:
    """Draw enough payloads for one example to be worth its database."""
    return st.lists(payloads, min_size=8, max_size=8)


async def pass_through(partner: Partner, path: str, external_id: str, content: JsonObject) -> JsonObject | None:
    """Write the content through the public door and read the record; None if it is refused as not valid."""
    address = f"/v1/{path}/by-source/{partner.source}/{quote(external_id)}"
    written = await partner.put(address, content)
    assert written.status_code in (200, 201, 422), written.text
    return dict((await partner.get(address)).json()) if written.status_code != 422 else None


async def require(partner: Partner, path: str, external_id: str, content: JsonObject) -> JsonObject:
    record = await pass_through(partner, path, external_id, content)
    assert record is not None, (await partner.put(f"/v1/{path}/by-source/{partner.source}/X", content)).text
    return record


async def test_a_structure_of_les_emplois_and_its_positions_survive(partners: Partners) -> None:
    partner = await partners.add("les-emplois")
    structure, positions = les_emplois.read_structure(LES_EMPLOIS_STRUCTURE)

    record = await require(partner, "structures", structure.external_id, structure.content)
    offers = [await require(partner, "job-offers", one.external_id, one.content) for one in positions]

    assert [offer["structure_id"] for offer in offers] == [record["id"]] * len(offers)
    assert write_canonical(les_emplois.write_structure(record, offers)) == write_canonical(LES_EMPLOIS_STRUCTURE)


async def test_an_offer_of_france_travail_survives(partners: Partners, keys: Keys) -> None:
    partner = await partners.add("france-travail")
    now = datetime.now(UTC)

    record = await require(partner, "job-offers", "000DEMO", france_travail.read_offer(FULL_OFFER, now, keys))

    assert record["status"] == "active"
    assert write_canonical(france_travail.write_offer(record, keys)) == write_canonical(FULL_OFFER)


async def test_a_structure_and_a_service_of_data_inclusion_survive(partners: Partners) -> None:
    partner = await partners.add("data-inclusion")

    structure = await require(
        partner, "structures", "dora--42", data_inclusion.read_structure(DATA_INCLUSION_STRUCTURE)
    )
    service = await require(partner, "services", "dora--service-1", data_inclusion.read_service(FULL_SERVICE))

    assert service["structure_id"] == structure["id"]
    assert write_canonical(data_inclusion.write_structure(structure)) == write_canonical(DATA_INCLUSION_STRUCTURE)
    assert write_canonical(data_inclusion.write_service(service)) == write_canonical(FULL_SERVICE)


@drawn
@given(payloads=draw_many(OFFERS))
async def test_drawn_offers_survive(partners: Partners, keys: Keys, payloads: list[JsonObject]) -> None:
    partner = await partners.add(next(SOURCES))

    for number, payload in enumerate(payloads):
        content = france_travail.read_offer(payload, datetime.now(UTC), keys)
        record = await pass_through(partner, "job-offers", str(number), content)
        if record is not None:
            assert write_canonical(france_travail.write_offer(record, keys)) == write_canonical(payload)


@drawn
@given(structures=draw_many(DATA_INCLUSION_STRUCTURES), services=draw_many(SERVICES))
async def test_drawn_structures_and_services_survive(
    partners: Partners, structures: list[JsonObject], services: list[JsonObject]
) -> None:
    partner = await partners.add(next(SOURCES))
    await require(partner, "structures", "dora--42", data_inclusion.read_structure(DATA_INCLUSION_STRUCTURE))

    for number, payload in enumerate(structures):
        content = data_inclusion.read_structure(payload)
        record = await pass_through(partner, "structures", str(number), {**content, "siret": None})
        if record is not None and "siret" not in content:
            assert write_canonical(data_inclusion.write_structure(record)) == write_canonical(payload)
    for number, payload in enumerate(services):
        record = await pass_through(partner, "services", str(number), data_inclusion.read_service(payload))
        if record is not None:
            assert write_canonical(data_inclusion.write_service(record)) == write_canonical(payload)


@drawn
@given(payloads=draw_many(LES_EMPLOIS_STRUCTURES))
async def test_drawn_structures_with_positions_survive(partners: Partners, payloads: list[JsonObject]) -> None:
    partner = await partners.add(next(SOURCES))

    for number, payload in enumerate(payloads):
        structure, positions = les_emplois.read_structure({**payload, "id": str(number), "siret": None})
        record = await pass_through(partner, "structures", structure.external_id, structure.content)
        if record is None:
            continue
        contents = [(f"{number}-{one.external_id}", one.content) for one in positions]
        offers = [await pass_through(partner, "job-offers", name, content) for name, content in contents]
        written = les_emplois.write_structure(record, [offer for offer in offers if offer is not None])
        kept = [position for position, offer in zip(list_objects(payload["postes"]), offers, strict=True) if offer]
        assert write_canonical(written) == write_canonical(
            {**payload, "id": str(number), "siret": None, "postes": [*kept]}
        )
