"""Records written one by one, where the database refuses a batch as a whole: the one at fault costs no other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import DataError, IntegrityError

from raccord.kernel.database import Transaction
from raccord.kernel.errors import ConflictError
from raccord.kernel.refusals import FieldError
from raccord.kernel.text import Text
from raccord.records.kind import Kind
from raccord.records.store import Outcome, Put, Writer, put_many

REFUSALS = (IntegrityError, DataError)


async def put_singly(tx: Transaction, kind: Kind, writer: Writer, puts: Sequence[Put]) -> list[Outcome]:
    """Write each record within a savepoint: one that PostgreSQL refuses is rejected."""
    outcomes: list[Outcome] = []
    for put in puts:
        try:
            async with tx.session.begin_nested():
                outcomes += await put_many(tx, kind, writer, [put])
        except REFUSALS:
            error = ConflictError(_CLASH, [FieldError("pointer", "", "conflict", _CLASH)])
            outcomes.append(Outcome(put.external_id, "rejected", error=error))
    return outcomes


_CLASH = Text(
    "La fiche se heurte à une autre écriture ; renvoyez-la.", "The record clashes with another write; send it again."
)
