"""A real worker, killed without warning again and again: nothing is lost, nothing happens twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from loyalty.common.clock import now
from loyalty.outbox.models import Event, WebhookDelivery
from loyalty.outbox.webhooks import create_endpoint
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Note
from tests.contracts.tree import ROOT
from tests.loyalty.outbox.receiver import receiving
from tests.world import Shop

SALES = 30
PATIENCE_SECONDS = 90


@contextmanager
def _worker(folder: Path) -> Iterator[None]:
    """Worker and beat in one process group; leaving the block kills all of it with SIGKILL."""
    command = [
        *(sys.executable, "-m", "celery", "-A", "tests.loyalty.outbox.worker", "worker"),
        *("-B", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip"),
        *("--without-mingle", "--without-heartbeat"),
    ]
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.loyalty.outbox.worker_settings",
        "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
        "WORKER_FOLDER": str(folder),
    }
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _until(is_so: Callable[[], bool], folder: Path) -> None:
    for _ in range(PATIENCE_SECONDS * 5):
        if is_so():
            return
        time.sleep(0.2)
    pytest.fail("the worker did not get there:\n" + (folder / "log").read_text()[-3_000:])


def _notes(shop: Shop) -> list[str]:
    with in_programme(shop.programme):
        return list(Note.objects.values_list("text", flat=True))


def _let_leases_end(shop: Shop) -> None:
    with in_programme(shop.programme):
        Event.objects.filter(due_at__isnull=False).update(due_at=now())
        WebhookDelivery.objects.filter(due_at__isnull=False).update(due_at=now())


def _all_done(shop: Shop) -> bool:
    with in_programme(shop.programme):
        waiting = Event.objects.filter(due_at__isnull=False).exists()
        delivered = WebhookDelivery.objects.filter(state="delivered").count()
    return not waiting and delivered >= SALES


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_killing_the_worker_loses_nothing_and_repeats_nothing(
    shop: Shop, tmp_path: Path, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiving() as receiver:
        create_endpoint(shop.call(), url=receiver.url, event_types=("purchase.recorded",))
        for _ in range(SALES):
            sale = SaleInput(total_minor=10_000)
            record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
        for share in (1, SALES // 2):
            with _worker(tmp_path):
                _until(lambda share=share: len(_notes(shop)) >= share, tmp_path)  # type: ignore[misc]
            _let_leases_end(shop)
        with _worker(tmp_path):
            _until(lambda: _all_done(shop), tmp_path)
        notes = _notes(shop)
        assert len(notes) == len(set(notes)) == SALES, "each event had its effect exactly once"
        with in_programme(shop.programme):
            ids = set(
                Event.objects.filter(type="purchase.recorded").values_list("public_id", flat=True)
            )
            assert WebhookDelivery.objects.count() == SALES
        heard = [one.headers.get("webhook-id") or one.headers["Webhook-Id"]
                 for one in receiver.received]  # fmt: skip
        assert set(heard) == ids == set(notes)
