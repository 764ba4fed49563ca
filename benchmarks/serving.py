"""The product as it is served in production: gunicorn, real processes, a real socket."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def served() -> Iterator[int]:
    """The port on which gunicorn answers; it ends with the block."""
    port = _free_port()
    child = subprocess.Popen(
        [str(Path(sys.executable).with_name("gunicorn")), "loyalty.wsgi"],
        cwd=ROOT,
        env=os.environ | {"BIND": f"127.0.0.1:{port}", "LOG_LEVEL": "INFO"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_it_answers(port, child)
        yield port
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def _wait_until_it_answers(port: int, child: subprocess.Popen[bytes]) -> None:
    for _attempt in range(300):
        assert child.poll() is None, "gunicorn ended at once"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("gunicorn does not answer")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
