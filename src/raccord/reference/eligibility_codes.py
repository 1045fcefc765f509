"""Hold the administrative criteria of eligibility; who may certify them belongs to the resource."""

from enum import StrEnum

from raccord.reference.code_list import CodeList
from raccord.reference.shipped import read_codes

VERSION = "2026-08"
SOURCE = "Les emplois de l'inclusion, August 2026"


class EligibilityCriterion(StrEnum):
    """Name an administrative criterion of eligibility to IAE or to a GEIQ."""

    RSA = "RSA"
    ASS = "ASS"
    AAH = "AAH"
    DETLD = "DETLD"
    CAP_BEP = "CAP_BEP"
    SENIOR = "SENIOR"
    JEUNE = "JEUNE"
    ASE = "ASE"
    DELD = "DELD"
    TH = "TH"
    PI = "PI"
    PSH_PR = "PSH_PR"
    REF_DA = "REF_DA"
    ZRR = "ZRR"
    QPV = "QPV"
    DETENTION_MJ = "DETENTION_MJ"
    FLE = "FLE"
    PM = "PM"
    JEUNE_SQ = "JEUNE_SQ"
    MINIMA = "MINIMA"
    SANS_TRAVAIL_12 = "SANS_TRAVAIL_12"
    DE_45 = "DE_45"
    RECONVERSION = "RECONVERSION"
    SIAE_CUI = "SIAE_CUI"
    RS_PS_DA = "RS_PS_DA"
    AUTRE_MINIMA = "AUTRE_MINIMA"
    FT = "FT"
    DELD_12 = "DELD_12"


def build_list(name: str) -> CodeList:
    """Build one of these lists."""
    return CodeList(name=name, version=VERSION, source=SOURCE, codes=read_codes("eligibility_codes.csv")[name])


ELIGIBILITY_CRITERIA = build_list("eligibility_criteria")
