"""A subscription as pages show it, the member's and the staff's alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.payments.selectors import charge as charge_view
from loyalty.tenancy.scope import current_programme
from tiers.subscriptions import selectors, services
from tiers.subscriptions.forms.basket import MOST_SHOWN, BasketForm
from tiers.subscriptions.models import Item, Offer, Order, Subscription
from tiers.subscriptions.rules.schedule import first_possible
from tiers.subscriptions.rules.terms import OfferTerms
from tiers.subscriptions.rules.words import rhythm_choices


def card_of(row: Subscription) -> dict[str, Any]:
    """Itself, what comes next, what is closed, and what there is to pay."""
    upcoming, closed = selectors.upcoming_of(row), selectors.closed_of(row)
    bill = closed.charge if closed and not closed.paid_at else ""
    if row.state == Subscription.State.WAITING:
        bill = row.charge
    today = local_day(clock_now(), current_programme().timezone)
    return {
        "row": row,
        "one": services.subscription_view(row, on=today),
        "next": selectors.shown(upcoming) if upcoming else None,
        "closed": selectors.shown(closed) if closed else None,
        "closed_row": closed,
        "pay_path": charge_view(bill).pay_path if bill else "",
    }


def page_of(row: Subscription) -> dict[str, Any]:
    """Everything that can be seen of it and done to it."""
    terms = selectors.terms_now(row)
    zone = current_programme().timezone
    today = local_day(clock_now(), zone)
    items = selectors.items_of(row)
    in_basket = {item.offered_id for item in items}
    others = [
        one
        for one in selectors.offered_products(row.family, only_open=True)
        if one.pk not in in_basket and one.can_be_had
    ]
    recent = selectors.orders_of(row)
    return {
        **card_of(row),
        "terms": terms,
        "others": others,
        "rhythms": rhythm_choices(terms),
        "rhythm_now": f"{row.unit}:{row.every}",
        "quantities": {item.offered.product.sku: _quantities(item, terms) for item in items},
        "skipped": [one for one in recent if _can_come_after_all(one)],
        "history": [selectors.shown(one) for one in recent if one.locked_at],
        "leaving": selectors.leaving(row) if row.state != Subscription.State.ENDED else None,
        "tomorrow": today + timedelta(days=1),
        "pause_until": today + timedelta(days=terms.longest_pause_days),
        "first": first_possible(terms, now=clock_now(), zone=zone),
    }


def _quantities(item: Item, terms: OfferTerms) -> range:
    """What there is to choose: as much as the offer has of it, and what is in the basket in any case."""
    most = min(item.offered.most, terms.most_units, MOST_SHOWN)
    return range(1, max(most, item.quantity) + 1)


def _can_come_after_all(order: Order) -> bool:
    is_skipped = order.state == Order.State.SKIPPED and order.because == Order.Because.ASKED
    return is_skipped and order.locked_at is None and order.cutoff_at > clock_now()


def quote_of(offer: Offer, form: BasketForm) -> dict[str, Any]:
    """The price as far as the choice makes sense; what does not is told when it is sent."""
    if not form.is_valid():
        return {"quote": None}
    chosen = form.chosen(offer.public_id)
    try:
        quote = services.quote_basket(chosen, way=form.cleaned_data["way"])
    except DomainError as error:
        return {"quote": None, "why": error.message if chosen.items else ""}
    return {"quote": quote, "months": chosen.commit_months, "pays": chosen.pays}
