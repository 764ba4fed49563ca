"""The door out: a command publishes events, which commit with what caused them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from loyalty.commands.decorator import Context
from loyalty.common.public_ids import new_id
from loyalty.outbox.models import Event
from loyalty.outbox.wake import wake
from loyalty.tenancy.inserts import Insert

_BUFFER = "outbox"
_EVENTS = Insert(Event, "public_id type merchant_id subject data recorded_at due_at attempts error")


def publish(
    ctx: Context,
    type: str,
    *,
    subject: str = "",
    data: Mapping[str, Any],
    merchant_id: int | None = None,
) -> None:
    """Write an event at the end of the command, in its transaction.

    Args:
        type: dotted, ``points.accrued``; part of the public API.
        subject: public id of what it is about, usually the member.
        data: plain JSON values; public ids only, no personal data.
        merchant_id: whose business it is, where that is not the actor's merchant.
    """
    events = ctx.buffers.setdefault(_BUFFER, [])
    if not events:
        ctx.at_end.append(lambda: _write(events))
    whose = merchant_id or ctx.actor.merchant_id
    events.append((new_id("evt"), type, whose, subject, dict(data), ctx.now, ctx.now, 0, ""))


def _write(events: list[tuple[Any, ...]]) -> None:
    _EVENTS(events)
    transaction.on_commit(wake)
