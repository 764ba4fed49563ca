"""What leaving would mean, before anybody does."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import F

from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.tenancy.scope import current_programme
from tiers.subscriptions.models import Order, Subscription
from tiers.subscriptions.results import LeavingQuote
from tiers.subscriptions.rules.prices import Delivered, difference
from tiers.subscriptions.rules.schedule import whole_months
from tiers.subscriptions.rules.terms import DIFFERENCE, STAY
from tiers.subscriptions.selectors.subscriptions import committed_until, upcoming_of

_NOT_HAD = (Order.State.CANCELLED, Order.State.FAILED, Order.State.SKIPPED)


def leaving(row: Subscription, *, at: datetime | None = None) -> LeavingQuote:
    """What leaving at an instant would mean.

    They are bound while a delivery of the committed time is still to come and the commitment made it
    cheaper; a committed length that takes nothing off binds nobody.
    """
    until = committed_until(row)
    today = local_day(at or clock_now(), current_programme().timezone)
    following = upcoming_of(row)
    next_on = following.slot_on if following else today
    runs = row.state in (Subscription.State.ACTIVE, Subscription.State.PAUSED)
    bound = bool(runs and row.committed_bp and until and next_on < until)
    policy = row.offer.leaving
    saved = _saved(row, next_on=next_on) if bound else 0
    back = row.ahead_left * row.ahead_minor if runs else 0
    charged = saved if policy == DIFFERENCE else 0
    return LeavingQuote(
        may_leave=not (bound and policy == STAY),
        is_bound=bound,
        committed_until=until if bound else None,
        saved_minor=saved,
        refund_minor=max(back - charged, 0),
        charge_minor=max(charged - back, 0),
    )


def _saved(row: Subscription, *, next_on: date) -> int:
    assert row.committed_on is not None
    had = Order.objects.filter(
        subscription=row, paid_at__isnull=False, slot_on__gte=row.committed_on
    ).exclude(state__in=_NOT_HAD)
    # What came back whole was no cheaper delivery, whatever became of the goods.
    had = had.exclude(returned_minor__gte=F("total_minor"), total_minor__gt=0)
    deliveries = [
        Delivered(
            goods_minor=one.goods_minor,
            discount_minor=one.discount_minor,
            other_bp=one.other_bp,
        )
        for one in had
    ]
    kept = whole_months(row.committed_on, next_on - timedelta(days=row.extra_days))
    return difference(deliveries, kept_months=kept, steps=row.offer.terms().commitments)
