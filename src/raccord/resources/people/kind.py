"""The kind `people`: who sees a person, and what of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from pydantic import Field
from sqlalchemy import Column, Uuid

from raccord.access.caller import Caller
from raccord.access.links import Link
from raccord.kernel.identifiers import make_uuid4
from raccord.kernel.shapes import SourceName
from raccord.kernel.strict_json import JsonObject
from raccord.records.kind import Filters, Kind, Personal, Reference
from raccord.records.tables import make_kind_table
from raccord.resources.people.shape import Person, PersonInput

TABLE = make_kind_table("people", Column("managing_structure_id", Uuid))


class PersonFilters(Filters):
    """What to look for. Never a name: addresses are logged, and nobody browses people."""

    managing_structure_id: UUID | None = Field(None, description="Structure qui suit la personne.")
    source: SourceName | None = Field(None, description="Source de la fiche.")


def derive_columns(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns."""
    return {"managing_structure_id": UUID(str(document["managing_structure_id"]))}


def list_links(document: JsonObject) -> list[Link]:
    """Link the person to the structure that follows them; prescriptions and paths add theirs."""
    structure_id = UUID(str(document["managing_structure_id"]))
    return [Link("people", UUID(str(document["id"])), structure_id, "managing")]


def list_references(document: JsonObject) -> Iterable[Reference]:
    """List the structure."""
    structure_id = UUID(str(document["managing_structure_id"]))
    yield Reference("/managing_structure_id", "structures", structure_id, is_personal=False)


def check_write(caller: Caller, document: JsonObject, _before: JsonObject | None) -> None:
    """Let a client write a person for the structure that follows them."""
    structure_id = UUID(str(document["managing_structure_id"]))
    caller.require_structure(structure_id, "people:write", "/managing_structure_id")


PEOPLE = Kind(
    name="people",
    singular="person",
    path="people",
    title="People",
    content=PersonInput,
    record=Person,
    table=TABLE,
    columns=derive_columns,
    filters=PersonFilters,
    make_id=make_uuid4,
    list_references=list_references,
    personal=Personal(
        categories={
            **dict.fromkeys((*Person.model_fields, "deleted_at", "deletion_reason"), "envelope"),
            **dict.fromkeys(("first_name", "last_name", "birth_date"), "identity"),
            **dict.fromkeys(("email", "phone", "postal_code", "city"), "contact"),
        },
        person_column="id",
        person_fields=("id",),
        list_links=list_links,
        check_write=check_write,
        has_pairwise_id=True,
    ),
    example={
        "first_name": "Camille",
        "last_name": "Exemple",
        "birth_date": "1994-05-17",
        "email": "camille.exemple@example.org",
        "phone": "+33639980001",
        "managing_structure_id": "01920000-0000-7000-8000-000000000001",
    },
)
