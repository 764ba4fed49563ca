"""Background work of the outbox. Rows say what is due; these tasks only go and look."""

from __future__ import annotations

import time

from celery import shared_task

from loyalty.outbox.delivery import deliver_due
from loyalty.outbox.relay import relay_due
from loyalty.outbox.wake import DELIVER, RELAY, wake

# A task ends after this long even with work left: the next one goes on.
_AT_MOST_SECONDS = 50.0

schedule = {
    "outbox: relay what is due": {
        "task": RELAY,
        "schedule": 5.0,
        "options": {"expire_seconds": 20},
    },
    "outbox: deliver what is due": {
        "task": DELIVER,
        "schedule": 5.0,
        "options": {"expire_seconds": 20},
    },
}


@shared_task(name=RELAY)
def relay() -> int:
    """Hand on all due events; answers how many."""
    done, until = 0, time.monotonic() + _AT_MOST_SECONDS
    while taken := relay_due():
        done += taken
        wake(DELIVER)
        if time.monotonic() > until:
            wake(RELAY)
            break
    return done


@shared_task(name=DELIVER)
def deliver() -> int:
    """Attempt all due deliveries; answers how many."""
    done, until = 0, time.monotonic() + _AT_MOST_SECONDS
    while taken := deliver_due():
        done += taken
        if time.monotonic() > until:
            wake(DELIVER)
            break
    return done
