"""Build the two hundred synthetic people, each followed by one structure."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from raccord.demo.documents import PersonDocument, StructureDocument
from raccord.demo.identifiers import make_phone, make_slug

FIRST_NAMES = (
    "Amina", "Aurélie", "Bakary", "Camille", "Chloé", "Daniel", "Élodie", "Fatou", "François", "Gaël",
    "Hélène", "Ibrahim", "Inès", "Jean-Luc", "Karim", "Léa", "Loïc", "Maëlle", "Mehdi", "Nadia", "Noémie",
    "Olivier", "Paul", "Rachid", "Salomé", "Sofia", "Thierry", "Valérie", "Yann", "Zoé",
)  # fmt: skip
LAST_NAMES = (
    "Bernard", "Béranger", "Chevalier", "Da Silva", "Diallo", "Dupré", "Étienne", "Faure", "Garnier",
    "Haddad", "Joly", "Koné", "Lefèvre", "Le Goff", "Martin", "Nguyen", "Ollivier", "Perrin", "Quéméneur",
    "Roussel", "Saïdi", "Traoré", "Vidal", "Weber",
)  # fmt: skip
# A double name that nobody bears says at first sight that the person does not exist.
SYNTHETIC_SUFFIX = "Démo"
PEOPLE_COUNT = 200
OUTSIDE_REFERENT_EVERY = 10


def build_people(
    rng: Random, today: date, referents: Sequence[StructureDocument], outsiders: Sequence[StructureDocument]
) -> list[PersonDocument]:
    """Build every person: one in ten is followed by a prescriber outside of the demonstration's own."""
    people = []
    for number in range(1, PEOPLE_COUNT + 1):
        followers = outsiders if number % OUTSIDE_REFERENT_EVERY == 0 else referents
        people.append(build_person(rng, today, number, rng.choice(followers)))
    return people


def build_person(rng: Random, today: date, number: int, referent: StructureDocument) -> PersonDocument:
    """Build one person of working age who lives in the commune of the structure that follows them."""
    first_name = rng.choice(FIRST_NAMES)
    last_name = f"{rng.choice(LAST_NAMES)}-{SYNTHETIC_SUFFIX}"
    person: PersonDocument = {
        "external_id": f"person-{number:03d}",
        "first_name": first_name,
        "last_name": last_name,
        "birth_date": (today - timedelta(days=rng.randint(18 * 366, 62 * 365))).isoformat(),
        "postal_code": referent["address"]["postal_code"],
        "city": referent["address"]["city"],
        "managing_structure": referent["external_id"],
    }
    if rng.random() < 0.85:
        person["email"] = f"{make_slug(first_name)}.{make_slug(last_name)}.{number:03d}@example.org"
    if rng.random() < 0.9:
        person["phone"] = make_phone("mobile", number)
    return person
