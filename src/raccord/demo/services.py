"""Build the synthetic services: what the structures of the demonstration do for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from raccord.demo.agreements import OPENING_HOURS
from raccord.demo.documents import ServiceDocument, StructureDocument
from raccord.reference.service_codes import Audience, Fee, MobilisationMode, Mobiliser, ReceptionMode, ServiceType
from raccord.reference.structure_kinds import EMPLOYER_KINDS
from raccord.reference.topics import Topic

SERVICE_COUNT = 1_500
# Employers of insertion are found by their offers: few of them also run services.
EMPLOYERS_WITH_SERVICES = 0.15


@dataclass(frozen=True)
class Template:
    """What a service of one sort says."""

    topic: Topic
    name: str
    kind: ServiceType
    text: str


TEMPLATES = (
    Template(Topic("choisir-un-metier--decouvrir-un-metier-ou-un-secteur-dactivite"), "Découverte des métiers",
             ServiceType.WORKSHOP, "visiter des entreprises, rencontrer des salariés et essayer des gestes"),
    Template(Topic("creer-une-entreprise--definir-son-projet-de-creation-dentreprise"), "Créer son activité",
             ServiceType.SUPPORT, "préciser son idée, la chiffrer et choisir un statut"),
    Template(Topic("difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives"),
             "Aide aux démarches", ServiceType.SUPPORT, "remplir un dossier, réunir les pièces et suivre les réponses"),
    Template(Topic("difficultes-financieres--ameliorer-sa-gestion-budgetaire"), "Gérer son budget",
             ServiceType.WORKSHOP, "lire ses relevés, prévoir ses dépenses et négocier un échéancier"),
    Template(Topic("equipement-et-alimentation--alimentation"), "Épicerie solidaire", ServiceType.MATERIAL_AID,
             "faire ses courses à petit prix, au choix, une fois par semaine"),
    Template(Topic("famille--garde-denfants"), "Garde d'enfants", ServiceType.SUPPORT,
             "faire garder son enfant le temps d'un entretien, d'une formation ou d'une reprise d'emploi"),
    Template(Topic("lecture-ecriture-calcul--maitriser-le-francais"), "Apprendre le français", ServiceType.TRAINING,
             "parler, lire et écrire en petit groupe, du niveau débutant au niveau B1"),
    Template(Topic("logement-hebergement--rechercher-une-solution-dhebergement-temporaire"), "Trouver un toit",
             ServiceType.INFORMATION, "connaître les hébergements possibles et déposer une demande"),
    Template(Topic("mobilite--preparer-un-permis"), "Préparer le permis", ServiceType.FINANCIAL_AID,
             "passer le code et la conduite avec une auto-école sociale"),
    Template(Topic("mobilite--acceder-a-un-vehicule"), "Location solidaire", ServiceType.MATERIAL_AID,
             "louer un scooter ou une voiture à petit prix pour aller travailler"),
    Template(Topic("numerique--maitriser-les-fondamentaux-du-numerique"), "Atelier numérique", ServiceType.WORKSHOP,
             "envoyer un courriel, remplir un formulaire et suivre ses démarches en ligne"),
    Template(Topic("preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation"), "CV et lettre",
             ServiceType.WORKSHOP, "mettre ses compétences en valeur et écrire une candidature"),
    Template(Topic("remobilisation--bien-etre-confiance-en-soi"), "Reprendre confiance", ServiceType.WORKSHOP,
             "bouger, s'exprimer et se fixer un premier objectif"),
    Template(Topic("sante--acces-aux-soins"), "Accès aux soins", ServiceType.INFORMATION,
             "ouvrir ses droits, trouver un médecin et faire un bilan de santé"),
    Template(Topic("se-former--trouver-sa-formation"), "Trouver sa formation", ServiceType.INFORMATION,
             "comparer les formations du territoire et monter son financement"),
    Template(Topic("trouver-un-emploi--repondre-a-des-offres-demploi"), "Recherche d'emploi", ServiceType.SUPPORT,
             "repérer les offres, y répondre et préparer ses entretiens"),
)  # fmt: skip
AUDIENCES: Sequence[Sequence[Audience]] = (
    (Audience.EVERYONE,),
    (Audience.JOB_SEEKERS,),
    (Audience.YOUNG_PEOPLE, Audience.JOB_SEEKERS),
    (Audience.MINIMUM_INCOME_RECIPIENTS,),
    (Audience.PEOPLE_WITH_DISABILITIES,),
)
MODES: Mapping[MobilisationMode, str] = {MobilisationMode.PHONE: "phone", MobilisationMode.EMAIL: "email"}


def build_services(rng: Random, today: date, structures: Sequence[StructureDocument]) -> list[ServiceDocument]:
    """Build the services, numbered from 1; their structures are told to provide some."""
    providers = list(choose_providers(rng, structures))
    services: list[ServiceDocument] = []
    # A first service for each, then more for some: what a search finds is spread as in life.
    chosen = [*providers, *rng.choices(providers, k=SERVICE_COUNT - len(providers))]
    for number, structure in enumerate(chosen, start=1):
        structure["is_service_provider"] = True
        services.append(build_service(rng, today, structure, number))
    return services


def choose_providers(rng: Random, structures: Sequence[StructureDocument]) -> Iterator[StructureDocument]:
    """Choose the structures that run services: every prescriber, and a few employers."""
    for structure in structures:
        if structure["kind"] not in EMPLOYER_KINDS or rng.random() < EMPLOYERS_WITH_SERVICES:
            yield structure


def build_service(rng: Random, today: date, structure: StructureDocument, number: int) -> ServiceDocument:
    """Build one service of the structure."""
    template = TEMPLATES[number % len(TEMPLATES)]
    city, department = structure["address"]["city"], structure["address"]["department"]
    service: ServiceDocument = {
        "external_id": f"service-{number:04d}",
        "structure_external_id": structure["external_id"],
        "name": f"{template.name} - {city} (démo)",
        "description": f"Service fictif de démonstration, à {city} : {template.text}.",
        "kind": template.kind.value,
        "topics": [template.topic.value],
        "audiences": [audience.value for audience in rng.choice(AUDIENCES)],
        "fee": Fee.FREE.value,
        "reception_modes": [ReceptionMode.ON_SITE.value],
        "address": {**structure["address"]},
        "eligibility_zones": [department] if rng.random() < 0.8 else ["france"],
        "source_updated_on": (today - timedelta(days=rng.randrange(1, 800))).isoformat(),
    }
    if "location" in structure:
        service["location"] = {**structure["location"]}
    describe_access(rng, service, structure)
    if rng.random() < 0.6:
        service["description"] += (
            " Le premier rendez-vous sert à faire le point ; les suivants se tiennent seul ou en groupe, au rythme de "
            "chacun. Un professionnel reste joignable entre deux séances, et fait le lien avec le prescripteur."
        )
    return service


def describe_access(rng: Random, service: ServiceDocument, structure: StructureDocument) -> None:
    """Add how one asks for the service, and what it costs."""
    mode, field = rng.choice(list(MODES.items()))
    service["mobilisation_modes"] = [mode.value]
    service["mobilisers"] = [Mobiliser.PROFESSIONALS.value] + ([Mobiliser.USERS.value] if rng.random() < 0.7 else [])
    # One in ten forgets it: the quality report has something to say.
    if rng.random() < 0.9:
        service["phone" if field == "phone" else "email"] = structure["phone" if field == "phone" else "email"]
    if rng.random() < 0.1:
        service["fee"] = Fee.PAID.value
        if rng.random() < 0.5:
            service["fee_details"] = "Participation de 10 € par mois."
    if rng.random() < 0.25:
        service["reception_modes"] = [ReceptionMode.ON_SITE.value, ReceptionMode.REMOTE.value]
    if rng.random() < 0.4:
        service["opening_hours"] = rng.choice(OPENING_HOURS)
    if service["kind"] in (ServiceType.TRAINING.value, ServiceType.WORKSHOP.value):
        service["hours_per_week"] = float(rng.choice((1.5, 3, 7, 15)))
        service["duration_weeks"] = rng.choice((1, 4, 12))
