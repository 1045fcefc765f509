"""The verbs, as the spec says."""

from __future__ import annotations

from collections.abc import AsyncIterator

from raccord.adapters.contract import Batch, Broken, Change, Equipment, Inbound, Item, Receipt, Translation, Walk
from raccord.adapters.field_rules import list_readers
from raccord.adapters.rest.client import Client, Place
from raccord.adapters.rest.connection import RestSecrets
from raccord.adapters.rest.proofs import check_proof
from raccord.adapters.rest.receive import read_message
from raccord.adapters.rest.spec import RequestSpec, StreamSpec
from raccord.adapters.rest.translate import translate_record
from raccord.adapters.rest.walk import Walker, list_steps, list_told_steps
from raccord.adapters.rest.write import push_change
from raccord.kernel.text import Text


class RestAdapter:
    """The adapter of one connection."""

    def __init__(self, given: Equipment) -> None:
        self.client = Client(given)
        self.steps = list_steps(self.client.spec)
        self.told = list_told_steps(self.client.spec)
        self.secrets, self.now = given.secrets_as(RestSecrets), given.now
        kinds = {step.stream.kind for step in (*self.steps, *self.told) if step.stream.kind is not None}
        self.readers = {str(kind): list_readers(kind) for kind in kinds}

    async def check(self) -> None:
        """Call what the spec's `check` names, else the first page of the first stream."""
        check = self.client.spec.check
        if check is not None:
            await self.client.read(RequestSpec(path=check.path), self.client.values, Place(), is_json=False)
        elif self.steps:
            await Walker(self.client, Walk()).read_first()

    def pull(self, walk: Walk) -> AsyncIterator[Batch]:
        """Walk through the streams in their order."""
        return Walker(self.client, walk).run()

    def translate(self, item: Item) -> Translation:
        """Apply the map of the item's stream."""
        return translate_record(self._find_stream(item), self.readers[item.kind], item.raw)

    def _find_stream(self, item: Item) -> StreamSpec:
        # A record set aside before its part had this name is read by the first stream of its kind.
        own = [step for step in (*self.steps, *self.told) if step.kind == item.kind]
        return next((step.stream for step in own if step.part == item.part), own[0].stream)

    async def push(self, change: Change) -> Receipt:
        """Tell the tool a change, as the `write` of its kind's stream says."""
        return await push_change(self.client, change)

    async def receive(self, inbound: Inbound) -> Batch:
        """Check the proof that the spec's `receive` asks for, and read the records of the streams that have one."""
        receive = self.client.spec.receive
        if receive is None:
            raise Broken(Text("Cette connexion ne reçoit rien.", "This connection receives nothing."))
        if not inbound.is_proven:
            secrets = (self.secrets.receive_key, self.secrets.receive_key_before)
            check_proof(receive.proof, secrets, inbound, self.now())
        return read_message(inbound, self.told)
