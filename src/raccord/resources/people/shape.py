"""The shape of a person: minimal identity and contact. Identifiers such as the NIR are not here, on purpose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from raccord.kernel.clock import read_today
from raccord.kernel.shapes import Day, Email, Envelope, Line, Name, Phone, PostalCode, Shape, explain_refusal


def check_birth_date(value: date) -> date:
    """Check that the person may be born and alive.

    Errors: birth_date_out_of_range.
    """
    today = read_today()
    if not (today.year - 120 <= value.year and value <= today):
        raise explain_refusal("birth_date_out_of_range", "Date de naissance hors limites.", "Birth date out of range.")
    return value


BirthDate = Annotated[Day, AfterValidator(check_birth_date)]


class PersonInput(Shape):
    """A person as a source describes them."""

    first_name: Name = Field(description="Prénom.")
    last_name: Name = Field(description="Nom d'usage.")
    birth_date: BirthDate = Field(description="Date de naissance.")
    email: Email | None = Field(None, description="Courriel.")
    phone: Phone | None = Field(None, description="Téléphone.")
    postal_code: PostalCode | None = Field(None, description="Code postal de résidence.")
    city: Line | None = Field(None, description="Commune de résidence.")
    managing_structure_id: UUID = Field(description="Structure qui suit la personne et répond de sa fiche.")


class Person(PersonInput, Envelope):
    """A person as the caller may see them; `restrictions` names what is withheld."""

    # Another client's name for the person would be a key to join files on: its own source alone reads it.
    external_id: str | None = Field(  # type: ignore[assignment]  # narrower for every other kind
        description="Identifiant de la personne dans sa source ; null pour toute autre."
    )
    restrictions: list[str] = Field(default=[], description="Catégories de données masquées pour cet appel.")

    @classmethod
    def list_required(cls) -> Iterable[str]:
        """List what no projection withholds."""
        return (*Envelope.model_fields, "managing_structure_id", "restrictions")
