"""What was set aside: one row for each record, with its reason and its sealed payload, until it is written."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from raccord.adapters.contract import Item
from raccord.kernel.database import Reader, Row, Transaction
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.refusals import RaccordError
from raccord.kernel.seals import SealBrokenError, Seals
from raccord.kernel.sheets import write_header, write_rows
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.kernel.text import Text

PAYLOAD_KEPT = timedelta(days=30)
KEPT = timedelta(days=90)
_PAGE = 1_000
_COLUMNS = """
id, run_id, kind, external_id, code, pointer, message_fr, message_en, created_at, seen_at, resolved_at,
is_named AND payload IS NOT NULL AND resolved_at IS NULL AS is_replayable
"""


@dataclass(frozen=True)
class Rejection:
    """A record set aside."""

    kind: str
    external_id: str | None
    raw: JsonObject
    error: RaccordError
    part: str = ""
    updated_at: datetime | None = None
    is_replayable: bool = True

    @property
    def key(self) -> str:
        """What the rejection is known by: the record's id, or what was received where there is none."""
        if self.external_id is not None:
            return self.external_id
        return "sha256:" + hashlib.sha256(dump_json(self.raw)).hexdigest()


def reject(item: Item, error: RaccordError) -> Rejection:
    """Set an item aside."""
    return Rejection(item.kind, item.external_id, item.raw, error, item.part, item.updated_at)


async def add_rejections(
    tx: Transaction, seals: Seals, connection_id: UUID, run_id: UUID, rejections: Sequence[Rejection]
) -> None:
    """Note what was set aside; a record refused before keeps its row, with the reason of today."""
    last = {(rejection.kind, rejection.key): rejection for rejection in rejections}
    rows = [(key, rejection, *_tell_reason(rejection.error)) for key, rejection in sorted(last.items(), key=_by_key)]
    if not rows:
        return
    await tx.fetch(
        """
        INSERT INTO sync_rejections (connection_id, run_id, id, kind, external_id, is_named, code, pointer, message_fr,
                                     message_en, payload)
        SELECT $1, $2, * FROM unnest($3::uuid[], $4::text[], $5::text[], $6::bool[], $7::text[], $8::text[], $9::text[],
                                     $10::text[], $11::bytea[])
        ON CONFLICT (connection_id, kind, external_id) DO UPDATE SET run_id = excluded.run_id, code = excluded.code,
            pointer = excluded.pointer, message_fr = excluded.message_fr, message_en = excluded.message_en,
            payload = excluded.payload, seen_at = now(), resolved_at = NULL
        """,
        connection_id,
        run_id,
        [make_uuid7() for _ in rows],
        [row[1].kind for row in rows],
        [row[0][1] for row in rows],
        [row[1].external_id is not None and row[1].is_replayable for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[4].fr for row in rows],
        [row[4].en for row in rows],
        [seals.seal(_write_payload(row[1]), write_place(connection_id)) for row in rows],
    )


async def resolve(tx: Transaction, connection_id: UUID, kind: str, external_ids: Sequence[str]) -> None:
    """Note that records have been written after all, or are gone."""
    await tx.fetch(
        "UPDATE sync_rejections SET resolved_at = now(), payload = NULL WHERE connection_id = $1 AND kind = $2 "
        "AND external_id = ANY ($3::text[]) AND resolved_at IS NULL",
        connection_id,
        kind,
        list(external_ids),
    )


async def has_open(reader: Reader, connection_id: UUID) -> bool:
    """Tell whether something is set aside."""
    rows = await reader.fetch(
        "SELECT EXISTS (SELECT FROM sync_rejections WHERE connection_id = $1 AND resolved_at IS NULL) AS has",
        connection_id,
    )
    return bool(rows[0]["has"])


async def list_rejections(
    reader: Reader, connection_id: UUID, after: UUID | None, limit: int, *, is_open: bool | None = True
) -> Sequence[Row]:
    """List what was set aside, the oldest first."""
    return await reader.fetch(
        f"SELECT {_COLUMNS} FROM sync_rejections WHERE connection_id = $1 AND ($2::uuid IS NULL OR id > $2) "  # noqa: S608
        "AND ($4::bool IS NULL OR (resolved_at IS NULL) = $4) ORDER BY id LIMIT $3",
        connection_id,
        after,
        limit,
        is_open,
    )


async def find_rejection(reader: Reader, connection_id: UUID, rejection_id: UUID) -> Row | None:
    """Find one of the connection's rejections."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM sync_rejections WHERE connection_id = $1 AND id = $2",  # noqa: S608
        connection_id,
        rejection_id,
    )
    return rows[0] if rows else None


async def open_payloads(
    reader: Reader, seals: Seals, connection_id: UUID, after: UUID | None, *, ids: Sequence[UUID] | None, limit: int
) -> list[tuple[UUID, Item | None]]:
    """Open what can be tried again: all, or those named; the oldest first. None for what opens under no key given."""
    rows = await reader.fetch(
        "SELECT id, payload FROM sync_rejections WHERE connection_id = $1 AND resolved_at IS NULL AND is_named "
        "AND payload IS NOT NULL AND ($2::uuid IS NULL OR id > $2) AND ($3::uuid[] IS NULL OR id = ANY ($3)) "
        "ORDER BY id LIMIT $4",
        connection_id,
        after,
        list(ids) if ids is not None else None,
        limit,
    )
    return [(row["id"], _open_payload(seals, connection_id, row["payload"])) for row in rows]


async def write_csv(reader: Reader, connection_id: UUID) -> AsyncIterator[str]:
    """Write what is set aside as CSV, for whoever mends it in the tool."""
    names = ("kind", "external_id", "code", "pointer", "message_fr", "message_en", "remedy_fr", "remedy_en", "seen_at")
    yield write_header(names)
    after: UUID | None = None
    while rows := await list_rejections(reader, connection_id, after, _PAGE):
        yield write_rows(_list_cells(row) for row in rows)
        after = rows[-1]["id"]


def find_remedy(code: str) -> Text:
    """Say what is to be done about a rejection."""
    return _REMEDIES.get(code, _DRIFTED if code.startswith("drift_") else _MEND)


async def drop_old(tx: Transaction) -> None:
    """Drop payloads that are too old to be kept, and what was set aside long ago."""
    await tx.fetch("UPDATE sync_rejections SET payload = NULL WHERE seen_at < now() - $1::interval", PAYLOAD_KEPT)
    await tx.fetch("DELETE FROM sync_rejections WHERE coalesce(resolved_at, seen_at) < now() - $1::interval", KEPT)


def _by_key(entry: tuple[tuple[str, str], Rejection]) -> tuple[str, str]:
    return entry[0]


def _tell_reason(error: RaccordError) -> tuple[str, str | None, Text]:
    if not error.errors:
        return error.code, None, error.detail or error.title
    first = error.errors[0]
    return first.code, first.name or None, first.message


def _write_payload(rejection: Rejection) -> bytes:
    updated_at = rejection.updated_at.isoformat() if rejection.updated_at is not None else None
    return dump_json(
        {
            "kind": rejection.kind, "external_id": rejection.external_id, "raw": rejection.raw, "part": rejection.part,
            "updated_at": updated_at,
        }
    )  # fmt: skip


def _open_payload(seals: Seals, connection_id: UUID, payload: bytes) -> Item | None:
    try:
        stored = parse_object(seals.open(payload, write_place(connection_id)))
    except SealBrokenError:
        return None
    raw, updated_at = stored["raw"], stored["updated_at"]
    return Item(
        str(stored["kind"]), str(stored["external_id"]), raw if isinstance(raw, dict) else {},
        datetime.fromisoformat(updated_at) if isinstance(updated_at, str) else None, str(stored["part"]),
    )  # fmt: skip


def write_place(connection_id: UUID) -> str:
    """Write for which place it is sealed."""
    return f"rejections:{connection_id}"


def _list_cells(row: Row) -> list[object]:
    remedy = find_remedy(row["code"])
    named = (row[name] for name in ("kind", "external_id", "code", "pointer", "message_fr", "message_en"))
    return [*named, remedy.fr, remedy.en, row["seen_at"].isoformat()]


_MEND = Text(
    "Corrigez ce champ dans l'outil ; la prochaine synchronisation le reprendra.",
    "Correct the field in the tool; the next run will take it up.",
)
_DRIFTED = Text(
    "Signalez-le à l'équipe de l'adaptateur, ou changez la règle de dérive de la connexion, puis rejouez.",
    "Tell the adapter's team, or change the connection's drift policy, then replay.",
)
_REMEDIES = {
    "natural_key_taken": Text(
        "Deux fiches de l'outil ont la même clé : supprimez ou corrigez l'une d'elles.",
        "Two records of the tool have the same key: delete or correct one of them.",
    ),
    "unknown_reference": Text(
        "La fiche liée n'est pas encore là : rejouez après sa synchronisation.",
        "The record it refers to is not there yet: replay once it is.",
    ),
    "not_in_settings": Text(
        "Complétez les réglages de la connexion ; la prochaine synchronisation reprendra la fiche.",
        "Complete the connection's settings; the next run will take the record up.",
    ),
    "unreadable_payload": Text(
        "L'outil n'envoie pas ce qu'il documente : signalez-le à son éditeur, ou à l'équipe de l'adaptateur.",
        "The tool does not send what it documents: tell its publisher, or the adapter's team.",
    ),
    "structure_not_granted": Text(
        "Faites autoriser la connexion par la structure, puis rejouez.",
        "Have the structure authorise the connection, then replay.",
    ),
    "owned_by_another_source": Text(
        "La fiche appartient à une autre source : corrigez-la là-bas, ou annulez la modification dans l'outil.",
        "The record belongs to another source: correct it there, or undo the change in the tool.",
    ),
}
