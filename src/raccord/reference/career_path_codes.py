"""Hold the lists of a career path; how a path moves belongs to the resource."""

from enum import StrEnum

from raccord.reference.code_list import CodeList, build_codes

SOURCE = "Raccord, from the terms of French career-path tools and the law « pour le plein emploi » of 2023"
VERSION = "2026-08"


class CareerPathStatus(StrEnum):
    """Name where a path stands."""

    DRAFT = "draft"
    AWAITING_ORIENTATION = "awaiting_orientation"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    CANCELLED = "cancelled"


class CareerPathFramework(StrEnum):
    """Name the scheme under which a path is led."""

    RSA = "rsa"
    FRANCE_TRAVAIL = "france_travail"
    MISSION_LOCALE = "mission_locale"
    CAP_EMPLOI = "cap_emploi"
    IAE = "iae"
    PLIE = "plie"
    OTHER = "other"


class ParticipantRole(StrEnum):
    """Name what a structure does in a path."""

    SINGLE_REFERENT = "single_referent"
    CO_REFERENT = "co_referent"
    CONTRIBUTOR = "contributor"
    COMPANY_ADVISER = "company_adviser"


CAREER_PATH_STATUSES = CodeList(
    name="career_path_statuses",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            CareerPathStatus.DRAFT: ("Brouillon", "Draft"),
            CareerPathStatus.AWAITING_ORIENTATION: ("En attente d'orientation", "Awaiting orientation"),
            CareerPathStatus.ACTIVE: ("Actif", "Active"),
            CareerPathStatus.SUSPENDED: ("Suspendu", "Suspended"),
            CareerPathStatus.ENDED: ("Terminé", "Ended"),
            CareerPathStatus.CANCELLED: ("Annulé", "Cancelled"),
        }
    ),
)

CAREER_PATH_FRAMEWORKS = CodeList(
    name="career_path_frameworks",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            CareerPathFramework.RSA: (
                "Revenu de solidarité active (RSA)",
                "Minimum income scheme (RSA)",
            ),
            CareerPathFramework.FRANCE_TRAVAIL: (
                "France Travail",
                "France Travail (public employment service)",
            ),
            CareerPathFramework.MISSION_LOCALE: (
                "Mission locale",
                "Mission locale (employment service for young people)",
            ),
            CareerPathFramework.CAP_EMPLOI: (
                "Cap emploi",
                "Cap emploi (employment service for people with disabilities)",
            ),
            CareerPathFramework.IAE: (
                "Insertion par l'activité économique (IAE)",
                "Integration through economic activity (IAE)",
            ),
            CareerPathFramework.PLIE: (
                "Plan local pour l'insertion et l'emploi (PLIE)",
                "Local plan for integration and employment (PLIE)",
            ),
            CareerPathFramework.OTHER: ("Autre", "Other"),
        }
    ),
)

PARTICIPANT_ROLES = CodeList(
    name="participant_roles",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            ParticipantRole.SINGLE_REFERENT: ("Référent unique", "Single referent"),
            ParticipantRole.CO_REFERENT: ("Co-référent", "Co-referent"),
            ParticipantRole.CONTRIBUTOR: ("Intervenant", "Contributor"),
            ParticipantRole.COMPANY_ADVISER: ("Conseiller entreprise", "Company adviser"),
        }
    ),
)
