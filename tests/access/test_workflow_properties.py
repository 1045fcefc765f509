"""The pure rules of a prescription, on whatever may come: what holds of its state after any sequence of moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.clock import freeze_clock
from raccord.kernel.strict_json import JsonObject
from raccord.resources.prescriptions.kind import list_links
from raccord.resources.prescriptions.shape import PrescriptionAnswer, PrescriptionTransition
from raccord.resources.prescriptions.workflow import DECIDED, MOVES, STATES, apply_move, read_recipient, start_state

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
RECIPIENT, PRESCRIBER, PERSON = (str(UUID(int=number)) for number in (1, 2, 3))
CONTENT: JsonObject = {
    "person_id": PERSON, "prescriber_structure_id": PRESCRIBER, "recipient_structure_id": RECIPIENT,
    "career_path_id": None, "state_authority": "raccord", "mirrored_state": None,
}  # fmt: skip
VALUES: JsonObject = {
    "comment": "Un mot.", "answer": "Bonjour.", "answer_to_prescriber": "Merci.", "refusal_reason": "no_position",
    "is_refusal_reason_shared_with_person": True, "hiring_start_on": "2027-01-04", "hiring_end_on": "2027-06-30",
}  # fmt: skip
CHOICES = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 2**10), st.integers(10, 13)), max_size=12)


def choose_fields(move_number: int, mask: int, target: int) -> tuple[str, JsonObject]:
    """Choose the fields of a move: the required ones, and some of the optional ones."""
    move = MOVES[move_number]
    values = {**VALUES, "recipient_structure_id": str(UUID(int=target))}
    optional = [name for place, name in enumerate(sorted(move.optional)) if mask >> place & 1]
    return move.name, {name: values[name] for name in (*sorted(move.required), *optional)}


def play(choices: list[tuple[int, int, int]]) -> list[tuple[str, JsonObject, JsonObject]]:
    """Play legal moves from a new prescription; gives each move with the documents before and after."""
    document: JsonObject = {"id": str(UUID(int=9)), **CONTENT, **start_state(CONTENT, None)}
    played = []
    for turn, (choice, mask, target) in enumerate(choices):
        legal = [number for number, move in enumerate(MOVES) if document["state"] in move.from_states]
        name, fields = choose_fields(legal[choice % len(legal)], mask, target)
        with freeze_clock(NOW + timedelta(minutes=turn)):
            after = {**document, **apply_move(document, next(m for m in MOVES if m.name == name), fields)}
        played.append((name, document, after))
        document = after
    return played


@given(CHOICES)
def test_after_any_moves_what_is_kept_fits_the_state(choices: list[tuple[int, int, int]]) -> None:
    for name, before, after in play(choices):
        assert after["state"] in STATES
        assert (after["processed_at"] is not None) == (after["state"] in DECIDED)
        assert (after["hiring_start_on"] is not None) == (after["state"] == "accepted")
        assert after["refusal_reason"] is None or after["state"] == "refused"
        assert after["state_changed_at"] != before["state_changed_at"]
        assert {key: after[key] for key in CONTENT} == CONTENT
        assert set(after) == {"id", *CONTENT, *PrescriptionAnswer.model_fields}
        if name != "transfer":
            assert read_recipient(after) == read_recipient(before)


@given(CHOICES)
def test_a_source_that_writes_again_keeps_the_state(choices: list[tuple[int, int, int]]) -> None:
    for _, _, document in play(choices):
        kept = start_state({**CONTENT, "job_title": "Autre"}, document)
        assert kept == {name: document[name] for name in PrescriptionAnswer.model_fields}


@given(CHOICES)
def test_both_structures_see_the_prescription_and_the_recipient_the_person_until_it_declines(
    choices: list[tuple[int, int, int]],
) -> None:
    for _, _, document in play(choices):
        links = {(link.kind, str(link.structure_id), link.basis) for link in list_links(document)}
        recipient = str(read_recipient(document))
        assert {("prescriptions", recipient, "recipient"), ("prescriptions", PRESCRIBER, "prescriber")} <= links
        sees_person = ("people", recipient, "recipient") in links
        assert sees_person == (document["state"] not in {"refused", "cancelled", "obsolete"})
        assert {structure for _, structure, _ in links} <= {recipient, PRESCRIBER}


@given(st.sampled_from(sorted(STATES)), st.sampled_from(sorted(STATES)))
def test_a_mirrored_state_is_told_by_its_source_alone(first: str, second: str) -> None:
    content = {**CONTENT, "state_authority": "external", "mirrored_state": first}
    document = {**content, **start_state(content, None)}
    told = start_state({**content, "mirrored_state": second}, document)

    for mirrored, state in ((first, document), (second, told)):
        assert state["state"] == mirrored
        assert (state["processed_at"] is not None) == (mirrored in DECIDED)


def test_every_move_is_asked_for_with_fields_of_the_request() -> None:
    fields = set(PrescriptionTransition.model_fields) - {"transition"}
    for move in MOVES:
        assert move.required | move.optional <= fields, move.name
        assert not move.required & move.optional
        assert move.from_states <= STATES
        assert move.to_state in STATES
