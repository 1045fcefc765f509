"""From an item as received to the content that is written: the adapter's translation, then the policy on drift."""

from __future__ import annotations

import re
from functools import partial

from raccord.adapters.contract import Broken, Drift, Item, RecordRefused, Translation
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json, read_object
from raccord.kernel.text import Text
from raccord.records.kind import Kind
from raccord.records.store import Put
from raccord.sync.going import Going

_PLACE = re.compile(r"/[0-9]+(?=/|$)")


def make_put(going: Going, kind: Kind, item: Item) -> Put:
    """Make what the write door takes: known by its raw bytes, translated only if these are new."""
    fingerprint = going.salt + dump_json(item.raw)
    return Put(item.external_id, partial(make_body, going, kind, item), fingerprint=fingerprint)


def make_body(going: Going, kind: Kind, item: Item) -> bytes:
    """Translate the item.

    Errors: InvalidContentError for a record refused by the adapter or set aside for its drift; Broken under `freeze`.
    """
    return dump_json(translate(going, kind, item))


def translate(going: Going, kind: Kind, item: Item) -> JsonObject:
    """Translate the item to its content."""
    try:
        translation = going.adapter.translate(item)
    except RecordRefused as refusal:
        error = FieldError("pointer", refusal.pointer or "", refusal.code, refusal.message)
        raise InvalidContentError(refusal.message, [error]) from None
    if not translation.drifts:
        return translation.content
    for drift in translation.drifts:
        going.run.progress.drifts[f"{drift.sort} {_PLACE.sub('/*', drift.pointer)}"] += 1
    return _apply_policy(going, kind, translation)


def _apply_policy(going: Going, kind: Kind, translation: Translation) -> JsonObject:
    policy = going.connection.drift_policy
    if policy == "freeze":
        place = translation.drifts[0].pointer
        raise Broken(Text(f"Dérive du schéma : {place}.", f"Schema drift: {place}."))
    if policy == "quarantine":
        raise InvalidContentError(errors=[_describe(drift) for drift in translation.drifts])
    # Of a person, nothing is kept that nobody has looked at.
    if policy == "drop" or kind.is_personal or "extensions" not in kind.content_fields:
        return translation.content
    kept: dict[str, JsonValue] = {drift.pointer: drift.value for drift in translation.drifts}
    extensions = read_object(translation.content, "extensions")
    source = going.connection.source
    return {**translation.content, "extensions": {**extensions, source: {**read_object(extensions, source), **kept}}}


def _describe(drift: Drift) -> FieldError:
    return FieldError("pointer", drift.pointer, f"drift_{drift.sort}", _QUARANTINED)


_QUARANTINED = Text(
    "Inconnu de l'adaptateur, et mis de côté selon votre choix.",
    "Not known to the adapter, and set aside as you chose.",
)
