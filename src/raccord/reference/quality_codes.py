"""Hold the criteria by which a record's quality is told."""

from enum import StrEnum

from raccord.reference.code_list import CodeList, build_codes


class QualityCriterionCode(StrEnum):
    """Name what a quality report looks at."""

    ADDRESS = "address"
    AUDIENCES = "audiences"
    CONTACT = "contact"
    DESCRIPTION = "description"
    EMAIL = "email"
    FEE = "fee"
    FRESHNESS = "freshness"
    IDENTIFIER = "identifier"
    MOBILISATION = "mobilisation"
    PHONE = "phone"
    TOPICS = "topics"


QUALITY_CRITERIA = CodeList(
    name="quality_criteria",
    version="2026-11",
    source="Raccord, from the criteria of data·inclusion, July 2026",
    codes=build_codes(
        {
            QualityCriterionCode.ADDRESS: ("Adresse", "Address"),
            QualityCriterionCode.AUDIENCES: ("Publics", "Audiences"),
            QualityCriterionCode.CONTACT: ("Moyen de contact", "Means of contact"),
            QualityCriterionCode.DESCRIPTION: ("Présentation", "Description"),
            QualityCriterionCode.EMAIL: ("Courriel", "E-mail"),
            QualityCriterionCode.FEE: ("Frais", "Fee"),
            QualityCriterionCode.FRESHNESS: ("Fraîcheur", "Freshness"),
            QualityCriterionCode.IDENTIFIER: ("Identifiant", "Identifier"),
            QualityCriterionCode.MOBILISATION: ("Mobilisation", "Mobilisation"),
            QualityCriterionCode.PHONE: ("Téléphone", "Phone"),
            QualityCriterionCode.TOPICS: ("Thématiques", "Topics"),
        }
    ),
)
