"""Waking the worker: a hint that may get lost, never the carrier of what must happen.

What is due lies in rows; the sweeper finds it within seconds even when no hint ever arrives. So a
process sends at most one hint a second, and a broker that is down costs one attempt in a while.
"""

from __future__ import annotations

import time
from threading import Lock

import structlog
from celery import current_app

log = structlog.get_logger(__name__)

RELAY, DELIVER = "outbox.relay", "outbox.deliver"
_EVERY_SECONDS, _AFTER_FAILURE_SECONDS = 1.0, 30.0

_lock = Lock()
_not_before: dict[str, float] = {}


def wake(task: str = RELAY) -> None:
    """Ask a worker to look at what is due, unless this process asked within the last second."""
    with _lock:
        moment = time.monotonic()
        if moment < _not_before.get(task, 0.0):
            return
        _not_before[task] = moment + _EVERY_SECONDS
    try:
        current_app.send_task(task, ignore_result=True, retry=False, expires=60)
    except Exception:
        with _lock:
            _not_before[task] = time.monotonic() + _AFTER_FAILURE_SECONDS
        log.warning("worker_not_woken", task=task, exc_info=True)
