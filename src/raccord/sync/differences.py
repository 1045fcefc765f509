"""What a dry run would do, told as differences: the first hundred, with values for open kinds alone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from raccord.adapters.contract import Item
from raccord.kernel.database import Transaction
from raccord.kernel.refusals import JsonValue
from raccord.kernel.shapes import Envelope
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.records.kind import Kind
from raccord.records.store import Outcome
from raccord.sync.going import MAX_DIFFS, Diff, Going

_LONGEST = 200


async def note_differences(tx: Transaction, going: Going, kind: Kind, outcomes: Sequence[Outcome]) -> None:
    """Note what has become of the records of a page, before it is rolled back."""
    told = [outcome for outcome in outcomes if outcome.status != "unchanged"][: MAX_DIFFS - len(going.diffs)]
    before = await _read_before(tx, [outcome.id for outcome in told if outcome.status == "updated" and outcome.id])
    for outcome in told:
        earlier = before.get(outcome.id, {}) if outcome.id is not None else {}
        going.diffs.append(_compare(kind, outcome, earlier))


def pardon_names(going: Going, kind: Kind, item: Item, outcome: Outcome) -> Outcome:
    """Take a record that names one of an earlier page for written: a dry run has kept nothing of that page."""
    codes = {error.code for error in outcome.error.errors} if outcome.error is not None else set()
    if codes != {"unknown_reference"}:
        return outcome
    content = going.adapter.translate(item).content
    named = [(each.kind, content.get(each.name_field)) for each in kind.named_references]
    is_met = all(hash(name) in going.met for name in named if name[1] is not None)
    return Outcome(item.external_id, "created") if is_met else outcome


def note_deletion(going: Going, kind: Kind, external_id: str) -> None:
    """Note that a record would be deleted."""
    if len(going.diffs) < MAX_DIFFS:
        going.diffs.append(Diff(kind.name, external_id, "deleted"))


def show_diff(diff: Diff) -> JsonObject:
    """Show a difference as it is stored and served."""
    fields: list[JsonValue] = [
        {"name": name, "before": _shorten(before), "after": _shorten(after)} for name, before, after in diff.fields
    ]
    return {
        "kind": diff.kind, "external_id": diff.external_id, "status": diff.status, "code": diff.code,
        "pointer": diff.pointer, "fields": fields,
    }  # fmt: skip


async def _read_before(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, JsonObject]:
    """Read what the write door has just kept as the replaced version."""
    if not ids:
        return {}
    rows = await tx.fetch(
        "SELECT DISTINCT ON (record_id) record_id, document::text AS document FROM record_versions "
        "WHERE record_id = ANY ($1::uuid[]) ORDER BY record_id, version DESC",
        list(ids),
    )
    return {row["record_id"]: parse_object(row["document"].encode()) for row in rows}


def _compare(kind: Kind, outcome: Outcome, before: JsonObject) -> Diff:
    if outcome.error is not None:
        first = outcome.error.errors[0] if outcome.error.errors else None
        code = first.code if first is not None else outcome.error.code
        return Diff(kind.name, outcome.external_id, "rejected", (), code, first.name if first is not None else None)
    after = outcome.document or {}
    names = [name for name in {**before, **after} if name not in Envelope.model_fields]
    changed = [name for name in names if before.get(name) != after.get(name)]
    hide = kind.is_personal
    fields = tuple((name, None if hide else before.get(name), None if hide else after.get(name)) for name in changed)
    return Diff(kind.name, outcome.external_id, outcome.status, fields)


def _shorten(value: object) -> JsonValue:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
    if value is None or isinstance(value, bool | int | float):
        return value
    text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
