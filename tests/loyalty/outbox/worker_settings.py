"""Settings of the worker process that a test starts: the test's own database, a broker of files."""

from __future__ import annotations

import os
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]
_folder = Path(os.environ["WORKER_FOLDER"])
for _name in ("queue", "control"):
    (_folder / _name).mkdir(exist_ok=True)
CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"] = "filesystem://"  # Celery prefers the latter
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(_folder / "queue"),
    "data_folder_out": str(_folder / "queue"),
    "control_folder": str(_folder / "control"),
}
CELERY_BEAT_SCHEDULER = "celery.beat:PersistentScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(_folder / "beat")
WEBHOOK_ALLOW_PRIVATE = True
