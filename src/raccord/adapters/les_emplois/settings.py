"""What a connection to Les emplois is told: where it is, what is read, in whose name, and what opens it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field, SecretStr

from raccord.adapters.contract import Broken
from raccord.adapters.les_emplois.client import Access, Person
from raccord.kernel.shapes import InseeCode, Line, Shape
from raccord.kernel.text import Text
from raccord.reference.departments import Department
from raccord.reference.licences import LicenceCode


class Surroundings(Shape):
    """What lies around a commune."""

    insee_code: InseeCode = Field(description="Commune.")
    distance_km: int = Field(ge=0, le=100, description="Rayon, en kilomètres.")


class Prescriber(Shape):
    """An organisation that sends applications, and its record in Raccord."""

    name: Line = Field(description="Nom de l'organisme, tel que Les emplois l'écrit.")
    structure_id: UUID = Field(description="Identifiant Raccord de sa structure.")


class LesEmploisSettings(Shape):
    """Where Les emplois is, and what is read of it."""

    url: Line = Field("https://emplois.inclusion.beta.gouv.fr", description="Adresse de Les emplois.")
    access: Access = Field("none", description="Sorte du jeton ; sans jeton, l'annuaire est lu lentement.")
    departments: list[Department] = Field(
        [], max_length=120, description="Départements à lire ; sans département ni commune, tous, l'un après l'autre."
    )
    around: list[Surroundings] = Field([], max_length=100, description="Alentours de communes à lire.")
    page_size: int = Field(200, ge=1, le=1_000, description="Structures demandées par page.")
    licence: LicenceCode = Field(
        LicenceCode.OTHER, description="Licence des offres, que l'API ne dit pas : celle qui vous a été accordée."
    )
    managing_structure_id: UUID | None = Field(
        None, description="Structure qui suit les personnes dont on lit les candidatures."
    )
    prescribers: list[Prescriber] = Field(
        [], max_length=500, description="Organismes prescripteurs, et leurs structures dans Raccord."
    )

    @property
    def can_follow_persons(self) -> bool:
        """Whether the applications of persons can be read: by a département's token, for whoever follows them."""
        return self.access == "department" and self.managing_structure_id is not None


class LesEmploisSecrets(Shape):
    """What opens Les emplois, and who is looked up there."""

    token: SecretStr | None = Field(None, description="Jeton, de la sorte dite dans access.")
    persons: SecretStr | None = Field(
        None,
        max_length=1_000_000,
        description="Personnes dont on lit les candidatures, une par ligne : votre numéro de dossier; NIR; nom; "
        "prénom; date de naissance (AAAA-MM-JJ).",
    )


class LesEmploisCursor(Shape):
    """Where a walk has got to.

    Shape: `part` is a territory, or empty once persons are looked up, of whom the next is `person`.
    """

    part: str = Field(description="Territoire en cours de lecture ; vide pour les candidatures.")
    page: int = Field(1, description="Page suivante.")
    total: int | None = Field(None, description="Structures annoncées à la première page du territoire.")
    person: int = Field(0, description="Rang de la prochaine personne.")


def read_persons(text: str) -> dict[str, Person]:
    """Read the persons, by the name that their follower gave them.

    Errors: Broken, naming a line and no value of it.
    """
    persons: dict[str, Person] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split(";")]
        try:
            name, nir, last_name, first_name, birth_date = fields
            if not all(fields) or name in persons:
                raise ValueError(number)
            date.fromisoformat(birth_date)
        except ValueError:
            raise Broken(
                Text(f"La ligne {number} des personnes est illisible.", f"Line {number} of the persons is unreadable.")
            ) from None
        persons[name] = Person(nir, last_name, first_name, birth_date)
    return persons
