"""The door out: a command publishes events, which commit with what caused them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from loyalty.commands.decorator import Context
from loyalty.outbox.models import Event
from loyalty.outbox.wake import wake

_BUFFER = "outbox"


def publish(ctx: Context, type: str, *, subject: str = "", data: Mapping[str, Any]) -> None:
    """Write an event at the end of the command, in its transaction.

    Args:
        type: dotted, ``points.accrued``; part of the public API.
        subject: public id of what it is about, usually the member.
        data: plain JSON values; public ids only, no personal data.
    """
    events = ctx.buffers.setdefault(_BUFFER, [])
    if not events:
        ctx.at_end.append(lambda: _write(events))
    events.append(
        Event(
            programme=ctx.programme,
            type=type,
            subject=subject,
            data=dict(data),
            recorded_at=ctx.now,
            due_at=ctx.now,
        )
    )


def _write(events: list[Event]) -> None:
    Event.objects.bulk_create(events)
    transaction.on_commit(wake)
