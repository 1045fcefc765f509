"""How the routes of imports are told in OpenAPI."""

from __future__ import annotations

from raccord.bulk.imports import OPEN_KINDS
from raccord.bulk.mapping import load_mappings
from raccord.bulk.shapes import IMPORT_EXAMPLE, REJECTION_EXAMPLE, ImportPage, ImportRejectionPage, ImportStatus
from raccord.kernel import errors
from raccord.kernel.openapi import Parameter, RouteDocs, describe_answer, describe_route
from raccord.kernel.pages import DEFAULT_LIMIT, MAX_LIMIT
from raccord.kernel.refusals import RaccordError
from raccord.records.descriptions import CURSOR, IDEMPOTENCY_KEY

_READING: tuple[type[RaccordError], ...] = (
    errors.InsufficientScopeError,
    errors.UnknownParameterError,
    errors.InvalidParameterError,
)
_ID: Parameter = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Identifiant de l'import.",
    "schema": {"type": "string", "format": "uuid"},
}
_PAGING: list[Parameter] = [
    {
        "name": "limit",
        "in": "query",
        "description": "Nombre d'éléments par page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
    CURSOR,
]
_NDJSON = '{"external_id":"A-1024","kind":"ACI","siret":"00010000800010","name":"Les Jardins du Raccord (démo)"}\n'
_CSV = "external_id,kind,siret,name,address.postal_code,address.city\nA-1024,ACI,00010000800010,Jardins,69001,Lyon\n"
_REJECTIONS_CSV = (
    "\ufeffline;external_id;code;pointer;message_fr;message_en\r\n"
    "12;A-1024;siret_checksum;/siret;La clé de contrôle du SIRET est fausse.;The SIRET's check digit is wrong.\r\n"
)


def describe_create() -> RouteDocs:
    """Describe the taking in of a file."""
    kind: Parameter = {
        "name": "kind",
        "in": "query",
        "required": True,
        "description": "Sorte de fiches.",
        "schema": {"type": "string", "enum": [*OPEN_KINDS]},
    }
    text = {"type": "string", "minLength": 1}
    pending = {**IMPORT_EXAMPLE, "state": "pending", "lines_read": 0, "created_count": 0, "unchanged_count": 0,
               "rejected_count": 0, "started_at": None, "finished_at": None}  # fmt: skip
    answer = describe_answer(
        "Fichier reçu ; il sera traité sous peu.", ImportStatus, pending, Location="Adresse de l'import.",
        Retry_After="Délai avant d'en lire l'avancement, en secondes.",
    )  # fmt: skip
    return describe_route(
        "create_import",
        "Importer un fichier",
        "NDJSON ou CSV (séparateur , ; ou tabulation) en UTF-8, compressé par gzip ou non, écrit sous votre source. "
        "Chaque ligne est écrite, inchangée, ou rejetée avec son motif ; renvoyer le même fichier est sans effet. "
        "En NDJSON, une ligne peut être une fiche telle que l'API la sert : sa source doit être la vôtre, et ce que "
        "Raccord établit lui-même (id, version, dates, état) est laissé de côté.",
        {202: answer},
        (
            *_READING, errors.MissingHeaderError, errors.InvalidHeaderError, errors.MalformedBodyError,
            errors.IdempotencyInFlightError, errors.IdempotencyKeyReusedError, errors.UnsupportedMediaTypeError,
            errors.BodyTooLargeError,
        ),
        parameters=[kind, _describe_mapping(), IDEMPOTENCY_KEY],
        body={
            "requestBody": {
                "required": True,
                "content": {
                    "application/x-ndjson": {"schema": text, "example": _NDJSON},
                    "text/csv": {"schema": text, "example": _CSV},
                },
            }
        },
    )  # fmt: skip


def _describe_mapping() -> Parameter:
    mappings = sorted({name for kind in OPEN_KINDS.values() for name in load_mappings(kind.name, kind.content)})
    return {
        "name": "mapping",
        "in": "query",
        "description": "Correspondance des colonnes. Sans elle : celle que les colonnes désignent, ou les noms de "
        "champs de Raccord (CSV : `address.city`), avec external_id.",
        "schema": {"type": "string", "enum": mappings},
    }


def describe_list() -> RouteDocs:
    """Describe the list of imports."""
    page = {"data": [IMPORT_EXAMPLE], "next_cursor": None}
    return describe_route(
        "list_imports",
        "Lister vos imports",
        "Les plus récents d'abord ; gardés 90 jours.",
        {200: describe_answer("Une page.", ImportPage, page, Link="Page suivante (RFC 8288).")},
        (*_READING, errors.InvalidCursorError),
        parameters=_PAGING,
    )


def describe_read() -> RouteDocs:
    """Describe the reading of one import."""
    return describe_route(
        "read_import",
        "Suivre un import",
        "Les compteurs avancent pendant le traitement ; `finished_at` en dit la fin.",
        {200: describe_answer("L'import.", ImportStatus, IMPORT_EXAMPLE)},
        (*_READING, errors.NotFoundError),
        parameters=[_ID],
    )


def describe_rejections() -> RouteDocs:
    """Describe the list of rejections."""
    page = {"data": [REJECTION_EXAMPLE], "next_cursor": None}
    answer = describe_answer("Les motifs, par page ; en CSV, tous.", ImportRejectionPage, page, Link="Page suivante.")
    answer["content"]["text/csv"] = {"schema": {"type": "string"}, "example": _REJECTIONS_CSV}
    return describe_route(
        "list_import_rejections",
        "Lire les lignes rejetées",
        "Un motif par champ en cause, dans l'ordre du fichier. "
        "`Accept: text/csv` donne le tout en un fichier, pour un tableur (UTF-8 avec BOM, point-virgule).",
        {200: answer},
        (*_READING, errors.InvalidCursorError, errors.NotFoundError),
        parameters=[_ID, *_PAGING],
    )
