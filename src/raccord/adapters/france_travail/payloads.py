"""An offer as France Travail sends it.

Source: API Offres d'emploi v2, offer; numbers and codes as its answers hold them.
"""

from __future__ import annotations

from raccord.adapters.payload import Payload


class Place(Payload):
    """Where the work is."""

    libelle: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    codePostal: str | None = None
    commune: str | None = None


class Company(Payload):
    """Who employs."""

    nom: str | None = None
    description: str | None = None
    logo: str | None = None
    url: str | None = None
    siret: str | None = None
    entrepriseAdaptee: bool | None = None


class Education(Payload):
    """A training asked for."""

    codeFormation: str | None = None
    domaineLibelle: str | None = None
    niveauLibelle: str | None = None
    commentaire: str | None = None
    exigence: str | None = None


class Skill(Payload):
    """A skill asked for."""

    code: str | None = None
    libelle: str | None = None
    exigence: str | None = None


class Asked(Payload):
    """A language or a driving licence asked for."""

    libelle: str | None = None
    exigence: str | None = None


class Quality(Payload):
    """A personal quality hoped for."""

    libelle: str | None = None
    description: str | None = None


class Complement(Payload):
    """What is added to the salary."""

    code: str | None = None
    libelle: str | None = None


class Salary(Payload):
    """The salary, as text."""

    libelle: str | None = None
    commentaire: str | None = None
    complement1: str | None = None
    complement2: str | None = None
    listeComplements: list[Complement] | None = None


class Contact(Payload):
    """Whom to write to: it may be a person."""

    nom: str | None = None
    coordonnees1: str | None = None
    coordonnees2: str | None = None
    coordonnees3: str | None = None
    telephone: str | None = None
    courriel: str | None = None
    commentaire: str | None = None
    urlRecruteur: str | None = None
    urlPostulation: str | None = None


class Agency(Payload):
    """The agency of France Travail that follows the offer."""

    telephone: str | None = None
    courriel: str | None = None


class Partner(Payload):
    """A site that the offer comes from."""

    nom: str | None = None
    url: str | None = None
    logo: str | None = None


class Origin(Payload):
    """Where the offer comes from: 1 is France Travail, 2 a partner."""

    origine: str | None = None
    urlOrigine: str | None = None
    partenaires: list[Partner] | None = None


class WorkContext(Payload):
    """How the work is done."""

    horaires: list[str] | None = None
    conditionsExercice: list[str] | None = None


class OfferPayload(Payload):
    """An offer."""

    id: str
    intitule: str | None = None
    description: str | None = None
    dateCreation: str | None = None
    dateActualisation: str | None = None
    lieuTravail: Place | None = None
    romeCode: str | None = None
    romeLibelle: str | None = None
    appellationlibelle: str | None = None
    entreprise: Company | None = None
    typeContrat: str | None = None
    typeContratLibelle: str | None = None
    natureContrat: str | None = None
    experienceExige: str | None = None
    experienceLibelle: str | None = None
    experienceCommentaire: str | None = None
    formations: list[Education] | None = None
    langues: list[Asked] | None = None
    permis: list[Asked] | None = None
    outilsBureautiques: list[str] | None = None
    competences: list[Skill] | None = None
    salaire: Salary | None = None
    dureeTravailLibelle: str | None = None
    dureeTravailLibelleConverti: str | None = None
    complementExercice: str | None = None
    conditionExercice: str | None = None
    alternance: bool | None = None
    contact: Contact | None = None
    agence: Agency | None = None
    nombrePostes: int | None = None
    accessibleTH: bool | None = None
    deplacementCode: str | None = None
    deplacementLibelle: str | None = None
    qualificationCode: str | None = None
    qualificationLibelle: str | None = None
    codeNAF: str | None = None
    secteurActivite: str | None = None
    secteurActiviteLibelle: str | None = None
    qualitesProfessionnelles: list[Quality] | None = None
    trancheEffectifEtab: str | None = None
    origineOffre: Origin | None = None
    offresManqueCandidats: bool | None = None
    contexteTravail: WorkContext | None = None
    entrepriseAdaptee: bool | None = None
    employeurHandiEngage: bool | None = None
