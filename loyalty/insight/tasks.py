"""Keeping the roll-ups current while nobody looks, and checking them whole once a night."""

from __future__ import annotations

from celery import shared_task
from celery.schedules import crontab

from loyalty.insight import services
from loyalty.tenancy.models import Programme

schedule = {
    "insight-refresh": {"task": "insight.refresh_all", "schedule": 300.0},
    "insight-rebuild": {"task": "insight.rebuild_all", "schedule": crontab(hour=3, minute=20)},
}


@shared_task(name="insight.refresh_all")
def refresh_all() -> None:
    """Every programme's roll-ups, up to now."""
    for programme in Programme.objects.all():
        services.refresh(programme)


@shared_task(name="insight.rebuild_all")
def rebuild_all() -> None:
    """Every programme's roll-ups from nothing: whatever a crash or a clock did is gone after it."""
    for programme in Programme.objects.all():
        services.rebuild(programme)
