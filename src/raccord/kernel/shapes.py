"""The bases of all shapes: strict models, and the string types that refuse what databases and people choke on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    UrlConstraints,
    create_model,
)
from pydantic_core import PydanticCustomError
from stdnum.fr import siret as siret_rules

from raccord.kernel.clock import read_today

T = TypeVar("T")
# The producers of open data are of this century: an earlier date is a blank of some tool.
FIRST_SOURCE_DAY = date(2000, 1, 1)

# [0-9] and never \d, which accepts the digits of every script; no control character, NUL first of all.
_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
_NO_CONTROLS_BUT_LAYOUT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:]{5,8}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?")
_EMAIL = re.compile(r"[^\x00-\x20\x7f<>,;]{3,254}")

Line = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_NO_CONTROLS)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=_NO_CONTROLS)]
Paragraphs = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=_NO_CONTROLS_BUT_LAYOUT)]
SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
# Without U+FFFD, which stands for what was not UTF-8: all that is not would else be one and the same name.
EXTERNAL_ID_PATTERN = r"^[^\x00-\x1f\x7f\ufffd/?#%\s]{1,128}$"
ExternalId = Annotated[str, StringConstraints(pattern=EXTERNAL_ID_PATTERN)]
PostalCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
InseeCode = Annotated[str, StringConstraints(pattern=r"^(?:[0-9]{2}|2[AB])[0-9]{3}$")]
# Loose on purpose: fictional, overseas and short numbers are all dialled.
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .]{2,18}[0-9]$")]
NafCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}[A-Z]$")]


_DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}


def explain_refusal(code: str, fr: str, en: str) -> PydanticCustomError:
    """Make the error of a rule of ours, with its sentence in both languages."""
    return PydanticCustomError(code, en, {"fr": fr, "en": en})


def check_siret(value: str) -> str:
    """Check the digits of a SIRET.

    Errors: siret_made_up for the antennas' invented numbers (NIC 999dd), siret_checksum for a wrong key.
    Source: INSEE, Luhn on 14 digits, and La Poste's own rule (SIREN 356000000).
    """
    if value[9:12] == "999":
        raise PydanticCustomError("siret_made_up", "Made-up SIRET of an antenna: send null, and parent_siret")
    # The plain rule first: it says yes to nearly all, five times faster than the library, which knows La Poste's.
    is_plain = _passes_luhn(value) and _passes_luhn(value[:9])
    if not is_plain and not siret_rules.is_valid(value):
        raise PydanticCustomError("siret_checksum", "The check digit of this SIRET is wrong")
    return value


def _passes_luhn(digits: str) -> bool:
    doubled = sum(_DOUBLED[digit] for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[-1::-2]))) % 10 == 0


Siret = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$"), AfterValidator(check_siret)]


def check_siren(value: str) -> str:
    """Check the digits of a SIREN.

    Errors: siren_checksum.
    """
    if not _passes_luhn(value):
        raise explain_refusal(
            "siren_checksum", "La clé de contrôle du SIREN est fausse.", "The check digit of this SIREN is wrong."
        )
    return value


Siren = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$"), AfterValidator(check_siren)]


def read_day(value: object) -> object:
    """Read a date, and refuse the digits that Pydantic would take for seconds since 1970.

    Errors: date_parsing.
    """
    if not isinstance(value, str):
        return value
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("date_parsing", "A date YYYY-MM-DD is expected")


def check_source_day(value: date) -> date:
    """Refuse the day of an update that no producer can have made.

    Errors: before_2000, in_the_future.
    Source: data·inclusion schema v1, date_maj.
    """
    if value < FIRST_SOURCE_DAY:
        raise explain_refusal("before_2000", "Date antérieure à 2000.", "The date is before 2000.")
    if value > read_today():
        raise explain_refusal("in_the_future", "Date à venir.", "The date is in the future.")
    return value


def drop_repeats(values: list[T]) -> list[T]:
    """Keep each value of a list of codes once, in the order given."""
    return list(dict.fromkeys(values))


def read_instant(value: object) -> object:
    """Read an instant, and refuse the digits that Pydantic would take for seconds since 1970.

    Errors: datetime_parsing.
    """
    if not isinstance(value, str):
        return value
    try:
        if _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value.upper())
    except ValueError:
        pass
    raise PydanticCustomError("datetime_parsing", "An RFC 3339 instant is expected")


def check_email(value: object) -> object:
    """Refuse a name around the address, which would be dropped in silence.

    Errors: value_error.
    """
    if isinstance(value, str) and not _EMAIL.fullmatch(value):
        raise PydanticCustomError("value_error", "An e-mail address is expected")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(read_instant)]
Day = Annotated[date, BeforeValidator(read_day)]
# A day to which days are added: within bounds where no sum leaves the calendar.
WorkingDay = Annotated[Day, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
# An instant from which days are counted: within the same bounds.
WorkingInstant = Annotated[
    Instant, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC))
]
SourceDay = Annotated[Day, AfterValidator(check_source_day)]
Email = Annotated[EmailStr, BeforeValidator(check_email), Field(json_schema_extra={"maxLength": 254})]
WebAddress = Annotated[AnyHttpUrl, UrlConstraints(max_length=2_000, allowed_schemes=["http", "https"])]


class Shape(BaseModel):
    """The base of every model of the wire: strict types, unknown fields refused, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)


class Envelope(Shape):
    """What every record carries around its content. Written by Raccord alone."""

    id: UUID = Field(description="Identifiant Raccord de la fiche.")
    source: str = Field(description="Système auquel la fiche appartient ; lui seul la modifie.")
    external_id: str = Field(description="Identifiant de la fiche dans sa source.")
    version: int = Field(description="Numéro de version, à partir de 1 ; l'ETag en est tiré.", ge=1)
    created_at: AwareDatetime = Field(description="Instant de création dans Raccord (UTC).")
    updated_at: AwareDatetime = Field(description="Instant de la dernière version (UTC).")

    @classmethod
    def list_required(cls) -> Iterable[str]:
        """List the fields that every answer holds: all of them, for a kind that is open to all."""
        return cls.model_fields


@cache
def make_patch_shape(content: type[Shape]) -> type[Shape]:
    """Make the shape that describes a merge patch of the content: all its fields, none required.

    Shape: only for documentation, which must not say that an absent field is null: in a patch null takes it away.
    """
    fields: dict[str, Any] = {}
    for name, field in content.model_fields.items():
        kept: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        described = Field(None, description=field.description, json_schema_extra=_drop_default)
        fields[name] = (kept if field.is_required() else kept | None, described)
    return create_model(
        content.__name__.removesuffix("Input") + "Patch",
        __base__=Shape,
        __doc__=f"The fields of {content.__name__} to change; null takes one away (RFC 7396).",
        **fields,
    )


def _drop_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class Tombstone(Shape):
    """What remains of a deleted record: that it was, until when, and why it went."""

    id: UUID = Field(description="Identifiant Raccord de la fiche.")
    source: str = Field(description="Système auquel la fiche appartenait.")
    external_id: str | None = Field(
        description="Identifiant de la fiche dans sa source ; null pour une personne d'une autre."
    )
    version: int = Field(description="Version de la suppression.")
    deleted_at: AwareDatetime = Field(description="Instant de la suppression (UTC).")
    deletion_reason: str = Field(description="Motif, parmi une liste fermée.")
    restrictions: list[str] = Field([], description="Catégories de données masquées pour cet appel.")
