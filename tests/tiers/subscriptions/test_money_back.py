"""Money of a delivery goes back at the till, at its bill, or both: once, and the sale follows."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps

from loyalty.common.errors import Refused
from loyalty.outbox.models import Event
from loyalty.payments.selectors import charge as charge_of
from loyalty.payments.services import confirm_transfer, refund_charge, take_cash
from loyalty.sales.models import Purchase
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.services import erase_member, hold_member
from tests.rewards.points.rules_of import buy
from tests.tiers.subscriptions.subs_of import (
    begin,
    earning,
    first_run,
    night,
    offer,
    on,
    pay,
    points,
    run_of,
    settle,
)
from tests.tiers.subscriptions.test_pages import staff, text_of
from tests.world import Shop
from tiers.subscriptions import services


@pytest.mark.parametrize("whole", [True, False])
def test_goods_of_a_delivery_come_back_to_the_till(shop: Shop, whole: bool) -> None:
    """What the till gave back is not given a second time when the delivery is cancelled."""
    with first_run(shop) as order:
        with in_programme(shop.programme):
            sale = Purchase.objects.get()
        part = order.total_minor if whole else 500
        refund_purchase(shop.call(), purchase=sale.public_id, amount_minor=part)
        settle()
        row = run_of(shop, date(2026, 5, 10))
        assert (row.state, row.returned_minor) == ("cancelled" if whole else "paid", part)
        if not whole:
            services.cancel_order(shop.call(), order=order.public_id, reason="Flood")
            settle()
    with in_programme(shop.programme):
        sale.refresh_from_db()
        assert sale.refunded_minor == sale.total_minor
        # What the till gave is in the bill's books, and nothing is left to give a second time.
        assert charge_of(order.charge).refunded_minor == order.total_minor
        with pytest.raises(Refused, match="nothing_to_refund"):
            refund_charge(shop.call(), charge=order.charge)


def test_money_that_went_back_at_the_bill_is_refunded_of_the_sale_once(shop: Shop) -> None:
    """Owner and till give parts back; whatever the order and the worker, never more than was paid."""
    earning(shop)
    with first_run(shop, is_paid=False) as order:
        # The worker is behind: the owner gives a part back before the sale is recorded.
        take_cash(shop.call(), charge=order.charge)
        refund_charge(shop.call(), charge=order.charge, amount_minor=300)
        settle()
        with in_programme(shop.programme):
            sale = Purchase.objects.get()
            assert (sale.charge, sale.refunded_minor) == (order.charge, 300)
            earned = points(shop)
        refund_purchase(shop.call(), purchase=sale.public_id, amount_minor=500)
        settle()
        refund_charge(shop.call(), charge=order.charge, amount_minor=200)
        # The news of those 200 is on its way: the till cannot give them a second time.
        with pytest.raises(Refused) as told:
            refund_purchase(shop.call(), purchase=sale.public_id)
        most = order.total_minor - 1_000
        assert (told.value.code, told.value.params["maximum"]) == ("refunded_at_bill", most)
        settle()
        done = refund_purchase(shop.call(), purchase=sale.public_id)
        settle()
    with in_programme(shop.programme):
        sale.refresh_from_db()
        bill = charge_of(order.charge)
        assert (done.cash_minor, sale.refunded_minor) == (most, order.total_minor)
        assert (bill.state, bill.refunded_minor) == ("refunded", order.total_minor)
        left = points(shop)
        assert earned > 0 and left == 0
        assert run_of(shop, date(2026, 5, 10)).state == "cancelled"


def test_a_card_on_hold_has_what_it_paid_for_and_an_erased_one_nothing(shop: Shop) -> None:
    with first_run(shop, is_paid=False) as order:
        hold_member(shop.call(), member=shop.member.public_id, reason="Lost card")
        pay(shop, order.charge)
    with in_programme(shop.programme):
        assert Purchase.objects.get().receipt == order.public_id
    with on(2026, 6, 9):
        night()
        later = run_of(shop, date(2026, 6, 10))
        take_cash(shop.call(), charge=later.charge)
        erase_member(shop.call(), member=shop.member.public_id)
        settle()
    with in_programme(shop.programme):
        assert Purchase.objects.count() == 1
        assert not Event.objects.filter(type="sale.settled", due_at__isnull=False).exists()


@pytest.mark.parametrize("till_first", [True, False])
@pytest.mark.parametrize("part", [None, 500])
def test_one_of_the_deliveries_paid_ahead_goes_back_once(
    shop: Shop, till_first: bool, part: int | None
) -> None:
    """The bill has room for the others: what went back of this one is known before any news is heard."""
    offer(shop, pays_ahead=True)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10), commit_months=6, pays="ahead")
        pay(shop, one.charge)
    with on(2026, 5, 9):
        night()
        order = run_of(shop, date(2026, 5, 10))
        with in_programme(shop.programme):
            sale = Purchase.objects.get()
        if till_first:
            refund_purchase(shop.call(), purchase=sale.public_id, amount_minor=part)
            services.cancel_order(shop.call(), order=order.public_id, reason="Flood")
        else:
            services.cancel_order(shop.call(), order=order.public_id, reason="Flood")
            with pytest.raises(Refused, match="refunded_at_bill"):
                refund_purchase(shop.call(), purchase=sale.public_id, amount_minor=part)
        with in_programme(shop.programme):
            assert charge_of(order.charge).refunded_minor == order.total_minor
        left = services.cancel_subscription(shop.call(), subscription=one.id)
        settle()
    with in_programme(shop.programme):
        sale.refresh_from_db()
        bill = charge_of(order.charge)
        assert left.refunded_minor == bill.amount_minor - order.total_minor
        assert (bill.state, bill.refunded_minor) == ("refunded", bill.amount_minor)
        assert bill.attention == "owed", "it was paid in cash: somebody has to give it back"
        assert sale.refunded_minor == sale.total_minor


def test_a_sale_from_before_bills_were_named_finds_its_bill(shop: Shop) -> None:
    """What an older version recorded is one money with its bill too, and no stranger's sale is touched."""
    with first_run(shop) as order:
        buy(shop, 1_000, receipt=order.public_id[:10])
    step = import_module("tiers.subscriptions.migrations.0004_sales_know_their_bills")
    with in_programme(shop.programme):
        Purchase.objects.update(charge="")
        step.name_bills(apps, None)
        named = {sale.receipt: sale.charge for sale in Purchase.objects.all()}
    assert named == {order.public_id: order.charge, order.public_id[:10]: ""}


def test_the_till_takes_no_cash_for_what_came_by_transfer(shop: Shop) -> None:
    """A part is here: the button asks for the rest. All is here while it is pressed: it says so."""
    offer(shop, pays_on_delivery=True)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10), pays="on_delivery")
    client, desk = staff(shop, "cashier"), staff(shop, "manager")
    with on(2026, 5, 10):
        night()
        order = run_of(shop, date(2026, 5, 10))
        confirm_transfer(shop.call(), charge=order.charge, amount_minor=order.total_minor - 700)
        till, dashboard = f"/till/{shop.programme.slug}", f"/dashboard/{shop.programme.slug}"
        pages = (
            (client, f"{till}/members/{shop.member.public_id}/"),
            (desk, f"{dashboard}/subscription-orders/{order.public_id}/"),
            (desk, f"{dashboard}/subscription-orders/day/2026-05-10/"),
        )
        for who, url in pages:
            assert "₫700 in cash, hand" in text_of(who, url), url
        confirm_transfer(shop.call(), charge=order.charge)
        told = client.post(
            f"{till}/deliveries/{order.public_id}/hand-over/", {"cash": "1"}, follow=True
        )
        assert "It is paid already. Take no cash, or give it back" in told.content.decode()
        assert run_of(shop, date(2026, 5, 10)).delivered_at is None
        settle()
        client.post(f"{till}/deliveries/{order.public_id}/hand-over/")
    assert run_of(shop, date(2026, 5, 10)).state == "delivered"
