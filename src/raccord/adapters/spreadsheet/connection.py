"""What a connection of the adapter is made of: where the tables are, what opens them, and where a walk stands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from raccord.adapters.spreadsheet.mapping import Mapped
from raccord.adapters.spreadsheet.rows import MAX_HEADER_ROW
from raccord.kernel.shapes import Shape, explain_refusal


def check_pattern(pattern: str) -> str:
    """Check that a pattern stays below its folder.

    Errors: leads_out.
    """
    if any(part in (".", "..") or "**" in part for part in pattern.split("/")):
        raise explain_refusal("leads_out", "Un modèle reste dans son dossier.", "A pattern stays in its folder.")
    return pattern


FilePattern = Annotated[
    str,
    StringConstraints(pattern=r"^[^/\\\x00-\x1f]+(?:/[^/\\\x00-\x1f]+){0,3}$", max_length=255),
    AfterValidator(check_pattern),
]
HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")]
GristId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


class FilePlace(Shape):
    """Files of the folder that the installation opens to adapters."""

    type: Literal["folder"] = Field(description="Dossier de l'installation.")


class SftpPlace(Shape):
    """Files of an SFTP server."""

    type: Literal["sftp"] = Field(description="Serveur SFTP.")
    host: HostName = Field(description="Nom du serveur.")
    port: int = Field(22, description="Port.", ge=1, le=65_535)
    username: str = Field(description="Compte.", min_length=1, max_length=100)
    host_key: str = Field(
        description="Clé publique du serveur (ssh-ed25519 AAAA…) : sans elle, un autre pourrait répondre à sa place.",
        pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/=]+$", max_length=4_000,
    )  # fmt: skip
    folder: str = Field(".", description="Dossier.", max_length=500, pattern=r"^[^\x00-\x1f]+$")


class GristPlace(Shape):
    """A table of a Grist document."""

    type: Literal["grist"] = Field(description="Document Grist.")
    url: str = Field(description="Adresse de Grist, sans /api.", max_length=500)
    document: GristId = Field(description="Identifiant du document.")
    table: GristId = Field(description="Identifiant de la table.")


class SheetSettings(Mapped):
    """Where the tables are, and how they are read."""

    place: Annotated[FilePlace | SftpPlace | GristPlace, Field(discriminator="type")] = Field(
        description="Où sont les tableaux."
    )
    files: FilePattern | None = Field(None, description="Fichier, ou modèle (structures-*.xlsx) ; pas pour Grist.")
    which: Literal["newest", "all"] = Field(
        "newest", description="Si plusieurs fichiers conviennent : le plus récent, ou tous ensemble."
    )
    format: Literal["auto", "csv", "ndjson", "xlsx"] = Field("auto", description="Format ; sinon d'après le nom.")
    sheet: str | None = Field(None, description="Feuille ; sinon la première.", max_length=100)
    header_row: int = Field(1, description="Ligne de l'en-tête.", ge=1, le=MAX_HEADER_ROW)
    encoding: Literal["auto", "utf-8", "latin-1"] = Field("auto", description="Encodage d'un CSV.")
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(None, description="Séparateur d'un CSV ; sinon deviné.")
    min_age_s: int = Field(
        30, description="Âge d'un fichier avant qu'il soit lu : plus jeune, il est peut-être en cours d'écriture.",
        ge=0, le=86_400,
    )  # fmt: skip
    is_renamed_after_read: bool = Field(False, description="Renommer en .lu ce qui a été lu jusqu'au bout.")


class SheetSecrets(Shape):
    """What opens the place of the tables; a folder needs nothing."""

    key: SecretStr | None = Field(None, description="Clé d'API de Grist.", max_length=500)
    password: SecretStr | None = Field(None, description="Mot de passe SFTP.", max_length=500)
    private_key: SecretStr | None = Field(None, description="Clé privée SFTP (OpenSSH).", max_length=20_000)


class SheetCursor(Shape):
    """Where a walk stands: in which file, known by its size and time, and after which row.

    Shape: a file that is another by now is read again from its first row.
    """

    file: str = Field(description="Fichier.", max_length=500)
    mark: str = Field(description="Taille et date du fichier.", max_length=100)
    row: int = Field(description="Dernière ligne lue.", ge=0)
    done: list[str] = Field([], description="Fichiers lus avant celui-ci.", max_length=1_000)
