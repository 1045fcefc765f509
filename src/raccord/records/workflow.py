"""Moves of a record's state: the one way in which a state changes, whoever the record's source is."""

from __future__ import annotations

from collections.abc import Iterable

from raccord.access.caller import Caller
from raccord.kernel.database import Transaction
from raccord.kernel.errors import (
    IllegalTransitionError,
    InvalidContentError,
    StateMirroredError,
    TransitionNotYoursError,
)
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import Text
from raccord.kernel.validation import validate_content
from raccord.records.kind import SOURCE_PARTY, Kind, Move, Moved, Workflow
from raccord.records.store import Outcome, Put, Writer, put_one


async def move_record(
    tx: Transaction, kind: Kind, caller: Caller, document: JsonObject, *, version: int, body: bytes
) -> Outcome:
    """Make the move that the body asks for, on the document the caller has read.

    Errors: InvalidContentError, StateMirroredError, IllegalTransitionError, TransitionNotYoursError,
            VersionMismatchError if the record has moved meanwhile.
    """
    workflow = _require_workflow(kind)
    request = validate_content(workflow.request, body).model_dump(mode="json", exclude_none=True)
    name = str(request.pop("transition"))
    if document.get("state_authority") == "external":
        raise StateMirroredError
    move = _find_move(workflow, document, name)
    _check_party(workflow, kind, caller, document, move)
    _check_fields(move, request)
    workflow.check(document, move, request, await workflow.load_facts(tx, caller, document, request))
    return await apply_move(
        tx, kind, document, move, request, version=version, caller=caller, correlation_id=caller.request_id
    )


async def apply_move(
    tx: Transaction,
    kind: Kind,
    document: JsonObject,
    move: Move,
    fields: JsonObject,
    *,
    version: int,
    caller: Caller | None,
    correlation_id: str,
) -> Outcome:
    """Write the state after a move that is known to be right, and what follows from it."""
    workflow = _require_workflow(kind)
    content: JsonObject = {name: document[name] for name in kind.content_fields if name in document}
    # A move writes a record of any source: the right to it is the party's, checked above.
    writer = Writer(str(document["source"]), caller.source if caller else "raccord", correlation_id)
    put = Put(
        str(document["external_id"]),
        dump_json(content),
        expected_version=version,
        state=workflow.apply(document, move, fields),
    )
    outcome = await put_one(tx, kind, writer, put)
    if outcome.status == "updated" and outcome.document is not None:
        await workflow.react(tx, Moved(kind, move, fields, outcome.document, caller, correlation_id))
    return outcome


def find_moves(kind: Kind, caller: Caller, document: JsonObject) -> list[JsonObject]:
    """List the moves that the caller may make from the present state, and what each takes."""
    workflow = _require_workflow(kind)
    if document.get("state_authority") == "external":
        return []
    legal = [move for move in workflow.moves if document[workflow.state_field] in move.from_states]
    return [
        {
            "transition": move.name,
            "to_state": move.to_state,
            "required": [*sorted(move.required)],
            "optional": [*sorted(move.optional)],
        }
        for move in legal
        if _is_party(workflow, kind, caller, document, move)
    ]


def get_move(kind: Kind, name: str) -> Move:
    """Return the move of this name."""
    return next(move for move in _require_workflow(kind).moves if move.name == name)


def _require_workflow(kind: Kind) -> Workflow:
    if kind.workflow is None:
        raise TypeError(f"{kind.name} has no workflow")
    return kind.workflow


def _find_move(workflow: Workflow, document: JsonObject, name: str) -> Move:
    state = str(document[workflow.state_field])
    legal = [move for move in workflow.moves if state in move.from_states and move.parties != {"system"}]
    for move in legal:
        if move.name == name:
            return move
    names: list[JsonValue] = [move.name for move in legal]
    raise IllegalTransitionError(
        Text(f"« {name} » n'est pas possible depuis « {state} ».", f"{name!r} is not legal from {state!r}."),
        extensions={"state": state, "legal_transitions": names},
    )


def _is_party(workflow: Workflow, kind: Kind, caller: Caller, document: JsonObject, move: Move) -> bool:
    if SOURCE_PARTY in move.parties and caller.source == document["source"]:
        return True
    parties = workflow.read_parties(document)
    structures = frozenset().union(*(parties.get(party, frozenset()) for party in move.parties))
    return any(kind.scope("write") in caller.structures.get(structure, ()) for structure in structures)


def _check_party(workflow: Workflow, kind: Kind, caller: Caller, document: JsonObject, move: Move) -> None:
    if not _is_party(workflow, kind, caller, document, move):
        wanted = sorted(move.parties - {"system"})
        names: list[JsonValue] = [*wanted]
        listed = ", ".join(wanted)
        raise TransitionNotYoursError(
            Text(f"Transition réservée à : {listed}.", f"Transition reserved to: {listed}."),
            extensions={"parties": names},
        )


def _check_fields(move: Move, request: JsonObject) -> None:
    missing = Text("Champ obligatoire pour cette transition.", "Required for this transition.")
    foreign = Text("Champ sans objet pour cette transition.", "Not a field of this transition.")
    errors = [*_name_fields(move.required - request.keys(), "missing", missing)]
    errors += _name_fields(request.keys() - move.required - move.optional, "field_not_for_transition", foreign)
    if errors:
        raise InvalidContentError(errors=errors)


def _name_fields(names: Iterable[str], code: str, message: Text) -> list[FieldError]:
    return [FieldError("pointer", f"/{name}", code, message) for name in sorted(names)]
