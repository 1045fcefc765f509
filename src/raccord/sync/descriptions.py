"""How the routes of connections are told in OpenAPI."""

from __future__ import annotations

from raccord.kernel import errors
from raccord.kernel.openapi import Document, Parameter, RouteDocs, describe_answer, describe_body, describe_route
from raccord.kernel.pages import DEFAULT_LIMIT, MAX_LIMIT
from raccord.kernel.refusals import RaccordError
from raccord.kernel.shapes import make_patch_shape
from raccord.kernel.strict_json import JsonObject
from raccord.records.descriptions import CURSOR, IDEMPOTENCY_KEY, IF_MATCH
from raccord.sync.shapes import (
    AdapterPage,
    ConnectionEdit,
    ConnectionInput,
    ConnectionPage,
    ConnectionStatus,
    DeletionDecision,
    MessageReceipt,
    ReplayOrder,
    RunOrder,
    RunPage,
    RunStatus,
    SetAsidePage,
)

_READING: tuple[type[RaccordError], ...] = (
    errors.InsufficientScopeError,
    errors.UnknownParameterError,
    errors.InvalidParameterError,
)
_WRITING: tuple[type[RaccordError], ...] = (
    *_READING,
    errors.MalformedBodyError,
    errors.InvalidContentError,
    errors.UnsupportedMediaTypeError,
    errors.BodyTooLargeError,
    errors.ConflictError,
)
_KEYED = (
    errors.MissingHeaderError,
    errors.InvalidHeaderError,
    errors.IdempotencyInFlightError,
    errors.IdempotencyKeyReusedError,
)
_MATCHED = (errors.InvalidHeaderError, errors.VersionMismatchError, errors.PreconditionRequiredError)
_EXAMPLE_ID = "019a0000-0000-7000-8000-0000000000f1"
_MESSAGE_ID = "019a0000-0000-7000-8000-0000000000f4"
_RUN_ID = "019a0000-0000-7000-8000-0000000000f2"


def _name_id(name: str, description: str, example: str | None = None) -> Parameter:
    named: Parameter = {"name": name, "in": "path", "required": True, "description": description,
                        "schema": {"type": "string", "format": "uuid"}}  # fmt: skip
    return named if example is None else {**named, "example": example}


_ID = _name_id("id", "Identifiant de la connexion.")
_RUN = _name_id("run_id", "Identifiant de la synchronisation.", _RUN_ID)
_REJECTION = _name_id("rejection_id", "Identifiant du rejet.", "019a0000-0000-7000-8000-0000000000f3")
_PAGING: list[Parameter] = [
    {
        "name": "limit",
        "in": "query",
        "description": "Nombre d'éléments par page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
    CURSOR,
]
CONNECTION: JsonObject = {
    "id": _EXAMPLE_ID,
    "name": "Annuaire du département",
    "adapter": "rest",
    "source": "logiciel-demo",
    "direction": "pull",
    "settings": {},
    "secret_names": ["token"],
    "schedule": "15 3 * * *",
    "drift_policy": "accept",
    "look_back_s": 600,
    "reconcile_every": 24,
    "state": "active",
    "checkpoint": {"cursor": None, "since": "2026-11-24T03:15:00.000000Z"},
    "next_run_at": "2026-11-26T03:15:00.000000Z",
    "version": 1,
    "created_at": "2026-11-22T09:30:00.000000Z",
    "updated_at": "2026-11-22T09:30:00.000000Z",
}
ORDER: JsonObject = {
    "name": "Annuaire du département",
    "adapter": "rest",
    "settings": {},
    "secrets": {},
    "schedule": "15 3 * * *",
}
RUN: JsonObject = {
    "id": _RUN_ID,
    "connection_id": _EXAMPLE_ID,
    "mode": "incremental",
    "walk_mode": "incremental",
    "state": "completed",
    "total": 1200,
    "seen_count": 1200,
    "created_count": 3,
    "updated_count": 12,
    "unchanged_count": 1184,
    "rejected_count": 1,
    "deleted_count": 0,
    "pushed_count": 0,
    "seen_per_s": 812.4,
    "checkpoint_before": {"cursor": None, "since": "2026-11-24T03:15:00.000000Z"},
    "cursor": None,
    "proof": [{"kind": "structures", "part": "", "is_proven": True, "reason": None}],
    "drifts": {"new_field /couleur": 12},
    "pending_deletions_count": 0,
    "differences": [],
    "failure": None,
    "created_at": "2026-11-25T03:15:00.000000Z",
    "started_at": "2026-11-25T03:15:01.000000Z",
    "resume_at": None,
    "finished_at": "2026-11-25T03:15:03.000000Z",
}
REJECTION: JsonObject = {
    "id": "019a0000-0000-7000-8000-0000000000f3",
    "run_id": _RUN_ID,
    "kind": "structures",
    "external_id": "A-1024",
    "code": "siret_checksum",
    "pointer": "/siret",
    "message": "La clé de contrôle du SIRET est fausse.",
    "remedy": "Corrigez ce champ dans l'outil ; la prochaine synchronisation le reprendra.",
    "is_replayable": True,
    "created_at": "2026-11-25T03:15:02.000000Z",
    "seen_at": "2026-11-25T03:15:02.000000Z",
}
_ADAPTER: JsonObject = {
    "name": "rest",
    "title": "API REST",
    "description": "L'API ordinaire d'un éditeur, décrite dans un fichier.",
    "reads": ["structures"],
    "writes": [],
    "capabilities": ["incremental", "pull"],
    "auth": ["bearer"],
    "tier": "silver",
    "settings_schema": {"type": "object"},
    "secrets_schema": {"type": "object"},
    "cursor_schema": {"type": "object"},
}
_CSV = "\ufeffkind;external_id;code;pointer;message_fr;message_en;remedy_fr;remedy_en;seen_at\r\n"


def _page(item: JsonObject) -> JsonObject:
    return {"data": [item], "next_cursor": None}


def describe_adapters() -> RouteDocs:
    """Describe the list of adapters."""
    return describe_route(
        "list_adapters", "Lister les adaptateurs", "Ce qui peut être relié, et la forme de ce qu'il faut donner.",
        {200: describe_answer("Les adaptateurs.", AdapterPage, _page(_ADAPTER))}, _READING, parameters=[],
    )  # fmt: skip


def describe_create() -> RouteDocs:
    """Describe the making of a connection."""
    answer = describe_answer("Connexion créée.", ConnectionStatus, CONNECTION, Location="Son adresse.", ETag="Version.")
    return describe_route(
        "create_connection", "Relier un outil",
        "Les fiches lues appartiendront à votre source. Rien ne part avant l'heure prévue, ou une demande.",
        {201: answer}, (*_WRITING, *_KEYED), parameters=[IDEMPOTENCY_KEY], body=describe_body(ConnectionInput, ORDER),
    )  # fmt: skip


def describe_list() -> RouteDocs:
    """Describe the list of connections."""
    return describe_route(
        "list_connections", "Lister vos connexions", "Dans l'ordre de leur création.",
        {200: describe_answer("Une page.", ConnectionPage, _page(CONNECTION), Link="Page suivante (RFC 8288).")},
        (*_READING, errors.InvalidCursorError), parameters=_PAGING,
    )  # fmt: skip


def describe_read() -> RouteDocs:
    """Describe the reading of a connection."""
    return describe_route(
        "read_connection", "Lire une connexion", "Ses secrets ne sont jamais montrés, seulement leurs noms.",
        {200: describe_answer("La connexion.", ConnectionStatus, CONNECTION, ETag="Version.")},
        (*_READING, errors.NotFoundError), parameters=[_ID],
    )  # fmt: skip


def describe_patch() -> RouteDocs:
    """Describe the changing of a connection."""
    return describe_route(
        "patch_connection", "Changer une connexion",
        "JSON Merge Patch. `secrets` remplace tous les secrets ; `checkpoint` change le point de reprise.",
        {200: describe_answer("La connexion.", ConnectionStatus, CONNECTION, ETag="Version.")},
        (*_WRITING, *_MATCHED, errors.NotFoundError), parameters=[_ID, IF_MATCH],
        body=describe_body(make_patch_shape(ConnectionEdit), {"state": "paused"}, "application/merge-patch+json"),
    )  # fmt: skip


def describe_delete() -> RouteDocs:
    """Describe the forgetting of a connection."""
    gone: Document = {"description": "Oubliée, avec ses secrets et ce qui était mis de côté ; ses fiches restent."}
    return describe_route(
        "delete_connection", "Oublier une connexion", "Les fiches qu'elle a écrites restent.",
        {204: gone}, (*_READING, *_MATCHED, errors.NotFoundError), parameters=[_ID, IF_MATCH],
    )  # fmt: skip


def describe_start() -> RouteDocs:
    """Describe the starting of a run."""
    pending = {**RUN, "state": "pending", "started_at": None, "finished_at": None}
    answer = describe_answer(
        "Demandée.", RunStatus, pending, Location="Son adresse.", Retry_After="Délai, en secondes."
    )
    return describe_route(
        "start_run", "Synchroniser", "Une à la fois par connexion ; `dry_run` dit ce qui changerait, et ne garde rien.",
        {202: answer}, (*_WRITING, *_KEYED, errors.NotFoundError, errors.RunUnderWayError),
        parameters=[_ID, IDEMPOTENCY_KEY], body=describe_body(RunOrder, {"mode": "incremental"}),
    )  # fmt: skip


def describe_runs() -> RouteDocs:
    """Describe the list of runs."""
    return describe_route(
        "list_runs", "Lister les synchronisations", "Les plus récentes d'abord ; gardées 90 jours.",
        {200: describe_answer("Une page.", RunPage, _page(RUN), Link="Page suivante (RFC 8288).")},
        (*_READING, errors.InvalidCursorError, errors.NotFoundError), parameters=[_ID, *_PAGING],
    )  # fmt: skip


def describe_run() -> RouteDocs:
    """Describe the reading of a run."""
    return describe_route(
        "read_run", "Suivre une synchronisation", "Les compteurs avancent page par page ; `finished_at` en dit la fin.",
        {200: describe_answer("La synchronisation.", RunStatus, RUN)}, (*_READING, errors.NotFoundError),
        parameters=[_ID, _RUN],
    )  # fmt: skip


def describe_decision() -> RouteDocs:
    """Describe the decision on deletions."""
    return describe_route(
        "decide_deletions", "Décider des suppressions",
        "Au-delà de 50 fiches et de 5 %, ou de la moitié, rien n'est supprimé sans vous.",
        {202: describe_answer("Prise en compte.", RunStatus, RUN)}, (*_WRITING, errors.NotFoundError),
        parameters=[_ID, _RUN], body=describe_body(DeletionDecision, {"decision": "keep"}),
    )  # fmt: skip


def describe_rejections() -> RouteDocs:
    """Describe the list of what was set aside."""
    answer = describe_answer("Une page ; en CSV, tout.", SetAsidePage, _page(REJECTION), Link="Page suivante.")
    answer["content"]["text/csv"] = {"schema": {"type": "string"}, "example": _CSV}
    return describe_route(
        "list_rejections", "Lire ce qui est mis de côté",
        "Une entrée par fiche, jusqu'à ce qu'elle passe. "
        "`Accept: text/csv` donne le tout en un fichier, pour un tableur (UTF-8 avec BOM, point-virgule).",
        {200: answer}, (*_READING, errors.InvalidCursorError, errors.NotFoundError), parameters=[_ID, *_PAGING],
    )  # fmt: skip


def describe_message() -> RouteDocs:
    """Describe the sending of a message by a tool."""
    example: JsonObject = {"event": "structure.updated", "data": {"id": "A-1024", "nom": "Les Jardins"}}
    schema: Document = {
        "type": "object",
        "additionalProperties": True,
        "description": "Ce que l'outil envoie, de la forme que les réglages de la connexion décrivent.",
    }
    refusals = (
        errors.InvalidParameterError, errors.MalformedBodyError, errors.ProofRefusedError, errors.NotFoundError,
        errors.BodyTooLargeError, errors.UnsupportedMediaTypeError, errors.InvalidContentError,
        errors.TooManyMessagesError,
    )  # fmt: skip
    answer = describe_answer("Reçu ; écrit dans les secondes qui suivent.", MessageReceipt, {"id": _MESSAGE_ID})
    return describe_route(
        "send_message", "Recevoir un message d'un outil",
        "L'adresse à donner à l'outil pour ses webhooks. Sans jeton : l'adaptateur vérifie la signature de l'outil. "
        "Ce qui est écrit se suit parmi les synchronisations (`mode` = `receive`). Une connexion inconnue, en pause, "
        "en sens push ou qui n'attend pas de message se répond de même (404).",
        {202: answer}, refusals, parameters=[_ID], has_token=False,
        body={"requestBody": {"required": True, "content": {"application/json": {"schema": schema,
                                                                                "example": example}}}},
    )  # fmt: skip


def describe_replay(*, is_one: bool) -> RouteDocs:
    """Describe the replaying of what was set aside."""
    body = None if is_one else describe_body(ReplayOrder, {"ids": [REJECTION["id"]]}, is_required=False)
    return describe_route(
        "replay_rejection" if is_one else "replay_rejections",
        "Rejouer une fiche mise de côté" if is_one else "Rejouer ce qui est mis de côté, tout ou une partie",
        "De ce qui a été reçu et gardé scellé ; l'outil n'est pas appelé.",
        {202: describe_answer("Demandé.", RunStatus, {**RUN, "mode": "replay"}, Location="Son adresse.")},
        (*(_READING if is_one else _WRITING), errors.NotFoundError, errors.RunUnderWayError),
        parameters=[_ID, _REJECTION] if is_one else [_ID],
        body=body,
    )  # fmt: skip
