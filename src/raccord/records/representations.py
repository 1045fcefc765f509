"""One record in the form that its reader asks for (`Accept`): the stored JSON, or what its kind translates it to."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response

from raccord.kernel.database import Reader
from raccord.kernel.errors import NotAcceptableError
from raccord.kernel.strict_json import dump_json, parse_object
from raccord.records.answers import answer_record
from raccord.records.kind import Kind, Representation
from raccord.records.reads import Served


async def answer_chosen(request: Request, reader: Reader, kind: Kind, served: Served) -> Response:
    """Answer the record in the form preferred; in JSON to who asks for nothing that there is.

    Errors: NotAcceptableError if this record has no such form.
    """
    chosen = choose_representation(kind.representations, request.headers.get("accept"))
    media_type = "application/json"
    if chosen is not None:
        document = parse_object(served.body)
        address = f"{request.app.state.public_url}/v1/{kind.path}/{document['id']}"
        written = await chosen.write(reader, document, address)
        if written is None:
            # Without it, a cache would answer this to who asks for JSON.
            raise NotAcceptableError(chosen.absence, headers={"Vary": "Accept"})
        body = dump_json(written)
        # Another form of the same version: another tag, which still names the version to If-Match.
        digest = hashlib.blake2b(body, digest_size=6).hexdigest()
        served, media_type = Served(body, f'"{served.version}-{digest}"', served.version), chosen.media_type
    response = answer_record(request, served, is_personal=kind.is_personal, media_type=media_type)
    response.headers["Vary"] = "Accept"
    return response


def choose_representation(offered: tuple[Representation, ...], accept: str | None) -> Representation | None:
    """Choose the form that the header names with the greatest weight; None for JSON.

    Source: RFC 9110 §12.5.1; a wildcard asks for JSON, and so does a tie.
    """
    weights = _read_weights(accept or "")
    best, chosen = weights.get("application/json", 0.0), None
    for representation in offered:
        weight = weights.get(representation.media_type, 0.0)
        if weight > best:
            best, chosen = weight, representation
    return chosen


def _read_weights(accept: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in accept[:500].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            weights[name] = float(weight)
        except ValueError:
            continue
    return weights
