"""The proofs that a message is the tool's: an HMAC of its body, a Standard Webhooks signature, or a token.

Everything is compared in constant time, with each of the two secrets that may be live.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import SecretStr

from raccord.adapters.contract import CredentialsRefused, Inbound
from raccord.adapters.rest.message_spec import HmacProof, Proof, TokenProof, WebhooksProof

_PREFIX = "whsec_"


def check_proof(proof: Proof, secrets: Sequence[SecretStr | None], inbound: Inbound, now: datetime) -> None:
    """Check that one of the secrets proves the message.

    Errors: CredentialsRefused.
    """
    keys = [secret.get_secret_value() for secret in secrets if secret is not None]
    if not _is_proven(proof, keys, inbound, now):
        raise CredentialsRefused("the message bears no proof of its tool")


def _is_proven(proof: Proof, keys: Sequence[str], inbound: Inbound, now: datetime) -> bool:
    match proof.type:
        case "hmac_sha256":
            return _prove_hmac(proof, keys, inbound, now)
        case "standard_webhooks":
            return _prove_webhooks(proof, keys, inbound, now)
        case "token":
            return _prove_token(proof, keys, inbound)


def _prove_hmac(proof: HmacProof, keys: Sequence[str], inbound: Inbound, now: datetime) -> bool:
    given = _read_header(inbound, proof.header, proof.prefix)
    signed = inbound.body
    if proof.timestamp_header is not None:
        stamp = _read_header(inbound, proof.timestamp_header)
        if not _is_fresh(stamp, proof.tolerance_s, now):
            return False
        signed = f"{stamp}.".encode() + signed
    digests = [hmac.digest(key.encode(), signed, hashlib.sha256) for key in keys]
    if proof.encoding == "hex":
        return _match([digest.hex() for digest in digests], [given.lower()])
    return _match([base64.b64encode(digest).decode() for digest in digests], [given])


def _prove_webhooks(proof: WebhooksProof, keys: Sequence[str], inbound: Inbound, now: datetime) -> bool:
    """Prove as Standard Webhooks says: several signatures stand in the header while the tool's secret is changed."""
    name, stamp = _read_header(inbound, "webhook-id"), _read_header(inbound, "webhook-timestamp")
    if not _is_fresh(stamp, proof.tolerance_s, now):
        return False
    signed = f"{name}.{stamp}.".encode("utf-8", "replace") + inbound.body
    made = [
        "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in _open_webhook_keys(keys)
    ]
    return _match(made, _read_header(inbound, "webhook-signature").split(" ")[:10])


def _open_webhook_keys(keys: Sequence[str]) -> Iterable[bytes]:
    for key in keys:
        try:
            yield base64.b64decode(key.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise CredentialsRefused("a secret of Standard Webhooks is base64 after whsec_") from None


def _prove_token(proof: TokenProof, keys: Sequence[str], inbound: Inbound) -> bool:
    return _match(keys, [_read_header(inbound, proof.header, proof.prefix)])


def _read_header(inbound: Inbound, name: str, prefix: str = "") -> str:
    """Read a header without its prefix; empty where it is not there, or begins otherwise."""
    value = inbound.headers.get(name.lower(), "").strip()
    return value.removeprefix(prefix) if value.startswith(prefix) else ""


def _is_fresh(stamp: str, tolerance_s: int, now: datetime) -> bool:
    """Tell whether the moment, in seconds since 1970, is near: an old message sent again proves nothing."""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    return abs(now.timestamp() - int(stamp)) <= tolerance_s


def _match(expected: Iterable[str], given: Iterable[str]) -> bool:
    """Compare each with each, in a time that tells nothing of where they differ."""
    read = [value.encode("utf-8", "surrogatepass") for value in given if value]
    return any(hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other) for one in expected for other in read)
