"""The Celery application: workers run each app's ``tasks.py``, beat wakes what its ``schedule`` names.

A ``tasks.py`` may hold ``schedule = {"name": {"task": "dotted.name", "schedule": seconds or crontab}}``. Nothing may
depend on a message arriving: due work is a row with a due time, and a scheduled sweeper finds what was missed.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

from loyalty import broker
from loyalty.web.discovery import modules_named

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty.settings")

broker.register()
app = Celery("loyalty")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def _keep_our_logging(**_kwargs: Any) -> None:
    """Django has configured the logs; Celery must not replace them."""


@app.on_after_finalize.connect
def _collect_schedules(sender: Celery, **_kwargs: Any) -> None:
    for module in modules_named("tasks"):
        sender.conf.beat_schedule.update(getattr(module, "schedule", {}))
