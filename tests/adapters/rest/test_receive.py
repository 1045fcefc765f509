"""Messages to the declarative adapter: every proof proves, nothing else does; and which streams a message is about."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.adapters.contract import Broken, CredentialsRefused, Gone, Inbound
from raccord.adapters.rest.adapter import RestAdapter
from raccord.adapters.rest.message_spec import TokenProof, WebhooksProof
from raccord.adapters.rest.parse import parse_spec
from raccord.adapters.rest.proofs import check_proof
from raccord.kernel.clock import read_now
from tests.adapters.rest.cases import MESSAGES, PROOFS, connect, write_receiving_spec
from tests.adapters.rest.publisher import KEY, RECEIVE_KEY, Publisher, make_row, sign_message
from tests.adapters.rest.test_spec import refuse
from tests.adapters.suite import Case, list_items

KEYS = dict.fromkeys(PROOFS, RECEIVE_KEY) | {"standard_webhooks": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
EVERY = pytest.mark.parametrize("proof", sorted(PROOFS))
# The example of the specification of Standard Webhooks.
STANDARD_KEY, STANDARD_SENT_AT = "whsec_plJ3nmyCDGBKInavdOK15jsl", 1731705121
STANDARD = Inbound(
    {
        "webhook-id": "msg_loFOjxBNrRLzqYUf",
        "webhook-timestamp": str(STANDARD_SENT_AT),
        "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    },
    {},
    b'{"event_type":"ping","data":{"success":true}}',
)


def build(proof: str = "hmac", spec: str | None = None, **secrets: str) -> RestAdapter:
    adapter = connect_case(proof, spec, **secrets).build()
    assert isinstance(adapter, RestAdapter)
    return adapter


def connect_case(proof: str = "hmac", spec: str | None = None, **secrets: str) -> Case:
    given = {"key": KEY, "receive_key": KEYS[proof], **secrets}
    return connect(Publisher(), spec or write_receiving_spec(proof), secrets=given)


@EVERY
async def test_every_proof_proves_under_both_secrets_and_no_other(proof: str) -> None:
    mine, other = KEYS[proof], KEYS[proof][:-4] + "AAAA"
    saved = sign_message("structure.saved", make_row(1), key=mine, proof=proof)

    now = await build(proof).receive(saved)
    before = await build(proof, receive_key=other, receive_key_before=mine).receive(saved)

    assert [item.external_id for item in now.items] == ["1"]
    assert before == now
    with pytest.raises(CredentialsRefused):
        await build(proof, receive_key=other, receive_key_before=other).receive(saved)


@EVERY
async def test_a_header_that_is_cut_or_missing_proves_nothing(proof: str) -> None:
    saved = sign_message("structure.saved", make_row(1), key=KEYS[proof], proof=proof)
    adapter = build(proof)
    names = [name for name in saved.headers if name not in ("content-type", "x-sent-at" if proof == "hmac" else "")]
    if proof == "hmac_base64":
        names.remove("x-sent-at")

    for name in names:
        for headers in (
            {other: value for other, value in saved.headers.items() if other != name},
            {**saved.headers, name: ""},
            {**saved.headers, name: saved.headers[name][:-1]},
            {**saved.headers, name: "é\udcff"},
        ):
            with pytest.raises(CredentialsRefused):
                await adapter.receive(replace(saved, headers=headers))


@pytest.mark.parametrize("proof", sorted({*PROOFS} - {"token"}))
async def test_another_body_is_refused(proof: str) -> None:
    saved = sign_message("structure.saved", make_row(1), key=KEYS[proof], proof=proof)

    with pytest.raises(CredentialsRefused):
        await build(proof).receive(replace(saved, body=saved.body + b" "))


@pytest.mark.parametrize(("proof", "tolerance_s"), [("hmac_dated", 60), ("standard_webhooks", 300)])
@pytest.mark.parametrize("sign", [-1, 1])
async def test_an_old_message_sent_again_is_refused(proof: str, tolerance_s: int, sign: int) -> None:
    near, far = (read_now() + sign * timedelta(seconds=tolerance_s + more) for more in (-10, 10))
    messages = [
        sign_message("structure.saved", make_row(1), key=KEYS[proof], proof=proof, sent_at=sent_at)
        for sent_at in (near, far)
    ]

    assert (await build(proof).receive(messages[0])).items
    with pytest.raises(CredentialsRefused):
        await build(proof).receive(messages[1])


def test_the_example_of_the_standard_is_proven() -> None:
    now = datetime.fromtimestamp(STANDARD_SENT_AT).astimezone()
    secrets = connect_case(receive_key=STANDARD_KEY).build()
    assert isinstance(secrets, RestAdapter)

    check_proof(WebhooksProof(type="standard_webhooks"), [secrets.secrets.receive_key], STANDARD, now)


@EVERY
async def test_without_a_secret_nothing_is_proven(proof: str) -> None:
    spec = write_receiving_spec(proof)
    adapter = connect(Publisher(), spec, secrets={"key": KEY}).build()

    with pytest.raises(CredentialsRefused):
        await adapter.receive(sign_message("structure.saved", make_row(1), key=KEYS[proof], proof=proof))


async def test_a_secret_that_is_not_of_the_standard_proves_nothing() -> None:
    saved = sign_message("structure.saved", make_row(1), key=KEYS["standard_webhooks"], proof="standard_webhooks")

    with pytest.raises(CredentialsRefused):
        await build("standard_webhooks", receive_key="whsec_not base64 at all").receive(saved)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_proves_what_it_is_not(given_: str, prefix: str) -> None:
    proof = TokenProof(type="token", prefix=prefix)
    inbound = Inbound({"authorization": given_}, {}, b"{}")
    secrets = build().secrets

    if given_.strip() == prefix + RECEIVE_KEY:
        return
    with pytest.raises(CredentialsRefused):
        check_proof(proof, [secrets.receive_key], inbound, read_now())


async def test_a_message_holds_one_record_or_several_and_tombstones() -> None:
    adapter = build()

    one = await adapter.receive(sign_message("structure.saved", make_row(1)))
    two = await adapter.receive(sign_message("structure.saved", [make_row(1), make_row(2)]))
    gone = await adapter.receive(sign_message("structure.gone", [{"id": 1}, {"id": "2"}]))
    nameless = await adapter.receive(sign_message("structure.gone", [{}]))

    assert [len(batch.items) for batch in (one, two, gone, nameless)] == [1, 2, 0, 0]
    assert gone.gone == [Gone("structures", "1"), Gone("structures", "2")]
    assert [one.refusal.code for one in nameless.unnamed] == ["no_id"]


async def test_a_message_that_no_stream_is_about_holds_nothing() -> None:
    batch = await build().receive(sign_message("person.saved", {"id": 1}))

    assert (batch.items, batch.gone, batch.unnamed) == ([], [], [])


@pytest.mark.parametrize("data", [None, 1, "x", [1], [make_row(1), None]])
async def test_a_message_without_the_records_that_it_announces_is_broken(data: object) -> None:
    with pytest.raises(Broken, match="No record at /data"):
        await build().receive(sign_message("structure.saved", data))


async def test_what_a_message_is_may_stand_in_a_header() -> None:
    spec = write_receiving_spec().replace('when = { pointer = "/event"', 'when = { header = "X-Event"')
    adapter = build(spec=spec)
    saved = sign_message("structure.saved", make_row(1))

    told = await adapter.receive(replace(saved, headers={**saved.headers, "x-event": "structure.saved"}))

    assert len(told.items) == 1
    assert not (await adapter.receive(saved)).items


async def test_marks_of_the_records_hold_in_messages_too() -> None:
    write = '[streams.structures.write]\necho = { field = "/origine" }\n'
    deletes = 'deletes = { type = "tombstone_field", field = "/actif", values = ["non"] }'
    spec = write_receiving_spec(records='ignored = ["/vu_le"], ') + write
    adapter = build(spec=spec.replace('deletes = { type = "full_diff" }', deletes))
    rows = [make_row(1, vu_le="hier"), make_row(2, origine="raccord"), make_row(3, actif="non")]

    batch = await adapter.receive(sign_message("structure.saved", rows))

    assert [(item.external_id, "vu_le" in item.raw) for item in batch.items] == [("1", False)]
    assert batch.items[0].updated_at is not None
    assert batch.gone == [Gone("structures", "3")]


ONLY_TOLD = f"""
base_url = "https://publisher.test"
[receive]
proof = {PROOFS["hmac"]}
[streams.nouvelles]
kind = "structures"
receive = {{ gone = {{ pointer = "/event", values = ["gone"] }} }}
[streams.nouvelles.map]
name = "/nom"
"""


async def test_a_stream_may_be_told_of_alone_and_is_a_part_that_no_walk_sees_whole() -> None:
    case = connect_case(spec=ONLY_TOLD)
    saved = sign_message("structure.saved", {})
    body = json.dumps({"id": 7, "nom": "Dite", "event": "saved"}).encode()

    [item] = (await case.build().receive(replace(saved, body=body, is_proven=True))).items
    batches = await case.walk()
    await case.build().check()

    assert (item.external_id, item.part) == ("7", "nouvelles")
    translation = case.build().translate(item)
    assert translation.content == {"name": "Dite"}
    assert not translation.drifts, "what the spec looks at is known"
    assert (list_items(batches), batches[-1].is_last, batches[-1].ends) == ([], True, ())


GOOD = write_receiving_spec()


@pytest.mark.parametrize(
    ("good", "old", "new", "path", "code"),
    [
        (GOOD, f"[receive]\nproof = {PROOFS['hmac']}", "", "streams.structures.receive", "no_proof"),
        (GOOD, MESSAGES, "", "receive", "no_stream"),
        (GOOD, '"hmac_sha256"', '"crc32"', "receive.proof", "union_tag_invalid"),
        (GOOD, '"x-signature"', '"x y"', "receive.proof.header", "string_pattern_mismatch"),
        (GOOD, 'gone = { pointer = "/event", ', "gone = { ", "streams.structures.receive.gone", "one_place"),
        (GOOD, 'values = ["structure.gone"]', "values = []", "streams.structures.receive.gone.values", "too_short"),
        (ONLY_TOLD, 'name = "/nom"', 'phone = "/nom"', "streams.nouvelles.map", "unmapped_field"),
        (ONLY_TOLD, 'kind = "structures"', "", "streams.nouvelles.kind", "missing"),
    ],
)
def test_what_a_spec_says_wrongly_of_messages_is_refused_by_its_key(
    good: str, old: str, new: str, path: str, code: str
) -> None:
    assert old in good

    found = refuse(good.replace(old, new))

    assert (path, code) in [(where, why) for _, where, why in found]
    assert all(line > 1 for line, _, _ in found)


def test_a_child_of_another_stream_is_told_of_by_no_message() -> None:
    child = '[streams.services]\nkind = "services"\nparent = "structures"\nrequest = { path = "x" }\nreceive = {}\n'
    mapped = '[streams.services.map]\nname = "/n"\ndescription = "/d"\n'

    assert "no_parent" in [code for _, _, code in refuse(write_receiving_spec() + child + mapped)]
    assert parse_spec(write_receiving_spec()).receive is not None
