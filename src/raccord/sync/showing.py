"""How connections, runs and what was set aside are shown: as JSON, in the reader's language, without a secret."""

from __future__ import annotations

from datetime import datetime

from raccord.adapters.contract import Manifest
from raccord.kernel.clock import read_now
from raccord.kernel.database import Row
from raccord.kernel.refusals import JsonValue
from raccord.kernel.seals import SealBrokenError, Seals
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject, dump_json, parse_json, parse_object
from raccord.kernel.text import Language, Text
from raccord.records.rows import write_instant
from raccord.sync.connections import Connection, open_secrets
from raccord.sync.ledger import COUNTED
from raccord.sync.rejections import find_remedy


def show_connection(seals: Seals, connection: Connection) -> JsonObject:
    """Show a connection: of its secrets, the names."""
    try:
        names = sorted(name for name, value in open_secrets(seals, connection).items() if value is not None)
    except SealBrokenError:
        names = []
    instants = ("next_run_at", "created_at", "updated_at")
    plain = ("name", "adapter", "source", "direction", "settings", "schedule", "drift_policy", "look_back_s",
             "reconcile_every", "state", "checkpoint", "version")  # fmt: skip
    return {
        "id": str(connection.id),
        **{name: getattr(connection, name) for name in plain},
        "secret_names": [*names],
        **{name: _write(getattr(connection, name)) for name in instants},
    }


def show_run(row: Row, language: Language) -> JsonObject:
    """Show a run."""
    progress = parse_object(row["progress"].encode())
    findings = parse_object(row["findings"].encode()) if row["findings"] else {}
    failure: JsonValue = None
    if row["failure_code"] is not None:
        message = Text(row["failure_fr"], row["failure_en"]).in_language(language)
        failure = {"code": row["failure_code"], "message": message}
    before = parse_object(row["checkpoint_before"].encode()) if row["checkpoint_before"] else None
    return {
        "id": str(row["id"]),
        "connection_id": str(row["connection_id"]),
        **{name: row[name] for name in ("mode", "walk_mode", "state", "total")},
        **{f"{name}_count": row[f"{name}_count"] for name in COUNTED},
        "seen_per_s": measure_rate(row),
        "checkpoint_before": before,
        "cursor": progress.get("cursor"),
        "proof": findings.get("proof", []),
        "drifts": findings.get("drifts", {}),
        "pending_deletions_count": findings.get("pending_deletions", 0) if row["state"] == "asking" else 0,
        "differences": findings.get("differences", []),
        "failure": failure,
        **{name: _write(row[name]) for name in ("created_at", "started_at", "resume_at", "finished_at")},
    }


def measure_rate(row: Row) -> float:
    """Measure how many records a run has seen in a second."""
    if row["started_at"] is None:
        return 0.0
    seconds = ((row["finished_at"] or read_now()) - row["started_at"]).total_seconds()
    rate: float = round(row["seen_count"] / max(seconds, 0.001), 1)
    return rate


def show_rejection(row: Row, language: Language) -> JsonObject:
    """Show what was set aside, and what to do."""
    return {
        "id": str(row["id"]),
        "run_id": str(row["run_id"]),
        **{name: row[name] for name in ("kind", "external_id", "code", "pointer")},
        "message": Text(row["message_fr"], row["message_en"]).in_language(language),
        "remedy": find_remedy(row["code"]).in_language(language),
        "is_replayable": row["is_replayable"],
        **{name: _write(row[name]) for name in ("created_at", "seen_at")},
    }


def show_adapter(manifest: Manifest, language: Language) -> JsonObject:
    """Show an adapter, with the shapes of what it asks for."""
    return {
        "name": manifest.name,
        "title": manifest.title.in_language(language),
        "description": manifest.description.in_language(language),
        "reads": [*manifest.reads],
        "writes": [*manifest.writes],
        "capabilities": [*sorted(manifest.capabilities)],
        "auth": [*manifest.auth],
        "tier": manifest.tier,
        **{f"{name}_schema": _write_schema(getattr(manifest, name)) for name in ("settings", "secrets", "cursor")},
    }


def _write_schema(shape: type[Shape]) -> JsonValue:
    return parse_json(dump_json(shape.model_json_schema()))


def _write(instant: object) -> JsonValue:

    return write_instant(instant) if isinstance(instant, datetime) else None
