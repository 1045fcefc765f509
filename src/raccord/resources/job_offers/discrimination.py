"""The guard against discrimination: criteria on the person that an offer's free text may not set.

It looks for a condition put to the candidate, not for a word: an offer may speak of young children, of elderly people
who are helped, or of a woman who employs. What it misses a person still reads; what it refuses must be refused.
Source: Code du travail, articles L1132-1 and L1142-1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from raccord.kernel.text import Text

# Lawful where the law itself sets an age: work-study contracts.
_AGED_CONTRACTS = frozenset({"apprenticeship", "professional_training"})

# What ends a sentence: a condition stands within one.
_ENDS = re.compile(r"[\n.!?;]+ *")
_INCLUSIVE = re.compile(
    r"\((?:e|s|es|ne|nes|ve|euse|trice|rice|fe|iere)\)s?|(?<=[a-z])[·•.](?:e|es|ne|ve)(?:[·•.]?s)?\b"
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_SPACES = re.compile(r"[^\S\n]+")
_MARKS = str.maketrans({"’": "'", "*": "", "_": " ", "#": "", "`": "", "~": "", "«": "", "»": "", "\r": ""})

_SEEK = r"\b(?:recherch\w*|recrut\w*|cherch\w*|embauch\w*|souhait\w*|engage\w*)"
_WHO = r"\b(?:candidate?s?|candidatures?|profils?|postulante?s?|vous (?:etes|serez)|etre|vous devez etre)"
_WHO_IS = rf"{_WHO}(?: (?!aupres|avec|pour|chez|au|aux|des?|en)[\w']+){{0,2}}"
_OFFER = r"\b(?:poste|offre|emploi|mission|contrat|recrutement|candidatures?)"
_YEARS = r"(?:1[6-9]|[2-6][0-9]) ?ans\b(?! (?:d'|de |dans|sur|en |a (?:un|ce)))"
_SPAN = rf"(?:(?:de )?(?:moins|plus) de {_YEARS}|(?:entre|de) [0-9]{{2}}(?: ?ans)? (?:et|a) {_YEARS})"
_SEX = r"(?:homme|femme|fille|garcon|dame|monsieur)s?\b"
_WANTED = r"(?:dynamique|motive|souriant|serieu|disponible|polyvalent|courageu|ambitieu|autonome)\w*\b"
# The other sex named too, or the name of a trade: no condition.
_NOT_BOTH = (
    r"(?! ?(?:/|,|ou|et|comme|aussi|autant|-) ?(?:bien )?(?:un |une |des |les |aux |que )?(?:homme|femme|h\b|f\b))"
    r"(?! (?:de (?:menage|chambre|main|terrain|confiance|pied|cle|cafe|salle|cuisine|piste|ferme)"
    r"|d'(?:entretien|affaires|equipe)|toutes? mains?|a tout))"
    r"(?!-(?:orchestre|sandwich|grenouille))(?! ?\(?(?:h ?/ ?f|f ?/ ?h)\b)"
)


# All that a line says of the post: a title, a profile.
_YOUNG_ONE = rf"^jeunes? {_SEX}(?: {_WANTED}|$)(?!.*\bou\b)"


@dataclass(frozen=True)
class Ground:
    """One ground of discrimination, and the conditions that betray it.

    Shape: no sentence without one of `words` can match `pattern`; they spare most offers the search.
    """

    name: str
    message: Text
    words: tuple[str, ...]
    pattern: re.Pattern[str]


def _make_ground(name: str, labels: tuple[str, str], words: tuple[str, ...], *conditions: str) -> Ground:
    fr, en = labels
    sentence = Text(f"Critère {fr} : un poste ne s'y réserve pas.", f"Criterion of {en}: no post is kept to it.")
    return Ground(name, sentence, words, re.compile("|".join(f"(?:{condition})" for condition in conditions)))


GROUNDS = (
    _make_ground(
        "age",
        ("d'âge", "age"),
        ("age", " ans", "jeune", "senior"),
        rf"\bvous avez {_SPAN}",
        rf"{_WHO_IS} (?:ages?|agees?) (?:de |d'|entre )?(?:au (?:plus|maximum) )?(?!(?:16|18) ans"
        r" (?:minimum|revolus|au moins|et plus|ou plus))[0-9]",
        rf"{_SEEK}(?: [\w']+){{0,4}} (?:ages?|agees?) (?:de|entre) (?!(?:16|18) ans)[0-9]",
        rf"{_SEEK} (?:une? |des )?(?:personnes?|candidate?s?|profils?|collaborat\w+|{_SEX}) {_SPAN}",
        r"(?<!sans )(?<!aucune )(?<!pas de )(?<!ni )\b(?:age (?:maximum|maximal|limite|requis|souhaite"
        r"|ideal)|limite d'age)\b",
        rf"^(?:profil(?: recherche)? ?:? ?)?(?:age ?: ?[0-9]{{2}}|{_SPAN}$)",
        r"\b(?:candidate?|profil|postulante?) (?:\w+ )?jeune\b(?! (?:diplome|retraite))",
        rf"{_SEEK} (?:une? |des )?jeunes? (?:candidate?s?|profils?|collaborat\w+|employee?s?|{_SEX})",
        _YOUNG_ONE,
        r"\b(?:seniors?|plus de [0-9]{2} ans|moins de [0-9]{2} ans),? (?:merci de )?s'abstenir",
    ),
    _make_ground(
        "sex",
        ("de sexe", "sex"),
        ("homme", "femme", "fille", "garcon", "dame", "monsieur", "sexe", "(h)", "(f)"),
        rf"{_SEEK} (?:urgemment |activement |actuellement )?(?:uniquement )?(?:une? |des )?(?:jeunes? )?"
        rf"{_SEX}{_NOT_BOTH}(?! au pair)",
        rf"{_OFFER}(?: \w+){{0,2}} reserve\w* (?:exclusivement |uniquement )?(?:aux?|a une?|a des) {_SEX}{_NOT_BOTH}",
        rf"{_OFFER}(?: \w+){{0,2}} (?:uniquement|exclusivement|seulement) (?:pour |aux? |a )?"
        rf"(?:une? |les |des )?{_SEX}{_NOT_BOTH}",
        rf"^(?:profil(?: recherche)? ?:? ?)?{_SEX} (?:uniquement|exclusivement|seulement|imperativement)\b",
        rf"\({_SEX} (?:uniquement|exclusivement|seulement)\)",
        rf"{_WHO_IS} (?:du |de )sexe (?:masculin|feminin)",
        _YOUNG_ONE,
        r"^sexe ?: ?(?:homme|femme|masculin|feminin|h|f)$",
        r"(?<!/ )(?<!/)\((?:h|f)\) (?:uniquement|seulement|exclusivement)",
        rf"\b{_SEX},? (?:merci de )?s'abstenir",
    ),
    _make_ground(
        "origin",
        ("d'origine ou de nationalité", "origin or nationality"),
        ("nationalite", "origine", "de type", "souche", "bleu", "bbr", "abstenir", "reserve"),
        r"\bnationalite (?:francaise|europeenne) (?:exigee|obligatoire|requise|imperative|uniquement|indispensable)",
        rf"{_WHO_IS} (?:de nationalite|d'origine) \w+",
        rf"(?:{_WHO}|personnes?|{_SEX}|physique) de type (?:europeen|caucasien|africain|maghrebin"
        r"|asiatique|antillais|occidental)",
        r"\bfrancais\w* de souche\b",
        r"\bbleu[ -]blanc[ -]rouge (?:exige|uniquement|souhaite)|\b(?:profil|candidat) bbr\b",
        r"\b(?:etrangere?s?|immigree?s?|maghrebine?s?|africaine?s?),? (?:merci de )?s'abstenir",
        rf"{_OFFER}(?: \w+){{0,2}} reserve\w* aux? (?:francais|europeens)",
    ),
    _make_ground(
        "family",
        ("de situation de famille", "family situation"),
        ("celibataire", "marie", "enfant", "famille", "enceinte", "parent"),
        rf"{_WHO_IS} (?:celibataire|mariee?|sans enfants?|sans charges? de famille)\b",
        r"^(?:celibataire|sans enfants?(?: a charge)?)(?: de preference| exige| uniquement)?[ .;,-]*$",
        r"\b(?:sans enfants?|celibataire|sans charges? de famille) (?:exigee?|obligatoire|imperatif|de"
        r" preference|souhaitee?)\b",
        r"\b(?:femmes? enceintes?|meres? de famille|parents?),? (?:merci de )?s'abstenir",
    ),
    _make_ground(
        "health",
        ("de santé ou de handicap", "health or disability"),
        ("handicap", "valide", "sante", "rqth"),
        rf"{_WHO_IS} (?:sans handicap|non handicapee?s?|valides? physiquement|en parfaite sante)\b",
        r"\b(?:handicapee?s?|personnes? handicapees?|rqth|travailleurs? handicapes?),? (?:merci de )?s'abstenir",
        r"\bpas de (?:rqth|travailleurs? handicapes?|personnes? handicapees?)\b",
    ),
    _make_ground(
        "beliefs",
        ("de croyance ou d'opinion", "belief or opinion"),
        ("catholique", "musulman", "jui", "chretien", "protestant", "athee", "croyant", "syndi"),
        rf"{_WHO_IS} (?:catholiques?|musulmane?s?|juif|juive|chretienn?e?s?|protestante?s?|athees?|croyante?s?)\b",
        r"\b(?:musulmane?s?|juifs?|catholiques?|syndiquee?s?|syndicalistes?),? (?:merci de )?s'abstenir",
        rf"{_WHO_IS} non syndiquee?s?\b",
    ),
    _make_ground(
        "appearance",
        ("d'apparence physique", "physical appearance"),
        ("physique", "silhouette", "apparence", "mannequin"),
        r"(?<!environnement )(?<!cadre )(?<!espace )\bphysique (?:agreable|avantageux|attrayant)\b",
        r"\b(?:silhouette (?:mince|elancee)|belle apparence|taille mannequin)\b",
    ),
)  # fmt: skip


def find_criteria(text: str, contract_type: str | None = None) -> list[Ground]:
    """Find the grounds on which the text sets a condition to candidates."""
    plain = normalise(text)
    skipped = "age" if contract_type in _AGED_CONTRACTS else ""
    spoken = [ground for ground in GROUNDS if ground.name != skipped and _mentions(plain, ground)]
    if not spoken:
        return []
    sentences = _ENDS.split(plain)
    return [
        ground
        for ground in spoken
        if any(_mentions(sentence, ground) and ground.pattern.search(sentence) for sentence in sentences)
    ]


def _mentions(text: str, ground: Ground) -> bool:
    return any(word in text for word in ground.words)


def normalise(text: str) -> str:
    """Write the text without accents, capitals, marks and inclusive endings, line by line."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_MARKS))
    plain = _ACCENTS.sub("", folded)
    lines = (line.strip(" -\t•") for line in _SPACES.sub(" ", _INCLUSIVE.sub("", plain)).split("\n"))
    return "\n".join(lines)
