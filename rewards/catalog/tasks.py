"""Due work of the catalogue: reservations nobody captured, vouchers whose last day is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from celery import shared_task

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.tenancy.scope import every_programme
from rewards.catalog.models import Voucher
from rewards.catalog.services.redemptions import release_redemption
from rewards.catalog.services.vouchers import expire_voucher

BATCH = 1_000

schedule = {
    "release reservations": {
        "task": "rewards.catalog.tasks.release_reservations",
        "schedule": 60.0,
    },
    "expire vouchers": {"task": "rewards.catalog.tasks.expire_vouchers", "schedule": 900.0},
}


@shared_task
def release_reservations() -> int:
    """Release every reservation whose time is over; answers how many."""
    released = 0
    for voucher in _due(state=Voucher.State.RESERVED, reserved_until__lt=clock_now()):
        actor = job_actor(voucher.programme, "release_reservations")
        try:
            call = Call(actor, f"release:{voucher.public_id}")
            release_redemption(call, voucher=voucher.public_id)
            released += 1
        except DomainError:  # captured or released meanwhile
            continue
    return released


@shared_task
def expire_vouchers() -> int:
    """Mark every voucher whose last day is over; answers how many."""
    expired = 0
    for voucher in _due(state=Voucher.State.ISSUED, expires_at__lte=clock_now()):
        actor = job_actor(voucher.programme, "expire_vouchers")
        assert voucher.expires_at is not None
        # The date is part of the key: a voucher may come back by a refund and expire again.
        key = f"expire:{voucher.public_id}:{voucher.expires_at:%Y%m%dT%H%M}"
        expired += expire_voucher(Call(actor, key), voucher=voucher.public_id)
    return expired


def _due(**which: datetime | str) -> Iterator[Voucher]:
    with every_programme():
        rows = Voucher.objects.select_related("programme").filter(**which)
        found = list(rows.order_by("id")[:BATCH])
    yield from found
