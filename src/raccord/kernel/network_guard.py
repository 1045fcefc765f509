"""The guard of outgoing connections: no address of this machine or of a private network is ever called.

A name is resolved once, every address it has must be public, and the connection goes to the address that was vetted:
a resolver that answers otherwise the second time changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import httpcore
import httpx

Resolve = Callable[[str, int], Awaitable[list[str]]]
SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


class AddressRefused(httpx.UnsupportedProtocol):
    """The address is not one that Raccord calls."""


async def resolve_name(host: str, port: int) -> list[str]:
    """Resolve a name with the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


@dataclass(frozen=True)
class NetworkGuard:
    """What may be called: public addresses over TLS.

    Shape: `allows_loopback` also lets this machine be called, over plain HTTP too; settings refuse it in production.
    """

    allows_loopback: bool = False
    resolve: Resolve = resolve_name

    def read_url(self, text: str) -> httpx.URL:
        """Read a URL, and check what can be seen without resolving.

        Errors: AddressRefused for what is none, for another scheme than https, for credentials in the address, and for
                what check_host refuses.
        """
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL:
            raise AddressRefused("not an address") from None
        if url.userinfo:
            raise AddressRefused("an address bears no credentials")
        if not url.host or url.scheme not in ("http", "https"):
            raise AddressRefused("an address begins with https://")
        if url.scheme != "https" and not self.allows_loopback:
            raise AddressRefused("only https is called")
        self.check_host(url.host)
        return url

    def check_host(self, host: str) -> None:
        """Check a host that is written as an address, or that is this machine by its name.

        Errors: AddressRefused.
        """
        address = _read_literal(host)
        if address is not None and not self._may_call(address):
            raise AddressRefused("not a public address")

    async def vet(self, host: str, port: int) -> str:
        """Return an address of the host that may be called.

        Errors: AddressRefused if any of its addresses is not public.
        """
        try:
            addresses = await self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError("the name does not resolve") from error
        if not addresses or not all(self._may_call(address) for address in addresses):
            raise AddressRefused("not a public address")
        return addresses[0]

    def _may_call(self, text: str) -> bool:
        address = _unwrap(ipaddress.ip_address(text.partition("%")[0]))
        if address.is_loopback:
            return self.allows_loopback
        return address.is_global and not address.is_multicast


def _read_literal(host: str) -> str | None:
    """Read the address that a host is without a resolver: as resolvers do, so also `127.1`; else None.

    Source: RFC 6761, section 6.3, for localhost.
    """
    name = host.strip("[]").removesuffix(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except (OSError, UnicodeError):
        return None


def _unwrap(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Find the IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo or NAT64 (RFC 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    return inner or address


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to what the guard has vetted. TLS still checks the certificate against the name."""

    def __init__(self, guard: NetworkGuard) -> None:
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect."""
        address = await self._guard.vet(host, port)
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class ClosedTransport(httpx.AsyncBaseTransport):
    """A way out that leads nowhere: for a process that builds what could call, and must not call."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse.

        Errors: AddressRefused.
        """
        raise AddressRefused("nothing is called from here", request=request)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport, on connections that the guard lets through."""

    def __init__(self, guard: NetworkGuard, connections: int = 20) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            network_backend=_GuardedBackend(guard),
        )
