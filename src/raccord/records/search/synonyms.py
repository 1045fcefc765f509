"""Words that people use for one another in insertion: a record that says one of a group is found by the others.

A small list, kept by hand: what stems, genders and ROME labels do not bring together. A phrase counts when all its
words stand in the text.
"""

from __future__ import annotations

from functools import cache

from raccord.kernel.french import split_words, stem_word

# The terms of each of its words.
Phrase = tuple[frozenset[str], ...]
_GROUPS = (
    ("vigile", "agent de sécurité"),
    ("éboueur", "agent de collecte des déchets", "ripeur"),
    ("technicien de surface", "agent de nettoyage", "agent de propreté"),
    ("femme de chambre", "valet de chambre", "employé d'étage"),
    ("caissier", "hôte de caisse", "employé de caisse"),
    ("magasinier", "agent de magasinage"),
    ("cariste", "conducteur de chariot élévateur"),
    ("chauffeur", "conducteur routier", "conducteur de transport"),
    ("poids lourd", "PL", "transport de marchandises"),
    ("routier", "transport de marchandises longue distance"),
    ("préparateur de commandes", "picking"),
    ("aide à domicile", "auxiliaire de vie", "intervenant à domicile", "assistant de vie"),
    ("nounou", "assistante maternelle", "garde d'enfants"),
    ("crèche", "garde d'enfants", "accueil du jeune enfant"),
    ("plongeur", "aide de cuisine", "employé polyvalent de restauration"),
    ("serveur", "employé de salle"),
    ("paysagiste", "espaces verts"),
    ("maraîcher", "maraîchage", "légumes"),
    ("manœuvre", "ouvrier du bâtiment"),
    ("BTP", "bâtiment travaux publics"),
    ("comptable", "comptabilité"),
    ("secrétaire", "assistant administratif", "secrétariat"),
    ("informaticien", "développeur", "informatique"),
    ("couturier", "couture", "confection"),
    ("mécanicien automobile", "garagiste"),
    ("recyclerie", "ressourcerie", "réemploi"),
    ("chantier d'insertion", "ACI", "atelier et chantier d'insertion"),
    ("intérim", "travail temporaire"),
    ("pôle emploi", "france travail"),
    ("conseil départemental", "conseil général", "DEPT"),
    ("aide alimentaire", "alimentation", "colis alimentaire", "épicerie sociale", "banque alimentaire"),
    ("permis de conduire", "préparer un permis", "auto-école", "permis B"),
    ("apprendre le français", "maîtriser le français", "cours de français", "FLE", "français langue étrangère"),
    ("illettrisme", "lecture écriture calcul", "savoirs de base"),
    ("logement", "hébergement"),
    ("sans abri", "hébergement d'urgence", "SDF"),
    ("ordinateur", "numérique"),
    ("internet", "numérique"),
    ("vêtements", "habillement", "vestiaire solidaire"),
    ("dettes", "surendettement"),
    ("budget", "gestion budgétaire"),
    ("CV", "curriculum vitae"),
    ("handicap", "RQTH", "travailleur handicapé"),
    ("MDPH", "handicap"),
    ("microcrédit", "aide financière"),
    ("vélo", "mobilité douce"),
    ("psychologue", "santé mentale"),
    ("micro-entreprise", "créer une entreprise", "création d'entreprise", "auto-entrepreneur"),
)


def add_synonyms(terms: frozenset[str]) -> frozenset[str]:
    """Add to the terms of a text those of the phrases that mean the same."""
    groups, triggers = _read_groups()
    found = terms
    for number in {number for term in terms & triggers.keys() for number in triggers[term]}:
        phrases = groups[number]
        if any(all(not word.isdisjoint(terms) for word in phrase) for phrase in phrases):
            found = found.union(*(word for phrase in phrases for word in phrase))
    return found


@cache
def _read_groups() -> tuple[list[list[Phrase]], dict[str, list[int]]]:
    """Read the groups, and which of them each term may open: the terms of the longest word of each phrase."""
    groups = [[tuple(stem_word(word) for word in split_words(phrase)) for phrase in group] for group in _GROUPS]
    triggers: dict[str, list[int]] = {}
    for number, phrases in enumerate(groups):
        for phrase in phrases:
            for term in max(phrase, key=lambda word: max(map(len, word))):
                triggers.setdefault(term, []).append(number)
    return groups, triggers
