"""Periodic work of points: warnings before they expire, dates after expiry was switched on.

One command per member under a natural key: killed in between, it goes on where it stopped.
"""

from __future__ import annotations

from celery import shared_task

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.engine.due import member_of_each
from loyalty.ledger.assets import assets_of_kind
from loyalty.ledger.lots import holders_to_warn, holders_with_undated_lots
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from rewards.points.models import PointsSettings
from rewards.points.services import date_old_lots, warn_expiring

BATCH = 500

schedule = {
    "points-warnings": {"task": "rewards.points.tasks.warn_of_expiry", "schedule": 3600},
    "points-dates": {"task": "rewards.points.tasks.date_lots", "schedule": 600},
}


@shared_task
def warn_of_expiry() -> int:
    """Warn everybody whose points expire within 30, 7 or 1 days; answers how many."""
    return sum(_warn(programme) for programme in Programme.objects.all())


def _warn(programme: Programme) -> int:
    at = clock_now()
    today = local_day(at, programme.timezone).isoformat()
    actor = job_actor(programme, "points-warnings")
    with in_programme(programme):
        assets = [asset.code for asset in assets_of_kind("points")]
        found = [(asset, list(holders_to_warn([asset], at=at))) for asset in assets]
    done = 0
    for asset, holders in found:
        for start in range(0, len(holders), BATCH):
            with in_programme(programme):
                people = member_of_each(holders[start : start + BATCH])
            for member in people.values():
                call = Call(actor, f"points.warn:{asset}:{member}:{today}:{at.hour}")
                warn_expiring(call, member=member, asset=asset)
                done += not call.replayed
    return done


@shared_task
def date_lots() -> int:
    """Give points from before a switch of expiry their date; answers how many members."""
    return sum(_date(programme) for programme in Programme.objects.all())


def _date(programme: Programme) -> int:
    actor, done = job_actor(programme, "points-dates"), 0
    with in_programme(programme):
        switched = list(PointsSettings.objects.filter(expiry_switched_at__isnull=False))
    for settings in switched:
        assert settings.expiry_switched_at is not None
        with in_programme(programme):
            found = holders_with_undated_lots(settings.asset, before=settings.expiry_switched_at)
            people = member_of_each(list(found[:BATCH]))
        since = settings.expiry_switched_at.isoformat()
        for member in people.values():
            call = Call(actor, f"points.date:{settings.asset}:{member}:{since}")
            date_old_lots(call, member=member, asset=settings.asset)
            done += not call.replayed
    return done
