"""Hold the small lists that say what part a structure plays, and whether it is active; Raccord derives both."""

from enum import StrEnum

from raccord.reference.code_list import CodeList, build_codes


class StructureRole(StrEnum):
    """Name a part that a structure plays."""

    EMPLOYER = "employer"
    PRESCRIBER = "prescriber"
    SERVICE_PROVIDER = "service_provider"


class StructureActivity(StrEnum):
    """Name what is known of a structure's activity, dates apart."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    NOT_STATED = "not_stated"


STRUCTURE_ROLES = CodeList(
    name="structure_roles",
    version="2026-11",
    source="Raccord",
    codes=build_codes(
        {
            StructureRole.EMPLOYER: ("Employeur", "Employer"),
            StructureRole.PRESCRIBER: ("Prescripteur ou orienteur", "Prescriber or adviser"),
            StructureRole.SERVICE_PROVIDER: ("Porteuse de services", "Service provider"),
        }
    ),
)

STRUCTURE_ACTIVITIES = CodeList(
    name="structure_activities",
    version="2026-11",
    source="Raccord, from the rules of Les emplois de l'inclusion, August 2026",
    codes=build_codes(
        {
            StructureActivity.ACTIVE: ("Active", "Active"),
            StructureActivity.INACTIVE: ("Inactive", "Inactive"),
            StructureActivity.NOT_STATED: ("Convention non communiquée", "Agreement not stated"),
        }
    ),
)
