"""The adapter of Les emplois: structures and their offers by territory, then applications of given persons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from raccord.adapters.contract import (
    Batch,
    Broken,
    Change,
    CredentialsRefused,
    Drift,
    End,
    Equipment,
    Inbound,
    Item,
    Receipt,
    RecordRefused,
    Translation,
    Unnamed,
    Walk,
)
from raccord.adapters.les_emplois.applications import (
    describe_application,
    describe_person,
    read_application,
    read_person,
)
from raccord.adapters.les_emplois.client import Client, Page
from raccord.adapters.les_emplois.labels import is_contract_label, parse_occupation
from raccord.adapters.les_emplois.payloads import StructurePayload
from raccord.adapters.les_emplois.settings import (
    LesEmploisCursor,
    LesEmploisSecrets,
    LesEmploisSettings,
    read_persons,
)
from raccord.adapters.les_emplois.translate import read_structure
from raccord.adapters.pairs import get_text, list_objects
from raccord.adapters.payload import split_payload
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.reference.departments import DEPARTMENTS
from raccord.reference.structure_kinds import StructureKind

KINDS_OF_ALL = ("structures", "job_offers")
KINDS = (*KINDS_OF_ALL, "people", "prescriptions")
# What a position takes from its structure.
_OF_STRUCTURE = ("id", "type", "code_postal", "ville", "departement")
_STRUCTURE_KINDS = frozenset(kind.value for kind in StructureKind)
_FLAGS = frozenset({"true", "false"})


class LesEmploisAdapter:
    """One connection."""

    def __init__(self, given: Equipment) -> None:
        settings, secrets = given.settings_as(LesEmploisSettings), given.secrets_as(LesEmploisSecrets)
        token = secrets.token.get_secret_value() if secrets.token is not None else None
        self.settings = settings
        self.has_token = token is not None
        self.client = Client(given, settings.url, settings.access, token)
        self.persons = read_persons(secrets.persons.get_secret_value()) if secrets.persons is not None else {}
        self.prescribers = {each.name.casefold(): each.structure_id for each in settings.prescribers}
        self.parts = self._list_parts()
        # Under which id each employer was met, by SIRET and kind: applications name it by these.
        self.employers: dict[tuple[str, str], str] = {}

    def _list_parts(self) -> dict[str, Mapping[str, str]]:
        parts: dict[str, Mapping[str, str]] = {
            code.value: {"departement": code.value} for code in self.settings.departments
        }
        for each in self.settings.around:
            name = f"{each.insee_code}+{each.distance_km}km"
            parts[name] = {"code_insee": each.insee_code, "distance_max_km": str(each.distance_km)}
        # Their list asks for a territory: the whole country is all of them.
        return parts or {code: {"departement": code} for code in DEPARTMENTS.values}

    async def check(self) -> None:
        """Read one structure; see that what persons need is there."""
        self._check_settings()
        await self._read(next(iter(self.parts)), page=1, size=1)

    def _check_settings(self) -> None:
        if self.settings.access != "none" and not self.has_token:
            raise CredentialsRefused("there is no token")
        if self.persons and self.settings.access != "department":
            raise Broken(_NEEDS_DEPARTMENT)
        if self.persons and self.settings.managing_structure_id is None:
            raise Broken(_NEEDS_STRUCTURE)

    async def pull(self, walk: Walk) -> AsyncIterator[Batch]:
        """Walk through every territory, then look up every person."""
        self._check_settings()
        cursor = self._begin(walk)
        goes_on = cursor is walk.cursor
        while cursor.part:
            page = await self._read(cursor.part, page=cursor.page, size=self.settings.page_size)
            following, ends = self._step(cursor, page)
            yield self._write_batch(cursor.part, page, following, ends)
            if following is None:
                return
            cursor = following
        if goes_on:
            await self._meet_employers()
        async for batch in self._look_up(cursor.person):
            yield batch

    def _begin(self, walk: Walk) -> LesEmploisCursor:
        if isinstance(walk.cursor, LesEmploisCursor) and walk.cursor.part in ("", *self.parts):
            return walk.cursor
        return LesEmploisCursor(part=next(iter(self.parts)))

    def _step(self, cursor: LesEmploisCursor, page: Page) -> tuple[LesEmploisCursor | None, list[End]]:
        """Tell where the walk goes on, and what has ended."""
        total = cursor.total if cursor.total is not None else page.total
        if page.has_next and page.rows:
            return cursor.model_copy(update={"page": cursor.page + 1, "total": total}), []
        # New structures come last; one that goes moves those after it to pages read before.
        is_complete = not page.is_past_end and page.total == total
        ends = [
            End("structures", cursor.part, total=page.total, is_complete=is_complete),
            End("job_offers", cursor.part, is_complete=is_complete),
        ]
        names = [*self.parts]
        left = names[names.index(cursor.part) + 1 :]
        if left:
            return LesEmploisCursor(part=left[0]), ends
        return (LesEmploisCursor(part=""), ends) if self.persons else (None, [*ends, *_NEVER_PROVEN])

    def _write_batch(self, part: str, page: Page, following: LesEmploisCursor | None, ends: list[End]) -> Batch:
        items: list[Item] = []
        unnamed: list[Unnamed] = []
        for row in page.rows:
            if not get_text(row, "id"):
                unnamed.append(Unnamed("structures", row, _NO_ID))
                continue
            self._meet(row)
            items.append(make_structure(part, row))
            items += [make_offer(part, row, each) for each in list_objects(row.get("postes")) if "id" in each]
            unnamed += [
                Unnamed("job_offers", each, _NO_ID) for each in list_objects(row.get("postes")) if "id" not in each
            ]
        return Batch(items, unnamed=unnamed, cursor=following, ends=ends, is_last=following is None)

    def _meet(self, row: JsonObject) -> None:
        siret, kind = get_text(row, "siret"), get_text(row, "type")
        if siret and kind:
            self.employers[siret, kind] = get_text(row, "id")

    async def _meet_employers(self) -> None:
        """Read the employers again, for a walk that goes on after them: nothing of it is written."""
        for part in self.parts:
            number, has_next = 1, True
            while has_next:
                page = await self._read(part, page=number, size=self.settings.page_size)
                for row in page.rows:
                    self._meet(row)
                number, has_next = number + 1, page.has_next

    async def _look_up(self, start: int) -> AsyncIterator[Batch]:
        """Look up the persons, one after the other: each is a page of the walk."""
        names = [*self.persons]
        if start >= len(names):
            yield Batch(ends=_NEVER_PROVEN, is_last=True)
        for place in range(start, len(names)):
            is_last = place == len(names) - 1
            yield Batch(
                await self._find_applications(names[place]),
                cursor=None if is_last else LesEmploisCursor(part="", person=place + 1),
                ends=_NEVER_PROVEN if is_last else (),
                is_last=is_last,
            )

    async def _find_applications(self, name: str) -> list[Item]:
        rows: list[JsonObject] = []
        number, has_next = 1, True
        while has_next:
            page = await self.client.find_applications(self.persons[name], page=number)
            rows += [row for row in page.rows if get_text(row, "identifiant_unique")]
            number, has_next = number + 1, page.has_next
        if not rows:
            return []
        person = describe_person(rows, str(self.settings.managing_structure_id))
        return [Item("people", name, person), *(self._make_prescription(name, row) for row in rows)]

    def _make_prescription(self, name: str, row: JsonObject) -> Item:
        employer = self.employers.get((get_text(row, "entreprise_siret"), get_text(row, "entreprise_type")))
        organisation = get_text(row, "orientation_emetteur_organisme")
        known: UUID | None = self.prescribers.get(organisation.casefold())
        sender: JsonObject = {"id": str(known)} if known is not None else {}
        if not sender and employer is not None and organisation == get_text(row, "entreprise_nom"):
            # An employer that sends to itself.
            sender = {"external_id": employer}
        raw = describe_application(row, name, employer, sender)
        return Item("prescriptions", get_text(row, "identifiant_unique"), raw)

    async def _read(self, part: str, *, page: int, size: int) -> Page:
        return await self.client.read_structures(self.parts[part], page=page, size=size)

    def translate(self, item: Item) -> Translation:
        """Translate a structure, an offer, a person or an application."""
        if item.kind == "people":
            return Translation(read_person(item.raw))
        if item.kind == "prescriptions":
            return Translation(*read_application(item.raw))
        known, drifts = split_payload(StructurePayload, item.raw)
        structure, offers = read_structure(known, self.settings.licence)
        content = offers[0].content if item.kind == "job_offers" else structure.content
        return Translation(content, [*drifts, *list_unknown_labels(known)])

    async def push(self, change: Change) -> Receipt:
        """Never called: the API takes nothing."""
        raise NotImplementedError(change.kind)

    async def receive(self, inbound: Inbound) -> Batch:
        """Never called: it sends nothing by itself."""
        raise NotImplementedError(len(inbound.body))


def make_structure(part: str, row: JsonObject) -> Item:
    """Make an item of a structure alone."""
    raw = {name: value for name, value in row.items() if name != "postes"}
    return Item("structures", get_text(row, "id"), raw, part=part)


def make_offer(part: str, row: JsonObject, position: JsonObject) -> Item:
    """Make an item of a position, with what it takes from its structure."""
    raw: JsonObject = {name: row[name] for name in _OF_STRUCTURE if name in row}
    return Item("job_offers", str(position["id"]), {**raw, "postes": [position]}, part=part)


def list_unknown_labels(row: JsonObject) -> list[Drift]:
    """List the labels and words that we cannot read: they are kept, and say nothing here."""
    drifts: list[Drift] = []
    if (kind := row.get("type")) is not None and kind not in _STRUCTURE_KINDS:
        drifts.append(Drift("unknown_code", "/type", kind))
    for position in list_objects(row.get("postes")):
        rome, contract = get_text(position, "rome"), get_text(position, "type_contrat")
        flag = position.get("recrutement_ouvert")
        if rome and parse_occupation(rome) is None:
            drifts.append(Drift("unknown_code", "/postes/0/rome", rome))
        if contract and not is_contract_label(contract):
            drifts.append(Drift("unknown_code", "/postes/0/type_contrat", contract))
        if flag is not None and str(flag).lower() not in _FLAGS:
            drifts.append(Drift("changed_type", "/postes/0/recrutement_ouvert", flag))
    return drifts


# An application leaves their answers three months after its last change: that it is not there says nothing.
_NEVER_PROVEN = (End("people", is_complete=False), End("prescriptions", is_complete=False))
_NO_ID = RecordRefused(
    "no_id", Text("Ligne sans identifiant : signalez-la à Les emplois.", "A row without id: tell Les emplois."), "/id"
)
_NEEDS_DEPARTMENT = Text(
    "Les candidatures ne se lisent qu'avec un jeton de département.",
    "Applications are read with a département's token alone.",
)
_NEEDS_STRUCTURE = Text(
    "Dites quelle structure suit les personnes : managing_structure_id.",
    "Say which structure follows the persons: managing_structure_id.",
)
