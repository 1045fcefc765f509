"""Two tools that stand beside the demo: data·inclusion and Les emplois.

They tell of the demo's own structures, each in its way: linked to them by SIRET, they show the merged view.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from raccord.adapters.data_inclusion import translate as in_data_inclusion
from raccord.adapters.les_emplois import translate as in_les_emplois
from raccord.demo.data_inclusion import DataInclusion
from raccord.demo.documents import StructureDocument
from raccord.demo.les_emplois import LesEmplois
from raccord.demo.world import World, build_world
from raccord.kernel.clock import read_today
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.reference.structure_kinds import SIAE_KINDS, StructureKind

_CONTRACTS = {StructureKind.EITI.value: "Accompagnement à la création d'entreprise"}
DEPARTMENTS = ("69", "76", "56", "94", "83")
KEY = "demo" * 10
_UPDATED = "2026-11-02T08:30:00+01:00"
_POSITIONS = (
    ("Maraîchage (A1405)", "Maraîcher / Maraîchère"),
    ("Nettoyage de locaux (K2204)", "Agent / Agente d'entretien"),
    ("Personnel de cuisine (G1602)", "Aide de cuisine"),
)


async def directory(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand for data·inclusion."""
    request = Request(scope, receive)
    await _open_directory().answer(request)(scope, receive, send)


async def platform(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand for Les emplois."""
    request = Request(scope, receive)
    response = _open_platform().answer(request, await request.body())
    await response(scope, receive, send)


@cache
def _open_directory() -> DataInclusion:
    world = _build_world()
    services = [_say_service(dict(each)) for each in world.services]
    return DataInclusion([_say_structure(each) for each in world.structures], services, KEY)


@cache
def _open_platform() -> LesEmplois:
    employers = [each for each in _build_world().structures if each["kind"] in SIAE_KINDS]
    rows = [_say_employer(number, each) for number, each in enumerate(employers)]
    return LesEmplois(rows, time.monotonic, {KEY: "user"})


@cache
def _build_world() -> World:
    return build_world(today=read_today())


def _as_json(document: Mapping[str, object]) -> JsonObject:
    return parse_object(dump_json(dict(document)))  # type: ignore[arg-type]  # documents of the world are JSON


def _say_structure(structure: StructureDocument) -> JsonObject:
    told = in_data_inclusion.write_structure(_as_json(structure))
    return {**told, "source": "demo", "id": f"demo--{structure['external_id']}"}


def _say_service(service: dict[str, object]) -> JsonObject:
    told = in_data_inclusion.write_service(_as_json(service))
    names: JsonObject = {
        "id": f"demo--{service['external_id']}",
        "structure_id": f"demo--{service['structure_external_id']}",
    }
    return {**told, "source": "demo", **names}


def _say_employer(number: int, structure: StructureDocument) -> JsonObject:
    told = in_les_emplois.write_structure(_as_json(structure), [])
    position: JsonObject = {
        "id": 1_000 + number,
        "rome": _POSITIONS[number % len(_POSITIONS)][0],
        "cree_le": _UPDATED,
        "mis_a_jour_le": _UPDATED,
        "recrutement_ouvert": "True",
        "description": "Poste fictif de démonstration, avec un accompagnement.",
        "appellation_modifiee": _POSITIONS[number % len(_POSITIONS)][1],
        "type_contrat": _CONTRACTS.get(structure["kind"], "CDD insertion"),
        "nombre_postes_ouverts": 1 + number % 3,
        "lieu": None,
        "profil_recherche": "Débutants bienvenus.",
    }
    own: JsonObject = {
        "id": str(uuid5(NAMESPACE_URL, structure["external_id"])),
        "cree_le": _UPDATED,
        "mis_a_jour_le": _UPDATED,
        "raison_sociale": structure["name"].upper(),
        "enseigne": structure["name"],
        "bloque_candidatures": False,
    }
    # Every third has an offer.
    positions: list[JsonValue] = [position] if number % 3 == 0 else []
    return {**told, **own, "postes": positions}
