"""A bounded load on loopback: a number of connections, each sending the next request when the last one is answered."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What was measured.

    Units: latencies in milliseconds.
    """

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    bytes_each: int
    mean_bytes: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


async def measure(port: int, requests: list[bytes], *, connections: int = 16, seconds: float = 6.0) -> Load:
    """Send the requests in turn for so long, after a warm-up, and require 200 of each."""
    await _run(port, requests, connections, 1.0)
    return await _run(port, requests, connections, seconds)


async def _run(port: int, requests: list[bytes], connections: int, seconds: float) -> Load:
    latencies: list[float] = []
    sizes: list[int] = []
    started = time.perf_counter()
    end = started + seconds

    async def connect(offset: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        place = offset
        while (before := time.perf_counter()) < end:
            writer.write(requests[place % len(requests)])
            place += connections
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode("latin-1"))
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            sizes.append(length)
            latencies.append(time.perf_counter() - before)
        writer.close()

    await asyncio.gather(*(connect(offset) for offset in range(connections)))
    elapsed = time.perf_counter() - started
    latencies.sort()
    return Load(
        len(latencies), elapsed, 1000 * latencies[len(latencies) // 2], 1000 * latencies[len(latencies) * 95 // 100],
        max(sizes), sum(sizes) // len(sizes),
    )  # fmt: skip


def write_request(path: str, token: str = "") -> bytes:
    """Write a GET request."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\n".encode()
