"""The adapter of France Travail's offers: whole walks that mirror what goes, and quick ones for what is new."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from raccord.adapters.contract import (
    Batch,
    Change,
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
from raccord.adapters.france_travail import codes
from raccord.adapters.france_travail.client import Access, Client, Found
from raccord.adapters.france_travail.payloads import OfferPayload
from raccord.adapters.france_travail.translate import read_instant, read_offer
from raccord.adapters.france_travail.walking import (
    OLDEST,
    FranceTravailCursor,
    begin_part,
    ends_complete,
    list_parts,
    narrow,
    step,
    write_filter,
)
from raccord.adapters.pairs import get_at, list_objects
from raccord.adapters.payload import split_payload
from raccord.kernel.refusals import JsonValue
from raccord.kernel.shapes import InseeCode, Line, Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.reference.departments import Department

KIND = "job_offers"
# All else of a contact may name a person; an offer is open to all.
_CONTACT_KEPT = frozenset({"urlPostulation"})
_LISTS: Mapping[str, frozenset[str]] = {
    "typesContrats": frozenset(codes.CONTRACT_LABELS),
    "naturesContrats": frozenset(codes.NATURES.values()),
}
# Where offers hold codes, and which we know.
_CODES: Mapping[str, frozenset[str]] = {
    "typeContrat": frozenset(codes.CONTRACT_LABELS),
    "natureContrat": frozenset(codes.NATURES),
    "experienceExige": frozenset(codes.EXPERIENCES),
    "dureeTravailLibelleConverti": frozenset(codes.WORKING_TIMES),
    "deplacementCode": frozenset(codes.TRAVELS),
    "qualificationCode": frozenset(codes.QUALIFICATION_LABELS),
}
_REQUIRED_IN = ("formations", "langues", "permis", "competences")
_Nature = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]$")]
_Rome = Annotated[str, StringConstraints(pattern=r"^[A-N][0-9]{4}$")]


class FranceTravailSettings(Shape):
    """Where the API is, and which offers are read."""

    url: Line = Field(
        "https://api.francetravail.io/partenaire/offresdemploi/v2", description="Adresse de l'API Offres d'emploi v2."
    )
    token_url: Line = Field(
        "https://entreprise.francetravail.fr/connexion/oauth2/access_token", description="Adresse du serveur de jetons."
    )
    departments: list[Department] = Field(
        [], max_length=120, description="Départements à lire ; ni département ni commune : la France entière."
    )
    communes: list[InseeCode] = Field(
        [], max_length=100, description="Communes à lire ; Paris, Lyon et Marseille sont lues par arrondissement."
    )
    contract_natures: list[_Nature] = Field(
        [],
        max_length=20,
        description="Natures de contrat, dans leurs codes ; par exemple I1 pour l'IAE.",
    )
    rome_codes: list[_Rome] = Field([], max_length=200, description="Métiers, par leur code ROME.")


class FranceTravailSecrets(Shape):
    """What opens the API."""

    client_id: SecretStr = Field(description="Identifiant client de l'application, sur francetravail.io.")
    client_secret: SecretStr = Field(description="Clé secrète de l'application.")


class FranceTravailAdapter:
    """One connection."""

    def __init__(self, given: Equipment) -> None:
        settings, secrets = given.settings_as(FranceTravailSettings), given.secrets_as(FranceTravailSecrets)
        client_id, client_secret = secrets.client_id.get_secret_value(), secrets.client_secret.get_secret_value()
        self.client = Client(given, Access(settings.url, settings.token_url, client_id, client_secret))
        self.now = given.now
        self.parts = list_parts([code.value for code in settings.departments], list(settings.communes))
        chosen = {"natureContrat": settings.contract_natures, "codeROME": settings.rome_codes}
        self.filters = {name: ",".join(values) for name, values in chosen.items() if values}

    async def check(self) -> None:
        """Ask for one offer of the last day."""
        cursor = begin_part(self.parts[0], since=self.now() - timedelta(days=1), until=self.now(), is_full=False)
        await self._search(cursor, size=1)

    async def pull(self, walk: Walk) -> AsyncIterator[Batch]:
        """Walk through every part; an incremental walk goes through what was created since, and no more."""
        cursor, drifts = self._begin(walk), [drift async for drift in self._compare_lists(walk)]
        while True:
            found = await self._search(cursor)
            narrower = narrow(cursor, found)
            if narrower is not None:
                cursor = narrower
                continue
            following = step(cursor, found)
            ends = [await self._end(cursor, found)] if following is None and cursor.is_full else []
            following = following or self._next_part(cursor)
            yield Batch(
                items=[make_item(cursor.part, row) for row in found.offers if is_named(row)],
                unnamed=[Unnamed(KIND, drop_contact(row), _NO_ID) for row in found.offers if not is_named(row)],
                cursor=following,
                ends=ends,
                is_last=following is None,
                drifts=drifts,
            )
            if following is None:
                return
            cursor, drifts = following, []

    def _begin(self, walk: Walk) -> FranceTravailCursor:
        if isinstance(walk.cursor, FranceTravailCursor) and walk.cursor.part in self.parts:
            return walk.cursor
        since = walk.since if walk.mode == "incremental" and walk.since is not None else OLDEST
        until = self.now().replace(microsecond=0)
        return begin_part(
            self.parts[0], since=min(since.replace(microsecond=0), until), until=until, is_full=walk.mode == "full"
        )

    async def _compare_lists(self, walk: Walk) -> AsyncIterator[Drift]:
        """Compare their lists of codes with ours, once in a whole walk."""
        if walk.mode != "full" or walk.cursor is not None:
            return
        for name, known in _LISTS.items():
            for code in sorted(set(await self.client.read_list(name)) - known):
                yield Drift("unknown_code", f"/referentiel/{name}/{code}", code)

    async def _search(self, cursor: FranceTravailCursor, **options: int) -> Found:
        filters = {**self.filters, **write_filter(cursor.part, cursor.narrowed_to)}
        return await self.client.search(filters, cursor.stretch, start=cursor.start, **options)

    async def _end(self, cursor: FranceTravailCursor, found: Found) -> End:
        """End a part with how many offers it has now: some may have gone meanwhile, and moved the others."""
        whole = begin_part(cursor.part, since=cursor.since, until=cursor.until, is_full=True)
        total = (await self._search(whole, size=1)).total
        return End(KIND, cursor.part, total=total, is_complete=ends_complete(cursor, found))

    def _next_part(self, cursor: FranceTravailCursor) -> FranceTravailCursor | None:
        left = self.parts[self.parts.index(cursor.part) + 1 :]
        if not left:
            return None
        return begin_part(left[0], since=cursor.since, until=cursor.until, is_full=cursor.is_full)

    def translate(self, item: Item) -> Translation:
        """Translate an offer; when it was last seen is for the engine to note."""
        known, drifts = split_payload(OfferPayload, item.raw)
        return Translation(read_offer(known), [*drifts, *list_unknown_codes(known)])

    async def push(self, change: Change) -> Receipt:
        """Never called: the API takes no offers."""
        raise NotImplementedError(change.kind)

    async def receive(self, inbound: Inbound) -> Batch:
        """Never called: it sends nothing by itself."""
        raise NotImplementedError(len(inbound.body))


def make_item(part: str, row: JsonObject) -> Item:
    """Make an item of an offer. Their search goes by dates of creation, so that is what an incremental walk follows."""
    created = read_instant(row.get("dateCreation"))
    created_at = datetime.fromisoformat(created).astimezone(UTC) if isinstance(created, str) else None
    return Item(KIND, str(row["id"]), drop_contact(row), created_at, part)


def drop_contact(row: JsonObject) -> JsonObject:
    """Drop whom to write to, and keep where to apply."""
    contact = row.get("contact")
    said = contact if isinstance(contact, dict) else {}
    kept = {name: value for name, value in said.items() if name in _CONTACT_KEPT}
    rest = {name: value for name, value in row.items() if name != "contact"}
    return {**rest, "contact": kept} if kept else rest


def is_named(row: JsonObject) -> bool:
    """Tell whether the offer bears an id."""
    return isinstance(row.get("id"), str) and bool(row["id"])


def list_unknown_codes(row: JsonObject) -> Iterable[Drift]:
    """List the codes of the offer that we do not know."""
    for name, known in _CODES.items():
        yield from _judge(f"/{name}", row.get(name), known)
    for name in _REQUIRED_IN:
        for place, entry in enumerate(list_objects(row.get(name))):
            yield from _judge(f"/{name}/{place}/exigence", get_at(entry, "exigence"), frozenset(codes.REQUIREMENTS))


def _judge(pointer: str, value: JsonValue, known: frozenset[str]) -> Iterable[Drift]:
    if isinstance(value, str) and value and value not in known:
        yield Drift("unknown_code", pointer, value)


_NO_ID = RecordRefused(
    "no_id",
    Text("Offre sans identifiant : signalez-la à France Travail.", "An offer without id: tell France Travail."),
    "/id",
)
