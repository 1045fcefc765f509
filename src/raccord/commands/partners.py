"""Commands on partners: clients, grants, agreements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from raccord.commands.running import change, fail, print_json, say

# Each command imports what it needs: a command line that loads the whole service first answers late.
if TYPE_CHECKING:
    from raccord.kernel.database import Transaction
    from raccord.kernel.keys import Keys

clients = typer.Typer(help="Partners' software.", no_args_is_help=True)
grants = typer.Typer(help="What structures authorise clients to do for them.", no_args_is_help=True)
agreements = typer.Typer(help="The data-processing agreements that structures sign.", no_args_is_help=True)

ClientId = Annotated[UUID, typer.Argument(help="The client's id (client_id).")]
StructureId = Annotated[UUID, typer.Argument(help="The structure's id.")]


@clients.command("create")
def create_client(
    name: Annotated[str, typer.Argument(help="The software's name.")],
    source: Annotated[str, typer.Option(help="The source under which it writes.")],
    scope: Annotated[list[str], typer.Option(help="A scope it may ask for (repeat).")],
    purpose: Annotated[list[str] | None, typer.Option(help="A purpose of its calls (repeat).")] = None,
) -> None:
    """Register a client. Its secret is shown once."""
    from raccord.oauth import clients as store
    from raccord.resources.registry import check_purposes, check_scopes

    check_scopes(scope)
    check_purposes(purpose or [])

    async def run(tx: Transaction, keys: Keys) -> tuple[str, str]:
        made, secret = await store.create_client(
            tx, keys, name=name, source=source, scopes=scope, purposes=purpose or []
        )
        return str(made.id), secret

    client_id, secret = change(run)
    print_json({"client_id": client_id, "client_secret": secret, "scopes": sorted(scope), "purposes": purpose or []})


@clients.command("list")
def list_clients() -> None:
    """List the clients."""
    from raccord.oauth import clients as store

    for client in change(lambda tx, _keys: store.list_clients(tx)):
        print_json(
            {
                "client_id": str(client.id),
                "name": client.name,
                "source": client.source,
                "scopes": list(client.scopes),
                "purposes": list(client.purposes),
                "revoked_at": client.revoked_at.isoformat() if client.revoked_at else None,
            }
        )


@clients.command("rotate")
def rotate_client(
    client_id: ClientId,
    keep_old_hours: Annotated[int, typer.Option(min=0, max=24 * 90, help="Hours that the old secret lives on.")] = 24,
) -> None:
    """Give the client a second secret; the old one ends after the overlap."""
    from raccord.oauth import clients as store

    overlap = timedelta(hours=keep_old_hours)
    secret = change(lambda tx, keys: store.rotate_secret(tx, keys, client_id, keep_old_for=overlap))
    print_json({"client_id": str(client_id), "client_secret": secret})


@clients.command("issue-token")
def issue_token(
    client_id: ClientId,
    scope: Annotated[list[str], typer.Option(help="A scope that opens public records, such as structures:read.")],
    days: Annotated[int, typer.Option(min=1, max=400, help="Days that it lives.")] = 365,
) -> None:
    """Issue a lasting token, to a software that can only hold one. It reads open kinds alone, and is shown once."""
    from raccord.oauth import clients as store
    from raccord.resources.registry import KINDS

    allowed = {kind.scope("read") for kind in KINDS if not kind.is_personal}
    if not set(scope) <= allowed:
        fail(f"A lasting token only has scopes among: {', '.join(sorted(allowed))}.")
    lifetime = timedelta(days=days)
    token = change(lambda tx, keys: store.issue_token(tx, keys, client_id, scope, lifetime=lifetime))
    print_json({"client_id": str(client_id), "access_token": token, "scopes": sorted(scope), "days": days})


@clients.command("revoke")
def revoke_client(client_id: ClientId) -> None:
    """Revoke the client and its tokens, at once."""
    from raccord.oauth import clients as store

    say(change(lambda tx, _keys: store.revoke_client(tx, client_id)), "Revoked.", "No such live client.")


@grants.command("add")
def add_grant(
    client_id: ClientId,
    structure_id: StructureId,
    scope: Annotated[list[str], typer.Option(help="A scope granted (repeat).")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day.")] = None,
) -> None:
    """Let a client act for a structure. Personal scopes also need the structure's agreement."""
    from raccord.records import entitlements
    from raccord.resources.registry import check_scopes

    check_scopes(scope)

    ends_on = until.date() if until else None
    made = change(lambda tx, _keys: entitlements.add_grant(tx, client_id, structure_id, scope, ends_on))
    print_json({"grant_id": str(made)})


@grants.command("list")
def list_grants(
    client: Annotated[UUID | None, typer.Option(help="Of this client only.")] = None,
) -> None:
    """List the live grants."""
    from raccord.access import grants as store

    for grant in change(lambda tx, _keys: store.list_grants(tx, client)):
        print_json(
            {
                "grant_id": str(grant.id),
                "client_id": str(grant.client_id),
                "structure_id": str(grant.structure_id),
                "scopes": list(grant.scopes),
                "valid_until": grant.valid_until.isoformat() if grant.valid_until else None,
            }
        )


@grants.command("revoke")
def revoke_grant(grant_id: Annotated[UUID, typer.Argument(help="The grant's id.")]) -> None:
    """End a grant, and the access that nothing else holds up."""
    from raccord.records import entitlements

    is_ended = change(lambda tx, _keys: entitlements.revoke_grant(tx, grant_id))
    say(is_ended, "Revoked.", "No such live grant.")


@agreements.command("sign")
def sign_agreement(
    structure_id: StructureId,
    signatory: Annotated[str, typer.Option(help="Who signed, as a function: “Direction”.")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of signature; today.")] = None,
) -> None:
    """Record that a structure signed the data-processing agreement."""
    from raccord.records import entitlements

    day: date = on.date() if on else datetime.now(UTC).date()
    change(lambda tx, _keys: entitlements.sign_agreement(tx, structure_id, day, signatory))
    typer.echo("Signed.")


@agreements.command("end")
def end_agreement(structure_id: StructureId) -> None:
    """End a structure's agreement, and all personal access through it."""
    from raccord.records import entitlements

    say(
        change(lambda tx, _keys: entitlements.end_agreement(tx, structure_id)),
        "Ended.",
        "No such agreement.",
    )
