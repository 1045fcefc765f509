"""Offers in the form in which France Travail sends them. All values are made up."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from raccord.adapters.france_travail import codes, labels
from raccord.adapters.france_travail.payloads import OfferPayload
from raccord.kernel.strict_json import JsonObject
from tests.adapters.payloads import draw_payloads

FULL_OFFER: JsonObject = {
    "id": "000DEMO",
    "intitule": "Agent / Agente d'entretien des espaces verts (H/F)",
    "description": "Au sein d'un chantier d'insertion, vous entretenez les espaces verts.\nTonte.",
    "dateCreation": "2026-11-02T08:30:00.000Z",
    "dateActualisation": "2026-11-20T10:15:42.123Z",
    "lieuTravail": {
        "libelle": "57 - METZ",
        "latitude": 49.119146,
        "longitude": 6.176026,
        "codePostal": "57000",
        "commune": "57463",
    },
    "romeCode": "A1203",
    "romeLibelle": "Aménagement et entretien des espaces verts",
    "appellationlibelle": "Agent / Agente d'entretien des espaces verts",
    "entreprise": {
        "nom": "LES JARDINS DU RACCORD (DEMO)",
        "description": "Un chantier d'insertion.",
        "logo": "https://entreprise.example/logo.png",
        "url": "https://jardins.example",
        "siret": "00010000800010",
        "entrepriseAdaptee": False,
    },
    "typeContrat": "DDI",
    "typeContratLibelle": "CDD insertion - 6 Mois",
    "natureContrat": "Insertion par l'activ.éco.",
    "experienceExige": "S",
    "experienceLibelle": "2 an(s) - en espaces verts",
    "experienceCommentaire": "en espaces verts",
    "formations": [
        {
            "codeFormation": "21046",
            "domaineLibelle": "espace vert",
            "niveauLibelle": "CAP, BEP et équivalents",
            "commentaire": "ou expérience",
            "exigence": "S",
        }
    ],
    "langues": [{"libelle": "Français", "exigence": "E"}],
    "permis": [{"libelle": "B - Véhicule léger", "exigence": "E"}],
    "outilsBureautiques": ["Tableur"],
    "competences": [{"code": "124534", "libelle": "Entretenir un espace vert", "exigence": "E"}],
    "salaire": {
        "libelle": "Mensuel de 1801,80 Euros à 1950,00 Euros sur 12 mois",
        "commentaire": "selon expérience",
        "complement1": "Chèque repas",
        "complement2": "Mutuelle",
        "listeComplements": [{"code": "CR", "libelle": "Chèque repas"}],
    },
    "dureeTravailLibelle": "35H Horaires normaux",
    "dureeTravailLibelleConverti": "Temps plein",
    "complementExercice": "Travail en équipe",
    "conditionExercice": "En extérieur",
    "alternance": False,
    "contact": {
        "nom": "LES JARDINS - Mme Camille Inventée",
        "coordonnees1": "1 rue de la Fontaine",
        "coordonnees2": "57000 METZ",
        "coordonnees3": "Bâtiment A",
        "telephone": "0199000000",
        "courriel": "camille.inventee@jardins.example",
        "commentaire": "Demander Camille",
        "urlRecruteur": "https://jardins.example",
        "urlPostulation": "https://jardins.example/postuler",
    },
    "agence": {"telephone": "3995", "courriel": "agence@agence.example"},
    "nombrePostes": 2,
    "accessibleTH": True,
    "deplacementCode": "2",
    "deplacementLibelle": "Ponctuels Départemental",
    "qualificationCode": "6",
    "qualificationLibelle": "Employé qualifié",
    "codeNAF": "81.30Z",
    "secteurActivite": "81",
    "secteurActiviteLibelle": "Services d'aménagement paysager",
    "qualitesProfessionnelles": [{"libelle": "Faire preuve d'autonomie", "description": "Agir sans appui constant."}],
    "trancheEffectifEtab": "20 à 49 salariés",
    "origineOffre": {
        "origine": "2",
        "urlOrigine": "https://candidat.francetravail.fr/offres/recherche/detail/000DEMO",
        "partenaires": [
            {"nom": "SITE", "url": "https://site.example/1", "logo": "https://site.example/logo.png"},
        ],
    },
    "offresManqueCandidats": True,
    "contexteTravail": {"horaires": ["35H Horaires normaux"], "conditionsExercice": ["Travail en extérieur"]},
    "entrepriseAdaptee": False,
    "employeurHandiEngage": True,
}

_WORDS = st.text(st.sampled_from("abcdéÉ '-"), min_size=1, max_size=12).map(str.strip).filter(bool)
_AMOUNTS = st.decimals(0, 99_999_999, places=2)
SALARIES = st.builds(
    labels.SalaryLabel,
    st.sampled_from(["Mensuel", "Annuel", "Horaire", "Autre", "Cachet"]),
    _AMOUNTS,
    st.none() | _AMOUNTS,
    st.none() | st.decimals(0, 99, places=1).map(lambda months: Decimal(f"{months:f}")),
)
HOURS = st.builds(labels.HoursLabel, st.integers(0, 99 * 60 + 59), st.none() | _WORDS)
EXPERIENCES = st.builds(labels.ExperienceLabel, st.integers(0, 999), st.none() | _WORDS) | st.just(
    labels.ExperienceLabel(None)
)
CONTRACTS = st.builds(
    labels.ContractLabel, _WORDS, st.integers(0, 9_999).map(Decimal), st.sampled_from(["Mois", "Jour(s)"])
)
PLACES = st.builds(labels.PlaceLabel, st.sampled_from(["57", "2A", "971", "99"]), _WORDS)
DRIVING_LICENCES = st.builds(labels.DrivingLicenceLabel, st.sampled_from(["B", "CE", "ZZ"]), _WORDS)

OFFERS = draw_payloads(
    OfferPayload,
    {
        "id": st.sampled_from(["000DEMO", "1234567"]),
        "description": st.sampled_from(["Tonte.", "x" * 12_000]),
        "intitule": st.sampled_from(["Cuisinier (H/F)", "x" * 400]),
        "typeContrat": st.sampled_from([*codes.CONTRACT_LABELS, "ZZZ"]),
        "natureContrat": st.sampled_from([*codes.NATURES, "Nature nouvelle"]),
        "typeContratLibelle": CONTRACTS.map(labels.write_contract) | st.sampled_from(["CDI", "Franchise"]),
        "experienceExige": st.sampled_from(["D", "S", "E", "X"]),
        "experienceLibelle": EXPERIENCES.map(labels.write_experience),
        "dureeTravailLibelle": HOURS.map(labels.write_hours) | st.just("35H/semaine\nTravail en journée"),
        "dureeTravailLibelleConverti": st.sampled_from(["Temps plein", "Temps partiel", "Autre"]),
        "exigence": st.sampled_from(["S", "E", "Z"]),
        "codePostal": st.just("57000"),
        "commune": st.sampled_from(["57463", "75056", "2A004"]),
        "latitude": st.floats(-90, 90),
        "longitude": st.floats(-180, 180),
        "codeNAF": st.sampled_from(["81.30Z", "8130Z", "81"]),
        "romeCode": st.sampled_from(["A1203", "Z9999"]),
        "deplacementCode": st.sampled_from(["1", "2", "3", "4", "9"]),
        "deplacementLibelle": st.sampled_from(["Jamais", "Ponctuels Départemental", "Quotidiens National", "Autre"]),
        "qualificationCode": st.sampled_from(["1", "9", "X", "0"]),
        "dateCreation": st.datetimes().map(lambda at: f"{at.isoformat(timespec='milliseconds')}Z"),
        "dateActualisation": st.datetimes().map(lambda at: at.isoformat()),
        "siret": st.sampled_from(["00010000800010", "12345678999901", "12345678901234"]),
        "url": st.sampled_from(["https://jardins.example", "http://É.example/a b", "jardins.example"]),
        "urlPostulation": st.sampled_from(["https://jardins.example/postuler", "mailto:a@b.example"]),
        # The same name stands for three labels: of a place, of a salary, of a licence.
        "libelle": SALARIES.map(labels.write_salary)
        | PLACES.map(labels.write_place)
        | DRIVING_LICENCES.map(labels.write_driving_licence),
    },
)
