"""Our vocabularies of data·inclusion are those that it publishes, value for value and label for label."""

from __future__ import annotations

import enum

import pytest
from data_inclusion.schema import v1  # type: ignore[import-untyped]  # the package publishes no types

from raccord.reference.code_list import CodeList
from raccord.reference.networks import NETWORKS
from raccord.reference.service_codes import (
    AUDIENCES,
    FEES,
    MOBILISATION_MODES,
    MOBILISERS,
    RECEPTION_MODES,
    SERVICE_TYPES,
)
from raccord.reference.structure_kinds import STRUCTURE_KINDS
from raccord.reference.topics import TOPIC_CATEGORIES, TOPICS

PUBLISHED: list[tuple[CodeList, type[enum.Enum], int]] = [
    (TOPIC_CATEGORIES, v1.Categorie, 16),
    (TOPICS, v1.Thematique, 69),
    (AUDIENCES, v1.Public, 14),
    (NETWORKS, v1.ReseauPorteur, 108),
    (SERVICE_TYPES, v1.TypeService, 6),
    (FEES, v1.Frais, 2),
    (RECEPTION_MODES, v1.ModeAccueil, 2),
    (MOBILISATION_MODES, v1.ModeMobilisation, 4),
    (MOBILISERS, v1.PersonneMobilisatrice, 2),
]


@pytest.mark.parametrize(("ours", "theirs", "count"), PUBLISHED, ids=[row[0].name for row in PUBLISHED])
def test_values_labels_and_order_are_those_published(ours: CodeList, theirs: type[enum.Enum], count: int) -> None:
    published = [(member.value, getattr(member, "label"), getattr(member, "description")) for member in theirs]  # noqa: B009  # the package has no types

    assert len(ours.codes) == count
    assert [(code.value, code.label_fr, code.attributes.get("description_fr")) for code in ours.codes] == published


def test_every_topic_belongs_to_a_category() -> None:
    assert {code.parent for code in TOPICS.codes} == set(TOPIC_CATEGORIES.values)
    assert all(code.value.startswith(f"{code.parent}--") for code in TOPICS.codes)


def test_networks_lead_to_the_kinds_of_les_emplois() -> None:
    crossed = {code.value: code.crosswalk["les_emplois"] for code in NETWORKS.codes if code.crosswalk}

    assert crossed["aci"] == "ACI"
    assert crossed["mission-locale"] == "ML"
    assert set(crossed.values()) <= set(STRUCTURE_KINDS.values)
    assert len(set(crossed.values())) == len(crossed)
