"""Hold the classifications of occupations, besides the ROME, in which a source may place a job."""

from enum import StrEnum

from raccord.reference.code_list import CodeList, build_codes


class Classification(StrEnum):
    """Name a classification of occupations."""

    ISCO = "ISCO"
    ESCO = "ESCO"
    RMFP = "RMFP"


CLASSIFICATIONS = CodeList(
    name="classifications",
    version="2026-08",
    source="International Labour Office (ISCO-08), European Commission (ESCO), DGAFP (RMFP)",
    codes=build_codes(
        {
            Classification.ISCO: (
                "Classification internationale type des professions (CITP)",
                "International standard classification of occupations (ISCO)",
            ),
            Classification.ESCO: (
                "Classification européenne des aptitudes, compétences et professions (ESCO)",
                "European skills, competences, qualifications and occupations (ESCO)",
            ),
            Classification.RMFP: (
                "Répertoire des métiers de la fonction publique (RMFP)",
                "Directory of the occupations of the French public service (RMFP)",
            ),
        }
    ),
)
