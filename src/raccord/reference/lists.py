"""Register the code lists that Raccord publishes; a new list is added here."""

from collections.abc import Mapping
from types import MappingProxyType

from raccord.reference.career_path_codes import (
    CAREER_PATH_FRAMEWORKS,
    CAREER_PATH_STATUSES,
    PARTICIPANT_ROLES,
)
from raccord.reference.code_list import CodeList
from raccord.reference.departments import DEPARTMENTS
from raccord.reference.networks import NETWORKS
from raccord.reference.prescription_codes import (
    PRESCRIPTION_ORIGINS,
    PRESCRIPTION_STATES,
    REFUSAL_REASONS,
    SENDER_KINDS,
)
from raccord.reference.privacy_codes import PURPOSES, RECORD_CATEGORIES
from raccord.reference.service_codes import (
    AUDIENCES,
    FEES,
    MOBILISATION_MODES,
    MOBILISERS,
    RECEPTION_MODES,
    SERVICE_TYPES,
)
from raccord.reference.structure_codes import HABILITATIONS, STRUCTURE_SOURCES
from raccord.reference.structure_facts import FINANCIAL_ANNEX_STATES, STRUCTURE_ACTIVITIES, STRUCTURE_ROLES
from raccord.reference.structure_kinds import STRUCTURE_KINDS
from raccord.reference.topics import TOPIC_CATEGORIES, TOPICS

LISTS: tuple[CodeList, ...] = (
    STRUCTURE_KINDS,
    HABILITATIONS,
    STRUCTURE_SOURCES,
    STRUCTURE_ROLES,
    STRUCTURE_ACTIVITIES,
    FINANCIAL_ANNEX_STATES,
    PRESCRIPTION_STATES,
    SENDER_KINDS,
    PRESCRIPTION_ORIGINS,
    REFUSAL_REASONS,
    CAREER_PATH_STATUSES,
    CAREER_PATH_FRAMEWORKS,
    PARTICIPANT_ROLES,
    PURPOSES,
    RECORD_CATEGORIES,
    DEPARTMENTS,
    TOPIC_CATEGORIES,
    TOPICS,
    AUDIENCES,
    NETWORKS,
    SERVICE_TYPES,
    FEES,
    RECEPTION_MODES,
    MOBILISATION_MODES,
    MOBILISERS,
)

LISTS_BY_NAME: Mapping[str, CodeList] = MappingProxyType({code_list.name: code_list for code_list in LISTS})
