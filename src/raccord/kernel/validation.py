"""Validation of content against a shape, with errors that name the field in both languages and never its value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError
from raccord.kernel.text import Text

M = TypeVar("M", bound=BaseModel)
MAX_ERRORS = 50

_MESSAGES: dict[str, Text] = {
    "missing": Text("Champ obligatoire.", "Required field."),
    "extra_forbidden": Text("Champ ou paramètre inconnu.", "Unknown field or parameter."),
    "string_type": Text("Texte attendu.", "A string is expected."),
    "string_too_short": Text("Texte trop court.", "Too short."),
    "string_too_long": Text("Texte trop long.", "Too long."),
    "string_pattern_mismatch": Text("Format non respecté.", "Wrong format."),
    "string_unicode": Text("Texte Unicode invalide.", "Invalid Unicode text."),
    "enum": Text("Valeur hors de la liste de codes.", "Not a value of the code list."),
    "literal_error": Text("Valeur hors de la liste permise.", "Not one of the permitted values."),
    "date_type": Text("Date AAAA-MM-JJ attendue.", "A date YYYY-MM-DD is expected."),
    "date_parsing": Text("Date AAAA-MM-JJ attendue.", "A date YYYY-MM-DD is expected."),
    "date_from_datetime_parsing": Text("Date AAAA-MM-JJ attendue.", "A date YYYY-MM-DD is expected."),
    "date_from_datetime_inexact": Text("Date sans heure attendue.", "A date without time is expected."),
    "datetime_type": Text("Instant RFC 3339 attendu.", "An RFC 3339 instant is expected."),
    "datetime_parsing": Text("Instant RFC 3339 attendu.", "An RFC 3339 instant is expected."),
    "datetime_from_date_parsing": Text("Instant RFC 3339 attendu.", "An RFC 3339 instant is expected."),
    "timezone_aware": Text("Le fuseau horaire manque.", "The time zone is missing."),
    "uuid_type": Text("UUID attendu.", "A UUID is expected."),
    "uuid_parsing": Text("UUID attendu.", "A UUID is expected."),
    "int_type": Text("Nombre entier attendu.", "An integer is expected."),
    "int_parsing": Text("Nombre entier attendu.", "An integer is expected."),
    "float_type": Text("Nombre attendu.", "A number is expected."),
    "finite_number": Text("Nombre fini attendu.", "A finite number is expected."),
    "bool_type": Text("true ou false attendu.", "true or false is expected."),
    "bool_parsing": Text("true ou false attendu.", "true or false is expected."),
    "list_type": Text("Liste attendue.", "A list is expected."),
    "too_long": Text("Trop d'éléments.", "Too many items."),
    "too_short": Text("Pas assez d'éléments.", "Too few items."),
    "model_type": Text("Objet attendu.", "An object is expected."),
    "model_attributes_type": Text("Objet attendu.", "An object is expected."),
    "greater_than_equal": Text("Valeur trop petite.", "Too small."),
    "less_than_equal": Text("Valeur trop grande.", "Too large."),
    "multiple_of": Text("Pas entre deux valeurs non respecté.", "Not a multiple of the step."),
    "url_parsing": Text("Adresse http(s) attendue.", "An http(s) address is expected."),
    "url_scheme": Text("Adresse http(s) attendue.", "An http(s) address is expected."),
    "value_error": Text("Valeur invalide.", "Invalid value."),
    "union_tag_invalid": Text("Valeur hors de la liste permise.", "Not one of the permitted values."),
    "union_tag_not_found": Text("Champ discriminant manquant.", "The discriminating field is missing."),
    "siret_made_up": Text(
        "SIRET fictif d'antenne : envoyez null, et parent_siret.",
        "Made-up SIRET of an antenna: send null, and parent_siret.",
    ),
    "siret_checksum": Text("La clé de contrôle du SIRET est fausse.", "The SIRET's check digit is wrong."),
}
_OTHER = Text("Valeur invalide.", "Invalid value.")


@dataclass(frozen=True)
class Explained:
    """One validation error: the path to the field, its code, its sentence."""

    path: tuple[str | int, ...]
    code: str
    message: Text


def explain_errors(details: Iterable[ErrorDetails]) -> Iterator[Explained]:
    """Explain the first errors found. A rule of ours brings its French sentence in its context."""
    for detail in list(details)[:MAX_ERRORS]:
        code = detail["type"]
        context = detail.get("ctx") or {}
        message = _MESSAGES.get(code, _OTHER)
        if "fr" in context:
            message = Text(str(context["fr"]), str(context["en"]))
        yield Explained(tuple(detail["loc"]), code, message)


def write_pointer(path: Sequence[str | int]) -> str:
    """Write the path as a JSON Pointer.

    Source: RFC 6901 §3; what is not our own field name is cut, because a sender's key may be personal text.
    """
    return "".join("/" + str(part)[:64].replace("~", "~0").replace("/", "~1") for part in path)


def validate_content(model: type[M], body: bytes) -> M:
    """Validate the JSON text against the model.

    Errors: InvalidContentError with one entry for each field at fault.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise InvalidContentError(errors=list_field_errors(error)) from None


def list_field_errors(error: ValidationError) -> list[FieldError]:
    """List what is wrong, each with its JSON Pointer."""
    details = error.errors(include_url=False, include_input=False)
    return [FieldError("pointer", write_pointer(e.path), e.code, e.message) for e in explain_errors(details)]
