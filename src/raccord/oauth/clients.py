"""Clients and their secrets: registered, listed, renewed and revoked by an operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationError

from raccord.access.caller import Caller
from raccord.kernel.database import Row, Transaction
from raccord.kernel.errors import ConflictError, InvalidContentError, NotFoundError
from raccord.kernel.identifiers import make_uuid4, make_uuid7
from raccord.kernel.keys import Keys
from raccord.kernel.shapes import Name, Shape, SourceName
from raccord.kernel.text import Text
from raccord.kernel.validation import list_field_errors
from raccord.oauth.credentials import make_access_token, make_client_secret
from raccord.oauth.revocations import announce_revocation

_Scope = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}:[a-z_]{1,40}$")]
_Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,60}$")]


@dataclass(frozen=True)
class Client:
    """A partner's software. `source` is the system that its records belong to."""

    id: UUID
    name: str
    source: str
    scopes: tuple[str, ...]
    purposes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


class _Registration(Shape):
    name: Name
    source: SourceName
    scopes: tuple[_Scope, ...] = Field(min_length=1, max_length=100)
    purposes: tuple[_Purpose, ...] = Field(max_length=50)


async def create_client(
    tx: Transaction, keys: Keys, *, name: str, source: str, scopes: Iterable[str], purposes: Iterable[str]
) -> tuple[Client, str]:
    """Register a client; returns it and its secret, which is told once and stored as a digest.

    Errors: InvalidContentError; ConflictError if a live client has the source.
    """
    try:
        wanted = _Registration(
            name=name, source=source, scopes=tuple(sorted(set(scopes))), purposes=tuple(sorted(set(purposes)))
        )
    except ValidationError as error:
        raise InvalidContentError(errors=list_field_errors(error)) from None
    rows = await tx.fetch(
        """
        INSERT INTO oauth_clients (id, name, source, scopes, purposes) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (source) WHERE revoked_at IS NULL DO NOTHING RETURNING *
        """,
        # Random, because the id is public and need not tell when the partner joined.
        make_uuid4(),
        wanted.name,
        wanted.source,
        list(wanted.scopes),
        list(wanted.purposes),
    )
    if not rows:
        raise ConflictError(Text("Un autre client porte déjà cette source.", "Another client has this source."))
    client = _build_client(rows[0])
    return client, await _add_secret(tx, keys, client.id)


async def load_caller(tx: Transaction, client_id: UUID) -> Caller | None:
    """Load a live client as the caller that it would be, with all the scopes and structures that it has now."""
    rows = await tx.fetch(
        """
        SELECT client.*, granted.structure_id, granted.scopes AS granted_scopes FROM oauth_clients AS client
        LEFT JOIN LATERAL (
            SELECT live.structure_id, live.scopes FROM grants AS live
            JOIN agreements AS signed ON signed.structure_id = live.structure_id AND signed.valid_until > now()
            WHERE live.client_id = client.id AND live.valid_until > now()
        ) AS granted ON true
        WHERE client.id = $1 AND client.revoked_at IS NULL
        """,
        client_id,
    )
    if not rows:
        return None
    scopes = frozenset(rows[0]["scopes"])
    structures: dict[UUID, frozenset[str]] = {}
    for row in rows:
        if row["structure_id"] is not None:
            before = structures.get(row["structure_id"], frozenset())
            structures[row["structure_id"]] = before | scopes.intersection(row["granted_scopes"])
    first = rows[0]
    return Caller(client_id, first["name"], first["source"], scopes, frozenset(first["purposes"]), structures)


async def list_clients(tx: Transaction) -> list[Client]:
    """List every client, the revoked ones too, by source."""
    rows = await tx.fetch("SELECT * FROM oauth_clients ORDER BY source, created_at, id")
    return [_build_client(row) for row in rows]


async def rotate_secret(tx: Transaction, keys: Keys, client_id: UUID, *, keep_old_for: timedelta) -> str:
    """Give the client a new secret; the last one still opens for the overlap, any older one ends now.

    Errors: NotFoundError for an unknown or revoked client.
    """
    # The lock makes two rotations follow each other: together they could leave three secrets alive.
    found = await tx.fetch(
        "SELECT 1 FROM oauth_clients WHERE id = $1 AND revoked_at IS NULL FOR NO KEY UPDATE", client_id
    )
    if not found:
        raise NotFoundError
    await tx.fetch(
        """
        UPDATE oauth_client_secrets AS secret
        SET expires_at = CASE
            WHEN secret.id = last.id THEN least(secret.expires_at, now() + $2::interval) ELSE now()
        END
        FROM (
            SELECT id FROM oauth_client_secrets WHERE client_id = $1 AND expires_at > now()
            ORDER BY created_at DESC, id DESC LIMIT 1
        ) AS last
        WHERE secret.client_id = $1 AND secret.expires_at > now()
        """,
        client_id,
        max(keep_old_for, timedelta()),
    )
    return await _add_secret(tx, keys, client_id)


async def issue_token(
    tx: Transaction, keys: Keys, client_id: UUID, scopes: Sequence[str], *, lifetime: timedelta
) -> str:
    """Issue a token by hand, for a software that cannot ask for one; it is shown once.

    Errors: NotFoundError for an unknown or revoked client, or one that does not have the scopes.
    """
    token = make_access_token()
    issued = await tx.fetch(
        """
        INSERT INTO oauth_tokens (digest, client_id, scopes, purposes, expires_at)
        SELECT $2, id, $3::text[], ARRAY[]::text[], now() + $4::interval
        FROM oauth_clients WHERE id = $1 AND revoked_at IS NULL AND scopes @> $3::text[]
        RETURNING 1
        """,
        client_id,
        keys.digest_secret(token),
        list(scopes),
        lifetime,
    )
    if not issued:
        raise NotFoundError
    return token


async def revoke_client(tx: Transaction, client_id: UUID) -> bool:
    """Revoke the client, its secrets and its tokens at once; returns whether it was live."""
    found = await tx.fetch(
        "UPDATE oauth_clients SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING 1",
        client_id,
    )
    if not found:
        return False
    await tx.fetch(
        "UPDATE oauth_client_secrets SET expires_at = now() WHERE client_id = $1 AND expires_at > now()",
        client_id,
    )
    await tx.fetch("UPDATE oauth_tokens SET revoked_at = now() WHERE client_id = $1 AND revoked_at IS NULL", client_id)
    await announce_revocation(tx)
    return True


async def _add_secret(tx: Transaction, keys: Keys, client_id: UUID) -> str:
    secret = make_client_secret()
    await tx.fetch(
        """
        INSERT INTO oauth_client_secrets (id, client_id, digest, created_at, expires_at)
        VALUES ($1, $2, $3, clock_timestamp(), 'infinity')
        """,
        make_uuid7(),
        client_id,
        keys.digest_secret(secret),
    )
    return secret


def _build_client(row: Row) -> Client:
    return Client(
        id=row["id"],
        name=row["name"],
        source=row["source"],
        scopes=tuple(row["scopes"]),
        purposes=tuple(row["purposes"]),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )
