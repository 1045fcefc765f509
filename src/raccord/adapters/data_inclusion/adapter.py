"""The adapter of data·inclusion: all structures, then all services, page by page; they tell no changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

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
from raccord.adapters.data_inclusion import codes
from raccord.adapters.data_inclusion.client import Client, Page
from raccord.adapters.data_inclusion.payloads import ListedService, ListedStructure
from raccord.adapters.data_inclusion.translate import read_service, read_structure
from raccord.adapters.payload import Payload, split_payload
from raccord.kernel.refusals import JsonValue
from raccord.kernel.shapes import Line, Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.reference.departments import Department

KindName = Literal["structures", "services"]
KINDS: tuple[KindName, ...] = ("structures", "services")
# Worked out anew each day from the age of a record: it would make all of them look changed.
VOLATILE = frozenset({"score_qualite"})
_MODELS: Mapping[str, type[Payload]] = {"structures": ListedStructure, "services": ListedService}


class DataInclusionSettings(Shape):
    """Where the API is, and what is read of it."""

    url: Line = Field("https://api.data.inclusion.beta.gouv.fr", description="Adresse de l'API data·inclusion.")
    departments: list[Department] = Field(
        [], max_length=120, description="Départements à lire ; aucun : la France entière."
    )
    sources: list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]] = Field(
        [], max_length=50, description="Sources de data·inclusion à lire, par leur nom court ; aucune : toutes."
    )
    page_size: int = Field(1_000, ge=1, le=10_000, description="Lignes demandées par page.")


class DataInclusionSecrets(Shape):
    """What opens the API."""

    token: SecretStr = Field(description="Jeton (JWT) remis par l'équipe data·inclusion, de portée « api ».")


class DataInclusionCursor(Shape):
    """Where a walk has got to.

    Shape: `total` is how many rows the stage had at its first page; `expected`, how many the whole walk had.
    """

    kind: KindName = Field(description="Liste en cours de lecture.")
    department: str = Field("", description="Département en cours de lecture, s'il y en a un.")
    page: int = Field(1, description="Page suivante.")
    total: int | None = Field(None, description="Lignes annoncées à la première page.")
    expected: int = Field(description="Lignes annoncées au début du parcours.")


@dataclass(frozen=True)
class Stage:
    """One list of one territory."""

    kind: KindName
    department: str


class DataInclusionAdapter:
    """One connection."""

    def __init__(self, given: Equipment) -> None:
        settings = given.settings_as(DataInclusionSettings)
        secrets = given.secrets_as(DataInclusionSecrets)
        self.page_size = settings.page_size
        self.sources = list(settings.sources)
        # Structures first: services name them.
        departments = [department.value for department in settings.departments] or [""]
        self.stages = [Stage(kind, department) for kind in KINDS for department in departments]
        self.client = Client(given, settings.url, secrets.token.get_secret_value())

    async def check(self) -> None:
        """Read one row."""
        await self._read(self.stages[0], page=1, size=1)

    async def pull(self, walk: Walk) -> AsyncIterator[Batch]:
        """Walk through every list, to its last page."""
        cursor = walk.cursor if isinstance(walk.cursor, DataInclusionCursor) else await self._begin()
        while True:
            stage = Stage(cursor.kind, cursor.department)
            page = await self._read(stage, page=cursor.page, size=self.page_size)
            following, end = self._step(stage, cursor, page)
            yield Batch(
                items=[make_item(stage, row) for row in page.rows if is_named(row)],
                unnamed=[Unnamed(stage.kind, row, _NO_ID) for row in page.rows if not is_named(row)],
                cursor=following,
                ends=[end] if end is not None else [],
                total=cursor.expected,
                is_last=following is None,
            )
            if following is None:
                return
            cursor = following

    async def _begin(self) -> DataInclusionCursor:
        expected = sum([(await self._read(stage, page=1, size=1)).total for stage in self.stages])
        first = self.stages[0]
        return DataInclusionCursor(kind=first.kind, department=first.department, expected=expected)

    def _step(
        self, stage: Stage, cursor: DataInclusionCursor, page: Page
    ) -> tuple[DataInclusionCursor | None, End | None]:
        """Tell where the walk goes on, and whether a stage has ended."""
        total = cursor.total if cursor.total is not None else page.total
        if page.rows and cursor.page < page.pages:
            return cursor.model_copy(update={"page": cursor.page + 1, "total": total}), None
        # They load anew each hour: rows that came or went during the walk have moved others to pages read before.
        end = End(stage.kind, stage.department, total=page.total, is_complete=page.total == total)
        left = self.stages[self.stages.index(stage) + 1 :] if stage in self.stages else self.stages
        if not left:
            return None, end
        return DataInclusionCursor(kind=left[0].kind, department=left[0].department, expected=cursor.expected), end

    async def _read(self, stage: Stage, *, page: int, size: int) -> Page:
        filters = {"sources": self.sources, "code_departement": [stage.department] if stage.department else []}
        return await self.client.read_page(stage.kind, filters, page=page, size=size)

    def translate(self, item: Item) -> Translation:
        """Translate a structure or a service."""
        known, drifts = split_payload(_MODELS[item.kind], item.raw)
        content = read_structure(known) if item.kind == "structures" else read_service(known)
        return Translation(content, [*drifts, *list_unknown_codes(known)])

    async def push(self, change: Change) -> Receipt:
        """Never called: the API takes nothing."""
        raise NotImplementedError(change.kind)

    async def receive(self, inbound: Inbound) -> Batch:
        """Never called: it sends nothing by itself."""
        raise NotImplementedError(len(inbound.body))


def make_item(stage: Stage, row: JsonObject) -> Item:
    """Make an item of a row, without what changes by itself."""
    raw = {name: value for name, value in row.items() if name not in VOLATILE}
    return Item(stage.kind, str(row["id"]), raw, part=stage.department)


def is_named(row: JsonObject) -> bool:
    """Tell whether the row bears an id."""
    return isinstance(row.get("id"), str) and bool(row["id"])


def list_unknown_codes(row: JsonObject) -> list[Drift]:
    """List the codes of the row that our lists do not have: a newer schema than ours."""
    drifts: list[Drift] = []
    for name, known in codes.LISTS.items():
        value = row.get(name)
        for place, code in _list_codes(f"/{name}", value):
            if isinstance(code, str) and code not in known:
                drifts.append(Drift("unknown_code", place, code))
    return drifts


def _list_codes(place: str, value: JsonValue) -> list[tuple[str, JsonValue]]:
    if isinstance(value, list):
        return [(f"{place}/{number}", code) for number, code in enumerate(value)]
    return [(place, value)]


_NO_ID = RecordRefused(
    "no_id",
    Text("Ligne sans identifiant : signalez-la à data·inclusion.", "A row without id: tell data·inclusion."),
    "/id",
)
