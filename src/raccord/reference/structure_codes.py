"""Hold the small lists that describe a structure besides its kind."""

from enum import StrEnum

from raccord.reference.code_list import CodeList, build_codes


class Habilitation(StrEnum):
    """Name how far the authorisation of a prescribing organisation has come."""

    NOT_SET = "NOT_SET"
    VALIDATED = "VALIDATED"
    REFUSED = "REFUSED"
    NOT_REQUIRED = "NOT_REQUIRED"


class StructureSource(StrEnum):
    """Name where the sector first learnt of a structure."""

    ASP = "ASP"
    GEIQ = "GEIQ"
    EA_EATT = "EA_EATT"
    USER_CREATED = "USER_CREATED"
    STAFF_CREATED = "STAFF_CREATED"


class FinancialAnnexState(StrEnum):
    """Name where a financial annex (annexe financière) stands, in the codes of ASP."""

    VALID = "VALIDE"
    PROVISIONAL = "PROVISOIRE"
    ARCHIVED = "HISTORISE"
    CANCELLED = "ANNULE"
    ENTERED = "SAISI"
    DRAFT = "BROUILLON"
    CLOSED = "CLOTURE"
    REJECTED = "REJETE"


ACTIVE_ANNEX_STATES: frozenset[FinancialAnnexState] = frozenset(
    {FinancialAnnexState.VALID, FinancialAnnexState.PROVISIONAL}
)

HABILITATIONS = CodeList(
    name="habilitations",
    version="2026-08",
    source="Les emplois de l'inclusion, August 2026",
    codes=build_codes(
        {
            Habilitation.NOT_SET: (
                "Habilitation en attente de validation",
                "Authorisation awaiting validation",
            ),
            Habilitation.VALIDATED: ("Habilitation validée", "Authorisation validated"),
            Habilitation.REFUSED: ("Validation de l'habilitation refusée", "Authorisation refused"),
            Habilitation.NOT_REQUIRED: ("Pas d'habilitation nécessaire", "No authorisation required"),
        }
    ),
)

STRUCTURE_SOURCES = CodeList(
    name="structure_sources",
    version="2026-08",
    source="Les emplois de l'inclusion, August 2026",
    codes=build_codes(
        {
            StructureSource.ASP: ("Export ASP", "Export of the payment agency (ASP)"),
            StructureSource.GEIQ: ("Export GEIQ", "Export of the GEIQ federation"),
            StructureSource.EA_EATT: ("Export EA+EATT", "Export of adapted enterprises (EA, EATT)"),
            StructureSource.USER_CREATED: ("Utilisateur (Antenne)", "User (branch)"),
            StructureSource.STAFF_CREATED: ("Staff Itou", "Staff of Les emplois"),
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
            FinancialAnnexState.ARCHIVED: ("Archivée (invalide)", "Archived (not valid)"),
            FinancialAnnexState.CANCELLED: ("Annulée", "Cancelled"),
            FinancialAnnexState.ENTERED: ("Saisie (invalide)", "Entered (not valid)"),
            FinancialAnnexState.DRAFT: ("Brouillon (invalide)", "Draft (not valid)"),
            FinancialAnnexState.CLOSED: ("Cloturée (invalide)", "Closed (not valid)"),
            FinancialAnnexState.REJECTED: ("Rejetée", "Rejected"),
        },
        attributes={
            state: {"is_active": "true" if state in ACTIVE_ANNEX_STATES else "false"} for state in FinancialAnnexState
        },
    ),
)
