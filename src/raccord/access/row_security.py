"""The context that row-level security reads. Without it, personal tables are empty: they fail closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from raccord.kernel.database import Transaction
from raccord.kernel.refusals import RaccordError


async def enter_as_client(tx: Transaction, client_id: UUID) -> None:
    """Show the transaction what the client may see, and no more, until it ends."""
    await tx.set_local("raccord.client_id", str(client_id))


@asynccontextmanager
async def see_everything(tx: Transaction) -> AsyncIterator[None]:
    """Lift row-level security within the block, for the write door and the jobs, which check rights themselves."""
    await tx.set_local("raccord.is_system", "on")
    try:
        yield
    except RaccordError:
        # A refusal leaves the transaction usable; any other exception ends it, and its settings with it.
        await tx.set_local("raccord.is_system", "")
        raise
    await tx.set_local("raccord.is_system", "")
