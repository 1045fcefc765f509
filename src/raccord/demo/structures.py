"""Build the thousand synthetic structures, on real communes; the first serve the demonstration's clients."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from raccord.demo.documents import StructureDocument
from raccord.demo.identifiers import REGION_PHONE_AREAS, make_phone, make_siret, make_slug
from raccord.reference.communes import SampleCommune, load_communes
from raccord.reference.structure_codes import Habilitation, StructureSource
from raccord.reference.structure_kinds import (
    EMPLOYER_KINDS,
    PRESCRIBER_KINDS,
    SIAE_KINDS,
    STRUCTURE_KINDS,
    StructureKind,
)

DEMO_DEPARTMENT = "69"
DEMO_PRESCRIBER_KINDS = (StructureKind.ML, StructureKind.PLIE, StructureKind.FT)
DEMO_EMPLOYER_KINDS = (StructureKind.ACI, StructureKind.EI, StructureKind.ETTI, StructureKind.GEIQ)

# EATT is known to the lists but no longer hires: none is made.
EMPLOYER_COUNTS: Mapping[StructureKind, int] = {
    StructureKind.ACI: 230,
    StructureKind.EI: 150,
    StructureKind.AI: 100,
    StructureKind.ETTI: 95,
    StructureKind.EITI: 25,
    StructureKind.GEIQ: 28,
    StructureKind.EA: 14,
    StructureKind.OPCS: 8,
}
PRESCRIBERS_PER_KIND = 3
EXTRA_PRESCRIBER_COUNTS: Mapping[StructureKind, int] = {
    StructureKind.ML: 62,
    StructureKind.FT: 62,
    StructureKind.CCAS: 42,
    StructureKind.CAP_EMPLOI: 24,
    StructureKind.PLIE: 20,
    StructureKind.DEPT: 20,
    StructureKind.ODC: 12,
    StructureKind.CHRS: 6,
}

ACTIVITIES: Mapping[StructureKind, Sequence[tuple[str, str]]] = {
    StructureKind.ACI: (
        ("Jardins partagés", "0113Z"),
        ("Recyclerie", "3832Z"),
        ("Espaces verts", "8130Z"),
        ("Conserverie solidaire", "1039B"),
        ("Chantier du bâti ancien", "4399C"),
    ),
    StructureKind.AI: (("Services à domicile", "8810A"), ("Coup de main", "8899B")),
    StructureKind.EI: (
        ("Propreté", "8121Z"),
        ("Tri et collecte", "3811Z"),
        ("Restauration", "5629A"),
        ("Blanchisserie", "9601A"),
        ("Second œuvre", "4334Z"),
    ),
    StructureKind.ETTI: (("Intérim solidaire", "7820Z"),),
    StructureKind.EITI: (("Travail indépendant accompagné", "8299Z"),),
    StructureKind.GEIQ: (("GEIQ Bâtiment", "7830Z"), ("GEIQ Propreté", "7830Z"), ("GEIQ Transport", "7830Z")),
    StructureKind.OPCS: (("Clauses sociales", "8413Z"),),
    StructureKind.EA: (("Conditionnement adapté", "8292Z"), ("Numérisation", "8211Z")),
}
PRESCRIBER_NAF_CODE = "8899B"
CREATED_FROM: Mapping[StructureKind, StructureSource] = {
    StructureKind.GEIQ: StructureSource.GEIQ,
    StructureKind.EA: StructureSource.EA_EATT,
    StructureKind.OPCS: StructureSource.STAFF_CREATED,
}
STREETS = (
    "rue des Tilleuls",
    "avenue de la Gare",
    "place du Marché",
    "rue de l'Atelier",
    "chemin des Écoliers",
)
BRAND_WORDS = (
    "Passerelle",
    "Tremplin",
    "Horizon",
    "Cap Avenir",
    "Nouvel Élan",
    "Les Deux Rives",
    "Le Levier",
)


def list_kinds() -> Iterator[StructureKind]:
    """List the kind of every structure to make, those of the demonstration's clients first."""
    remaining = dict(EMPLOYER_COUNTS)
    for kind in sorted(PRESCRIBER_KINDS):
        remaining[kind] = PRESCRIBERS_PER_KIND + EXTRA_PRESCRIBER_COUNTS.get(kind, 0)
    for kind in DEMO_PRESCRIBER_KINDS + DEMO_EMPLOYER_KINDS:
        remaining[kind] -= 1
        yield kind
    for kind, count in remaining.items():
        yield from [kind] * count


def choose_communes(rng: Random, count: int) -> Iterator[SampleCommune]:
    """Choose a commune for every structure: the demonstration's département, then everywhere in turn."""
    communes = list(load_communes())
    nearby = [commune for commune in communes if commune.department == DEMO_DEPARTMENT]
    first = len(DEMO_PRESCRIBER_KINDS) + len(DEMO_EMPLOYER_KINDS)
    for position in range(first):
        yield nearby[position % len(nearby)]
    rng.shuffle(communes)
    for position in range(count - first):
        yield communes[position % len(communes)]


def build_structures(rng: Random) -> list[StructureDocument]:
    """Build every structure, numbered from 1 in a fixed order."""
    kinds = list(list_kinds())
    first = len(DEMO_PRESCRIBER_KINDS) + len(DEMO_EMPLOYER_KINDS)
    others = kinds[first:]
    # The kinds come grouped: mixing them spreads each kind over the territory.
    rng.shuffle(others)
    communes = choose_communes(rng, len(kinds))
    structures = [
        build_structure(rng, number, kind, commune)
        for number, (kind, commune) in enumerate(zip(kinds[:first] + others, communes, strict=True), start=1)
    ]
    share_sirets(structures[first:])
    return structures


def build_structure(rng: Random, number: int, kind: StructureKind, commune: SampleCommune) -> StructureDocument:
    """Build one structure of a kind in a commune."""
    area = REGION_PHONE_AREAS.get(commune.region, "05")
    structure: StructureDocument = {
        "external_id": f"structure-{number:04d}",
        "kind": kind.value,
        "siret": make_siret(number),
        "name": "",
        "phone": make_phone(area, number),
        "email": f"contact.{make_slug(commune.name)}.{number:04d}@example.org",
        "address": {
            "line_1": f"{rng.randint(1, 120)} {rng.choice(STREETS)}",
            "postal_code": commune.postal_code,
            "city": commune.name,
            "insee_code": commune.insee_code,
            "department": commune.department,
        },
        "location": {
            "latitude": round(commune.latitude + rng.uniform(-0.004, 0.004), 5),
            "longitude": round(commune.longitude + rng.uniform(-0.004, 0.004), 5),
        },
        "is_brsa": False,
        "is_antenna": False,
    }
    if kind in EMPLOYER_KINDS:
        describe_employer(rng, structure, kind)
    else:
        describe_prescriber(rng, structure, kind, number)
    return structure


def describe_employer(rng: Random, structure: StructureDocument, kind: StructureKind) -> None:
    """Add what only an employer has."""
    activity, naf_code = rng.choice(ACTIVITIES[kind])
    city = structure["address"]["city"]
    brand = rng.choice(BRAND_WORDS)
    structure["name"] = f"{brand} {activity} - {city} (démo)"
    structure["naf_code"] = naf_code
    structure["is_open_to_spontaneous_applications"] = rng.random() < 0.7
    default_source = StructureSource.ASP if kind in SIAE_KINDS else StructureSource.STAFF_CREATED
    structure["created_from"] = CREATED_FROM.get(kind, default_source).value
    if rng.random() < 0.8:
        structure["brand"] = f"{brand} {activity}"
        structure["description"] = f"Employeur fictif de démonstration ({kind.value}) : {activity.lower()} à {city}."
    if rng.random() < 0.5:
        structure["website"] = f"https://www.{make_slug(f'{brand} {city}')}.example.com"


def describe_prescriber(rng: Random, structure: StructureDocument, kind: StructureKind, number: int) -> None:
    """Add what only a prescribing organisation has."""
    short_label = STRUCTURE_KINDS.label(kind, "fr").split(" - ")[0]
    city = structure["address"]["city"]
    structure["name"] = f"{short_label} - {city} (démo)"
    structure["naf_code"] = PRESCRIBER_NAF_CODE
    structure["description"] = f"Organisme fictif de démonstration à {city}."
    is_for_demo = number <= len(DEMO_PRESCRIBER_KINDS)
    habilitation = Habilitation.VALIDATED if is_for_demo else choose_habilitation(rng, kind)
    structure["habilitation"] = habilitation.value
    # A delegated organisation is authorised only for the recipients of the RSA.
    structure["is_brsa"] = kind is StructureKind.ODC and habilitation is Habilitation.VALIDATED
    if kind is StructureKind.FT and not is_for_demo and rng.random() < 0.3:
        structure["siret"] = None


def choose_habilitation(rng: Random, kind: StructureKind) -> Habilitation:
    """Choose an authorisation that the kind may have, validated most of the time."""
    if kind is StructureKind.OTHER:
        return Habilitation.NOT_REQUIRED
    if kind is StructureKind.ORIENTEUR:
        return Habilitation.NOT_SET
    if kind is StructureKind.FT:
        return Habilitation.VALIDATED
    draw = rng.random()
    if draw < 0.9:
        return Habilitation.VALIDATED
    return Habilitation.NOT_SET if draw < 0.97 else Habilitation.REFUSED


def share_sirets(structures: Sequence[StructureDocument]) -> None:
    """Give a few entreprises d'insertion the SIRET of an atelier: one SIRET may carry several kinds."""
    workshops = [item for item in structures if item["kind"] == StructureKind.ACI.value][:10]
    enterprises = [item for item in structures if item["kind"] == StructureKind.EI.value][:10]
    for workshop, enterprise in zip(workshops, enterprises, strict=True):
        enterprise["siret"] = workshop["siret"]
        enterprise["address"] = {**workshop["address"]}
        if "location" in workshop:
            enterprise["location"] = {**workshop["location"]}
