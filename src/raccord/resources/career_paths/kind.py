"""The kind `career_paths`: its moves, and who takes part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from uuid import UUID

from pydantic import Field
from sqlalchemy import Column, Date, Index, Text, Uuid

from raccord.access.caller import Caller
from raccord.access.links import Link
from raccord.kernel.clock import read_now, read_today
from raccord.kernel.database import Transaction
from raccord.kernel.errors import StructureNotGrantedError
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.shapes import SourceName
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text as Words
from raccord.records.kind import Filters, Kind, Move, Moved, Personal, Reference, Workflow
from raccord.records.rows import write_instant
from raccord.records.tables import make_kind_table
from raccord.reference.career_path_codes import CareerPathStatus
from raccord.resources.career_paths.shape import (
    CareerPath,
    CareerPathCourse,
    CareerPathInput,
    CareerPathTransition,
)

TABLE = make_kind_table("career_paths", Column("person_id", Uuid), Column("status", Text), Column("started_on", Date))
Index(None, TABLE.c.person_id)

_LIVE = frozenset({"draft", "awaiting_orientation", "active", "suspended"})
_REFERENT = frozenset({"referent"})
_SYSTEM = frozenset({"system"})
_REFERENT_ROLES = ("single_referent", "co_referent")

MOVES = (
    Move("request_orientation", frozenset({"draft"}), "awaiting_orientation", _REFERENT),
    Move("activate", frozenset({"draft", "awaiting_orientation"}), "active", _REFERENT),
    Move("suspend", frozenset({"active"}), "suspended", _REFERENT),
    Move("resume", frozenset({"suspended"}), "active", _REFERENT),
    Move("end", frozenset({"active", "suspended"}), "ended", _REFERENT, required=frozenset({"ended_on"})),
    Move("cancel", _LIVE, "cancelled", _REFERENT),
    Move("start_employment", _LIVE, "active", _SYSTEM),
    Move("cancel_employment", _LIVE | {"ended", "cancelled"}, "active", _SYSTEM),
)


class CareerPathFilters(Filters):
    """What to look for."""

    person_id: UUID | None = Field(None, description="Personne.")
    status: list[CareerPathStatus] | None = Field(
        None, max_length=len(CareerPathStatus), description="Situations (l'une d'elles)."
    )
    source: SourceName | None = Field(None, description="Source de la fiche.")


def derive_columns(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns."""
    return {
        "person_id": UUID(str(document["person_id"])),
        "status": document["status"],
        "started_on": date.fromisoformat(str(document["started_on"])),
    }


def list_links(document: JsonObject) -> list[Link]:
    """Link participants and employers to the path and to its person, for as long as they take part."""
    targets = (("career_paths", UUID(str(document["id"]))), ("people", UUID(str(document["person_id"]))))
    return [
        Link(kind, record_id, structure_id, basis, ends_on)
        for structure_id, basis, ends_on in _list_ties(document)
        for kind, record_id in targets
    ]


def list_references(document: JsonObject) -> Iterable[Reference]:
    """List the person and the participants."""
    yield Reference("/person_id", "people", UUID(str(document["person_id"])), is_personal=True)
    for place, item in enumerate(_read_items(document, "participants")):
        pointer = f"/participants/{place}/structure_id"
        yield Reference(pointer, "structures", UUID(str(item["structure_id"])), is_personal=False)


def check_write(caller: Caller, document: JsonObject, _before: JsonObject | None) -> None:
    """Let a client write a path for one of its referents.

    Errors: StructureNotGrantedError.
    """
    if not any("career_paths:write" in caller.structures.get(r, ()) for r in _list_referents(document)):
        message = Words(
            "Aucun référent de ce parcours n'a autorisé votre logiciel.",
            "No referent of this path has authorised your software.",
        )
        raise StructureNotGrantedError(
            message, [FieldError("pointer", "/participants", "structure_not_granted", message)]
        )


def read_parties(document: JsonObject) -> Mapping[str, frozenset[UUID]]:
    """Map the party `referent` to the structures that lead the path now."""
    return {"referent": frozenset(_list_referents(document))}


def start_state(_content: JsonObject, before: JsonObject | None) -> JsonObject:
    """Return the course to store with a content that its source writes: the present one is never reverted."""
    if before is None:
        return {"status": "draft", "status_changed_at": None, "ended_on": None, "employment_periods": []}
    return {name: before[name] for name in CareerPathCourse.model_fields}


def apply_move(document: JsonObject, move: Move, fields: JsonObject) -> JsonObject:
    """Return the course after the move."""
    course = {name: document[name] for name in CareerPathCourse.model_fields}
    periods: list[JsonValue] = [*_read_items(document, "employment_periods")]
    if move.name == "cancel_employment":
        kept = [p for p in periods if isinstance(p, dict) and p["prescription_id"] != fields["prescription_id"]]
        return {**course, "employment_periods": [*kept]}
    now = write_instant(read_now())
    # A hire brings a path that had ended back to life.
    course |= {"status": move.to_state, "status_changed_at": now, "ended_on": None}
    if move.name == "start_employment":
        return {**course, "employment_periods": [*periods, fields]}
    return {**course, **fields}


async def load_facts(_tx: Transaction, _caller: Caller, _document: JsonObject, _request: JsonObject) -> JsonObject:
    """Read nothing: the rules of a path need its document alone."""
    return {}


def check_rules(_document: JsonObject, _move: Move, _fields: JsonObject, _facts: JsonObject) -> None:
    """Accept: states and parties say all there is."""


async def react_to_move(_tx: Transaction, _moved: Moved) -> None:
    """Write nothing: a path moves nothing else."""


def _list_ties(document: JsonObject) -> Iterator[tuple[UUID, str, date | None]]:
    for item in _read_items(document, "participants"):
        yield UUID(str(item["structure_id"])), "participant", _read_date(item.get("ended_on"))
    for item in _read_items(document, "employment_periods"):
        yield UUID(str(item["structure_id"])), "employer", _read_date(item["ended_on"])


def _list_referents(document: JsonObject) -> Iterator[UUID]:
    today = read_today()
    for item in _read_items(document, "participants"):
        ended_on = _read_date(item.get("ended_on"))
        if item["role"] in _REFERENT_ROLES and (ended_on is None or ended_on >= today):
            yield UUID(str(item["structure_id"]))


def _read_items(document: JsonObject, name: str) -> list[JsonObject]:
    items = document.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _read_date(value: JsonValue) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


CAREER_PATHS = Kind(
    name="career_paths",
    singular="career_path",
    path="career-paths",
    title="Career paths",
    content=CareerPathInput,
    record=CareerPath,
    table=TABLE,
    columns=derive_columns,
    filters=CareerPathFilters,
    start_state=start_state,
    list_references=list_references,
    personal=Personal(
        categories={
            **dict.fromkeys((*CareerPath.model_fields, "deleted_at", "deletion_reason"), "envelope"),
            **dict.fromkeys(("framework", "title", "started_on", "participants", "ended_on"), "plan"),
            "employment_periods": "employment_periods",
        },
        person_column="person_id",
        person_fields=("person_id",),
        list_links=list_links,
        check_write=check_write,
    ),
    workflow=Workflow(
        state_field="status",
        moves=MOVES,
        request=CareerPathTransition,
        example={"transition": "activate"},
        read_parties=read_parties,
        load_facts=load_facts,
        check=check_rules,
        apply=apply_move,
        react=react_to_move,
    ),
    example={
        "person_id": "5f0c7a52-9b6d-4c1e-8a44-0d9f2f6f1b11",
        "framework": "iae",
        "started_on": "2026-03-02",
        "participants": [
            {
                "structure_id": "01920000-0000-7000-8000-000000000001",
                "role": "single_referent",
                "started_on": "2026-03-02",
            }
        ],
    },
)
