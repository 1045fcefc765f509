"""Every error that the API answers, as one tree. A new way to refuse is a class here, never a bare status.

RaccordError
├── BadRequestError 400      MalformedBodyError · UnknownParameterError · InvalidParameterError · InvalidCursorError
│                            MissingHeaderError · InvalidHeaderError
├── UnauthenticatedError 401 ProofRefusedError
├── ForbiddenError 403       InsufficientScopeError · PurposeNotAllowedError · SourceNotYoursError
│                            StructureNotGrantedError · TransitionNotYoursError
├── NotFoundError 404 · MethodNotAllowedError 405 · NotAcceptableError 406
├── ConflictError 409        NaturalKeyTakenError · IllegalTransitionError · StateMirroredError
│                            IdempotencyInFlightError · ExternalIdTakenError · RunUnderWayError
├── GoneError 410            CursorExpiredError
├── VersionMismatchError 412 · BodyTooLargeError 413 · UriTooLongError 414 · UnsupportedMediaTypeError 415
├── InvalidContentError 422  IdempotencyKeyReusedError
├── PreconditionRequiredError 428 · TooManyRequestsError 429 (TooManyMessagesError)
└── InternalError 500 · UnavailableError 503

What they have in common is in refusals.py. Each class carries its stable code, its title and its way out in both
languages: docs/errors.md and the pages under /problems/ are made from them.
"""

from __future__ import annotations

from raccord.kernel.refusals import RaccordError
from raccord.kernel.text import Text


class BadRequestError(RaccordError):
    """The request cannot be understood."""

    status = 400
    code = "bad_request"
    title = Text("Requête invalide", "Invalid request")
    remedy = Text("Corrigez la requête d'après la documentation.", "Correct the request; see the documentation.")


class MalformedBodyError(BadRequestError):
    """The body is not the JSON, NDJSON or CSV that it claims to be."""

    code = "malformed_body"
    title = Text("Corps de requête illisible", "Unreadable request body")
    remedy = Text(
        "Envoyez du JSON en UTF-8, sans clé répétée ni imbrication excessive.",
        "Send JSON in UTF-8, with no repeated key and no excessive nesting.",
    )


class UnknownParameterError(BadRequestError):
    """A query parameter is unknown or given twice."""

    code = "unknown_parameter"
    title = Text("Paramètre inconnu ou répété", "Unknown or repeated parameter")
    remedy = Text("Retirez-le : aucun n'est ignoré en silence.", "Remove it: none is ignored in silence.")


class InvalidParameterError(BadRequestError):
    """A query or path parameter has a value that it cannot take."""

    code = "invalid_parameter"
    title = Text("Paramètre invalide", "Invalid parameter")


class InvalidCursorError(BadRequestError):
    """A cursor was not given out by this API, or for another question."""

    code = "invalid_cursor"
    title = Text("Curseur invalide", "Invalid cursor")
    remedy = Text(
        "Reprenez sans curseur, avec les mêmes filtres, et suivez next_cursor.",
        "Start again without a cursor, with the same filters, and follow next_cursor.",
    )


class MissingHeaderError(BadRequestError):
    """A header that the operation needs is absent."""

    code = "missing_header"
    title = Text("En-tête manquant", "Missing header")
    remedy = Text("Ajoutez l'en-tête nommé.", "Add the header named.")


class InvalidHeaderError(BadRequestError):
    """A header has a value that it cannot take."""

    code = "invalid_header"
    title = Text("En-tête invalide", "Invalid header")
    remedy = Text("Corrigez l'en-tête nommé.", "Correct the header named.")


class UnauthenticatedError(RaccordError):
    """No live access token came with the request."""

    status = 401
    code = "unauthenticated"
    title = Text("Jeton d'accès absent, expiré ou révoqué", "Access token absent, expired or revoked")
    remedy = Text("Demandez un jeton à /oauth/token et renvoyez-le.", "Get a token from /oauth/token and send it.")


class ProofRefusedError(UnauthenticatedError):
    """The message does not prove that it comes from the connection's tool."""

    code = "proof_refused"
    title = Text("Signature du message refusée", "Signature of the message refused")
    remedy = Text("Vérifiez le secret et l'horloge de l'outil.", "Check the tool's secret and its clock.")


class ForbiddenError(RaccordError):
    """The caller is known and may not do this."""

    status = 403
    code = "forbidden"
    title = Text("Action non autorisée", "Action not allowed")
    remedy = Text("Voyez vos droits sous /v1/me.", "See your rights at /v1/me.")


class InsufficientScopeError(ForbiddenError):
    """The token lacks the scope of the operation."""

    code = "insufficient_scope"
    title = Text("Portée (scope) insuffisante", "Insufficient scope")
    remedy = Text(
        "Demandez un jeton portant la portée nommée, si elle vous est ouverte.",
        "Get a token with the scope named, if it is open to you.",
    )


class PurposeNotAllowedError(ForbiddenError):
    """The purpose stated is not one of the token's, or sees nothing of this kind."""

    code = "purpose_not_allowed"
    title = Text("Finalité non autorisée", "Purpose not allowed")
    remedy = Text("Indiquez une des finalités listées sous /v1/me.", "State one of the purposes listed at /v1/me.")


class SourceNotYoursError(ForbiddenError):
    """The record belongs to another source: nobody erases somebody else's assertion."""

    code = "source_not_yours"
    title = Text("Fiche d'une autre source", "Record of another source")
    remedy = Text("Écrivez sous votre source, indiquée par /v1/me.", "Write under your source, shown at /v1/me.")


class StructureNotGrantedError(ForbiddenError):
    """The structure has not authorised the client for this."""

    code = "structure_not_granted"
    title = Text("Structure non habilitante", "Structure not granted")
    remedy = Text(
        "Faites autoriser votre logiciel par la structure nommée.",
        "Have the structure named authorise your software.",
    )


class TransitionNotYoursError(ForbiddenError):
    """The move is legal, and belongs to somebody else."""

    code = "transition_not_yours"
    title = Text("Transition réservée à un autre acteur", "Transition reserved to another party")
    remedy = Text("Laissez agir l'acteur nommé.", "Leave it to the party named.")


class NotFoundError(RaccordError):
    """Nothing there that the caller may see."""

    status = 404
    code = "not_found"
    title = Text("Introuvable", "Not found")
    remedy = Text(
        "Vérifiez l'identifiant et vos droits : l'absence et le refus se répondent de même.",
        "Check the id and your rights: absence and refusal are answered alike.",
    )


class MethodNotAllowedError(RaccordError):
    """The address exists and does not take the method."""

    status = 405
    code = "method_not_allowed"
    title = Text("Méthode non permise", "Method not allowed")
    remedy = Text("Voyez l'en-tête Allow.", "See the Allow header.")


class NotAcceptableError(RaccordError):
    """The record does not exist in the form that was asked for."""

    status = 406
    code = "not_acceptable"
    title = Text("Forme demandée indisponible", "Form not available")
    remedy = Text("Demandez application/json.", "Ask for application/json.")


class ConflictError(RaccordError):
    """The request is sound and clashes with what is stored."""

    status = 409
    code = "conflict"
    title = Text("Conflit avec l'état enregistré", "Conflict with the stored state")
    remedy = Text("Relisez la fiche, puis décidez.", "Read the record again, then decide.")


class NaturalKeyTakenError(ConflictError):
    """Another record of the same source holds the natural key."""

    code = "natural_key_taken"
    title = Text("Clé naturelle déjà prise", "Natural key already taken")
    remedy = Text(
        "Mettez à jour la fiche qui la porte, ou supprimez-la d'abord.",
        "Update the record that holds it, or delete that one first.",
    )


class ExternalIdTakenError(ConflictError):
    """A record with this source and external id exists already."""

    code = "external_id_taken"
    title = Text("Identifiant externe déjà utilisé", "External id already used")
    remedy = Text(
        "Pour la mettre à jour, utilisez PUT …/by-source/{source}/{external_id}.",
        "To update it, use PUT …/by-source/{source}/{external_id}.",
    )


class IllegalTransitionError(ConflictError):
    """The state does not allow the move."""

    code = "transition_illegal"
    title = Text("Transition impossible depuis cet état", "Transition not legal from this state")
    remedy = Text("Choisissez parmi legal_transitions.", "Choose among legal_transitions.")


class StateMirroredError(ConflictError):
    """Another system decides the state; Raccord only mirrors it."""

    code = "state_authority_external"
    title = Text("L'état est décidé par un autre système", "The state is decided by another system")
    remedy = Text("Agissez dans le système d'origine.", "Act in the system of origin.")


class IdempotencyInFlightError(ConflictError):
    """The first request with this key has not ended."""

    code = "idempotency_in_flight"
    title = Text("Requête identique en cours", "The same request is in flight")
    remedy = Text("Réessayez après Retry-After.", "Try again after Retry-After.")


class RunUnderWayError(ConflictError):
    """The connection has a run that has not ended: run_id and run_url name it."""

    code = "run_under_way"
    title = Text("Une synchronisation est déjà en cours", "A run is under way already")
    remedy = Text(
        "Elle s'achève d'elle-même : relisez-la à run_url jusqu'à finished_at, puis redemandez.",
        "It ends by itself: read it at run_url until finished_at is set, then ask again.",
    )


class GoneError(RaccordError):
    """The record was deleted; a tombstone says since when and why."""

    status = 410
    code = "gone"
    title = Text("Fiche supprimée", "Record deleted")
    remedy = Text("Retirez votre copie.", "Remove your copy.")


class CursorExpiredError(GoneError):
    """The feed no longer holds what follows the cursor."""

    code = "cursor_expired"
    title = Text("Curseur trop ancien", "Cursor too old")
    remedy = Text(
        "Relisez les listes, puis reprenez le flux depuis resume_cursor.",
        "Read the lists again, then resume the feed from resume_cursor.",
    )


class VersionMismatchError(RaccordError):
    """The record has moved since the caller read it."""

    status = 412
    code = "version_mismatch"
    title = Text("La fiche a changé", "The record has changed")
    remedy = Text(
        "Relisez la fiche et refaites la demande avec son nouvel ETag.",
        "Read the record and repeat with its new ETag.",
    )


class BodyTooLargeError(RaccordError):
    """The body passes the limit of the operation."""

    status = 413
    code = "body_too_large"
    title = Text("Corps de requête trop volumineux", "Request body too large")
    remedy = Text("Découpez l'envoi sous la limite indiquée.", "Split it below the limit given.")


class UriTooLongError(RaccordError):
    """The address passes the limit."""

    status = 414
    code = "uri_too_long"
    title = Text("Adresse trop longue", "Address too long")
    remedy = Text("Réduisez le nombre de valeurs filtrées.", "Filter on fewer values.")


class UnsupportedMediaTypeError(RaccordError):
    """The body is of a type that the operation does not read."""

    status = 415
    code = "unsupported_media_type"
    title = Text("Type de contenu non pris en charge", "Unsupported media type")
    remedy = Text("Envoyez un des types listés par la documentation.", "Send one of the types in the documentation.")


class InvalidContentError(RaccordError):
    """The body is readable, and breaks the shape or a rule on one field."""

    status = 422
    code = "invalid_content"
    title = Text("Contenu invalide", "Invalid content")
    remedy = Text("Corrigez chaque champ listé dans errors.", "Correct each field listed in errors.")


class IdempotencyKeyReusedError(InvalidContentError):
    """The key came before with another body."""

    code = "idempotency_key_reused"
    title = Text("Clé d'idempotence déjà utilisée", "Idempotency key already used")
    remedy = Text("Prenez une nouvelle clé pour une nouvelle demande.", "Use a new key for a new request.")


class PreconditionRequiredError(RaccordError):
    """A change was asked without saying which version it is based on."""

    status = 428
    code = "precondition_required"
    title = Text("En-tête If-Match requis", "If-Match header required")
    remedy = Text("Renvoyez l'ETag lu dans If-Match.", "Send the ETag that you read in If-Match.")


class TooManyRequestsError(RaccordError):
    """The caller has used its share for now."""

    status = 429
    code = "too_many_requests"
    title = Text("Trop de requêtes", "Too many requests")
    remedy = Text("Attendez le délai de Retry-After.", "Wait for the delay in Retry-After.")


class TooManyMessagesError(TooManyRequestsError):
    """So many messages of the connection wait that no more are kept."""

    code = "too_many_messages"
    title = Text("Trop de messages en attente", "Too many messages waiting")
    remedy = Text(
        "Gardez ce message et renvoyez-le après Retry-After ; si cela dure, voyez l'état de la connexion et ses "
        "synchronisations.",
        "Keep this message and send it again after Retry-After; if it lasts, see the connection's state and its runs.",
    )


class InternalError(RaccordError):
    """An error of ours."""


class UnavailableError(RaccordError):
    """Something that the answer needs is out of reach for now."""

    status = 503
    code = "unavailable"
    title = Text("Service momentanément indisponible", "Service unavailable for now")
    remedy = Text("Réessayez après le délai de Retry-After.", "Try again after Retry-After.")


def list_error_classes() -> list[type[RaccordError]]:
    """List every concrete error, by status then code: what documentation is made from."""
    found: list[type[RaccordError]] = []
    queue: list[type[RaccordError]] = [RaccordError]
    while queue:
        children = queue.pop().__subclasses__()
        queue.extend(children)
        found.extend(children)
    return sorted(found, key=lambda error: (error.status, error.code))
