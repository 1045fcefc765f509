"""From the publisher's record to Raccord's content and back, by the spec's map alone."""

from __future__ import annotations

from typing import Any

import pytest

from raccord.adapters.contract import Drift, Item, RecordRefused, Translation
from tests.adapters.rest.cases import connect, write_spec
from tests.adapters.rest.publisher import Publisher, make_row

FIELDS = """
[streams.structures.map]
name = "/nom"
kind = { pointer = "/type", codes = { chantier = "ACI", entreprise = "EI" } }
siret = { pointer = "/siret", transforms = ["siret"] }
"address.postal_code" = { pointer = "/adresse/cp", transforms = ["postal_code"] }
"address.city" = "/adresse/ville"
is_brsa = { pointer = "/rsa", default = false }
topics = { pointer = "/themes", codes = { mobilite = "mobilite--acceder-a-un-vehicule" } }
source_updated_on = { pointer = "/modifie_le", transforms = ["date"] }
"""


def translate(spec: str = "", **fields: Any) -> Translation:
    adapter = connect(Publisher(), spec or write_spec(fields=FIELDS)).build()
    return adapter.translate(Item("structures", "1", make_row(1, **fields)))


def test_a_record_becomes_the_content_that_the_map_draws() -> None:
    assert translate(rsa="oui", siret="130 025 265 00013", themes=["mobilite"]) == Translation(
        {
            "name": "Structure 00001", "kind": "ACI", "siret": "13002526500013",
            "address": {"postal_code": "69001", "city": "Lyon"}, "is_brsa": True,
            "topics": ["mobilite--acceder-a-un-vehicule"], "source_updated_on": "2026-11-20",
        },
        [],
    )  # fmt: skip


def test_a_code_that_is_not_listed_is_drift_and_no_value() -> None:
    translation = translate(type="péniche", themes=["mobilite", "poésie"])

    assert "kind" not in translation.content
    assert translation.drifts == [
        Drift("unknown_code", "/type", "péniche"), Drift("unknown_code", "/themes/1", "poésie"),
    ]  # fmt: skip


def test_a_new_field_is_drift_at_any_depth_unless_it_is_known() -> None:
    translation = translate(nouveau=1, adresse={"cp": "69001", "ville": "Lyon", "étage/porte": 3}, actif="oui")

    assert translation.drifts == [
        Drift("new_field", "/adresse/étage~1porte", 3), Drift("new_field", "/nouveau", 1),
    ]  # fmt: skip


def test_drift_that_nobody_watches_is_not_told() -> None:
    spec = write_spec(fields=FIELDS).replace('known = ["/actif"]', "is_watched = false")

    assert not translate(spec, nouveau=1).drifts


def test_an_object_where_a_text_was_is_drift() -> None:
    translation = translate(nom={"fr": "Structure"})

    assert translation.drifts == [Drift("changed_type", "/nom", {"fr": "Structure"})]
    assert "name" not in translation.content


def test_a_value_that_cannot_be_read_refuses_its_record_without_repeating_it() -> None:
    with pytest.raises(RecordRefused) as raised:
        translate(rsa="peut-être")

    assert (raised.value.code, raised.value.pointer) == ("bool_parsing", "/rsa")
    assert "peut" not in str(raised.value)


def test_the_first_of_a_list_of_objects_can_be_filled() -> None:
    fields = '[streams.structures.map]\ntitle = "/nom"\n"workplaces.0.city" = "/adresse/ville"\n'
    spec = write_spec(fields=fields).replace('kind = "structures"', 'kind = "job_offers"')
    adapter = connect(Publisher(), spec, reads=("job_offers",)).build()

    content = adapter.translate(Item("job_offers", "1", make_row(1))).content

    assert content == {"title": "Structure 00001", "workplaces": [{"city": "Lyon"}]}
