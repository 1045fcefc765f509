"""The demo's partners: five clients, what each may do, and what a person needs in order to call as one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from raccord.demo.credentials import write_entries
from raccord.demo.world import World
from raccord.kernel.clock import read_today
from raccord.kernel.database import Transaction
from raccord.kernel.keys import Keys
from raccord.oauth.clients import create_client, list_clients, rotate_secret
from raccord.records.entitlements import add_grant, sign_agreement
from raccord.resources.registry import KINDS

_PEOPLE = ("people:read", "people:identity", "people:contact")
_OPEN_DATA = tuple(kind.scope("read") for kind in KINDS if not kind.is_personal)
_OPEN_WRITING = tuple(kind.scope("write") for kind in KINDS if not kind.is_personal)
_EMPLOYER = (
    *_OPEN_DATA,
    *_PEOPLE,
    "prescriptions:read",
    "prescriptions:write",
    "career_paths:read",
)
_PRESCRIBER = (*_EMPLOYER, "people:write", "career_paths:write")


@dataclass(frozen=True)
class DemoClient:
    """One of the demo's partners."""

    name: str
    source: str
    scopes: tuple[str, ...]
    purposes: tuple[str, ...] = ()


CLIENTS = (
    DemoClient("prescriber", "logiciel-prescripteur", _PRESCRIBER, ("prescription", "career_support")),
    DemoClient("employer", "logiciel-employeur", _EMPLOYER, ("iae_recruitment",)),
    DemoClient("stranger", "logiciel-etranger", _PRESCRIBER, ("prescription", "iae_recruitment", "career_support")),
    DemoClient("open-data-reader", "lecteur-ouvert", _OPEN_DATA),
    DemoClient("operator", "operateur", (*_OPEN_DATA, *_OPEN_WRITING, "tokens:introspect")),
)


@dataclass(frozen=True)
class Credentials:
    """What a client needs in order to call."""

    client: DemoClient
    client_id: UUID
    secret: str
    structures: tuple[UUID, ...]


async def add_clients(tx: Transaction, keys: Keys, world: World, ids: dict[str, UUID]) -> list[Credentials]:
    """Register the clients, and have their structures sign and authorise."""
    named = {*world.prescriber_structures, *world.employer_structures}
    # The stranger is no straw man: it has every right, for a structure that has to do with none of the story.
    strangers = [s["external_id"] for s in world.structures if s["kind"] == "AI" and s["external_id"] not in named]
    acting: dict[str, Sequence[str]] = {
        "prescriber": world.prescriber_structures,
        "employer": world.employer_structures,
        "stranger": [_find_unlinked(world, strangers)],
    }
    made: list[Credentials] = []
    for client in CLIENTS:
        registered, secret = await create_client(
            tx, keys, name=client.name, source=client.source, scopes=client.scopes, purposes=client.purposes
        )
        structures = tuple(ids[external_id] for external_id in acting.get(client.name, ()))
        for structure_id in structures:
            await sign_agreement(tx, structure_id, read_today(), "Direction (démo)")
            await add_grant(tx, registered.id, structure_id, client.scopes, None)
        made.append(Credentials(client, registered.id, secret, structures))
    return made


async def renew_credentials(tx: Transaction, keys: Keys) -> list[Credentials]:
    """Give the clients new secrets, where the file that held them was lost."""
    by_source = {client.source: client for client in CLIENTS}
    renewed: list[Credentials] = []
    for registered in await list_clients(tx):
        client = by_source.get(registered.source)
        if client is None or registered.revoked_at is not None:
            continue
        secret = await rotate_secret(tx, keys, registered.id, keep_old_for=timedelta())
        rows = await tx.fetch(
            "SELECT DISTINCT structure_id FROM grants WHERE client_id = $1 AND valid_until > now()",
            registered.id,
        )
        renewed.append(Credentials(client, registered.id, secret, tuple(row["structure_id"] for row in rows)))
    return renewed


def write_credentials(path: Path, base_url: str, credentials: Sequence[Credentials]) -> None:
    """Write the file, readable by its owner alone."""
    entries: list[dict[str, object]] = [
        {
            "name": item.client.name,
            "client_id": str(item.client_id),
            "client_secret": item.secret,
            "scopes": list(item.client.scopes),
            "purposes": list(item.client.purposes),
            "structures": [str(structure_id) for structure_id in item.structures],
        }
        for item in credentials
    ]
    write_entries(path, base_url, entries)


def _find_unlinked(world: World, candidates: Sequence[str]) -> str:
    linked = {document["recipient_structure"] for document in world.prescriptions}
    linked |= {document["prescriber_structure"] for document in world.prescriptions}
    linked |= {person["managing_structure"] for person in world.people}
    linked |= {item["structure"] for path in world.career_paths for item in path["participants"]}
    return next(candidate for candidate in candidates if candidate not in linked)
