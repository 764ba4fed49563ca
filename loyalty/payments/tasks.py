"""Due work about payments: bills whose time is over, and payments nobody told the end of."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import structlog
from celery import shared_task
from django.db.models import F

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.payments.models import Charge
from loyalty.payments.rules.money import WAITING
from loyalty.payments.selectors import pending_at_gateways
from loyalty.payments.services import expire_charge
from loyalty.payments.services.talking import ask_gateway
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import every_programme, in_programme

log = structlog.get_logger(__name__)

BATCH = 500
_ASK_AFTER = timedelta(minutes=3)
_ASK_AT_MOST = 40

schedule = {
    "expire charges": {"task": "loyalty.payments.tasks.expire_charges", "schedule": 60.0},
    "ask gateways": {"task": "loyalty.payments.tasks.ask_gateways", "schedule": 180.0},
}


@shared_task
def expire_charges() -> int:
    """Close every bill whose time is over and that has no money in it; answers how many."""
    with every_programme():
        due = Charge.objects.select_related("programme").filter(
            expires_at__lte=clock_now(), state__in=WAITING, paid_minor=F("refunded_minor")
        )
        found = list(due.order_by("expires_at")[:BATCH])
    expired = 0
    for row in found:
        assert row.expires_at is not None
        key = f"expire:{row.public_id}:{row.expires_at:%Y%m%dT%H%M%S}"
        done = expire_charge(
            Call(job_actor(row.programme, "expire-charges"), key), charge=row.public_id
        )
        expired += done.state == Charge.State.EXPIRED
    return expired


@shared_task
def ask_gateways() -> int:
    """Ask gateways about payments under way whose news may have been lost; answers how many."""
    asked = 0
    for programme in Programme.objects.all():
        with in_programme(programme):
            rows = pending_at_gateways(started_before=clock_now() - _ASK_AFTER, limit=_ASK_AT_MOST)
        for row in rows:
            call = Call(job_actor(programme, "ask-gateways"), f"ask:{uuid4()}")
            with in_programme(programme):
                asked += ask_gateway(call, row)
    return asked
