"""What follows a prescription's move: other prescriptions of the person, and their career path."""

from __future__ import annotations

from uuid import UUID, uuid5

from raccord.access.caller import Caller
from raccord.access.row_security import see_everything
from raccord.kernel.clock import read_today
from raccord.kernel.database import Row, Transaction
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.records.kind import Moved
from raccord.records.store import Put, Writer, put_one
from raccord.records.workflow import apply_move, get_move
from raccord.resources.career_paths.kind import CAREER_PATHS
from raccord.resources.prescriptions.workflow import read_recipient

RACCORD = "raccord"


async def load_facts(tx: Transaction, caller: Caller, document: JsonObject, request: JsonObject) -> JsonObject:
    """Read the kinds of the recipient and, for a transfer, of the target."""
    target = UUID(str(request["recipient_structure_id"])) if "recipient_structure_id" in request else None
    recipient = read_recipient(document)
    rows = await tx.fetch(
        "SELECT id, kind FROM structures WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL",
        [structure_id for structure_id in (recipient, target) if structure_id is not None],
    )
    kinds = {row["id"]: row["kind"] for row in rows}
    granted = caller.structures.get(target, frozenset()) if target is not None else frozenset()
    return {
        "recipient_kind": kinds.get(recipient),
        "target_kind": kinds.get(target) if target is not None else None,
        "is_target_granted": "prescriptions:write" in granted,
    }


async def react_to_move(tx: Transaction, moved: Moved) -> None:
    """Write what follows the move, in its transaction."""
    if moved.move.name == "accept":
        await _render_others_obsolete(tx, moved)
        await _start_employment(tx, moved.document, moved.correlation_id)
    elif moved.move.name == "cancel":
        await _cancel_employment(tx, moved.document, moved.correlation_id)
    elif moved.move.name == "external_transfer":
        await _send_anew(tx, moved)


async def _render_others_obsolete(tx: Transaction, moved: Moved) -> None:
    """Close the person's other prescriptions that still wait for an answer."""
    async with see_everything(tx):
        others = await tx.fetch(
            "SELECT document::text AS document, shape_version FROM prescriptions "
            "WHERE person_id = $1 AND id <> $2 AND deleted_at IS NULL AND state_authority = 'raccord' "
            "AND state = ANY ($3::text[]) ORDER BY id",
            UUID(str(moved.document["person_id"])),
            UUID(str(moved.document["id"])),
            ["new", "processing", "postponed"],
        )
    for row in others:
        other = moved.kind.upcast(parse_object(row["document"].encode()), row["shape_version"])
        await apply_move(
            tx, moved.kind, other, get_move(moved.kind, "render_obsolete"), {},
            version=int(str(other["version"])), caller=None, correlation_id=moved.correlation_id,
        )  # fmt: skip


async def _start_employment(tx: Transaction, document: JsonObject, correlation_id: str) -> None:
    """Move the career path that the prescription belongs to: a new one, where the person has none."""
    path = await _find_path(tx, document) or await _open_path(tx, document, correlation_id)
    period: JsonObject = {
        "prescription_id": document["id"],
        "structure_id": str(read_recipient(document)),
        "started_on": document["hiring_start_on"],
        "ended_on": document["hiring_end_on"],
    }
    await _move_path(tx, path, "start_employment", period, correlation_id)


async def _cancel_employment(tx: Transaction, document: JsonObject, correlation_id: str) -> None:
    async with see_everything(tx):
        rows = await tx.fetch(
            "SELECT document::text AS document, shape_version FROM career_paths "
            "WHERE person_id = $1 AND deleted_at IS NULL ORDER BY id",
            UUID(str(document["person_id"])),
        )
    for path in map(_read_path, rows):
        periods = path["employment_periods"]
        if any(isinstance(p, dict) and p["prescription_id"] == document["id"] for p in _as_list(periods)):
            await _move_path(tx, path, "cancel_employment", {"prescription_id": document["id"]}, correlation_id)


async def _find_path(tx: Transaction, document: JsonObject) -> JsonObject | None:
    """Find the path that the prescription names; else the live one in which its prescriber takes part."""
    async with see_everything(tx):
        rows = await tx.fetch(
            """
            SELECT document::text AS document, shape_version FROM career_paths p
            WHERE person_id = $1 AND deleted_at IS NULL AND status = ANY ($2::text[])
              AND (id = $3 OR ($3 IS NULL AND EXISTS (
                    SELECT 1 FROM links l WHERE l.via_id = p.id AND l.structure_id = $4 AND l.valid_until > now())))
            ORDER BY started_on DESC, id LIMIT 1
            """,
            UUID(str(document["person_id"])),
            ["draft", "awaiting_orientation", "active", "suspended"],
            UUID(str(document["career_path_id"])) if document["career_path_id"] else None,
            UUID(str(document["prescriber_structure_id"])) if document["prescriber_structure_id"] else None,
        )
    return _read_path(rows[0]) if rows else None


async def _open_path(tx: Transaction, document: JsonObject, correlation_id: str) -> JsonObject:
    referent = document["prescriber_structure_id"] or str(read_recipient(document))
    today = read_today().isoformat()
    content: JsonObject = {
        "person_id": document["person_id"],
        "framework": "iae",
        "started_on": today,
        "participants": [{"structure_id": referent, "role": "single_referent", "started_on": today}],
    }
    put = Put(f"prescription-{_name_case(document)}", dump_json(content))
    outcome = await put_one(tx, CAREER_PATHS, Writer(RACCORD, RACCORD, correlation_id), put)
    return outcome.document or {}


async def _move_path(tx: Transaction, path: JsonObject, name: str, fields: JsonObject, correlation_id: str) -> None:
    await apply_move(
        tx, CAREER_PATHS, path, get_move(CAREER_PATHS, name), fields,
        version=int(str(path["version"])), caller=None, correlation_id=correlation_id,
    )  # fmt: skip


async def _send_anew(tx: Transaction, moved: Moved) -> None:
    """Send a refused prescription to another employer, as a new record of Raccord's own source."""
    document, target = moved.document, str(moved.fields["recipient_structure_id"])
    content: JsonObject = {
        **{name: document[name] for name in moved.kind.content_fields if name in document},
        "recipient_structure_id": target,
        "prescribed_on": read_today().isoformat(),
    }
    put = Put(f"transfer-{_name_case(document)}-{target}", dump_json(content))
    await put_one(tx, moved.kind, Writer(RACCORD, RACCORD, moved.correlation_id), put)


def _name_case(document: JsonObject) -> str:
    """Name the prescription and its person: one corrected to be another's must not take what is the first one's.

    By a digest, since this name is told and the person's stored id is not.
    """
    return f"{document['id']}-{uuid5(UUID(str(document['id'])), str(document['person_id']))}"


def _read_path(row: Row) -> JsonObject:
    return CAREER_PATHS.upcast(parse_object(row["document"].encode()), row["shape_version"])


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
