"""The product's worker with one more reaction, which takes its time so that it can be killed in it."""

from __future__ import annotations

import time

import django

django.setup()

from loyalty.celery import app  # noqa: E402
from loyalty.outbox.subscriptions import Happened, subscriber  # noqa: E402
from loyalty.outbox.wake import DELIVER, RELAY  # noqa: E402
from members.profiles.services import add_note  # noqa: E402

app.finalize()
app.conf.beat_schedule = {
    name: {"task": name, "schedule": 1.0, "options": {"expires": 5}} for name in (RELAY, DELIVER)
}


@subscriber("purchase.recorded")
def write_it_down(event: Happened) -> None:
    """A note per purchase: run twice without a key there would be two."""
    add_note(event.call("note"), member=event.subject, text=event.id)
    time.sleep(0.05)
