"""Periodic work of events: offers that lapse, free places, tickets of what was called off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from celery import shared_task

from community.events import selectors
from community.events.models import Seat
from community.events.services import lapse_offer, move_up, void_seat
from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme

log = structlog.get_logger(__name__)
BATCH = 500

schedule = {"events": {"task": "community.events.tasks.look_after_events", "schedule": 300}}


@shared_task
def look_after_events() -> int:
    """Do what is due for the events of every programme; answers for how many seats."""
    return sum(_look_after(programme) for programme in Programme.objects.all())


def _look_after(programme: Programme) -> int:
    actor, at, done = job_actor(programme, "events"), clock_now(), 0
    with in_programme(programme):
        over = selectors.due_offers(at=at, limit=BATCH)
        called_off = selectors.left_over(limit=BATCH)
    for seat in over:
        assert seat.offer_until is not None
        done += _try(actor, lapse_offer, seat, f"lapse:{seat.offer_until.isoformat()}")
    for seat in called_off:
        done += _try(actor, void_seat, seat, "void")
    return done + _fill(programme, actor)


def _fill(programme: Programme, actor: Actor) -> int:
    """Whoever waits where there is room moves up: also where the event that tells of it got lost."""
    done = 0
    with in_programme(programme):
        rows = selectors.with_free_places(at=clock_now())
    for row in rows:
        for _turn in range(BATCH):
            with in_programme(programme):
                row.refresh_from_db()
                seat = selectors.next_in_line(row)
            if seat is None or not _try(actor, move_up, seat, f"up:{seat.number}:{row.taken}"):
                break
            done += 1
    return done


def _try(actor: Actor, command: Callable[..., Any], seat: Seat, what: str) -> int:
    try:
        answer = command(Call(actor, f"event:{seat.public_id}:{what}"), seat=seat.public_id)
    except DomainError as refusal:  # one that cannot is no reason to stop for the others
        log.warning("seat_refused", seat=seat.public_id, what=what, code=refusal.code)
        return 0
    return int(answer.state != "waiting")
