"""What a spec says of the messages that the tool sends by itself, as typed data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from raccord.adapters.rest.patterns import FieldPointer, Pointer, Token
from raccord.kernel.shapes import Shape


class HmacProof(Shape):
    """A header with the HMAC-SHA256, under the secret `receive_key`, of the body, or of `{timestamp}.{body}`."""

    type: Literal["hmac_sha256"]
    header: Token
    prefix: str = Field("", max_length=50)
    encoding: Literal["hex", "base64"] = "hex"
    timestamp_header: Token | None = None
    tolerance_s: int = Field(300, ge=1, le=86_400)


class WebhooksProof(Shape):
    """As Standard Webhooks says; the secret `receive_key` begins with `whsec_`."""

    type: Literal["standard_webhooks"]
    tolerance_s: int = Field(300, ge=1, le=86_400)


class TokenProof(Shape):
    """The secret `receive_key` itself, in a header."""

    type: Literal["token"]
    header: Token = "authorization"
    prefix: str = Field("", max_length=50)


Proof = Annotated[HmacProof | WebhooksProof | TokenProof, Field(discriminator="type")]


class ReceiveSpec(Shape):
    """How the tool's messages prove that they are its own."""

    proof: Proof


class MatchSpec(Shape):
    """What a message says of itself, in a field or in a header."""

    pointer: FieldPointer | None = None
    header: Token | None = None
    values: list[str | int | bool] = Field(min_length=1, max_length=50)


class MessageSpec(Shape):
    """Which messages tell of a stream (without `when` all), where they hold its records, and when these are gone."""

    pointer: Pointer = ""
    when: MatchSpec | None = None
    gone: MatchSpec | None = None
