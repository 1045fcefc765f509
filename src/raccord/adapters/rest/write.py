"""A change told to the tool: created, brought up to date or deleted, once however often it is told."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote, urlsplit

from raccord.adapters.contract import Change, Receipt, RecordRefused, TryLater
from raccord.adapters.rest.client import Client, read_object
from raccord.adapters.rest.records import read_id, read_list
from raccord.adapters.rest.spec import CallSpec, StreamSpec, WriteSpec
from raccord.adapters.rest.template import Values, fill_headers, fill_map
from raccord.adapters.rest.translate import write_body
from raccord.kernel.outbound import Reply
from raccord.kernel.response_rules import read_pointer
from raccord.kernel.text import Text

_CHANGED_MEANWHILE_S = 60.0


async def push_change(client: Client, change: Change) -> Receipt:
    """Tell the tool a change.

    Errors: the four.
    """
    stream = next((one for one in client.spec.streams.values() if one.kind == change.kind and one.write), None)
    if stream is None or stream.write is None:
        return Receipt(is_ignored=True)
    return await _Push(client, stream, stream.write, change).send()


class _Push:
    def __init__(self, client: Client, stream: StreamSpec, write: WriteSpec, change: Change) -> None:
        self.client, self.stream, self.write, self.change = client, stream, write, change
        state = {"id": str(change.id), "version": str(change.version), "key": change.key}
        if change.external_id is not None:
            state["external_id"] = change.external_id
        self.values = Values(client.values.config, state)

    async def send(self) -> Receipt:
        if self.change.document is None:
            return await self._delete()
        if self.change.external_id is None:
            found = await self._find()
            if found is None:
                return await self._create()
            self.values = replace(self.values, state={**self.values.state, "external_id": found})
        return await self._update()

    async def _create(self) -> Receipt:
        call = self.write.create
        if call is None:
            return Receipt(is_ignored=True)
        reply = await self._call(call)
        self._refuse_where_told(reply, gone_is_fine=False)
        return Receipt(self._read_id(call, reply))

    async def _update(self) -> Receipt:
        call, known = self.write.update, self.values.state.get("external_id")
        if call is None:
            # The tool keeps what it was told first: it is not told twice.
            return Receipt(known, is_ignored=self.change.external_id is None and known is None)
        reply = await self._call(call, await self._read_precondition(call))
        if reply.status == 412:
            raise TryLater(_CHANGED_MEANWHILE_S, "the record changed in the tool meanwhile")
        self._refuse_where_told(reply, gone_is_fine=False)
        return Receipt(self._read_id(call, reply) or known)

    async def _delete(self) -> Receipt:
        call = self.write.delete
        if call is None or self.change.external_id is None:
            return Receipt(is_ignored=True)
        reply = await self._call(call, await self._read_precondition(call))
        if reply.status == 412:
            raise TryLater(_CHANGED_MEANWHILE_S, "the record changed in the tool meanwhile")
        self._refuse_where_told(reply, gone_is_fine=True)
        return Receipt(self.change.external_id)

    async def _call(self, call: CallSpec, headers: dict[str, str] | None = None) -> Reply:
        sent = {**fill_headers(call.headers, self.values), **(headers or {})}
        if self.write.idempotency_header is not None:
            sent[self.write.idempotency_header] = self.change.key
        document, body = self.change.document, None
        if document is not None and call.method != "DELETE":
            body = write_body(self.stream, self.write, document, keeps_nulls=call.method == "PATCH")
        return await self.client.writing.call(
            call.method,
            self.client.write_url(call.path, self.values),
            params=fill_map(call.params, self.values),
            headers=sent,
            json_body=body,
            may_repeat=self.write.idempotency_header is not None or call.method != "POST",
        )

    async def _find(self) -> str | None:
        """Find the record that an earlier try may have left there."""
        find = self.write.find
        if find is None:
            return None
        url, params = self.client.write_url(find.path, self.values), fill_map(find.params, self.values)
        reply = await self.client.writing.call("GET", url, params=params, is_json=True)
        if reply.status in (404, 410) or not reply.content:
            return None
        value = read_pointer(reply.json, find.pointer)
        records = [value] if isinstance(value, dict) else read_list(reply.json, find.pointer)
        return read_id(records[0], find.id) if records else None

    async def _read_precondition(self, call: CallSpec) -> dict[str, str]:
        """Read the version that the tool holds, so that nobody's change there is written over unseen."""
        if self.write.precondition == "none":
            return {}
        reply = await self.client.writing.call("GET", self.client.write_url(call.path, self.values))
        etag = reply.headers.get("etag")
        return {"if-match": etag} if etag is not None else {}

    def _read_id(self, call: CallSpec, reply: Reply) -> str | None:
        if call.id is not None:
            return read_id(read_object(reply), call.id)
        location = urlsplit(reply.headers.get("location", "")).path.rstrip("/")
        return unquote(location.rpartition("/")[2]) or self.values.state.get("external_id")

    def _refuse_where_told(self, reply: Reply, *, gone_is_fine: bool) -> None:
        if reply.status < 300 or (gone_is_fine and reply.status in (404, 410)):
            return
        if reply.status in (404, 410):
            raise RecordRefused(
                "gone_at_tool", Text("L'outil n'a plus cette fiche.", "The tool has this record no more.")
            )
        status = reply.status
        raise RecordRefused(
            "refused_by_tool", Text(f"Refusée par l'outil ({status}).", f"Refused by the tool ({status}).")
        )
