"""Periodic work of games: draws whose time has come, prizes nobody claimed, seeds. One command each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from celery import shared_task

from campaigns.games import selectors
from campaigns.games.services import draw, look_after, settle_win
from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme

log = structlog.get_logger(__name__)
BATCH = 200

schedule = {"games": {"task": "campaigns.games.tasks.look_after_games", "schedule": 60}}


@shared_task
def look_after_games() -> int:
    """Do what is due in every programme; answers how many commands were run."""
    return sum(_look_after(programme) for programme in Programme.objects.all())


def _look_after(programme: Programme) -> int:
    at = clock_now()
    minute = f"{at:%Y%m%dT%H%M}"
    actor = job_actor(programme, "games")
    with in_programme(programme):
        rows = selectors.games()
        due = selectors.due_draws(at=at) if rows else []
        late = selectors.due_wins(at=at, limit=BATCH) if rows else []
        seeds = selectors.unsettled(rows, at=at) if rows else []
    done = 0
    for row in due:
        done += _try(draw, Call(actor, f"draw:{row.family}:{minute}"), game=row.family)
    for win in late:
        done += _try(settle_win, Call(actor, f"lapse:{win.public_id}"), win=win.public_id)
    for row in seeds:
        if row not in due:
            call = Call(actor, f"seeds:{row.family}:{minute}")
            done += _try(look_after, call, game=row.family)
    return done


def _try(act: Callable[..., Any], call: Call, **about: str) -> int:
    try:
        act(call, **about)
    except DomainError as refusal:  # one that cannot is no reason to stop for the others
        log.warning("game_refused", code=refusal.code, **about)
        return 0
    return 0 if call.replayed else 1
