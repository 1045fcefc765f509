"""The lists of codes that data·inclusion draws on, by its fields: what we know of them."""

from __future__ import annotations

from collections.abc import Mapping

from raccord.reference.networks import NETWORKS
from raccord.reference.service_codes import (
    AUDIENCES,
    FEES,
    MOBILISATION_MODES,
    MOBILISERS,
    RECEPTION_MODES,
    SERVICE_TYPES,
)
from raccord.reference.topics import TOPICS

LISTS: Mapping[str, frozenset[str]] = {
    "reseaux_porteurs": frozenset(NETWORKS.values),
    "type": frozenset(SERVICE_TYPES.values),
    "thematiques": frozenset(TOPICS.values),
    "frais": frozenset(FEES.values),
    "publics": frozenset(AUDIENCES.values),
    "modes_accueil": frozenset(RECEPTION_MODES.values),
    "modes_mobilisation": frozenset(MOBILISATION_MODES.values),
    "mobilisable_par": frozenset(MOBILISERS.values),
}
