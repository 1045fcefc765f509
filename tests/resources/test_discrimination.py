"""The guard against discrimination: what it refuses, and above all what it must leave alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.resources.job_offers.discrimination import GROUNDS, find_criteria

REFUSED = {
    "sex": [
        "Nous recherchons un homme pour ce chantier.",
        "Recherche homme uniquement (maçon)",
        "Recherche homme motivé",
        "Recherche une jeune femme dynamique pour l'accueil",
        "Jeune homme dynamique",
        "Jeunes femmes",
        "Poste réservé aux hommes",
        "Poste réservé exclusivement à une femme.",
        "Hommes uniquement",
        "Maçon (homme uniquement)",
        "Offre exclusivement pour des femmes",
        "Candidate de sexe féminin",
        "Nous recrutons **une femme** pour compléter l'équipe",
        "Sexe : homme",
        "Vous aimez le contact.\nHommes s'abstenir",
    ],
    "age": [
        "Candidat âgé de 25 à 35 ans",
        "Candidat(e) âgé(e) de 25 à 35 ans",
        "Candidat·e âgé·e de 25 à 35 ans",
        "Vous avez moins de 30 ans",
        "Vous avez entre 25 et 40 ans et aimez la vente",
        "Vous êtes âgé(e) de 20 à 30 ans",
        "Âge maximum : 35 ans",
        "Limite d'âge : 40 ans",
        "Profil jeune souhaité",
        "Recrute jeune homme motivé",
        "Jeune femme souriante et disponible",
        "Seniors s'abstenir",
        "Plus de 50 ans s'abstenir",
        "Recherchons des personnes de moins de 35 ans",
        "Profil recherché : candidat jeune et disponible",
    ],
    "origin": [
        "Nationalité française exigée",
        "Candidat de nationalité française",
        "Français de souche",
        "Étrangers s’abstenir",
        "Profil BBR",
        "Personne de type européen",
        "Poste réservé aux Français",
    ],
    "family": ["Vous êtes célibataire et mobile", "Vous êtes sans enfant", "Célibataire de préférence"],
    "health": ["Personnes handicapées s'abstenir", "Pas de RQTH", "Candidat sans handicap"],
    "beliefs": ["Vous êtes catholique pratiquant", "Musulmans s'abstenir"],
    "appearance": ["Physique agréable exigé", "Belle apparence"],
}
ALLOWED = [
    "Maçon homme/femme (H/F)",
    "Recherche homme ou femme motivé(e)",
    "Nous recherchons un homme ou une femme",
    "Nous recherchons des personnes motivées, hommes et femmes",
    "Nous cherchons un binôme homme-femme",
    "Poste ouvert aux femmes et aux hommes",
    "Poste ouvert aux seniors",
    "Poste ouvert aux personnes en situation de handicap",
    "Garde de jeunes enfants",
    "Jeunes hommes et jeunes femmes de 16 à 25 ans accompagnés par la mission locale",
    "Jeunes femmes hébergées : vous les accompagnez",
    "Jeune homme ou jeune femme motivée, débutants acceptés",
    "Enfants de moins de 3 ans",
    "Animation d'un groupe d'enfants âgés de 3 à 6 ans",
    "Auxiliaire de vie auprès de personnes âgées",
    "Vous travaillerez auprès d'un client âgé de 82 ans",
    "Auprès de personnes de plus de 60 ans",
    "Aide aux personnes de 60 ans et plus",
    "Auxiliaire de vie auprès d'une femme en situation de handicap",
    "Plus de 5 ans d'expérience",
    "Vous avez plus de 20 ans d'expérience",
    "Entreprise de plus de 30 ans",
    "Permis depuis plus de 3 ans",
    "Être titulaire du permis B depuis 2 ans",
    "Être âgé d'au moins 18 ans",
    "Vous devez être âgé de 18 ans minimum",
    "Être majeur",
    "Sans limite d'âge",
    "Candidats de tous âges",
    "Une équipe jeune et dynamique",
    "Vous êtes jeune retraité ou étudiant",
    "Développeur senior",
    "Comptable, profil senior apprécié",
    "Femme de ménage (H/F)",
    "Recherche une femme de ménage",
    "Recherche fille au pair",
    "Recherchons un homme toutes mains (H/F)",
    "Recrute un garçon de café (H/F)",
    "À compétences égales, candidats avec ou sans handicap",
    "Foyer réservé aux femmes victimes de violences",
    "Accompagnement de femmes isolées",
    "Produits d'origine française",
    "Viande d'origine européenne",
    "École catholique",
    "Vous intervenez auprès d'un public jeune",
    "Vous accompagnez des jeunes de 16 à 25 ans",
    "Mission locale : jeunes de 16 à 25 ans",
    "Recherche d'emploi des jeunes",
    "Environnement physique agréable",
    "Bonne condition physique",
    "Chantier réservé aux publics prioritaires",
    "Chambre célibataire uniquement",
    "Vous êtes en contact avec des personnes sans enfants",
    "Soutien aux parents",
    "Vente de vêtements pour femmes et hommes",
    "Coiffeur hommes",
    "Coiffeuse pour dames",
    "Conseiller de vente rayon homme",
    "Poste en CDD de 18 à 24 mois",
    "Contrat : entre 24 et 35 heures",
    "Recrutement de 10 personnes",
    "Candidats débutants acceptés",
]
_BAD = [(ground, text) for ground, texts in REFUSED.items() for text in texts]


@pytest.mark.parametrize(("ground", "text"), _BAD)
def test_a_condition_on_the_person_is_found_with_its_ground(ground: str, text: str) -> None:
    assert ground in [found.name for found in find_criteria(text)]


@pytest.mark.parametrize("text", ALLOWED)
def test_what_speaks_of_people_without_a_condition_is_left_alone(text: str) -> None:
    assert find_criteria(text) == []


def test_every_ground_has_its_examples() -> None:
    assert {ground.name for ground in GROUNDS} == set(REFUSED)


@given(st.lists(st.sampled_from(ALLOWED), min_size=1, max_size=8), st.sampled_from([". ", "\n", " ! ", ".\n\n"]))
def test_allowed_sentences_stay_allowed_together(sentences: list[str], separator: str) -> None:
    assert find_criteria(separator.join(sentences)) == []


@given(st.sampled_from(_BAD), st.lists(st.sampled_from(ALLOWED), max_size=4), st.booleans())
def test_a_condition_is_found_among_other_sentences(bad: tuple[str, str], others: list[str], is_loud: bool) -> None:
    text = "\n".join([*others[:2], bad[1].upper() if is_loud else bad[1], *others[2:]])

    assert bad[0] in [found.name for found in find_criteria(text)]


@given(st.text(max_size=400))
def test_no_text_breaks_the_guard(text: str) -> None:
    find_criteria(text)


@pytest.mark.parametrize("contract", ["apprenticeship", "professional_training"])
def test_the_law_sets_ages_for_work_study(contract: str) -> None:
    assert find_criteria("Vous avez moins de 30 ans", contract) == []
    assert find_criteria("Recherche une jeune femme", contract)


@pytest.mark.parametrize("unit", ["vous avez ", "recherche un homme ou ", "candidat ", "sans enfant ", "(e)", "ans "])
def test_the_longest_text_takes_a_bounded_time(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    started = time.process_time()
    find_criteria(text)

    assert time.process_time() - started < 2
