"""Hold the levels of language, education and qualification, and the driving licences; labels are in data/."""

from enum import StrEnum

from raccord.reference.code_list import CodeList
from raccord.reference.shipped import read_codes

VERSION = "2026-08"
SOURCE = "France Travail; European common framework of languages; Code de la route, article R221-4"


class DrivingLicence(StrEnum):
    """Name a category of driving licence."""

    AM = "AM"
    A1 = "A1"
    A2 = "A2"
    A = "A"
    B1 = "B1"
    B = "B"
    BE = "BE"
    C1 = "C1"
    C1E = "C1E"
    C = "C"
    CE = "CE"
    D1 = "D1"
    D1E = "D1E"
    D = "D"
    DE = "DE"


class CefrLevel(StrEnum):
    """Name a level of language, in the common European framework."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


class QualificationLevel(StrEnum):
    """Name the qualification of a position, in France Travail's codes."""

    UNSKILLED_WORKER = "1"
    SPECIALISED_WORKER = "2"
    SKILLED_WORKER_P1_P2 = "3"
    SKILLED_WORKER_P3_P4 = "4"
    UNSKILLED_EMPLOYEE = "5"
    SKILLED_EMPLOYEE = "6"
    TECHNICIAN = "7"
    SUPERVISOR = "8"
    MANAGER_STATUS = "9"


class EducationLevel(StrEnum):
    """Name a level of education, in France Travail's codes."""

    NONE = "AFS"
    PRIMARY = "CP4"
    LOWER_SECONDARY = "C3A"
    FOURTH_COMPLETED = "CFG"
    UPPER_SECONDARY_STARTED = "C12"
    CAP_BEP = "NV5"
    BACCALAUREATE = "NV4"
    TWO_YEARS_HIGHER = "NV3"
    THREE_OR_FOUR_YEARS_HIGHER = "NV2"
    FIVE_YEARS_HIGHER = "NV1"


def build_list(name: str) -> CodeList:
    """Build one of these lists."""
    return CodeList(name=name, version=VERSION, source=SOURCE, codes=read_codes("qualification_codes.csv")[name])


DRIVING_LICENCES = build_list("driving_licences")
CEFR_LEVELS = build_list("cefr_levels")
QUALIFICATION_LEVELS = build_list("qualification_levels")
EDUCATION_LEVELS = build_list("education_levels")
