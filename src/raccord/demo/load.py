"""Load the synthetic world through the write door, in one transaction: killed in the middle, nothing of it remains."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from raccord.demo.documents import CareerPathDocument, PrescriptionDocument
from raccord.demo.world import World
from raccord.kernel.database import Transaction
from raccord.kernel.strict_json import JsonObject
from raccord.records.kind import Kind
from raccord.records.store import Outcome, Put, Writer, put_many, put_one
from raccord.records.workflow import apply_move, get_move
from raccord.resources.registry import KINDS_BY_NAME

DIRECTORY = Writer("annuaire-demo", "demo", "demo")
PRESCRIBER = Writer("logiciel-prescripteur", "demo", "demo")
EMPLOYER = Writer("logiciel-employeur", "demo", "demo")
PARTNER = Writer("partenaire-demo", "demo", "demo")
Report = Callable[[str, int, int], None]

# The moves that lead a path from where it stands to where the world wants it.
_WAYS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("draft", "awaiting_orientation"): ("request_orientation",),
    ("draft", "active"): ("activate",),
    ("draft", "suspended"): ("activate", "suspend"),
    ("draft", "ended"): ("activate", "end"),
    ("draft", "cancelled"): ("cancel",),
    ("active", "suspended"): ("suspend",),
    ("active", "ended"): ("end",),
    ("active", "cancelled"): ("cancel",),
}


class WorldLoader:
    """Write the world and remember which id each external id became."""

    def __init__(self, tx: Transaction, world: World, today: date, report: Report) -> None:
        self._tx = tx
        self._world = world
        self._today = today
        self._report = report
        self.structures: dict[str, UUID] = {}
        self._people: dict[str, UUID] = {}

    async def load(self) -> None:
        """Load everything, in the order in which records refer to each other."""
        self.structures = await self._put_all("structures", DIRECTORY, [dict(d) for d in self._world.structures])
        await self._put_all("services", DIRECTORY, [dict(d) for d in self._world.services])
        await self._put_offers()
        people = [self._name_structure(dict(document)) for document in self._world.people]
        self._people = await self._put_all("people", PRESCRIBER, people)
        paths = [self._build_path(document) for document in self._world.career_paths]
        await self._put_all("career_paths", PRESCRIBER, paths)
        await self._play_prescriptions()
        await self._play_paths()

    async def _put_all(self, name: str, writer: Writer, documents: Sequence[dict[str, object]]) -> dict[str, UUID]:
        kind = KINDS_BY_NAME[name]
        ids: dict[str, UUID] = {}
        for start in range(0, len(documents), 200):
            batch = documents[start : start + 200]
            for outcome in await put_many(self._tx, kind, writer, [_make_put(document) for document in batch]):
                ids[outcome.external_id] = _require(outcome)
            self._report(name, min(start + 200, len(documents)), len(documents))
        return ids

    async def _put_offers(self) -> None:
        """Write each offer under the software that manages it: that of its employer, the directory, or a partner."""
        offers: dict[Writer, list[dict[str, object]]] = {EMPLOYER: [], DIRECTORY: [], PARTNER: []}
        for document in self._world.job_offers:
            name = document["structure"]
            content = {field: value for field, value in document.items() if field != "structure"}
            if not name:
                offers[PARTNER].append(content)
                continue
            writer = EMPLOYER if name in self._world.employer_structures else DIRECTORY
            offers[writer].append({**content, "structure_id": str(self.structures[name])})
        for writer, documents in offers.items():
            await self._put_all("job_offers", writer, documents)

    async def _play_prescriptions(self) -> None:
        kind = KINDS_BY_NAME["prescriptions"]
        total = len(self._world.prescriptions)
        for count, document in enumerate(self._world.prescriptions, start=1):
            outcome = await put_one(self._tx, kind, PRESCRIBER, _make_put(self._build_prescription(document)))
            for name, fields in document["transitions"]:
                outcome = await self._move(kind, outcome, name, {**fields})
            if count % 50 == 0 or count == total:
                self._report(kind.name, count, total)

    async def _play_paths(self) -> None:
        kind = KINDS_BY_NAME["career_paths"]
        for document in self._world.career_paths:
            # Written again unchanged, it answers where the path stands after the prescriptions were played.
            outcome = await put_one(self._tx, kind, PRESCRIBER, _make_put(self._build_path(document), is_told=True))
            status = str((outcome.document or {})["status"])
            for name in _WAYS.get((status, document["status"]), ()):
                fields: JsonObject = {"ended_on": self._today.isoformat()} if name == "end" else {}
                outcome = await self._move(kind, outcome, name, fields)

    async def _move(self, kind: Kind, outcome: Outcome, name: str, fields: JsonObject) -> Outcome:
        document = outcome.document or {}
        return await apply_move(
            self._tx, kind, document, get_move(kind, name), fields,
            version=outcome.version, caller=None, correlation_id="demo",
        )  # fmt: skip

    def _name_structure(self, person: dict[str, object]) -> dict[str, object]:
        person["managing_structure_id"] = str(self.structures[str(person.pop("managing_structure"))])
        return person

    def _build_path(self, document: CareerPathDocument) -> dict[str, object]:
        content = {name: value for name, value in document.items() if name not in ("person", "status")}
        participants = [
            {
                "structure_id": str(self.structures[item["structure"]]),
                **{name: value for name, value in item.items() if name != "structure"},
            }
            for item in document["participants"]
        ]
        return {**content, "person_id": str(self._people[document["person"]]), "participants": participants}

    def _build_prescription(self, document: PrescriptionDocument) -> dict[str, object]:
        kept = ("external_id", "sender_kind", "message", "job_title", "prescribed_on")
        return {
            **{name: value for name, value in document.items() if name in kept},
            "person_id": str(self._people[document["person"]]),
            "prescriber_structure_id": str(self.structures[document["prescriber_structure"]]),
            "recipient_structure_id": str(self.structures[document["recipient_structure"]]),
        }


def _make_put(document: dict[str, object], *, is_told: bool = False) -> Put:
    content = {name: value for name, value in document.items() if name != "external_id"}
    body = json.dumps(content, ensure_ascii=False).encode()
    # Another fingerprint makes the door look at the record again, and answer with its document.
    return Put(str(document["external_id"]), body, fingerprint=body + b" " if is_told else None)


def _require(outcome: Outcome) -> UUID:
    if outcome.id is None:
        raise RuntimeError(f"the demo's {outcome.external_id} was refused: {outcome.error!r}")
    return outcome.id
