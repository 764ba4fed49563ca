"""Pictures that were kept and belong to nothing (what was sent was refused) are thrown away."""

from __future__ import annotations

from celery import shared_task

from loyalty.web.photos import kept_before
from members.moderation.services import sweep_photos

schedule = {
    "moderation: throw away pictures of nothing": {
        "task": "moderation.sweep_photos",
        "schedule": 21_600.0,
    },
}


@shared_task(name="moderation.sweep_photos")
def sweep_pictures() -> int:
    """Throw away files older than a day that no photo needs; answers how many."""
    return sweep_photos(kept_before(hours=24))
