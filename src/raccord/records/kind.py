"""What a kind is: everything the store, the routes, the feed and the tests need to know of one resource.

A kind is declared once, in its folder, and listed in resources/registry.py; nothing else asks which kinds exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ARRAY, Table

from raccord.access.caller import Caller
from raccord.access.links import Link
from raccord.access.projection import Category
from raccord.kernel.database import Reader, Transaction
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.refusals import JsonValue, RaccordError
from raccord.kernel.shapes import Envelope, Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Language, Text
from raccord.records.search.entry import Searchable

# The party of a move that is not a structure: the client whose source the record belongs to.
SOURCE_PARTY = "source"
Upcaster = Callable[[JsonObject], JsonObject]


class Filters(Shape):
    """The base of the filters of a list: each field is a query parameter, and bears the name of its column."""


@dataclass(frozen=True)
class Reference:
    """A field that holds the id of another record."""

    pointer: str
    kind: str
    id: UUID
    is_personal: bool


@dataclass(frozen=True)
class NamedReference:
    """A reference that a source may make by the name that it gave the other record, instead of Raccord's id.

    Shape: `name_field` holds an external id of the writer's own source; the write door puts the record's id into
           `id_field`, and keeps no other trace of the name.
    """

    id_field: str
    name_field: str
    kind: str


@dataclass(frozen=True)
class Personal:
    """What makes a kind personal: who is linked, what is shown, who may write."""

    categories: Mapping[str, Category]
    person_column: str
    person_fields: tuple[str, ...]
    list_links: Callable[[JsonObject], list[Link]]
    check_write: Callable[[Caller, JsonObject, JsonObject | None], None]
    has_pairwise_id: bool = False


@dataclass(frozen=True)
class Move:
    """One legal move of a workflow: from which states to which, by which parties, with which fields.

    Shape: the party `system` is Raccord itself; a move with no other party is never open to a caller. The party
           `source` is the client whose source the record belongs to; other parties are structures.
    """

    name: str
    from_states: frozenset[str]
    to_state: str
    parties: frozenset[str]
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Moved:
    """A move that was made: with which fields, to which document, for whom."""

    kind: Kind
    move: Move
    fields: JsonObject
    document: JsonObject
    caller: Caller | None
    correlation_id: str


@dataclass(frozen=True)
class Workflow:
    """The states of a kind and the moves between them, as data and pure functions.

    Shape: `request` is the body of a transition, its field `transition` names the move; `read_parties` maps each
           party to its structures; `load_facts` reads what the rules need besides the document and the request;
           `check` refuses by these rules; `apply` returns the fields that Raccord keeps, after the move.
    """

    state_field: str
    moves: tuple[Move, ...]
    request: type[Shape]
    example: JsonObject
    read_parties: Callable[[JsonObject], Mapping[str, frozenset[UUID]]]
    load_facts: Callable[[Transaction, Caller, JsonObject, JsonObject], Awaitable[JsonObject]]
    check: Callable[[JsonObject, Move, JsonObject, JsonObject], None]
    apply: Callable[[JsonObject, Move, JsonObject], JsonObject]
    react: Callable[[Transaction, Moved], Awaitable[None]]


@dataclass(frozen=True)
class Visibility:
    """What makes some records of an open kind seen only by those whose they are, or only until an instant.

    Shape: two columns: until when others see the record (null: always), and the structure that sees it always, through
           the clients that it authorised to write the kind.
    """

    until_column: str
    structure_column: str


@dataclass(frozen=True)
class Viewing:
    """Who looks at a view of a record, and in which language it is told."""

    kind: Kind
    caller: Caller
    language: Language


@dataclass(frozen=True)
class View:
    """Something that is worked out of one record, at an address under its own.

    Shape: `read` is given the document, which the caller may see.
    """

    name: str
    summary: str
    description: str
    answer: type[Shape]
    example: JsonObject
    read: Callable[[Reader, JsonObject, Viewing], Awaitable[JsonObject]]


@dataclass(frozen=True)
class Representation:
    """Another form in which one record is answered to who asks for its media type (`Accept`).

    Shape: `write` is given the document and the record's public address, and gives nothing for a record that does not
           have this form; `absence` then says why.
    """

    media_type: str
    description: str
    example: JsonObject
    write: Callable[[Reader, JsonObject, str], Awaitable[JsonObject | None]]
    absence: Text


@dataclass(frozen=True, eq=False)
class Kind:
    """One resource.

    Shape: `content` is what a source writes, `record` what is read; `columns` are derived from the document alone;
           `start_state` gives the fields that Raccord keeps, from the content and the document before;
           `check_stored` refuses documents about to be written by what else is stored; `example_state` stands for
           what `start_state` would date; `mark_seen` gives the document of a record that its source still showed at
           an instant, None if that changes nothing.
    """

    name: str
    singular: str
    path: str
    title: str
    content: type[Shape]
    record: type[Envelope]
    table: Table
    columns: Callable[[JsonObject], Mapping[str, object]]
    filters: type[Filters]
    example: JsonObject
    shape_version: int = 1
    upcasters: tuple[Upcaster, ...] = ()
    # Each is unique among the live records of a source, where it has no null.
    natural_keys: tuple[tuple[str, ...], ...] = ()
    # The SQL of the filters that are no plain comparison with their column, with {} for the value.
    conditions: Mapping[str, str] = field(default_factory=dict)
    personal: Personal | None = None
    workflow: Workflow | None = None
    search: Searchable | None = None
    may_be_exported: Callable[[JsonObject, date], bool] | None = None
    make_id: Callable[[], UUID] = make_uuid7
    start_state: Callable[[JsonObject, JsonObject | None], JsonObject] = lambda _content, _before: {}
    list_references: Callable[[JsonObject], Iterable[Reference]] = lambda _document: ()
    named_references: tuple[NamedReference, ...] = ()
    check_stored: Callable[[Transaction, Mapping[int, JsonObject]], Awaitable[Mapping[int, RaccordError]]] | None = None
    visibility: Visibility | None = None
    mark_seen: Callable[[JsonObject, datetime], JsonObject | None] | None = None
    views: tuple[View, ...] = ()
    representations: tuple[Representation, ...] = ()
    example_state: JsonObject | None = None
    content_fields: tuple[str, ...] = field(init=False)
    _required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content_fields", tuple(self.content.model_fields))
        object.__setattr__(self, "_required", frozenset(self.record.list_required()))

    @property
    def is_personal(self) -> bool:
        """Whether nobody sees a record by default."""
        return self.personal is not None

    @property
    def person_column(self) -> str:
        """The SQL of the id of the person that a record is about; null for an open kind."""
        return self.personal.person_column if self.personal is not None else "NULL::uuid"

    @property
    def person_fields(self) -> tuple[str, ...]:
        """The fields that hold person ids."""
        return self.personal.person_fields if self.personal is not None else ()

    def scope(self, verb: Literal["read", "write"]) -> str:
        """Name the scope that the verb needs."""
        return f"{self.name}:{verb}"

    def trim(self, document: JsonObject) -> JsonObject:
        """Leave out of an open record what is null and not promised: a list is as fast as its documents are short.

        Shape: personal records keep all; an absent field there is one that was withheld.
        """
        if self.is_personal:
            return document
        kept = self._required
        return {
            name: _drop_nulls(value) if isinstance(value, dict | list) else value
            for name, value in document.items()
            if value is not None or name in kept
        }

    def write_condition(self, name: str, value: object) -> tuple[str, object]:
        """Write the SQL condition of a filter, with {} for its value."""
        if name in self.conditions:
            return self.conditions[name], value
        if isinstance(self.table.c[name].type, ARRAY):
            return f"r.{name} && {{}}::text[]", value
        # One value is an equality: an index on it then gives the list in order, without a sort.
        if isinstance(value, list) and len(value) == 1:
            return f"r.{name} = {{}}", value[0]
        return (f"r.{name} = ANY ({{}}::text[])" if isinstance(value, list) else f"r.{name} = {{}}"), value

    def upcast(self, document: JsonObject, shape_version: int) -> JsonObject:
        """Bring a stored document to the present shape.

        Shape: `upcasters[0]` takes version 1 to 2, and so on; a document of the present version passes unchanged,
               and so does a tombstone, which has no shape but its own.
        """
        if "deleted_at" in document:
            return document
        older = self.upcasters[shape_version - 1 : self.shape_version - 1]
        for upcaster in older:
            document = upcaster(document)
        return self.trim(document) if older else document


def _drop_nulls(value: JsonValue) -> JsonValue:
    # Asked for each value of each record written: scalars, nearly all, must not cost a call.
    if isinstance(value, dict):
        return {
            name: _drop_nulls(inner) if isinstance(inner, dict | list) else inner
            for name, inner in value.items()
            if inner is not None
        }
    if isinstance(value, list):
        return [_drop_nulls(inner) if isinstance(inner, dict | list) else inner for inner in value]
    return value
