"""What the tests of job offers share: an offer that may be published, and ways to write it."""

from __future__ import annotations

import copy
from typing import Any

from raccord.resources.job_offers.kind import JOB_OFFERS
from tests.partners import Partner

Json = dict[str, Any]
PATH = "/v1/job-offers"


def make_offer(structure_id: object = None, **fields: object) -> Json:
    """Make the content of an offer that may be published; `None` takes a field away."""
    offer: Json = copy.deepcopy(dict(JOB_OFFERS.example))
    if structure_id is None:
        del offer["structure_id"]
        offer["employer"] = {"siret": "00010000800010", "name": "Les Jardins du Raccord"}
    else:
        offer["structure_id"] = structure_id
    offer |= fields
    return {name: value for name, value in offer.items() if value is not None}


def make_foreign(seen_at: str | None = None, **fields: object) -> Json:
    """Make an offer that France Travail published first."""
    provenance: Json = {"system": "france-travail", "external_id": "048KLTP"}
    if seen_at is not None:
        provenance["last_seen_at"] = seen_at
    return make_offer(provenance=provenance, licence={"code": "france_travail"}, **fields)


async def write_offer(partner: Partner, offer: Json, external_id: str = "O-1") -> Json:
    """Write the offer under the partner's source, and return it as it is served."""
    response = await partner.put(f"{PATH}/by-source/{partner.source}/{external_id}", offer)
    assert response.status_code in (200, 201), response.text
    return dict(response.json())
