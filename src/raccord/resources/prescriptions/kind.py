"""The kind `prescriptions`: who sends, who answers, and who sees what meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from pydantic import Field
from sqlalchemy import Column, Index, Text, Uuid

from raccord.access.caller import Caller
from raccord.access.links import Link
from raccord.kernel.shapes import SourceName
from raccord.kernel.strict_json import JsonObject
from raccord.records.kind import Filters, Kind, NamedReference, Personal, Reference, Workflow
from raccord.records.tables import make_kind_table
from raccord.reference.prescription_codes import PrescriptionState
from raccord.resources.prescriptions import reactions, workflow
from raccord.resources.prescriptions.shape import Prescription, PrescriptionInput, PrescriptionTransition

TABLE = make_kind_table(
    "prescriptions",
    Column("person_id", Uuid),
    Column("prescriber_structure_id", Uuid),
    Column("recipient_structure_id", Uuid),
    Column("state", Text),
    Column("state_authority", Text),
)
Index(None, TABLE.c.person_id)

_LINKED_TO_PERSON = frozenset({"new", "processing", "postponed", "prior_to_hire", "pool", "accepted"})


class PrescriptionFilters(Filters):
    """What to look for."""

    person_id: UUID | None = Field(None, description="Personne orientée.")
    prescriber_structure_id: UUID | None = Field(None, description="Structure qui prescrit.")
    recipient_structure_id: UUID | None = Field(None, description="Structure qui répond, après transfert.")
    state: list[PrescriptionState] | None = Field(
        None, max_length=len(PrescriptionState), description="États (l'un d'eux)."
    )
    source: SourceName | None = Field(None, description="Source de la fiche.")


def derive_columns(document: JsonObject) -> Mapping[str, object]:
    """Derive the columns. The recipient is the present one, after a transfer."""
    prescriber = document["prescriber_structure_id"]
    return {
        "person_id": UUID(str(document["person_id"])),
        "prescriber_structure_id": UUID(str(prescriber)) if prescriber else None,
        "recipient_structure_id": workflow.read_recipient(document),
        "state": document["state"],
        "state_authority": document["state_authority"],
    }


def list_links(document: JsonObject) -> list[Link]:
    """Link both structures to the prescription; the recipient to the person too, until it declines.

    The prescriber knows the person by their own file, or by the path; the recipient only by this prescription.
    """
    record_id, person_id = UUID(str(document["id"])), UUID(str(document["person_id"]))
    recipient, prescriber = workflow.read_recipient(document), document["prescriber_structure_id"]
    links = [Link("prescriptions", record_id, recipient, "recipient")]
    if document.get("state", "new") in _LINKED_TO_PERSON:
        links.append(Link("people", person_id, recipient, "recipient"))
    if prescriber:
        prescriber_id = UUID(str(prescriber))
        links.append(Link("prescriptions", record_id, prescriber_id, "prescriber"))
        links.append(Link("people", person_id, prescriber_id, "prescriber"))
    return links


def list_references(document: JsonObject) -> Iterable[Reference]:
    """List the person, the structures and the path."""
    yield Reference("/person_id", "people", UUID(str(document["person_id"])), is_personal=True)
    for name in ("prescriber_structure_id", "recipient_structure_id"):
        if document[name]:
            yield Reference(f"/{name}", "structures", UUID(str(document[name])), is_personal=False)
    if document["career_path_id"]:
        yield Reference("/career_path_id", "career_paths", UUID(str(document["career_path_id"])), is_personal=True)


def check_write(caller: Caller, document: JsonObject, _before: JsonObject | None) -> None:
    """Let a client write for the structure that prescribes, or that receives what a person sends themselves."""
    name = "prescriber_structure_id" if document["prescriber_structure_id"] else "recipient_structure_id"
    caller.require_structure(UUID(str(document[name])), "prescriptions:write", f"/{name}")


PRESCRIPTIONS = Kind(
    name="prescriptions",
    singular="prescription",
    path="prescriptions",
    title="Prescriptions",
    content=PrescriptionInput,
    record=Prescription,
    table=TABLE,
    columns=derive_columns,
    filters=PrescriptionFilters,
    start_state=workflow.start_state,
    list_references=list_references,
    named_references=(
        NamedReference("person_id", "person_external_id", "people"),
        NamedReference("prescriber_structure_id", "prescriber_structure_external_id", "structures"),
        NamedReference("recipient_structure_id", "recipient_structure_external_id", "structures"),
    ),
    personal=Personal(
        categories={
            **dict.fromkeys((*Prescription.model_fields, "deleted_at", "deletion_reason"), "envelope"),
            **dict.fromkeys(
                ("job_title", "message", "answer", "answer_to_prescriber", "comment", "refusal_reason"),
                "plan",
            ),
        },
        person_column="person_id",
        person_fields=("person_id",),
        list_links=list_links,
        check_write=check_write,
    ),
    workflow=Workflow(
        state_field="state",
        moves=workflow.MOVES,
        request=PrescriptionTransition,
        example={"transition": "accept", "hiring_start_on": "2026-12-01"},
        read_parties=workflow.read_parties,
        load_facts=reactions.load_facts,
        check=workflow.check_rules,
        apply=workflow.apply_move,
        react=reactions.react_to_move,
    ),
    example={
        "person_id": "5f0c7a52-9b6d-4c1e-8a44-0d9f2f6f1b11",
        "prescriber_structure_id": "01920000-0000-7000-8000-000000000001",
        "recipient_structure_id": "01920000-0000-7000-8000-000000000004",
        "prescribed_on": "2026-11-20",
        "job_title": "Maraîcher / Maraîchère",
        "message": "Candidature motivée, disponible dès décembre.",
    },
)
