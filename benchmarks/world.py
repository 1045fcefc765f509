"""A synthetic France of structures, services and offers, as files to import: the same numbers make the same files.

python -m benchmarks.world FOLDER [STRUCTURES SERVICES OFFERS]
"""

from __future__ import annotations

import json
import sys
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

from raccord.demo.identifiers import make_siret
from raccord.reference.service_codes import Audience, Fee, ServiceType
from raccord.reference.shipped import read_rows
from raccord.reference.topics import Topic

STRUCTURES, SERVICES, OFFERS = 20_000, 60_000, 600_000
KINDS: dict[str, tuple[str, ...]] = {
    "ACI": ("fixed_term_inclusion", "fixed_term_usage"), "EI": ("fixed_term_inclusion", "professional_training"),
    "AI": ("fixed_term_usage", "fixed_term_inclusion"), "ETTI": ("temp_mission", "fixed_term_inclusion"),
    "GEIQ": ("apprenticeship", "professional_training"), "OPCS": ("permanent", "fixed_term"),
}  # fmt: skip
CONTRACTS: tuple[str, ...] = (
    "permanent",
    "fixed_term",
    "temp_mission",
    "seasonal",
    "apprenticeship",
    "fixed_term_inclusion",
)
SHARES: tuple[int, ...] = (38, 27, 18, 6, 6, 5)
NAMES = ("Horizon", "Passerelle", "Les Ateliers", "Tremplin", "Solidarité", "Envol", "Cap", "Relais", "Élan", "Terres")
SENTENCES = (
    "Vous travaillez avec une équipe de cinq personnes, encadrée sur place",
    "Le poste demande de la ponctualité et le goût du travail soigné",
    "Une formation interne est prévue dès la première semaine",
    "Vous préparez le matériel, contrôlez la qualité et tenez les lieux propres",
    "Les horaires sont fixes, du lundi au vendredi",
    "Vous accueillez les clients et répondez à leurs questions",
    "Des déplacements sont à prévoir dans le département",
    "Débutants bienvenus, l'expérience s'acquiert ici",
    "Vous respectez les règles de sécurité et d'hygiène",
    "Un accompagnement socioprofessionnel est proposé chaque mois",
    "Vous conduisez un véhicule léger et portez des charges",
    "Le permis B est apprécié, sans être exigé",
    "Vous rendez compte à votre responsable et remplissez les fiches de suivi",
    "Vous montez, réglez et entretenez les machines de l'atelier",
    "Repas et transports sont pris en charge pour moitié",
    "Vous triez, pesez et emballez les produits avant leur départ",
)
TOPIC_WORDS = ("Atelier", "Permanence", "Accompagnement", "Aide", "Point conseil", "Groupe")


@dataclass(frozen=True)
class Choice:
    """Something drawn by weight."""

    rows: list[dict[str, str]]
    weights: list[float]

    def draw(self, rng: Random) -> dict[str, str]:
        """Draw one."""
        return self.rows[bisect(self.weights, rng.random() * self.weights[-1])]


def choose_communes() -> Choice:
    """Draw communes by their population."""
    rows = [row for row in read_rows("communes.csv.gz") if row["latitude"] and row["postal_codes"]]
    return Choice(rows, list(accumulate(float(row["population"] or 0) for row in rows)))


def choose_occupations() -> Choice:
    """Draw occupations as offers do: a few often, most seldom; which is which is of no matter."""
    rows = read_rows("rome_occupations.csv.gz")
    return Choice(rows, list(accumulate(1 / (10 + number * 7919 % len(rows)) for number in range(len(rows)))))


def place(rng: Random, commune: dict[str, str]) -> tuple[dict[str, object], dict[str, float]]:
    """Make an address and a point in the commune."""
    address = {
        "postal_code": commune["postal_codes"][:5], "city": commune["name"], "insee_code": commune["code"],
        "department": commune["department"],
    }  # fmt: skip
    latitude = round(float(commune["latitude"]) + rng.uniform(-0.02, 0.02), 5)
    return dict(address), {
        "latitude": latitude,
        "longitude": round(float(commune["longitude"]) + rng.uniform(-0.02, 0.02), 5),
    }


def make_structures(count: int) -> Iterator[dict[str, object]]:
    """Make the structures."""
    rng, communes = Random("structures"), choose_communes()
    for number in range(count):
        commune = communes.draw(rng)
        address, location = place(rng, commune)
        kind = tuple(KINDS)[number % len(KINDS)]
        yield {
            "external_id": f"S-{number}",
            "kind": kind,
            "siret": make_siret(number),
            "name": f"{rng.choice(NAMES)} {commune['name']} {number}"[:150],
            "description": ". ".join(rng.sample(SENTENCES, 3)) + ".",
            "address": address,
            "location": location,
            **({"convention": {"kind": kind, "is_active": True}} if kind not in ("GEIQ", "OPCS") else {}),
        }


def make_services(count: int, structures: int) -> Iterator[dict[str, object]]:
    """Make the services."""
    rng, communes, topics = Random("services"), choose_communes(), [topic.value for topic in Topic]
    for number in range(count):
        topic = rng.choice(topics)
        address, location = place(rng, communes.draw(rng))
        yield {
            "external_id": f"V-{number}",
            "structure_external_id": f"S-{rng.randrange(structures)}",
            "name": f"{rng.choice(TOPIC_WORDS)} {topic.partition('--')[2].replace('-', ' ')}"[:150],
            "description": ". ".join(rng.sample(SENTENCES, 3)) + ".",
            "kind": rng.choice([kind.value for kind in ServiceType]),
            "topics": [topic],
            "fee": rng.choice([fee.value for fee in Fee]),
            "audiences": [rng.choice([audience.value for audience in Audience])],
            "reception_modes": ["en-presentiel"],
            "address": address,
            "location": location,
            "source_updated_on": "2026-09-01",
        }


def make_offers(count: int, structures: int) -> Iterator[dict[str, object]]:
    """Make the offers: two in five of a structure that is in Raccord."""
    rng, communes, occupations = Random("offers"), choose_communes(), choose_occupations()
    kinds = tuple(KINDS)
    for number in range(count):
        occupation = occupations.draw(rng)
        address, point = place(rng, communes.draw(rng))
        employer, contracts, shares = rng.randrange(structures), CONTRACTS, SHARES
        whose: dict[str, object] = {"employer": {"name": f"{rng.choice(NAMES)} {address['city']}"}}
        if number % 5 < 2:
            whose = {"structure_external_id": f"S-{employer}"}
            contracts, shares = KINDS[kinds[employer % len(kinds)]], (7, 3)
        yield {
            "external_id": f"O-{number}",
            **whose,
            "title": f"{occupation['name']} (H/F)"[:150],
            "description": ". ".join(rng.sample(SENTENCES, 6)) + ".",
            "occupation": {"rome_code": occupation["code"], "rome_label": occupation["name"][:255]},
            "workplaces": [{**address, **point, "precision": "commune"}],
            "contract": {"type": rng.choices(contracts, shares)[0]},
            "working_time": {"weekly_hours_min": rng.choice((20, 24, 26, 30, 35)), "time": "unspecified"},
            "pay": {"min": f"{rng.uniform(11.9, 18):.2f}", "period": "hour", "is_gross": True},
            "application": {"modes": [{"type": "platform"}]},
            "is_published": True,
        }


def write_files(folder: Path, structures: int, services: int, offers: int) -> dict[str, Path]:
    """Write the files, one for each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    makers: dict[str, Callable[[], Iterator[dict[str, object]]]] = {
        "structures": lambda: make_structures(structures),
        "services": lambda: make_services(services, structures),
        "job_offers": lambda: make_offers(offers, structures),
    }
    paths = {}
    for kind, make in makers.items():
        paths[kind] = folder / f"{kind}.jsonl"
        with paths[kind].open("w", encoding="utf-8") as output:
            for record in make():
                output.write(json.dumps(record, ensure_ascii=False) + "\n")
        print(f"{paths[kind]}", flush=True)
    return paths


if __name__ == "__main__":
    counts = [int(number) for number in sys.argv[2:5]] or [STRUCTURES, SERVICES, OFFERS]
    write_files(Path(sys.argv[1]), *counts)
