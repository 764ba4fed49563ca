"""Beat finds the outbox's work by itself, and what it sends does not pile up while nobody works."""

from __future__ import annotations

import pytest
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from loyalty.celery import app
from loyalty.outbox.tasks import deliver, relay, schedule
from loyalty.outbox.wake import DELIVER, RELAY
from loyalty.sales.services import SaleInput, record_purchase
from tests.world import Shop


@pytest.mark.django_db(transaction=True)
def test_beat_keeps_the_schedule_in_the_database() -> None:
    app.loader.import_default_modules()
    DatabaseScheduler(app=app).setup_schedule()
    for name, entry in schedule.items():
        row = PeriodicTask.objects.get(name=name)
        assert row.task == entry["task"]
        assert row.enabled
        assert row.expire_seconds == 20, "hints that nobody took lapse"


def test_workers_know_the_tasks() -> None:
    app.loader.import_default_modules()
    assert {RELAY, DELIVER} <= set(app.tasks)


def test_a_task_works_until_nothing_is_due(shop: Shop) -> None:
    for _ in range(3):
        sale = SaleInput(total_minor=1_000)
        record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    assert relay() >= 3
    assert (relay(), deliver()) == (0, 0)
