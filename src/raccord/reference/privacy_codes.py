"""Hold the lists that say why personal data is read and which part of it; who may read belongs to access."""

from enum import StrEnum

from raccord.reference.code_list import CodeList, build_codes

SOURCE = "Raccord, after the purposes and categories of the French career-path decrees"
VERSION = "2026-08"


class Purpose(StrEnum):
    """Name why a client reads or writes personal data."""

    PRESCRIPTION = "prescription"
    IAE_RECRUITMENT = "iae_recruitment"
    CAREER_SUPPORT = "career_support"
    ORIENTATION = "orientation"
    IMMERSION = "immersion"
    PSEUDONYMISED_STEERING = "pseudonymised_steering"
    DATA_SUBJECT_RIGHTS = "data_subject_rights"


class RecordCategory(StrEnum):
    """Name a part of a person's data that is shared or withheld as a whole."""

    IDENTITY = "identity"
    CONTACT = "contact"
    PLAN = "plan"
    EMPLOYMENT_PERIODS = "employment_periods"


PURPOSES = CodeList(
    name="purposes",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            Purpose.PRESCRIPTION: ("Prescription", "Prescription"),
            Purpose.IAE_RECRUITMENT: (
                "Recrutement par une structure de l'insertion par l'activité économique",
                "Recruitment by a work integration structure",
            ),
            Purpose.CAREER_SUPPORT: ("Accompagnement du parcours", "Support of the career path"),
            Purpose.ORIENTATION: ("Orientation", "Orientation"),
            Purpose.IMMERSION: ("Immersion professionnelle", "Work immersion"),
            Purpose.PSEUDONYMISED_STEERING: (
                "Pilotage sur données pseudonymisées",
                "Steering on pseudonymised data",
            ),
            Purpose.DATA_SUBJECT_RIGHTS: ("Droits de la personne concernée", "Rights of the data subject"),
        }
    ),
)

RECORD_CATEGORIES = CodeList(
    name="record_categories",
    version=VERSION,
    source=SOURCE,
    codes=build_codes(
        {
            RecordCategory.IDENTITY: ("Identité", "Identity"),
            RecordCategory.CONTACT: ("Coordonnées", "Contact details"),
            RecordCategory.PLAN: ("Plan d'action", "Action plan"),
            RecordCategory.EMPLOYMENT_PERIODS: ("Périodes d'emploi", "Employment periods"),
        }
    ),
)
