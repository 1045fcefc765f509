"""A page as a publisher's API gives it, with what such pages hold: blanks, nulls, odd types, a code nobody listed."""

from __future__ import annotations

import json
from pathlib import Path

from raccord.adapters.contract import Drift
from raccord.kernel.strict_json import dump_json
from raccord.kernel.validation import validate_content
from raccord.resources.registry import KINDS_BY_NAME
from tests.adapters.rest.cases import connect
from tests.adapters.rest.publisher import BASE, Publisher
from tests.adapters.suite import list_items

PAGE = json.loads((Path(__file__).parent / "payloads" / "structures_page.json").read_text("utf-8"))
SPEC = f"""
base_url = "{BASE}"
auth = {{ type = "bearer" }}
[streams.structures]
kind = "structures"
request = {{ path = "structures" }}
records = {{ pointer = "/results", total = "/count" }}
cursor = {{ type = "datetime", field = "/modifie_le", param = "since", zone = "Europe/Paris" }}
[streams.structures.map]
name = {{ pointer = "/nom", transforms = ["fold_spaces"] }}
kind = {{ pointer = "/type", codes = {{ chantier = "ACI", entreprise = "EI" }} }}
siret = {{ pointer = "/siret", transforms = ["siret"] }}
phone = "/contact/telephone"
email = {{ pointer = "/contact/courriel", transforms = ["lower"] }}
is_brsa = {{ pointer = "/rsa", default = false }}
"address.line_1" = "/adresse/voie"
"address.postal_code" = {{ pointer = "/adresse/cp", transforms = ["postal_code"] }}
"address.city" = "/adresse/ville"
source_updated_on = {{ pointer = "/modifie_le", transforms = ["date"] }}
"""


async def test_a_page_becomes_records() -> None:
    case = connect(Publisher(PAGE["results"]), SPEC)
    items = list_items(await case.walk())

    first, second, third = [case.build().translate(item) for item in items]

    assert first.content == {
        "name": "Les Jardins d'Éole", "kind": "ACI", "siret": "13002526500013", "phone": "04 74 00 00 00",
        "email": "contact@jardins.example", "is_brsa": True, "source_updated_on": "2026-11-20",
        "address": {"line_1": "12 rue des Acacias", "postal_code": "01000", "city": "Bourg-en-Bresse"},
    }  # fmt: skip
    assert second.content["name"] == "Atelier du Pont"
    assert not {"siret", "phone", "email"} & {*second.content, *third.content}
    assert third.drifts == [Drift("unknown_code", "/type", "péniche"), Drift("new_field", "/adresse/etage", 2)]
    assert [str(item.updated_at) for item in items] == [
        "2026-11-20 09:12:45.120000+01:00", "2026-11-19 08:30:00+01:00", "2026-11-18 00:00:00+01:00",
    ]  # fmt: skip
    for translation in (first, second, third):
        validate_content(KINDS_BY_NAME["structures"].content, dump_json(translation.content))
