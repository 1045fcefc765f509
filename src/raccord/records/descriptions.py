"""How the routes of a kind are told in OpenAPI: names, parameters, bodies, answers, examples."""

from __future__ import annotations

from typing import Any

from raccord.access.projection import PURPOSES
from raccord.kernel import errors
from raccord.kernel.openapi import (
    Parameter,
    RouteDocs,
    describe_answer,
    describe_body,
    describe_parameters,
    describe_route,
    make_page_schema,
    ref,
)
from raccord.kernel.pages import DEFAULT_LIMIT, MAX_LIMIT
from raccord.kernel.refusals import RaccordError
from raccord.kernel.shapes import EXTERNAL_ID_PATTERN, Shape, make_patch_shape
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.records.kind import Kind, View
from raccord.records.search.descriptions import describe_facets, describe_hits

# What reading a body and changing a record by its version may each answer.
_WRITING: tuple[type[RaccordError], ...] = (
    errors.MalformedBodyError,
    errors.InvalidContentError,
    errors.UnsupportedMediaTypeError,
    errors.BodyTooLargeError,
)
_CHANGING: tuple[type[RaccordError], ...] = (
    errors.InvalidParameterError,
    errors.InvalidHeaderError,
    errors.NotFoundError,
    errors.GoneError,
    errors.VersionMismatchError,
    errors.PreconditionRequiredError,
)


_ID: Parameter = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Identifiant Raccord.",
    "schema": {"type": "string", "format": "uuid"},
}
_SOURCE: Parameter = {
    "name": "source",
    "in": "path",
    "required": True,
    "description": "Source de la fiche.",
    "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$"},
}
_EXTERNAL_ID: Parameter = {
    "name": "external_id",
    "in": "path",
    "required": True,
    "description": "Identifiant dans la source.",
    "schema": {"type": "string", "pattern": EXTERNAL_ID_PATTERN},
}
_LIMIT: Parameter = {
    "name": "limit",
    "in": "query",
    "description": "Nombre de fiches par page.",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
}
CURSOR: Parameter = {
    "name": "cursor",
    "in": "query",
    "description": "Curseur opaque reçu dans next_cursor ou Link.",
    "schema": {"type": "string", "maxLength": 1024},
}
_BEFORE: Parameter = {
    "name": "before_version",
    "in": "query",
    "description": "Continuer avant cette version.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}


def describe_header(name: str, text: str, *, is_required: bool = False, **schema: object) -> Parameter:
    """Describe a request header."""
    return {
        "name": name,
        "in": "header",
        "required": is_required,
        "description": text,
        "schema": {"type": "string", **schema},
    }


_ETAG: Parameter = {"pattern": r'^\*$|^(W/)?"[1-9][0-9]{0,8}(-[0-9a-f]{12})?"$', "examples": ['"1"']}
IF_MATCH = describe_header(
    "If-Match", "ETag de la version lue, ou `*` pour celle qui est là.", is_required=True, **_ETAG
)
_IF_MATCH_OPTIONAL = describe_header("If-Match", "N'écrire que sur cette version.", **_ETAG)
_IF_NONE_MATCH = describe_header("If-None-Match", "ETag déjà connu : 304 s'il est toujours celui-là.")
_CREATE_ONLY = describe_header("If-None-Match", "`*` : créer seulement.", pattern=r"^\*$")
IDEMPOTENCY_KEY = describe_header(
    "Idempotency-Key", "Clé unique de la demande, gardée 24 h.", is_required=True, pattern=r"^[\x21-\x7e]{1,128}$"
)
_PURPOSE = describe_header(
    "Raccord-Purpose",
    f"Finalité de l'appel, parmi celles de votre jeton : {', '.join(sorted(PURPOSES))}.",
    is_required=True,
    pattern="^[a-z_]{1,64}$",
    examples=["prescription"],
)
_ACTOR = describe_header(
    "Raccord-Actor", "Professionnel qui agit, sous votre propre référence.", pattern=r"^[\x21-\x7e]{1,128}$"
)


class KindDescriptions:
    """The descriptions of one kind's operations."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        record: JsonObject = {
            "id": "019a0000-0000-7000-8000-00000000000a",
            "source": "logiciel-demo",
            "external_id": "A-1024",
            "version": 1,
            "created_at": "2026-11-22T09:30:00.000000Z",
            "updated_at": "2026-11-22T09:30:00.000000Z",
            **kind.content.model_validate_json(dump_json(kind.example)).model_dump(mode="json"),
        }
        content: JsonObject = {name: record[name] for name in kind.content_fields}
        record |= kind.start_state(content, None) if kind.example_state is None else kind.example_state
        for named in kind.named_references:
            del record[named.name_field]
        self._example: JsonObject = {**record, "restrictions": []} if kind.is_personal else kind.trim(record)
        self._guards: tuple[type[RaccordError], ...] = (
            errors.InsufficientScopeError,
            errors.UnknownParameterError,
        )
        self._headers: list[Parameter] = []
        if kind.is_personal:
            self._guards += (
                errors.MissingHeaderError,
                errors.InvalidHeaderError,
                errors.PurposeNotAllowedError,
            )
            self._headers = [_PURPOSE, _ACTOR]

    def describe_list(self) -> RouteDocs:
        """Describe the list."""
        kind = self._kind
        page: JsonObject = {"data": [self._example], "next_cursor": None}
        answer = describe_answer("Une page.", kind.record, page, Link="Pages suivante et précédente (RFC 8288).")
        answer["content"]["application/json"]["schema"] = make_page_schema(ref(kind.record))
        return self._describe(
            f"list_{kind.name}",
            f"Lister : {kind.title}",
            "Par ordre de dernière écriture. Suivez next_cursor tant qu'il n'est pas null ; pour suivre les "
            "changements, lisez plutôt /v1/changes.",
            {200: answer},
            (errors.InvalidParameterError, errors.InvalidCursorError),
            parameters=[*describe_parameters(kind.filters), _LIMIT, CURSOR],
        )

    def describe_search(self) -> RouteDocs:
        """Describe the search."""
        kind = self._kind
        if kind.search is None:
            raise TypeError(f"{kind.name} is not searched")
        return self._describe(
            f"search_{kind.name}",
            f"Chercher : {kind.title}",
            "Par mots, lieu et filtres. Ce qui est écrit est trouvé en une seconde environ ; pour relire ce que vous "
            "venez d'écrire, lisez la fiche ou la liste.",
            {200: describe_hits(kind.record, self._example)},
            (errors.InvalidParameterError, errors.InvalidCursorError),
            parameters=[*describe_parameters(kind.search.parameters), describe_facets(kind.search), _LIMIT, CURSOR],
        )

    def describe_read(self) -> RouteDocs:
        """Describe the reading of one record."""
        return self._describe_reading(f"read_{self._kind.singular}", "Lire une fiche", [_ID])

    def describe_read_by_source(self) -> RouteDocs:
        """Describe the reading by source and external id."""
        name = f"read_{self._kind.singular}_by_source"
        return self._describe_reading(name, "Lire une fiche par sa source", [_SOURCE, _EXTERNAL_ID])

    def describe_create(self) -> RouteDocs:
        """Describe the creation."""
        kind = self._kind
        return self._describe(
            f"create_{kind.singular}",
            "Créer une fiche",
            "Raccord choisit external_id. Si votre outil a ses propres identifiants, préférez PUT …/by-source.",
            {201: self._answer("Fiche créée.", Location="Adresse de la fiche.")},
            (errors.IdempotencyInFlightError, errors.NaturalKeyTakenError, errors.IdempotencyKeyReusedError,
             errors.InvalidHeaderError, errors.MissingHeaderError, errors.NotFoundError, *_WRITING, *self._rights()),
            parameters=[IDEMPOTENCY_KEY],
            body=describe_body(kind.content, kind.example),
        )  # fmt: skip

    def describe_upsert(self) -> RouteDocs:
        """Describe the idempotent upsert."""
        kind = self._kind
        return self._describe(
            f"upsert_{kind.singular}",
            "Écrire la fiche de sa source",
            "Crée, met à jour, ou ne change rien si le contenu est le même. Sans danger à répéter.",
            {200: self._answer("Fiche à jour."), 201: self._answer("Fiche créée.", Location="Adresse de la fiche.")},
            (errors.SourceNotYoursError, errors.NaturalKeyTakenError, errors.ExternalIdTakenError,
             errors.VersionMismatchError, errors.InvalidParameterError, errors.InvalidHeaderError,
             errors.NotFoundError, *_WRITING, *self._rights()),
            parameters=[_SOURCE, _EXTERNAL_ID, _IF_MATCH_OPTIONAL, _CREATE_ONLY],
            body=describe_body(kind.content, kind.example),
        )  # fmt: skip

    def describe_patch(self) -> RouteDocs:
        """Describe the merge patch."""
        kind = self._kind
        first = next(iter(kind.example))
        patch, example = make_patch_shape(kind.content), {first: kind.example[first]}
        body = describe_body(patch, example, "application/merge-patch+json", "application/json")
        return self._describe(
            f"patch_{kind.singular}",
            "Changer des champs",
            "JSON Merge Patch (RFC 7396) : null retire un champ.",
            {200: self._answer("Fiche à jour.")},
            (errors.SourceNotYoursError, *_CHANGING, errors.NaturalKeyTakenError, *_WRITING, *self._rights()),
            parameters=[_ID, IF_MATCH],
            body=body,
        )

    def describe_delete(self) -> RouteDocs:
        """Describe the deletion."""
        return self._describe(
            f"delete_{self._kind.singular}",
            "Supprimer une fiche",
            "Il en reste une trace sans contenu (tombstone), annoncée dans /v1/changes.",
            {204: {"description": "Supprimée."}},
            (errors.SourceNotYoursError, *_CHANGING, *self._rights()),
            parameters=[_ID, IF_MATCH],
        )

    def describe_history(self) -> RouteDocs:
        """Describe the history."""
        instant = {"type": "string", "format": "date-time"}
        entry = {
            "type": "object",
            "required": ["version", "at", "document"],
            "properties": {"version": {"type": "integer"}, "at": instant, "document": {"type": "object"}},
        }
        example = {
            "data": [{"version": 1, "at": "2026-11-22T09:30:00.000000Z", "document": self._example}],
            "next_before_version": None,
        }
        answer = describe_answer("Versions, la dernière d'abord.", Shape, example)
        answer["content"]["application/json"]["schema"] = {
            "type": "object",
            "required": ["data", "next_before_version"],
            "properties": {
                "data": {"type": "array", "items": entry},
                "next_before_version": {"type": ["integer", "null"]},
            },
        }
        return self._describe(
            f"list_{self._kind.singular}_history",
            "Lire l'historique",
            "Chaque version, avec son document.",
            {200: answer},
            (errors.InvalidParameterError, errors.NotFoundError),
            parameters=[_ID, _LIMIT, _BEFORE],
        )

    def describe_view(self, view: View) -> RouteDocs:
        """Describe what is worked out of one record."""
        answer = describe_answer(view.summary + ".", view.answer, view.example, Content_Language="Langue du texte.")
        return self._describe(
            f"read_{self._kind.singular}_{view.name}",
            view.summary,
            view.description,
            {200: answer},
            (errors.InvalidParameterError, errors.NotFoundError),
            parameters=[_ID],
        )

    def describe_moves(self) -> RouteDocs:
        """Describe the list of moves."""
        if self._kind.workflow is None:
            raise TypeError(f"{self._kind.name} has no workflow")
        wanted = self._kind.workflow.example["transition"]
        example = next(move for move in self._kind.workflow.moves if move.name == wanted)
        move = {
            "transition": example.name,
            "to_state": example.to_state,
            "required": sorted(example.required),
            "optional": sorted(example.optional),
        }
        answer = describe_answer("Transitions possibles.", Shape, {"data": [move]})
        texts = {"type": "array", "items": {"type": "string"}}
        item = {
            "type": "object",
            "required": [*move],
            "properties": {
                "transition": {"type": "string"}, "to_state": {"type": "string"}, "required": texts, "optional": texts,
            },
        }  # fmt: skip
        answer["content"]["application/json"]["schema"] = {
            "type": "object",
            "required": ["data"],
            "properties": {"data": {"type": "array", "items": item}},
        }
        return self._describe(
            f"list_{self._kind.singular}_transitions",
            "Lister les transitions possibles",
            "Celles que vous pouvez faire, depuis l'état présent.",
            {200: answer},
            (errors.InvalidParameterError, errors.NotFoundError),
            parameters=[_ID],
        )

    def describe_move(self) -> RouteDocs:
        """Describe the transition."""
        if self._kind.workflow is None:
            raise TypeError(f"{self._kind.name} has no workflow")
        workflow = self._kind.workflow
        return self._describe(
            f"move_{self._kind.singular}",
            "Faire une transition",
            "L'état ne change que par là, quelle que soit la source de la fiche.",
            {200: self._answer("Fiche dans son nouvel état.")},
            (errors.IllegalTransitionError, errors.StateMirroredError, errors.TransitionNotYoursError,
             errors.StructureNotGrantedError, *_CHANGING, *_WRITING),
            parameters=[_ID, IF_MATCH],
            body=describe_body(workflow.request, workflow.example),
        )  # fmt: skip

    def _describe_reading(self, name: str, summary: str, parameters: list[Parameter]) -> RouteDocs:
        answer = self._answer("La fiche.")
        refusals = (errors.NotAcceptableError,) if self._kind.representations else ()
        for other in self._kind.representations:
            media = {"schema": {"type": "object", "description": other.description}, "example": other.example}
            answer["content"] = {**answer["content"], other.media_type: media}
        return self._describe(
            name,
            summary,
            "L'ETag sert à If-None-Match (304) et à If-Match.",
            {200: answer, 304: {"description": "Inchangée."}},
            (errors.InvalidParameterError, errors.NotFoundError, errors.GoneError, *refusals),
            parameters=[*parameters, _IF_NONE_MATCH],
        )

    def _describe(
        self,
        name: str,
        summary: str,
        description: str,
        answers: dict[int | str, dict[str, Any]],
        problems: tuple[type[RaccordError], ...],
        *,
        parameters: list[Parameter],
        body: dict[str, Any] | None = None,
    ) -> RouteDocs:
        return describe_route(
            name,
            summary,
            description,
            answers,
            dict.fromkeys((*self._guards, *problems)),
            parameters=[*parameters, *self._headers],
            body=body,
        )

    def _answer(self, description: str, **headers: str) -> dict[str, Any]:
        answer = describe_answer(description, self._kind.record, self._example, ETag="Version de la fiche.", **headers)
        return {**answer, "links": make_links(self._kind)}

    def _rights(self) -> tuple[type[RaccordError], ...]:
        return (errors.StructureNotGrantedError,) if self._kind.is_personal else ()


def make_links(kind: Kind) -> dict[str, Any]:
    """Tell what follows from a record just answered: where its id and its ETag go next."""
    known = {"id": "$response.body#/id"}
    if kind.is_personal:
        known["header.Raccord-Purpose"] = "$request.header.Raccord-Purpose"
    based = {**known, "header.If-Match": "$response.header.ETag"}
    links = {f"read_{kind.singular}": known, f"list_{kind.singular}_history": known}
    links |= {f"patch_{kind.singular}": based, f"delete_{kind.singular}": based}
    if kind.workflow is not None:
        links |= {f"list_{kind.singular}_transitions": known, f"move_{kind.singular}": based}
    return {name: {"operationId": name, "parameters": parameters} for name, parameters in links.items()}
