"""Hold the small lists that say what part a structure plays, whether it is active, and what its annexes are."""

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


class FinancialAnnexState(StrEnum):
    """Name the state of a financial annex at the payment agency (ASP)."""

    VALID = "VALIDE"
    PROVISIONAL = "PROVISOIRE"
    ARCHIVED = "HISTORISE"
    CANCELLED = "ANNULE"
    ENTERED = "SAISI"
    DRAFT = "BROUILLON"
    CLOSED = "CLOTURE"
    REJECTED = "REJETE"


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

FINANCIAL_ANNEX_STATES = CodeList(
    name="financial_annex_states",
    version="2026-08",
    source="Les emplois de l'inclusion, August 2026",
    codes=build_codes(
        {
            FinancialAnnexState.VALID: ("Validée", "Validated"),
            FinancialAnnexState.PROVISIONAL: ("Provisoire (valide)", "Provisional (valid)"),
            FinancialAnnexState.ARCHIVED: ("Archivée (invalide)", "Archived (invalid)"),
            FinancialAnnexState.CANCELLED: ("Annulée", "Cancelled"),
            FinancialAnnexState.ENTERED: ("Saisie (invalide)", "Entered (invalid)"),
            FinancialAnnexState.DRAFT: ("Brouillon (invalide)", "Draft (invalid)"),
            FinancialAnnexState.CLOSED: ("Cloturée (invalide)", "Closed (invalid)"),
            FinancialAnnexState.REJECTED: ("Rejetée", "Rejected"),
        },
        attributes={
            state: {"is_active": "true" if state in ("VALIDE", "PROVISOIRE") else "false"}
            for state in FinancialAnnexState
        },
    ),
)
