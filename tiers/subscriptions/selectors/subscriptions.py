"""Reads about subscriptions: rows, their baskets, their next days. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.validity import add
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member
from tiers.subscriptions.models import Item, Order, Subscription
from tiers.subscriptions.rules.schedule import Rhythm, cutoff, deliver_on
from tiers.subscriptions.rules.terms import OfferTerms
from tiers.subscriptions.selectors.offers import offers_on_sale

RUNNING = (Subscription.State.WAITING, Subscription.State.ACTIVE, Subscription.State.PAUSED)
# Closed and not handed over yet.
ON_THE_WAY = (Order.State.LOCKED, Order.State.PAID, Order.State.PACKED)


def subscriptions(
    *, states: Sequence[str] = (), merchant_id: int | None = None
) -> QuerySet[Subscription]:
    """Subscriptions with what is shown of them, unordered."""
    rows: QuerySet[Subscription] = Subscription.objects.select_related(
        "member", "offer", "merchant", "location"
    )
    if merchant_id is not None:
        rows = rows.filter(merchant=merchant_id)
    return rows.filter(state__in=list(states)) if states else rows


def access_subscription(public_id: str, *, merchant_id: int | None = None) -> Subscription:
    """A subscription, of this merchant where one is given. Raises ``NotFound``."""
    found = subscriptions(merchant_id=merchant_id).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(
            "subscription_not_found", _("There is no such subscription."), field="subscription"
        )
    return found


def subscriptions_of(member: Member, *, with_ended: bool = False) -> list[Subscription]:
    """A member's subscriptions, newest first."""
    rows = subscriptions().filter(member=member)
    if not with_ended:
        rows = rows.filter(state__in=RUNNING)
    return list(rows.order_by("-id"))


def products_chosen(member: Member) -> set[int]:
    """What comes to a member already: primary keys of offered products. One query."""
    rows = Item.objects.filter(subscription__member=member, subscription__state__in=RUNNING)
    return set(rows.values_list("offered", flat=True))


def ready_to_show(rows: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """With baskets and open deliveries, for lists: three queries however many."""
    open_orders = Order.objects.filter(state__in=(Order.State.UPCOMING, *ON_THE_WAY))
    return rows.prefetch_related(
        Prefetch("items", queryset=_items()),
        Prefetch(
            "orders", queryset=open_orders.order_by("deliver_on", "id"), to_attr="open_orders"
        ),
    )


def with_baskets(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Deliveries with what is in the baskets they come from."""
    return rows.prefetch_related(Prefetch("subscription__items", queryset=_items()))


def items_of(row: Subscription) -> list[Item]:
    """What is in a basket, in the order it was put in."""
    if "items" in getattr(row, "_prefetched_objects_cache", ()):
        return list(row.items.all())
    return list(_items().filter(subscription=row))


def _items() -> QuerySet[Item]:
    rows: QuerySet[Item] = Item.objects.select_related("offered__product")
    return rows.order_by("id")


def rhythm_of(row: Subscription) -> Rhythm:
    """How often it comes."""
    return Rhythm(anchor_on=row.anchor_on, every=row.every, unit=str(row.unit))


def upcoming_of(row: Subscription) -> Order | None:
    """The first delivery that can still be changed."""
    return next(iter(_open_orders(row, (Order.State.UPCOMING,))), None)


def closed_of(row: Subscription) -> Order | None:
    """The last delivery that is closed and not handed over yet."""
    return next(iter(reversed(_open_orders(row, ON_THE_WAY))), None)


def _open_orders(row: Subscription, states: Sequence[str]) -> list[Order]:
    known: list[Order] | None = getattr(row, "open_orders", None)
    if known is not None:
        return [one for one in known if one.state in states]
    rows = Order.objects.filter(subscription=row, state__in=states)
    return list(rows.order_by("deliver_on", "id"))


def committed_until(row: Subscription) -> date | None:
    """The first day after the committed time, skips and pauses included; ``None`` without one."""
    if not row.commit_months or row.committed_on is None:
        return None
    return add(row.committed_on, row.commit_months, "month") + timedelta(days=row.extra_days)


def is_committed(row: Subscription, *, on: date) -> bool:
    """Does the committed time still run on a day?"""
    until = committed_until(row)
    return until is not None and on < until


class TermsBook:
    """The terms that count for subscriptions at an instant; what is on sale is read once for many."""

    def __init__(self, *, at: datetime | None = None) -> None:
        self._at = at or clock_now()
        self._newest: dict[str, OfferTerms] | None = None
        self._held: dict[int, OfferTerms] = {}

    def of(self, row: Subscription) -> OfferTerms:
        """While it is committed, or paid ahead, the terms it began under; else those of the newest
        version, where there still is one.
        """
        today = local_day(self._at, current_programme().timezone)
        if row.pays == Subscription.Pays.AHEAD or is_committed(row, on=today):
            return self._begun_under(row)
        if self._newest is None:
            self._newest = {}
            for offer in offers_on_sale(at=self._at):
                terms = offer.terms()
                self._newest.setdefault(terms.family, terms)
        return self._newest.get(row.family) or self._begun_under(row)

    def _begun_under(self, row: Subscription) -> OfferTerms:
        if row.offer_id not in self._held:
            self._held[row.offer_id] = row.offer.terms()
        return self._held[row.offer_id]


def terms_now(row: Subscription, *, at: datetime | None = None) -> OfferTerms:
    """The terms that count for one subscription now."""
    return TermsBook(at=at).of(row)


def holds_price(row: Subscription, terms: OfferTerms, *, on: date) -> bool:
    """Do prices of the first day count on this day?"""
    if row.pays == Subscription.Pays.AHEAD:
        return True
    return terms.holds_price and is_committed(row, on=on)


def next_slot(row: Subscription, terms: OfferTerms, *, at: datetime) -> date:
    """The first day of the schedule that can still be changed, whatever became of it."""
    zone = current_programme().timezone
    for _number, slot_on in rhythm_of(row).slots():
        if cutoff(deliver_on(slot_on, terms.weekdays), terms, zone) > at:
            return slot_on
    raise AssertionError(row)


def due_members(*, at: datetime, after: int, limit: int) -> list[tuple[int, str, datetime]]:
    """Whose subscriptions a job must look at: (row, member, when it was due), by row."""
    rows = Subscription.objects.filter(due_at__lte=at, pk__gt=after).order_by("pk")
    found = rows.values_list("pk", "member__public_id", "due_at")
    return list(found[:limit])


def running_by_family() -> dict[str, int]:
    """How many subscriptions run of each offer. One query."""
    rows = Subscription.objects.filter(state__in=RUNNING).order_by()
    return dict(rows.values_list("family").annotate(Count("id")))


def next_days(rows: Sequence[Subscription]) -> dict[int, date]:
    """The next open delivery of each, by row. One query."""
    open_ones = Order.objects.filter(
        subscription__in=[row.pk for row in rows], state=Order.State.UPCOMING
    )
    found = open_ones.order_by().values_list("subscription").annotate(Min("deliver_on"))
    return dict(found)
