"""Hold the lists of data·inclusion that describe a service, topics apart."""

# Written by scripts/derive_inclusion_codes.py.
from enum import StrEnum

from raccord.reference.data_inclusion import build_list


class Audience(StrEnum):
    """Name whom a service is for."""

    EVERYONE = "tous-publics"
    WORKING_PEOPLE = "actifs"
    MINIMUM_INCOME_RECIPIENTS = "beneficiaires-des-minimas-sociaux"
    JOB_SEEKERS = "demandeurs-emploi"
    STUDENTS = "etudiants"
    FAMILIES = "familles"
    WOMEN = "femmes"
    YOUNG_PEOPLE = "jeunes"
    PEOPLE_WITH_DISABILITIES = "personnes-en-situation-de-handicap"
    PEOPLE_IN_EMERGENCY = "personnes-en-situation-durgence"
    PEOPLE_IN_A_SPECIFIC_LEGAL_SITUATION = "personnes-en-situation-juridique-specifique"
    EXILES = "personnes-exilees"
    PRIORITY_AREA_RESIDENTS = "residents-qpv-frr"
    SENIORS = "seniors"


class ServiceType(StrEnum):
    """Name what sort of service it is."""

    SUPPORT = "accompagnement"
    FINANCIAL_AID = "aide-financiere"
    MATERIAL_AID = "aide-materielle"
    WORKSHOP = "atelier"
    TRAINING = "formation"
    INFORMATION = "information"


class Fee(StrEnum):
    """Name whether a service costs anything."""

    FREE = "gratuit"
    PAID = "payant"


class ReceptionMode(StrEnum):
    """Name how people are received."""

    REMOTE = "a-distance"
    ON_SITE = "en-presentiel"


class MobilisationMode(StrEnum):
    """Name how one asks for a service."""

    EMAIL = "envoyer-un-courriel"
    WALK_IN = "se-presenter"
    PHONE = "telephoner"
    LINK = "utiliser-lien-mobilisation"


class Mobiliser(StrEnum):
    """Name who may ask for a service."""

    USERS = "usagers"
    PROFESSIONALS = "professionnels"


AUDIENCES = build_list("audiences")
SERVICE_TYPES = build_list("service_types")
FEES = build_list("fees")
RECEPTION_MODES = build_list("reception_modes")
MOBILISATION_MODES = build_list("mobilisation_modes")
MOBILISERS = build_list("mobilisers")
