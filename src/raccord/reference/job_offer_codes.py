"""Hold the lists of a job offer; their labels and their codes in other systems are in data/job_offer_codes.csv."""

from enum import StrEnum

from raccord.reference.code_list import CodeList
from raccord.reference.shipped import read_codes

VERSION = "2026-08"
SOURCE = "Raccord, from the terms of Les emplois, France Travail, La bonne alternance and schema.org"


class ContractType(StrEnum):
    """Name the contract that an offer leads to."""

    PERMANENT = "permanent"
    PERMANENT_INCLUSION = "permanent_inclusion"
    PERMANENT_TEMP_AGENCY = "permanent_temp_agency"
    PERMANENT_SITE = "permanent_site"
    FIXED_TERM = "fixed_term"
    FIXED_TERM_USAGE = "fixed_term_usage"
    FIXED_TERM_INCLUSION = "fixed_term_inclusion"
    FIXED_TERM_INCLUSION_PHC = "fixed_term_inclusion_phc"
    FIXED_TERM_INCLUSION_CVG = "fixed_term_inclusion_cvg"
    FIXED_TERM_TREMPLIN = "fixed_term_tremplin"
    SEASONAL = "seasonal"
    TEMP_MISSION = "temp_mission"
    TEMP_MISSION_INCLUSION = "temp_mission_inclusion"
    AI_PLACEMENT = "ai_placement"
    APPRENTICESHIP = "apprenticeship"
    PROFESSIONAL_TRAINING = "professional_training"
    BUSINESS_CREATION = "business_creation"
    SELF_EMPLOYED = "self_employed"
    FRANCHISE = "franchise"
    BUSINESS_TAKEOVER = "business_takeover"
    COMMERCIAL_AGENT = "commercial_agent"
    IMMERSION = "immersion"
    INTERNSHIP = "internship"
    OTHER = "other"
    UNSPECIFIED = "unspecified"


class ContractScheme(StrEnum):
    """Name a public scheme in which a contract stands."""

    IAE = "iae"
    PEC = "pec"
    CIE = "cie"
    EA = "ea"
    GEIQ = "geiq"
    APPRENTICESHIP_SCHEME = "apprenticeship_scheme"
    PRAB = "prab"
    POE = "poe"
    SOCIAL_CLAUSE = "social_clause"


class ContractNature(StrEnum):
    """Name the nature of a contract, in France Travail's codes."""

    EMPLOYMENT = "E1"
    APPRENTICESHIP = "E2"
    PROFESSIONAL_TRAINING = "FS"
    PEC = "FT"
    CIE = "FU"
    IAE = "I1"
    SELF_EMPLOYED = "NS"
    POE = "FV"
    FUTURE_JOBS_FW = "FW"
    FUTURE_JOBS_FX = "FX"
    FUTURE_JOBS_FY = "FY"
    PACTE = "FJ"
    PRIOR_TRAINING = "FA"
    PORTAGE = "PS"
    PRAB = "PR"
    SITE = "CC"
    USAGE = "CU"
    EDUCATIONAL_COMMITMENT = "EE"
    RESERVE = "ER"
    INTERMITTENT = "CI"


class WorkMode(StrEnum):
    """Name where the work is done."""

    ON_SITE = "on_site"
    HYBRID = "hybrid"
    REMOTE = "remote"


class WorkingTime(StrEnum):
    """Name whether the work is full time."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    UNSPECIFIED = "unspecified"


class StartKind(StrEnum):
    """Name how the start of a contract is given."""

    AS_SOON_AS_POSSIBLE = "as_soon_as_possible"
    ON_DATE = "on_date"


class DurationUnit(StrEnum):
    """Name the unit of a contract's duration."""

    DAY = "day"
    MONTH = "month"


class PayPeriod(StrEnum):
    """Name the period that a pay stands for."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    FEE = "fee"


class PayBasis(StrEnum):
    """Name what sets a pay."""

    MINIMUM_WAGE = "minimum_wage"
    COLLECTIVE_AGREEMENT = "collective_agreement"
    WORK_STUDY_SCALE = "work_study_scale"


class PlacePrecision(StrEnum):
    """Name what coordinates point to."""

    ADDRESS = "address"
    COMMUNE = "commune"
    EPCI = "epci"
    DEPARTMENT = "department"
    REGION = "region"
    COUNTRY = "country"


class OfferStatus(StrEnum):
    """Name where an offer stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    FILLED = "filled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    ARCHIVED = "archived"


class OfferClosingReason(StrEnum):
    """Name why an offer is closed."""

    FILLED = "filled"
    FILLED_ELSEWHERE = "filled_elsewhere"
    EXPIRED = "expired"
    WITHDRAWN_BY_EMPLOYER = "withdrawn_by_employer"
    REMOVED_AT_SOURCE = "removed_at_source"
    STRUCTURE_INACTIVE = "structure_inactive"
    DUPLICATE = "duplicate"
    NOT_COMPLIANT = "not_compliant"
    OTHER = "other"


class OfferOrigin(StrEnum):
    """Name how an offer came to exist."""

    MANUAL = "manual"
    HIRING = "hiring"
    IMPORTED = "imported"


class ApplicationModeType(StrEnum):
    """Name a way to apply."""

    PLATFORM = "platform"
    URL = "url"
    EMAIL = "email"
    PHONE = "phone"
    IN_PERSON = "in_person"


class DelegationRole(StrEnum):
    """Name what another organisation does for the employer of an offer."""

    APPRENTICE_CENTRE = "apprentice_centre"
    EMPLOYERS_GROUP = "employers_group"
    AGENCY = "agency"
    USER_COMPANY = "user_company"


class RequirementLevel(StrEnum):
    """Name how strongly something is asked for."""

    DESIRED = "desired"
    REQUIRED = "required"


class ExperienceLevel(StrEnum):
    """Name the experience that an offer asks for."""

    BEGINNER_ACCEPTED = "beginner_accepted"
    DESIRED = "desired"
    REQUIRED = "required"


class TravelFrequency(StrEnum):
    """Name how often the work makes one travel."""

    NEVER = "never"
    OCCASIONAL = "occasional"
    FREQUENT = "frequent"
    DAILY = "daily"


class DisabilityCommitment(StrEnum):
    """Name on what an employer's welcome of people with disabilities rests."""

    CERTIFIED = "certified"
    DECLARED = "declared"
    NONE = "none"


class ConvergenceProgramme(StrEnum):
    """Name a programme for people far from employment."""

    PHC = "phc"
    CVG = "cvg"


class Obstacle(StrEnum):
    """Name an obstacle (frein) that a person may meet on the way to work."""

    HOUSING = "housing"
    EMPLOYMENT = "employment"
    TRAINING = "training"
    ADMINISTRATIVE = "administrative"
    FINANCIAL = "financial"
    MOBILITY = "mobility"
    HEALTH = "health"
    FAMILY = "family"
    LANGUAGE = "language"
    DIGITAL = "digital"


class ObstacleAcceptance(StrEnum):
    """Name what an employer says of an obstacle."""

    ACCEPTED = "accepted"
    SUPPORTED = "supported"
    INCOMPATIBLE = "incompatible"


def build_list(name: str) -> CodeList:
    """Build one of these lists."""
    return CodeList(name=name, version=VERSION, source=SOURCE, codes=read_codes("job_offer_codes.csv")[name])


CONTRACT_TYPES = build_list("contract_types")
CONTRACT_SCHEMES = build_list("contract_schemes")
CONTRACT_NATURES = build_list("contract_natures")
WORK_MODES = build_list("work_modes")
WORKING_TIMES = build_list("working_times")
START_KINDS = build_list("start_kinds")
DURATION_UNITS = build_list("duration_units")
PAY_PERIODS = build_list("pay_periods")
PAY_BASES = build_list("pay_bases")
PLACE_PRECISIONS = build_list("place_precisions")
OFFER_STATUSES = build_list("offer_statuses")
OFFER_CLOSING_REASONS = build_list("offer_closing_reasons")
OFFER_ORIGINS = build_list("offer_origins")
APPLICATION_MODE_TYPES = build_list("application_mode_types")
DELEGATION_ROLES = build_list("delegation_roles")
REQUIREMENT_LEVELS = build_list("requirement_levels")
EXPERIENCE_LEVELS = build_list("experience_levels")
TRAVEL_FREQUENCIES = build_list("travel_frequencies")
DISABILITY_COMMITMENTS = build_list("disability_commitments")
CONVERGENCE_PROGRAMMES = build_list("convergence_programmes")
OBSTACLES = build_list("obstacles")
OBSTACLE_ACCEPTANCES = build_list("obstacle_acceptances")
