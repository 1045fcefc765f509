"""Hold the lists of a prescription; the transition table that moves its state belongs to the resource."""

from enum import StrEnum

from raccord.reference.code_list import CodeList, build_codes

SOURCE = "Les emplois de l'inclusion, August 2026"
VERSION = "2026-08"


class PrescriptionState(StrEnum):
    """Name how far the answer to a prescription has come."""

    NEW = "new"
    PROCESSING = "processing"
    POSTPONED = "postponed"
    PRIOR_TO_HIRE = "prior_to_hire"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    OBSOLETE = "obsolete"
    POOL = "pool"


class SenderKind(StrEnum):
    """Name who sent a prescription."""

    JOB_SEEKER = "job_seeker"
    PRESCRIBER = "prescriber"
    EMPLOYER = "employer"


class PrescriptionOrigin(StrEnum):
    """Name how a prescription came to exist in its system."""

    DEFAULT = "default"
    PE_APPROVAL = "pe_approval"
    AI_STOCK = "ai_stock"
    ADMIN = "admin"


class RefusalReason(StrEnum):
    """Name why an employer declined a prescription."""

    DID_NOT_COME = "did_not_come"
    DID_NOT_COME_TO_INTERVIEW = "did_not_come_to_interview"
    HIRED_ELSEWHERE = "hired_elsewhere"
    TRAINING = "training"
    NON_ELIGIBLE = "non_eligible"
    NOT_MOBILE = "not_mobile"
    NOT_INTERESTED = "not_interested"
    LACKING_SKILLS = "lacking_skills"
    INCOMPATIBLE = "incompatible"
    PREVENT_OBJECTIVES = "prevent_objectives"
    NO_POSITION = "no_position"
    DUPLICATE = "duplicate"
    AUTO = "auto"
    OTHER = "other"
    APPROVAL_EXPIRATION_TOO_CLOSE = "approval_expiration_too_close"
    UNAVAILABLE = "unavailable"
    ELIGIBILITY_DOUBT = "eligibility_doubt"
    DEACTIVATION = "deactivation"
    POORLY_INFORMED = "poorly_informed"


NOT_GEIQ_REASONS: frozenset[RefusalReason] = frozenset({RefusalReason.NON_ELIGIBLE, RefusalReason.PREVENT_OBJECTIVES})
SYSTEM_REASONS: frozenset[RefusalReason] = frozenset({RefusalReason.AUTO})
HISTORY_REASONS: frozenset[RefusalReason] = frozenset(
    {
        RefusalReason.APPROVAL_EXPIRATION_TOO_CLOSE,
        RefusalReason.UNAVAILABLE,
        RefusalReason.ELIGIBILITY_DOUBT,
        RefusalReason.DEACTIVATION,
        RefusalReason.POORLY_INFORMED,
    }
)
SIAE_REASONS: frozenset[RefusalReason] = frozenset(RefusalReason) - SYSTEM_REASONS - HISTORY_REASONS
GEIQ_REASONS: frozenset[RefusalReason] = SIAE_REASONS - NOT_GEIQ_REASONS


def name_selectability(reason: RefusalReason) -> str:
    """Name who may choose a reason: all, not_geiq, system or history."""
    if reason in SYSTEM_REASONS:
        return "system"
    if reason in HISTORY_REASONS:
        return "history"
    return "not_geiq" if reason in NOT_GEIQ_REASONS else "all"


PRESCRIPTION_STATES = CodeList(
    name="prescription_states",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            PrescriptionState.NEW: ("Nouvelle candidature", "New application"),
            PrescriptionState.PROCESSING: ("Candidature à l'étude", "Application under review"),
            PrescriptionState.POSTPONED: ("Candidature en attente", "Application on hold"),
            PrescriptionState.PRIOR_TO_HIRE: ("Action préalable à l’embauche", "Action prior to hiring"),
            PrescriptionState.ACCEPTED: ("Candidature acceptée", "Application accepted"),
            PrescriptionState.REFUSED: ("Candidature déclinée", "Application declined"),
            PrescriptionState.CANCELLED: ("Embauche annulée", "Hiring cancelled"),
            PrescriptionState.OBSOLETE: ("Embauché ailleurs", "Hired elsewhere"),
            PrescriptionState.POOL: ("Vivier de candidatures", "Application pool"),
        }
    ),
)

SENDER_KINDS = CodeList(
    name="sender_kinds",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            SenderKind.JOB_SEEKER: ("Demandeur d'emploi", "Job seeker"),
            SenderKind.PRESCRIBER: ("Prescripteur", "Prescriber"),
            SenderKind.EMPLOYER: ("Employeur", "Employer"),
        },
        crosswalks={
            SenderKind.JOB_SEEKER: {"france_travail": "DEMA"},
            SenderKind.PRESCRIBER: {"france_travail": "PRES"},
            SenderKind.EMPLOYER: {"france_travail": "EMPL"},
        },
    ),
)

PRESCRIPTION_ORIGINS = CodeList(
    name="prescription_origins",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            PrescriptionOrigin.DEFAULT: (
                "Créée normalement via les emplois",
                "Created in the ordinary way through Les emplois",
            ),
            PrescriptionOrigin.PE_APPROVAL: (
                "Créée lors d'un import d'Agrément Pole Emploi",
                "Created by an import of Pôle emploi approvals",
            ),
            PrescriptionOrigin.AI_STOCK: (
                "Créée lors de l'import du stock AI",
                "Created by the import of the intermediary associations' stock",
            ),
            PrescriptionOrigin.ADMIN: ("Créée depuis l'admin", "Created from the administration site"),
        }
    ),
)

REFUSAL_REASONS = CodeList(
    name="refusal_reasons",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            RefusalReason.DID_NOT_COME: ("Candidat non joignable", "Candidate could not be reached"),
            RefusalReason.DID_NOT_COME_TO_INTERVIEW: (
                "Candidat ne s’étant pas présenté à l’entretien",
                "Candidate did not attend the interview",
            ),
            RefusalReason.HIRED_ELSEWHERE: (
                "Candidat indisponible : en emploi",
                "Candidate unavailable: in employment",
            ),
            RefusalReason.TRAINING: (
                "Candidat indisponible : en formation",
                "Candidate unavailable: in training",
            ),
            RefusalReason.NON_ELIGIBLE: ("Candidat non éligible", "Candidate not eligible"),
            RefusalReason.NOT_MOBILE: ("Candidat non mobile", "Candidate not mobile"),
            RefusalReason.NOT_INTERESTED: ("Candidat non intéressé", "Candidate not interested"),
            RefusalReason.LACKING_SKILLS: (
                "Le candidat n’a pas les compétences requises pour le poste",
                "Candidate lacks the skills required for the position",
            ),
            RefusalReason.INCOMPATIBLE: (
                "Un des freins à l'emploi du candidat est incompatible avec le poste proposé",
                "One of the candidate's barriers to employment is incompatible with the position",
            ),
            RefusalReason.PREVENT_OBJECTIVES: (
                "L'embauche du candidat empêche la réalisation des objectifs du dialogue de gestion",
                "Hiring the candidate prevents the agreed management objectives from being met",
            ),
            RefusalReason.NO_POSITION: ("Pas de recrutement en cours", "No recruitment under way"),
            RefusalReason.DUPLICATE: ("Candidature en doublon", "Duplicate application"),
            RefusalReason.AUTO: ("Refus automatique", "Automatic refusal"),
            RefusalReason.OTHER: ("Autre", "Other"),
            RefusalReason.APPROVAL_EXPIRATION_TOO_CLOSE: (
                "La date de fin du PASS IAE / agrément est trop proche",
                "The end date of the PASS IAE or approval is too close",
            ),
            RefusalReason.UNAVAILABLE: (
                "Candidat indisponible ou non intéressé par le poste",
                "Candidate unavailable or not interested in the position",
            ),
            RefusalReason.ELIGIBILITY_DOUBT: (
                "Doute sur l'éligibilité du candidat (prescripteur)",
                "Doubt about the candidate's eligibility (prescriber)",
            ),
            RefusalReason.DEACTIVATION: (
                "La structure n'est plus conventionnée",
                "The structure no longer has an agreement with the State",
            ),
            RefusalReason.POORLY_INFORMED: (
                "Candidature pas assez renseignée",
                "Application not sufficiently documented",
            ),
        },
        attributes={reason: {"selectable": name_selectability(reason)} for reason in RefusalReason},
    ),
)
