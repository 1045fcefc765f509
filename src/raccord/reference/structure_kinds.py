"""Hold the kinds of structures: employers and prescribers, with their groups; not what a kind may do."""

from collections.abc import Mapping
from enum import StrEnum

from raccord.reference.code_list import CodeList, build_codes


class StructureKind(StrEnum):
    """Name the kind of a structure, in the sector's own codes."""

    ACI = "ACI"
    AI = "AI"
    EI = "EI"
    EITI = "EITI"
    ETTI = "ETTI"
    GEIQ = "GEIQ"
    OPCS = "OPCS"
    EA = "EA"
    EATT = "EATT"
    AFPA = "AFPA"
    ASE = "ASE"
    ORIENTEUR = "Orienteur"
    CAARUD = "CAARUD"
    CADA = "CADA"
    CAF = "CAF"
    CAP_EMPLOI = "CAP_EMPLOI"
    CAVA = "CAVA"
    CCAS = "CCAS"
    CHRS = "CHRS"
    CHU = "CHU"
    CIDFF = "CIDFF"
    CPH = "CPH"
    CSAPA = "CSAPA"
    E2C = "E2C"
    EPIDE = "EPIDE"
    FT = "FT"
    HUDA = "HUDA"
    ML = "ML"
    MSA = "MSA"
    OACAS = "OACAS"
    OIL = "OIL"
    ODC = "ODC"
    OHPD = "OHPD"
    OCASF = "OCASF"
    PENSION = "PENSION"
    PIJ_BIJ = "PIJ_BIJ"
    PJJ = "PJJ"
    PLIE = "PLIE"
    RS_FJT = "RS_FJT"
    PREVENTION = "PREVENTION"
    DEPT = "DEPT"
    SPIP = "SPIP"
    OTHER = "Autre"


EMPLOYER_LABELS: Mapping[StructureKind, tuple[str, str]] = {
    StructureKind.ACI: ("Atelier chantier d'insertion", "Work integration workshop and site"),
    StructureKind.AI: ("Association intermédiaire", "Intermediary association"),
    StructureKind.EI: ("Entreprise d'insertion", "Work integration enterprise"),
    StructureKind.EITI: (
        "Entreprise d'insertion par le travail indépendant",
        "Work integration enterprise through self-employment",
    ),
    StructureKind.ETTI: (
        "Entreprise de travail temporaire d'insertion",
        "Work integration temporary employment agency",
    ),
    StructureKind.GEIQ: (
        "Groupement d'employeurs pour l'insertion et la qualification",
        "Employers' group for integration and qualification",
    ),
    StructureKind.OPCS: (
        "Organisation porteuse de la clause sociale",
        "Organisation in charge of the social clause in public contracts",
    ),
    StructureKind.EA: ("Entreprise adaptée", "Adapted enterprise"),
    StructureKind.EATT: ("Entreprise adaptée de travail temporaire", "Adapted temporary employment agency"),
}

PRESCRIBER_LABELS: Mapping[StructureKind, tuple[str, str]] = {
    StructureKind.AFPA: (
        "AFPA - Agence nationale pour la formation professionnelle des adultes",
        "AFPA - National agency for adult vocational training",
    ),
    StructureKind.ASE: ("ASE - Aide sociale à l'enfance", "ASE - Child welfare service"),
    StructureKind.ORIENTEUR: ("Autre organisation (orienteur)", "Other referring organisation"),
    StructureKind.CAARUD: (
        "CAARUD - Centre d'accueil et d'accompagnement à la réduction de risques pour usagers de drogues",
        "CAARUD - Harm reduction centre for drug users",
    ),
    StructureKind.CADA: (
        "CADA - Centre d'accueil de demandeurs d'asile",
        "CADA - Reception centre for asylum seekers",
    ),
    StructureKind.CAF: ("CAF - Caisse d'allocations familiales", "CAF - Family allowance fund"),
    StructureKind.CAP_EMPLOI: ("Cap emploi", "Cap emploi (employment service for people with disabilities)"),
    StructureKind.CAVA: (
        "CAVA - Centre d'adaptation à la vie active",
        "CAVA - Centre for adaptation to working life",
    ),
    StructureKind.CCAS: (
        "CCAS - Centre communal d'action sociale ou centre intercommunal d'action sociale",
        "CCAS - Municipal or inter-municipal social welfare centre",
    ),
    StructureKind.CHRS: (
        "CHRS - Centre d'hébergement et de réinsertion sociale",
        "CHRS - Accommodation and social rehabilitation centre",
    ),
    StructureKind.CHU: ("CHU - Centre d'hébergement d'urgence", "CHU - Emergency accommodation centre"),
    StructureKind.CIDFF: (
        "CIDFF - Centre d'information sur les droits des femmes et des familles",
        "CIDFF - Information centre on the rights of women and families",
    ),
    StructureKind.CPH: (
        "CPH - Centre provisoire d'hébergement",
        "CPH - Temporary accommodation centre for refugees",
    ),
    StructureKind.CSAPA: (
        "CSAPA - Centre de soins, d'accompagnement et de prévention en addictologie",
        "CSAPA - Addiction care, support and prevention centre",
    ),
    StructureKind.E2C: ("E2C - École de la deuxième chance", "E2C - Second chance school"),
    StructureKind.EPIDE: (
        "EPIDE - Établissement pour l'insertion dans l'emploi",
        "EPIDE - Institution for integration into employment",
    ),
    StructureKind.FT: ("France Travail", "France Travail (public employment service)"),
    StructureKind.HUDA: (
        "HUDA - Hébergement d'urgence pour demandeurs d'asile",
        "HUDA - Emergency accommodation for asylum seekers",
    ),
    StructureKind.ML: ("Mission locale", "Mission locale (employment service for young people)"),
    StructureKind.MSA: ("MSA - Mutualité Sociale Agricole", "MSA - Agricultural social insurance"),
    StructureKind.OACAS: (
        "OACAS - Structure porteuse d'un agrément national organisme d'accueil communautaire et d'activité solidaire",
        "OACAS - Nationally approved body for community living and solidarity work",
    ),
    StructureKind.OIL: ("Opérateur d'intermédiation locative", "Rental intermediation operator"),
    StructureKind.ODC: (
        "Organisation délégataire d'un Conseil Départemental (Orientation et suivi des BRSA)",
        "Organisation delegated by a departmental council (referral and follow-up of RSA recipients)",
    ),
    StructureKind.OHPD: (
        "Organisme habilité par le préfet de département",
        "Body authorised by the prefect of the department",
    ),
    StructureKind.OCASF: (
        "Organisme mentionné au 8° du I de l’article L. 312-1 du code de l’action sociale et des familles",
        "Body referred to in Article L. 312-1, I, 8° of the Social Action and Families Code",
    ),
    StructureKind.PENSION: (
        "Pension de famille / résidence accueil",
        "Supported boarding house / residence for people with mental health conditions",
    ),
    StructureKind.PIJ_BIJ: (
        "PIJ-BIJ - Point/Bureau information jeunesse",
        "PIJ-BIJ - Youth information point or office",
    ),
    StructureKind.PJJ: (
        "PJJ - Protection judiciaire de la jeunesse",
        "PJJ - Judicial youth protection service",
    ),
    StructureKind.PLIE: (
        "PLIE - Plan local pour l'insertion et l'emploi",
        "PLIE - Local plan for integration and employment",
    ),
    StructureKind.RS_FJT: (
        "Résidence sociale / FJT - Foyer de Jeunes Travailleurs",
        "Social residence / FJT - Young workers' hostel",
    ),
    StructureKind.PREVENTION: ("Service ou club de prévention", "Street outreach and prevention service"),
    StructureKind.DEPT: (
        "Service social du conseil départemental",
        "Social service of the departmental council",
    ),
    StructureKind.SPIP: (
        "SPIP - Service pénitentiaire d'insertion et de probation",
        "SPIP - Prison integration and probation service",
    ),
    StructureKind.OTHER: ("Autre", "Other"),
}

SIAE_KINDS: frozenset[StructureKind] = frozenset(
    {StructureKind.ACI, StructureKind.AI, StructureKind.EI, StructureKind.EITI, StructureKind.ETTI}
)
EMPLOYER_KINDS: frozenset[StructureKind] = frozenset(EMPLOYER_LABELS)
PRESCRIBER_KINDS: frozenset[StructureKind] = frozenset(PRESCRIBER_LABELS)
# What these organisations do reveals health, justice or family matters: outsiders are shown « Autre ».
MASKED_KINDS: frozenset[StructureKind] = frozenset(
    {
        StructureKind.ASE,
        StructureKind.CAARUD,
        StructureKind.CIDFF,
        StructureKind.CSAPA,
        StructureKind.PENSION,
        StructureKind.PJJ,
        StructureKind.PREVENTION,
        StructureKind.SPIP,
    }
)
INTERNAL_KINDS: frozenset[StructureKind] = frozenset(
    {StructureKind.FT, StructureKind.OHPD, StructureKind.OCASF, StructureKind.ORIENTEUR}
)

FRANCE_TRAVAIL_TYPES: Mapping[StructureKind, str] = {
    StructureKind.ACI: "836",
    StructureKind.AI: "837",
    StructureKind.EI: "838",
    StructureKind.EA: "838",
    StructureKind.GEIQ: "838",
    StructureKind.ETTI: "839",
    StructureKind.EITI: "840",
    StructureKind.EATT: "840",
}

# Any prescriber kind that is absent here is « 06 » (other) for the payment agency.
ASP_REFERRER_CODES: Mapping[StructureKind, str] = {
    StructureKind.ML: "01",
    StructureKind.CAP_EMPLOI: "02",
    StructureKind.FT: "03",
    StructureKind.PLIE: "04",
    StructureKind.DEPT: "05",
    StructureKind.OTHER: "08",
    StructureKind.SPIP: "09",
    StructureKind.PJJ: "10",
    StructureKind.CCAS: "11",
    StructureKind.CHRS: "12",
    StructureKind.CIDFF: "13",
    StructureKind.PREVENTION: "14",
    StructureKind.AFPA: "15",
    StructureKind.PIJ_BIJ: "16",
    StructureKind.CAF: "17",
    StructureKind.CADA: "18",
    StructureKind.ASE: "19",
    StructureKind.CAVA: "20",
    StructureKind.CPH: "21",
    StructureKind.CHU: "22",
    StructureKind.OACAS: "23",
}

# Any prescriber kind that is absent here is « AUTRE » for the GEIQ federation's LABEL system.
LABEL_ORIGINS: Mapping[StructureKind, str] = {
    StructureKind.ASE: "CT",
    StructureKind.ODC: "CT",
    StructureKind.DEPT: "CT",
    StructureKind.CAP_EMPLOI: "CAP_EMPLOI",
    StructureKind.FT: "FT",
    StructureKind.ML: "ML",
    StructureKind.PLIE: "PLIE",
}


def build_crosswalk(kind: StructureKind) -> dict[str, str]:
    """Gather the codes that other systems give to a kind."""
    if kind in PRESCRIBER_KINDS:
        return {"asp": ASP_REFERRER_CODES.get(kind, "06"), "label": LABEL_ORIGINS.get(kind, "AUTRE")}
    crosswalk = {"asp": f"{kind.value}_DC"} if kind in SIAE_KINDS else {}
    if kind in FRANCE_TRAVAIL_TYPES:
        crosswalk["france_travail"] = FRANCE_TRAVAIL_TYPES[kind]
    return crosswalk


def build_attributes(kind: StructureKind) -> dict[str, str]:
    """Gather the groups to which a kind belongs."""
    attributes = {"group": "prescriber" if kind in PRESCRIBER_KINDS else "employer"}
    if kind in SIAE_KINDS:
        attributes["group"] = "siae"
    if kind in MASKED_KINDS:
        attributes["masked"] = "france_travail"
    if kind in INTERNAL_KINDS:
        attributes["self_selectable"] = "no"
    return attributes


STRUCTURE_KINDS = CodeList(
    name="structure_kinds",
    version="2026-08",
    source="Les emplois de l'inclusion, August 2026; crosswalks of ASP, LABEL (GEIQ) and France Travail",
    codes=build_codes(
        {**EMPLOYER_LABELS, **PRESCRIBER_LABELS},
        crosswalks={kind: build_crosswalk(kind) for kind in StructureKind},
        attributes={kind: build_attributes(kind) for kind in StructureKind},
    ),
)
