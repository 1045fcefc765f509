"""The end of a walk: what it has proven, what is missing then, and what follows: deleted, asked about, or left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from raccord.adapters.contract import Capability
from raccord.kernel.database import Transaction
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.records.kind import Kind
from raccord.sync import deletions, ledger
from raccord.sync.deletions import CHUNK, Scope, passes_guard
from raccord.sync.differences import note_deletion, show_diff
from raccord.sync.going import Going


async def finish_walk(going: Going) -> None:
    """Settle what the walk has not met: deleted, or a person is asked; noted so that it is done once."""
    async with going.engine.database.begin() as tx:
        await ledger.hold(tx, going.run)
        scopes, proof = await _prove(tx, going)
        missing = await _list_missing(tx, going, scopes)
        is_within = await _is_within_guard(tx, going, missing)
        pending = [(scope.kind.name, name) for scope, names in missing for name in names] if not is_within else []
        findings: JsonObject = {
            "proof": proof,
            "drifts": dict(going.run.progress.drifts.most_common(50)),
            "pending_deletions": len(pending),
        }
        if going.is_dry:
            for scope, names in missing:
                for name in names:
                    note_deletion(going, scope.kind, name)
            going.counts["deleted"] = going.counts.get("deleted", 0) + sum(len(names) for _, names in missing)
            await ledger.save_page(tx, going.run, {"deleted": sum(len(names) for _, names in missing)}, None)
            findings["differences"] = [show_diff(diff) for diff in going.diffs]
        elif pending:
            await deletions.ask(tx, going.connection.id, going.run.id, going.run.walk, pending)
        await ledger.note_findings(tx, going.run.id, findings)
        if not going.is_dry and going.run.walk_mode == "full":
            await tx.fetch("UPDATE connections SET runs_since_full = 0 WHERE id = $1", going.connection.id)
    if going.is_dry:
        return
    if is_within:
        await _delete(going, missing)
    await _note_missing(going, scopes, "done" if is_within else "asking")


async def _prove(tx: Transaction, going: Going) -> tuple[list[Scope], list[JsonValue]]:
    """Sort out which kinds and parts were seen whole; what is not proven deletes nothing."""
    scopes: list[Scope] = []
    proof: list[JsonValue] = []
    kinds = {kind.name: kind for kind in going.kinds}
    parts: dict[tuple[str, bool], list[str]] = {}
    for end in going.run.progress.ends:
        name, part, total, is_complete, is_snapshot = end if isinstance(end, list) else [None] * 5
        reason = await _find_doubt(tx, going, str(name), str(part), total)
        reason = reason if is_complete else "incomplete"
        proof.append({"kind": name, "part": part, "is_proven": reason is None, "reason": reason})
        if reason is None:
            parts.setdefault((str(name), bool(is_snapshot)), []).append(str(part))
    for (name, is_snapshot), found in parts.items():
        if name in kinds:
            scopes.append(Scope(kinds[name], tuple(found), is_snapshot))
    return scopes, proof


async def _find_doubt(tx: Transaction, going: Going, kind: str, part: str, total: JsonValue) -> str | None:
    progress = going.run.progress
    if kind in progress.unsure:
        return progress.unsure[kind]
    met = await _count_met(tx, going, kind, None)
    if met == 0:
        return "nothing_met"
    if isinstance(total, int) and total != (met if part == "" else await _count_met(tx, going, kind, part)):
        return "total_differs"
    return None


async def _count_met(tx: Transaction, going: Going, kind: str, part: str | None) -> int:
    if going.is_dry:
        # A dry run writes no marks.
        return sum(name == kind and part in (None, own) for name, own in going.met.values())
    rows = await tx.fetch(
        "SELECT count(*) AS met FROM sync_records WHERE connection_id = $1 AND kind = $2 AND walk = $3 "
        "AND ($4::text IS NULL OR part = $4)",
        going.connection.id,
        kind,
        going.run.walk,
        part,
    )
    met: int = rows[0]["met"]
    return met


async def _list_missing(tx: Transaction, going: Going, scopes: Sequence[Scope]) -> list[tuple[Scope, list[str]]]:
    """List what each scope should hold and the walk did not meet; a dry run compares with what it remembers."""
    found: list[tuple[Scope, list[str]]] = []
    for scope in scopes:
        walk = going.run.walk if not going.is_dry else 2**62
        names = await deletions.list_missing(tx, going.connection.id, walk, scope)
        if going.is_dry:
            names = [name for name in names if hash((scope.kind.name, name)) not in going.met]
        if names:
            found.append((scope, names))
    return found


async def _is_within_guard(tx: Transaction, going: Going, missing: Sequence[tuple[Scope, list[str]]]) -> bool:
    by_kind: dict[str, int] = {}
    for scope, names in missing:
        by_kind[scope.kind.name] = by_kind.get(scope.kind.name, 0) + len(names)
    for kind, number in by_kind.items():
        if not passes_guard(number, await deletions.count_known(tx, going.connection.id, kind)):
            return False
    return True


async def _delete(going: Going, missing: Sequence[tuple[Scope, list[str]]]) -> None:
    for scope, names in missing:
        await delete_in_chunks(going, scope.kind, names)


async def delete_in_chunks(going: Going, kind: Kind, names: Sequence[str]) -> None:
    """Delete many, some hundreds in each transaction."""
    for start in range(0, len(names), CHUNK):
        async with going.engine.database.begin() as tx:
            await ledger.hold(tx, going.run)
            deleted = await deletions.delete_named(tx, going, kind, names[start : start + CHUNK])
            await ledger.save_page(tx, going.run, {"deleted": deleted}, None)
        going.count({"deleted": deleted})


async def _note_missing(going: Going, scopes: Sequence[Scope], settled: Literal["done", "asking"]) -> None:
    going.run.progress.settled = settled
    async with going.engine.database.begin() as tx:
        await ledger.hold(tx, going.run)
        for scope in scopes:
            await deletions.note_missing(tx, going.connection.id, going.run.walk, scope)
        await ledger.save_page(tx, going.run, {}, None)


def can_be_incremental(going: Going) -> bool:
    """Tell whether the adapter can walk from where the last walk ended."""
    checkpoint = going.connection.checkpoint
    has_place = checkpoint.get("cursor") is not None or checkpoint.get("since") is not None
    return Capability.INCREMENTAL in going.manifest.capabilities and has_place
