"""Background work of sales: uploaded files are imported, and thrown away when their time is over."""

from __future__ import annotations

from celery import shared_task

from loyalty.sales.imports.uploads import RUN_TASK, run_due, throw_away_old

schedule = {
    "sales: run imports": {
        "task": RUN_TASK,
        "schedule": 15.0,
        "options": {"expire_seconds": 60},
    },
    "sales: throw away old uploads": {"task": "sales.throw_away_uploads", "schedule": 3600.0},
}


@shared_task(name=RUN_TASK)
def run_imports() -> int:
    """Run what is queued, or was left by a worker that died; answers how many."""
    return run_due()


@shared_task(name="sales.throw_away_uploads")
def throw_away_uploads() -> int:
    """Delete uploads that were imported or forgotten; answers how many."""
    return throw_away_old()
