"""Two tools on this machine, and the demo's connections to them: what a synchronisation looks like at work.

They tell of the demo's own structures, each in its way: linked to them by SIRET, they show the merged view.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import NAMESPACE_URL, uuid5

import uvicorn
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from raccord.adapters.contract import Manifest
from raccord.adapters.data_inclusion import translate as in_data_inclusion
from raccord.adapters.data_inclusion.manifest import MANIFEST as DATA_INCLUSION
from raccord.adapters.les_emplois import translate as in_les_emplois
from raccord.adapters.les_emplois.manifest import MANIFEST as LES_EMPLOIS
from raccord.demo.documents import StructureDocument
from raccord.demo.tools.data_inclusion import DataInclusion
from raccord.demo.tools.les_emplois import LesEmplois
from raccord.demo.world import World
from raccord.kernel.database import Transaction
from raccord.kernel.errors import JsonValue
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.reference.structure_kinds import SIAE_KINDS, StructureKind
from raccord.sync import connections, ledger
from raccord.sync.connections import Order
from raccord.sync.scheduling import enqueue_run

HOST = "127.0.0.1"
_CONTRACTS = {StructureKind.EITI.value: "Accompagnement à la création d'entreprise"}
DEPARTMENTS = ("69", "76", "56", "94", "83")
_KEY = "demo" * 10
_UPDATED = "2026-11-02T08:30:00+01:00"
_POSITIONS = (
    ("Maraîchage (A1405)", "Maraîcher / Maraîchère"),
    ("Nettoyage de locaux (K2204)", "Agent / Agente d'entretien"),
    ("Personnel de cuisine (G1602)", "Aide de cuisine"),
)


@dataclass(frozen=True)
class Link:
    """A connection of the demo."""

    name: str
    manifest: Manifest
    schedule: str
    settings: JsonObject
    secrets: JsonObject


class StandIns:
    """Both tools, as one application on two ports: no path of one is a path of the other."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def directory(self) -> DataInclusion:
        """data·inclusion, made when it is first called."""
        structures = [_say_structure(each) for each in self._world.structures]
        return DataInclusion(structures, [_say_service(dict(each)) for each in self._world.services], _KEY)

    @cached_property
    def platform(self) -> LesEmplois:
        """Les emplois, made when it is first called."""
        employers = [each for each in self._world.structures if each["kind"] in SIAE_KINDS]
        rows = [_say_employer(number, each) for number, each in enumerate(employers)]
        return LesEmplois(rows, time.monotonic, {_KEY: "user"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        request = Request(scope, receive)
        is_platform = request.url.path.startswith(("/api/v1/siaes", "/api/v1/candidatures"))
        response = (
            self.platform.answer(request, await request.body()) if is_platform else self.directory.answer(request)
        )
        await response(scope, receive, send)


@contextmanager
def serve_stand_ins(world: World) -> Iterator[list[Link]]:
    """Serve both tools on free ports of this machine; gives the connections that lead to them."""
    sockets = [_bind(), _bind()]
    server = uvicorn.Server(uvicorn.Config(StandIns(world), log_config=None, lifespan="off"))
    # In a thread of the demo: it goes when the demo goes, however that ends.
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets}, daemon=True)
    thread.start()
    try:
        yield _list_links(*(f"http://{HOST}:{each.getsockname()[1]}" for each in sockets))
    finally:
        server.should_exit = True
        thread.join(5)
        for each in sockets:
            each.close()


async def connect_stand_ins(tx: Transaction, seals: Seals, links: list[Link]) -> None:
    """Connect both tools and start a first run; those of an earlier start are told where the tools are now."""
    for link in links:
        found = await connections.find_by_name(tx, link.name)
        if found:
            settings = {**found[0].settings, "url": link.settings["url"]}
            await connections.save_connection(tx, replace(found[0], settings=settings), seals, None)
            continue
        order = Order(
            name=link.name, source=link.name, settings=link.settings, secrets=link.secrets, schedule=link.schedule
        )
        made = await connections.add_connection(tx, seals, link.manifest, order)
        await enqueue_run(tx, made.id, await ledger.open_run(tx, made.id, "incremental"))


def _bind() -> socket.socket:
    bound = socket.socket()
    bound.bind((HOST, 0))
    return bound


def _list_links(directory: str, platform: str) -> list[Link]:
    departments: list[JsonValue] = list(DEPARTMENTS)
    return [
        Link("data-inclusion", DATA_INCLUSION, "*/10 * * * *", {"url": directory}, {"token": _KEY}),
        Link(
            "les-emplois",
            LES_EMPLOIS,
            "*/10 * * * *",
            {"url": platform, "access": "user", "departments": departments},
            {"token": _KEY},
        ),
    ]


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
