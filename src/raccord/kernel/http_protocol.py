"""HTTP/1.1 as the server reads it."""

from __future__ import annotations

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

_OFFER = re.compile(rb"\r\nupgrade:[ \t]*h2c[ \t]*(?=\r\n)", re.IGNORECASE)


class HttpProtocol(HttpToolsProtocol):
    """The server's protocol, which passes over an offer to go on in HTTP/2.

    The parser would take what follows the headers for another protocol's, and the request would lose its body. Java's
    client makes the offer with its first request; a server may pass it over (RFC 9110 §7.8).
    """

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        if b"h2c" in data and self._is_between_requests():
            head, end, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(b"", head + end) + rest
        super().data_received(data)

    def _is_between_requests(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete
