"""A small HTTP/1.1 load generator: keep-alive connections, one request in flight on each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Load:
    """What came of it: answers per second, and how many were not what was wanted."""

    per_second: float
    answers: int
    refused: int
    median_ms: float
    slowest_ms: float


def send(
    *, host: str, port: int, requests: Iterator[bytes], connections: int, seconds: float, want: int
) -> Load:
    """Send requests for so many seconds; ``want`` is the status a good answer has."""
    return asyncio.run(_send(host, port, requests, connections, seconds, want))


async def _send(
    host: str, port: int, requests: Iterator[bytes], connections: int, seconds: float, want: int
) -> Load:
    times: list[float] = []
    refused = 0
    until = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(host, port)
        while time.perf_counter() < until:
            started = time.perf_counter()
            writer.write(next(requests))
            status = await _answer(reader)
            times.append(time.perf_counter() - started)
            refused += status != want
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    took = time.perf_counter() - started
    times.sort()
    return Load(
        per_second=len(times) / took,
        answers=len(times),
        refused=refused,
        median_ms=times[len(times) // 2] * 1000,
        slowest_ms=times[-1] * 1000,
    )


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    await reader.readexactly(length)
    return int(head[9:12])


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST request as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
