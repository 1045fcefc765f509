"""Register the code lists that Raccord publishes; a new list is added here."""

from collections.abc import Mapping
from types import MappingProxyType

from raccord.reference.career_path_codes import (
    CAREER_PATH_FRAMEWORKS,
    CAREER_PATH_STATUSES,
    PARTICIPANT_ROLES,
)
from raccord.reference.classifications import CLASSIFICATIONS
from raccord.reference.code_list import CodeList
from raccord.reference.departments import DEPARTMENTS
from raccord.reference.eligibility_codes import (
    ELIGIBILITY_CRITERIA,
)
from raccord.reference.job_offer_codes import (
    APPLICATION_MODE_TYPES,
    CONTRACT_NATURES,
    CONTRACT_SCHEMES,
    CONTRACT_TYPES,
    CONVERGENCE_PROGRAMMES,
    DELEGATION_ROLES,
    DISABILITY_COMMITMENTS,
    DURATION_UNITS,
    EXPERIENCE_LEVELS,
    OBSTACLE_ACCEPTANCES,
    OBSTACLES,
    OFFER_CLOSING_REASONS,
    OFFER_ORIGINS,
    OFFER_STATUSES,
    PAY_BASES,
    PAY_PERIODS,
    PLACE_PRECISIONS,
    REQUIREMENT_LEVELS,
    START_KINDS,
    TRAVEL_FREQUENCIES,
    WORK_MODES,
    WORKING_TIMES,
)
from raccord.reference.licences import LICENCES
from raccord.reference.networks import NETWORKS
from raccord.reference.prescription_codes import (
    PRESCRIPTION_ORIGINS,
    PRESCRIPTION_STATES,
    REFUSAL_REASONS,
    SENDER_KINDS,
)
from raccord.reference.privacy_codes import PURPOSES, RECORD_CATEGORIES
from raccord.reference.qualification_codes import (
    CEFR_LEVELS,
    DRIVING_LICENCES,
    EDUCATION_LEVELS,
    QUALIFICATION_LEVELS,
)
from raccord.reference.quality_codes import QUALITY_CRITERIA
from raccord.reference.regions import REGIONS
from raccord.reference.service_codes import (
    AUDIENCES,
    FEES,
    MOBILISATION_MODES,
    MOBILISERS,
    RECEPTION_MODES,
    SERVICE_TYPES,
)
from raccord.reference.structure_codes import FINANCIAL_ANNEX_STATES, HABILITATIONS, STRUCTURE_SOURCES
from raccord.reference.structure_facts import STRUCTURE_ACTIVITIES, STRUCTURE_ROLES
from raccord.reference.structure_kinds import STRUCTURE_KINDS
from raccord.reference.topics import TOPIC_CATEGORIES, TOPICS

LISTS: tuple[CodeList, ...] = (
    STRUCTURE_KINDS,
    HABILITATIONS,
    STRUCTURE_SOURCES,
    STRUCTURE_ROLES,
    STRUCTURE_ACTIVITIES,
    QUALITY_CRITERIA,
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
    REGIONS,
    TOPIC_CATEGORIES,
    TOPICS,
    AUDIENCES,
    NETWORKS,
    SERVICE_TYPES,
    FEES,
    RECEPTION_MODES,
    MOBILISATION_MODES,
    MOBILISERS,
    ELIGIBILITY_CRITERIA,
    CONTRACT_TYPES,
    CONTRACT_SCHEMES,
    CONTRACT_NATURES,
    WORK_MODES,
    WORKING_TIMES,
    START_KINDS,
    DURATION_UNITS,
    PAY_PERIODS,
    PAY_BASES,
    PLACE_PRECISIONS,
    OFFER_STATUSES,
    OFFER_CLOSING_REASONS,
    OFFER_ORIGINS,
    APPLICATION_MODE_TYPES,
    DELEGATION_ROLES,
    REQUIREMENT_LEVELS,
    EXPERIENCE_LEVELS,
    TRAVEL_FREQUENCIES,
    DISABILITY_COMMITMENTS,
    CONVERGENCE_PROGRAMMES,
    OBSTACLES,
    OBSTACLE_ACCEPTANCES,
    CLASSIFICATIONS,
    LICENCES,
    DRIVING_LICENCES,
    CEFR_LEVELS,
    QUALIFICATION_LEVELS,
    EDUCATION_LEVELS,
)

LISTS_BY_NAME: Mapping[str, CodeList] = MappingProxyType({code_list.name: code_list for code_list in LISTS})
