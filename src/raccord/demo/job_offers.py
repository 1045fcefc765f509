"""Build the synthetic job offers: what the employers of the demonstration look for, and what others repeat of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from raccord.demo.documents import JobOfferDocument, StructureDocument
from raccord.reference.job_offer_codes import (
    ApplicationModeType,
    ContractScheme,
    ContractType,
    DurationUnit,
    Obstacle,
    ObstacleAcceptance,
    StartKind,
    WorkingTime,
    WorkMode,
)
from raccord.reference.licences import LicenceCode
from raccord.reference.structure_kinds import EMPLOYER_KINDS, StructureKind

OFFER_COUNT = 2_000
# So many of the last offers repeat one of another source: what a duplicate looks like is there to be seen.
TWIN_COUNT = 60
TWIN_SYSTEM = "partenaire-demo"


@dataclass(frozen=True)
class Trade:
    """What an offer of one trade says."""

    rome_code: str
    title: str
    tasks: str
    wanted: str


TRADES = (
    Trade("A1405", "Ouvrier arboricole / Ouvrière arboricole", "taille, éclaircissage et récolte au verger",
          "Aimer le travail en extérieur, par tous les temps."),
    Trade("A1414", "Maraîcher / Maraîchère", "semis, désherbage, récolte et préparation des paniers de légumes",
          "Goût pour le travail de la terre et en équipe."),
    Trade("A1203", "Agent / Agente d'entretien des espaces verts", "tonte, taille de haies et ramassage des feuilles",
          "Respect des consignes de sécurité. Formation aux outils assurée."),
    Trade("K2204", "Agent / Agente de propreté", "entretien de bureaux, de halls et de sanitaires",
          "Soin et régularité. Les produits et les gestes s'apprennent sur place."),
    Trade("K2201", "Agent / Agente de blanchisserie", "tri, lavage, repassage et pliage du linge",
          "Station debout. Débutants bienvenus."),
    Trade("F1703", "Maçon / Maçonne", "montage de murs, coulage de dalles et reprise d'enduits à la chaux",
          "Une première expérience du bâtiment est un plus."),
    Trade("F1606", "Peintre en bâtiment", "préparation des supports, peinture et pose de revêtements",
          "Minutie et propreté du travail."),
    Trade("F1602", "Aide-électricien / Aide-électricienne", "tirage de câbles, saignées et pose d'appareillage",
          "Habilitation électrique passée pendant le contrat."),
    Trade("F1704", "Manœuvre du bâtiment", "approvisionnement du chantier, démolition légère et nettoyage",
          "Bonne condition physique, ponctualité."),
    Trade("I1203", "Agent / Agente de maintenance des bâtiments", "petites réparations, serrurerie et plomberie",
          "Être à l'aise avec l'outillage à main."),
    Trade("G1602", "Commis / Commise de cuisine", "épluchage, découpe, dressage et plonge",
          "Règles d'hygiène apprises en formation."),
    Trade("G1603", "Équipier / Équipière de restauration", "prise de commande, service et entretien de la salle",
          "Sens de l'accueil et rapidité."),
    Trade("G1605", "Plongeur / Plongeuse en restauration", "plonge, rangement de la vaisselle et nettoyage",
          "Résistance au bruit et à la chaleur."),
    Trade("N1103", "Préparateur / Préparatrice de commandes", "prélèvement, contrôle et emballage des colis",
          "Savoir lire et compter. Le maniement du lecteur s'apprend vite."),
    Trade("N1105", "Manutentionnaire", "chargement, déchargement et rangement de marchandises",
          "Port de charges avec aides à la manutention."),
    Trade("N1101", "Cariste", "conduite de chariots, stockage et inventaire", "CACES 1, 3 et 5, ou à passer ici."),
    Trade("N4105", "Conducteur livreur / Conductrice livreuse", "tournées de livraison et contact avec les clients",
          "Permis B en cours de validité, conduite souple."),
    Trade("K1302", "Assistant / Assistante de vie", "aide au lever, au repas et aux sorties de personnes âgées",
          "Écoute et discrétion."),
    Trade("K1304", "Employé familial / Employée familiale", "ménage, repassage et courses chez des particuliers",
          "Autonomie et organisation."),
    Trade("D1507", "Employé / Employée de rayon", "mise en rayon, étiquetage et conseil",
          "Horaires du matin, un samedi sur deux."),
    Trade("D1505", "Hôte / Hôtesse de caisse", "encaissement, accueil et vérification de la caisse",
          "Aisance avec les chiffres."),
    Trade("B1803", "Couturier / Couturière", "retouches, assemblage et transformation de vêtements donnés",
          "Savoir piquer droit ; le reste s'apprend à l'atelier."),
    Trade("K2304", "Agent / Agente de tri", "tri de textiles, de meubles et d'appareils pour le réemploi",
          "Gants et chaussures fournis. Travail en équipe."),
    Trade("H3302", "Agent / Agente de conditionnement", "mise en bocaux, étiquetage et mise en cartons",
          "Attention et rythme régulier."),
    Trade("M1607", "Secrétaire", "accueil, standard, classement et mise en page de courriers",
          "Orthographe soignée, usage courant du traitement de texte."),
    Trade("J1301", "Agent / Agente de service hospitalier", "entretien des chambres et service des repas",
          "Travail un week-end sur deux."),
)  # fmt: skip

_CONTRACTS: Mapping[str, Sequence[ContractType]] = {
    StructureKind.AI: (ContractType.AI_PLACEMENT, ContractType.FIXED_TERM_USAGE),
    StructureKind.ETTI: (ContractType.TEMP_MISSION_INCLUSION,),
    StructureKind.EITI: (ContractType.BUSINESS_CREATION,),
    StructureKind.GEIQ: (ContractType.PROFESSIONAL_TRAINING, ContractType.APPRENTICESHIP),
    StructureKind.OPCS: (ContractType.FIXED_TERM, ContractType.PERMANENT),
    StructureKind.EA: (ContractType.FIXED_TERM_TREMPLIN, ContractType.PERMANENT),
}
_SCHEMES: Mapping[str, ContractScheme] = {
    StructureKind.GEIQ: ContractScheme.GEIQ,
    StructureKind.OPCS: ContractScheme.SOCIAL_CLAUSE,
    StructureKind.EA: ContractScheme.EA,
}
_ACCEPTANCES = (ObstacleAcceptance.ACCEPTED, ObstacleAcceptance.SUPPORTED)
_OBSTACLES = (Obstacle.MOBILITY, Obstacle.LANGUAGE, Obstacle.HOUSING, Obstacle.DIGITAL, Obstacle.FAMILY)


def build_job_offers(rng: Random, today: date, structures: Sequence[StructureDocument]) -> list[JobOfferDocument]:
    """Build the offers, numbered from 1; the last ones are another system's word on some of the first."""
    employers = [structure for structure in structures if structure["kind"] in EMPLOYER_KINDS]
    own = OFFER_COUNT - TWIN_COUNT
    # A first offer for each, then more for some.
    chosen = [*employers, *rng.choices(employers, k=own - len(employers))]
    offers = [build_offer(rng, today, structure, number) for number, structure in enumerate(chosen, start=1)]
    by_name = {structure["external_id"]: structure for structure in structures}
    return offers + list(build_twins(rng, offers, by_name))


def build_offer(rng: Random, today: date, structure: StructureDocument, number: int) -> JobOfferDocument:
    """Build one offer of the employer."""
    trade, kind = TRADES[rng.randrange(len(TRADES))], structure["kind"]
    contract = rng.choice(_CONTRACTS.get(kind, (ContractType.FIXED_TERM_INCLUSION,)))
    hours = rng.choice((20, 24, 26, 28, 30, 35, 35))
    scheme = _SCHEMES.get(kind, ContractScheme.IAE)
    offer: JobOfferDocument = {
        "external_id": f"offer-{number:04d}",
        "structure": structure["external_id"],
        "title": f"{trade.title} (H/F)",
        "description": describe_work(rng, trade, structure),
        "wanted_profile": trade.wanted,
        "occupation": {"rome_code": trade.rome_code, "appellation_label": trade.title},
        "workplaces": [locate_work(structure)],
        "work_mode": WorkMode.ON_SITE.value,
        "contract": {
            "type": contract.value,
            "schemes": [scheme.value],
            **choose_duration(rng, today, contract),
        },
        "working_time": {
            "weekly_hours_min": hours,
            "time": (WorkingTime.FULL_TIME if hours >= 35 else WorkingTime.PART_TIME).value,
        },
        "pay": {"min": "11.88", "max": f"{11.88 + rng.randrange(4) / 2:.2f}", "period": "hour", "is_gross": True},
        "openings": {"open_count": rng.randint(1, 4)},
        "requirements": {"experience": {"level": "beginner_accepted" if rng.random() < 0.7 else "desired"}},
        "mobility": {"is_reachable_by_public_transport": rng.random() < 0.6, "has_shifted_hours": rng.random() < 0.2},
        "application": {"modes": [{"type": ApplicationModeType.PLATFORM.value}]},
        "is_published": rng.random() < 0.9 and may_recruit(structure),
    }
    if scheme is ContractScheme.IAE:
        offer["iae"] = describe_insertion(rng)
    return offer


def may_recruit(structure: StructureDocument) -> bool:
    """Tell whether the employer may publish offers: a SIAE while its convention runs; an EA no more."""
    if structure["kind"] == StructureKind.EA.value:
        return False
    return structure["convention"]["is_active"] if "convention" in structure else True


def describe_work(rng: Random, trade: Trade, structure: StructureDocument) -> str:
    """Write the text of the offer."""
    city, team = structure["address"]["city"], rng.randint(4, 18)
    text = f"Offre fictive de démonstration. À {city}, dans une équipe de {team} personnes : {trade.tasks}."
    if rng.random() < 0.6:
        text += (
            "\n\nUn encadrant technique montre les gestes ; un conseiller en insertion aide à préparer la suite, "
            "sur le temps de travail. Visite de l'atelier possible avant de candidater."
        )
    return text


def locate_work(structure: StructureDocument) -> dict[str, object]:
    """Place the work at the employer's own address."""
    address = structure["address"]
    place: dict[str, object] = {name: address[name] for name in ("postal_code", "city", "insee_code", "department")}
    if "location" in structure:
        place |= {**structure["location"], "precision": "address"}
    return place


def choose_duration(rng: Random, today: date, contract: ContractType) -> dict[str, object]:
    """Choose how long the contract lasts, and when it starts."""
    duration: dict[str, object] = {}
    if contract not in (ContractType.PERMANENT, ContractType.BUSINESS_CREATION):
        duration = {"duration_min": rng.choice((4, 6, 8, 12)), "duration_unit": DurationUnit.MONTH.value}
        duration["is_renewable"] = rng.random() < 0.7
    if rng.random() < 0.6:
        return {**duration, "start": StartKind.AS_SOON_AS_POSSIBLE.value}
    starts_on = today + timedelta(days=rng.randrange(7, 60))
    return {**duration, "start": StartKind.ON_DATE.value, "starts_on": starts_on.isoformat()}


def describe_insertion(rng: Random) -> dict[str, object]:
    """Say which obstacles the employer takes on."""
    chosen = rng.sample(_OBSTACLES, k=rng.randint(1, 3))
    told = [{"obstacle": obstacle.value, "acceptance": rng.choice(_ACCEPTANCES).value} for obstacle in chosen]
    return {"is_pass_required": True, "accepted_obstacles": told}


def build_twins(
    rng: Random, offers: Sequence[JobOfferDocument], structures: Mapping[str, StructureDocument]
) -> Iterator[JobOfferDocument]:
    """Build what a partner's site repeats of published offers, in its own words."""
    published = [offer for offer in offers if offer["is_published"]]
    for number, offer in enumerate(rng.sample(published, k=TWIN_COUNT), start=len(offers) + 1):
        structure = structures[offer["structure"]]
        employer = {"name": structure["name"]} | ({"siret": structure["siret"]} if structure["siret"] else {})
        twin: JobOfferDocument = {
            **offer,
            "external_id": f"offer-{number:04d}",
            "structure": "",
            "employer": employer,
            "title": offer["title"].split(" / ")[0].removesuffix(" (H/F)") + " H/F",
            "licence": {"code": LicenceCode.PARTNER_ONLY.value, "label": "Partenaire fictif (démo)"},
            "provenance": {"system": TWIN_SYSTEM, "external_id": f"P{number}"},
        }
        yield twin
