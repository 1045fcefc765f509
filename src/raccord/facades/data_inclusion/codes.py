"""The values that data·inclusion's parameters take and its reference lists hold, from our own lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from raccord.kernel.strict_json import JsonObject
from raccord.reference.code_list import CodeList
from raccord.reference.departments import DEPARTMENTS
from raccord.reference.networks import NETWORKS
from raccord.reference.regions import REGIONS
from raccord.reference.service_codes import (
    AUDIENCES,
    FEES,
    MOBILISATION_MODES,
    MOBILISERS,
    RECEPTION_MODES,
    SERVICE_TYPES,
)
from raccord.reference.topics import TOPIC_CATEGORIES, TOPICS

_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
DOC_LISTS: Mapping[str, CodeList] = {
    "frais": FEES,
    "modes-accueil": RECEPTION_MODES,
    "modes-mobilisation": MOBILISATION_MODES,
    "personnes-mobilisatrices": MOBILISERS,
    "publics": AUDIENCES,
    "reseaux-porteurs": NETWORKS,
    "thematiques": TOPICS,
    "types-services": SERVICE_TYPES,
}
CATEGORIES = frozenset(TOPIC_CATEGORIES.values)
THEMES = (*TOPIC_CATEGORIES.values, *TOPICS.values)


def fold_text(text: str) -> str:
    """Write the text in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()


def make_slug(text: str) -> str:
    """Write a name as it stands in an address."""
    return _NOT_IN_SLUGS.sub("-", fold_text(text)).strip("-")


def list_entries(codes: CodeList) -> list[JsonObject]:
    """List the values of a list as `doc/*` answers them."""
    return [
        {"value": code.value, "label": code.label_fr, "description": code.attributes.get("description_fr")}
        for code in codes.codes
    ]


def list_departments(region: str) -> list[str]:
    """List the départements of a region."""
    return [code.value for code in DEPARTMENTS.codes if code.parent == region]


DEPARTMENT_SLUGS: Mapping[str, str] = {make_slug(code.label_fr): code.value for code in DEPARTMENTS.codes}
REGION_SLUGS: Mapping[str, str] = {make_slug(code.label_fr): code.value for code in REGIONS.codes}
# The networks that are kinds of structures: a structure of such a kind belongs to one without saying so.
KINDS_BY_NETWORK: Mapping[str, str] = {
    code.value: code.crosswalk["les_emplois"] for code in NETWORKS.codes if "les_emplois" in code.crosswalk
}
NETWORKS_BY_KIND: Mapping[str, str] = {kind: network for network, kind in KINDS_BY_NETWORK.items()}
