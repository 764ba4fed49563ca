"""The web server's processes share kept-alive connections evenly."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

PROCESSES, CONNECTIONS = 2, 8


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers the number of the process."""
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def test_connections_that_come_at_once_are_shared(tmp_path: Path) -> None:
    """Without a head start for the idle, one process would now and then hold nearly all of them."""
    address = tmp_path / "door"
    arguments = ("--workers", PROCESSES, "--threads", 2, "--bind", f"unix:{address}")
    server = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("gunicorn")),
            f"{__name__}:application",
            *map(str, arguments),
            "--worker-class=loyalty.web.workers.FairWorker",
            "--config=/dev/null",
            "--no-control-socket",
            "--keep-alive=30",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(address)
        connections = [_connect(address) for _number in range(CONNECTIONS)]
        holders = Counter(_ask(connection) for connection in connections)
        for connection in connections:
            connection.close()
    finally:
        server.terminate()
        server.wait(timeout=10)
    assert len(holders) == PROCESSES
    assert max(holders.values()) <= CONNECTIONS // PROCESSES + 1


def _connect(address: Path) -> HTTPConnection:
    connection = HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(10)
    connection.sock.connect(str(address))
    return connection


def _ask(connection: HTTPConnection) -> bytes:
    connection.request("GET", "/")
    return connection.getresponse().read()


def _wait_for(address: Path) -> None:
    """Until both processes have booted: a connection that comes earlier has but one to go to."""
    seen: set[bytes] = set()
    until = time.monotonic() + 30
    while len(seen) < PROCESSES and time.monotonic() < until:
        try:
            pair = [_connect(address) for _number in range(2 * PROCESSES)]
        except OSError:
            time.sleep(0.1)
            continue
        seen |= {_ask(one) for one in pair}
        for one in pair:
            one.close()
        time.sleep(0.2)
