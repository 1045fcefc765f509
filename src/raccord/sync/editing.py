"""What is changed of a connection: a JSON Merge Patch, checked by the shape and by the adapter, whoever asks."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from raccord.adapters.contract import Manifest
from raccord.kernel.database import Transaction
from raccord.kernel.refusals import JsonValue
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import JsonObject, dump_json, merge_patch
from raccord.kernel.validation import validate_content
from raccord.sync import connections
from raccord.sync.connections import Connection
from raccord.sync.shapes import ConnectionEdit


def read_edit(found: Connection, patch: JsonValue) -> ConnectionEdit:
    """Read what the connection would be.

    Errors: InvalidContentError.
    """
    names = [name for name in ConnectionEdit.model_fields if name not in ("secrets", "state")]
    # Refused or broken, a connection that a person has looked at is tried again.
    state = "paused" if found.state == "paused" else "active"
    before: JsonObject = {**{name: getattr(found, name) for name in names}, "state": state}
    return validate_content(ConnectionEdit, dump_json(merge_patch(before, patch)))


async def save_edit(tx: Transaction, seals: Seals, manifest: Manifest, found: Connection, edit: ConnectionEdit) -> None:
    """Save it; secrets that are given replace all those before.

    Errors: InvalidContentError, ConflictError.
    """
    checked = connections.check_settings(manifest, cast("JsonObject", edit.settings))
    connections.check_direction(manifest.narrow_to(checked), edit.direction)
    fields = {name: getattr(edit, name) for name in ConnectionEdit.model_fields if name != "secrets"}
    checkpoint = edit.checkpoint.model_dump(mode="json")
    connections.check_cursor(manifest, checkpoint["cursor"])
    secrets = connections.check_secrets(manifest, {**edit.secrets}) if edit.secrets is not None else None
    changed = replace(found, **{**fields, "checkpoint": checkpoint, "settings": checked.model_dump(mode="json")})
    await connections.check_name(tx, changed)
    await connections.save_connection(tx, changed, seals, secrets)
