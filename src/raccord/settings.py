"""Every setting: typed, documented, refused clearly when wrong. Read by the roots alone; features are handed values."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_LENGTH = 32


class Settings(BaseSettings):
    """The settings, each from the environment variable RACCORD_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="RACCORD_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path(".raccord"), description="Folder of the embedded PostgreSQL and of the demo's files.")
    database_url: str | None = Field(
        None,
        description="PostgreSQL 15 or later for the application's role (postgresql+asyncpg://…); "
        "without it, one is embedded in RACCORD_DATA_DIR.",
        pattern=r"^postgresql\+asyncpg://",
    )
    migration_url: str | None = Field(
        None,
        description="The same database for the owner's role, which migrates.",
        pattern=r"^postgresql\+asyncpg://",
    )
    has_pooler: bool = Field(False, description="The database is behind PgBouncer in transaction mode.")
    database_connections: int = Field(10, ge=2, le=100, description="Connections per process and per pool.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    public_url: str | None = Field(
        None,
        description="Address under which clients reach the API, the OAuth2 issuer too.",
        pattern=r"^https?://[^/]+$",
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=SECRET_LENGTH,
        description="The installation's secret, from which keys are derived; without it, one is kept in the folder.",
    )
    sealing_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Secret under which connections' secrets are sealed; without it, RACCORD_SECRET_KEY.",
    )
    retired_sealing_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="The sealing key of before, which only opens, until `raccord sync reseal` has been run.",
    )
    outbound_loopback: bool = Field(
        False, description="Let connections call this machine, over HTTP too; refused in production."
    )
    sync_dir: Path | None = Field(
        None, description="Folder of the folders, one for each source, that connections to files may read."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe level logged.")
    token_lifetime_s: int = Field(900, ge=60, le=1800, description="Lifetime of access tokens, in seconds.")
    token_requests_per_minute: int = Field(120, ge=1, description="Token requests per client and per address.")
    requests_per_minute: int = Field(60_000, ge=1, description="Requests per client and per process.")
    messages_per_minute: int = Field(600, ge=1, description="Messages that a tool may send to one connection.")
    max_waiting_messages: int = Field(
        20_000, ge=1, description="Messages of one connection that wait to be written; no more are kept then."
    )
    max_body_bytes: int = Field(1_000_000, ge=1_000, description="Largest request body, in bytes.")
    max_import_bytes: int = Field(50_000_000, ge=1_000, description="Largest import sent to the API, in bytes.")
    reference_communes_url: str = Field(
        "https://geo.api.gouv.fr/communes?type=commune-actuelle,arrondissement-municipal&zone=metro,drom,com"
        "&fields=code,nom,codeDepartement,codeRegion,codeEpci,codesPostaux,population,centre",
        description="Where `raccord reference load communes` fetches communes with their centres.",
        pattern=r"^https?://",
    )
    reference_rome_url: str = Field(
        "https://api.francetravail.fr/api-nomenclatureemploi/v1/open-data/csv",
        description="Where `raccord reference load rome_…` fetches France Travail's archive of ROME.",
        pattern=r"^https?://",
    )

    @model_validator(mode="after")
    def check_urls(self) -> Self:
        """Keep the two addresses of the database together."""
        if (self.database_url is None) != (self.migration_url is None):
            raise ValueError("RACCORD_DATABASE_URL and RACCORD_MIGRATION_URL go together")
        if self.database_url is not None and self.secret_key is None:
            raise ValueError("RACCORD_SECRET_KEY is required with RACCORD_DATABASE_URL")
        if self.outbound_loopback and self.is_production:
            raise ValueError("RACCORD_OUTBOUND_LOOPBACK is for development: not with RACCORD_DATABASE_URL or https")
        return self

    @property
    def is_production(self) -> bool:
        """Whether others rely on this installation: its database is outside, or it is reached over TLS."""
        return self.database_url is not None or self.base_url.startswith("https://")

    @property
    def base_url(self) -> str:
        """The public address, or the local one."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def reference_addresses(self) -> dict[str, str]:
        """The official addresses of reference lists, by list."""
        rome = dict.fromkeys(("rome_occupations", "rome_appellations"), self.reference_rome_url)
        return {"communes": self.reference_communes_url, **rome}

    def read_secret(self) -> bytes:
        """Return the installation's secret; make and keep one in the data folder where none is set.

        Errors: SettingsError if what is kept there is no secret.
        """
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret-key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            _make_secret(path)
        secret = path.read_text(encoding="ascii").strip()
        if len(secret) < SECRET_LENGTH:
            raise SettingsError(f"{path} holds no secret: put back the one that was kept, or remove the file.")
        return secret.encode()

    def read_sealing_secrets(self) -> list[bytes]:
        """Return the secrets that seal and open, the present one first; the installation's own always opens."""
        given = [key.get_secret_value().encode() for key in (self.sealing_key, self.retired_sealing_key) if key]
        return [*given, self.read_secret()]


class SettingsError(Exception):
    """A setting is wrong. The message names the variable and never its value."""


def _make_secret(path: Path) -> None:
    """Make a secret, whole at once and never over another: two processes may start together."""
    with NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as draft:
        draft.write(secrets.token_urlsafe(48))
        draft.flush()
        with suppress(FileExistsError):
            os.link(draft.name, path)


def load_settings() -> Settings:
    """Load the settings.

    Errors: SettingsError with one line for each variable at fault.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [_describe(tuple(item["loc"]), item["msg"]) for item in error.errors(include_input=False)]
        raise SettingsError("\n".join(lines)) from None


def _describe(place: tuple[int | str, ...], message: str) -> str:
    name = f"RACCORD_{str(place[0]).upper()}: " if place else ""
    hint = Settings.model_fields[str(place[0])].description if place else None
    return f"{name}{message}" + (f" ({hint})" if hint else "")
