"""How the web server's processes share the work: each takes its fair part of the connections.

A kept-alive connection stays with the process that took it. All of them wait at the same door, and
whoever wakes first takes what comes: one process may hold every connection while the others idle,
and its threads take turns, for Python runs one at a time however many cores there are.
"""

from __future__ import annotations

import socket
import time

from gunicorn.workers.gthread import ThreadWorker

# Longer than a neighbour needs to wake, shorter than anyone notices.
_HEAD_START_SECONDS, _MOST_SECONDS = 0.001, 0.005


class FairWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn tells no types
    """gunicorn's threads; whoever holds fewer connections takes the next one."""

    def accept(self, listener: socket.socket) -> None:
        time.sleep(min(self.nr_conns * _HEAD_START_SECONDS, _MOST_SECONDS))
        super().accept(listener)
