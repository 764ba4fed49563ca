"""From delivery to delivery: bills, sales, points, reminders, what is never paid, what goes back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loyalty.engine.models import MemberStatus
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.ledger.holders import merge_members, unmerge_members
from loyalty.outbox.models import Event
from loyalty.payments.selectors import charge as charge_of
from loyalty.payments.selectors import open_charges_of
from loyalty.payments.services import cancel_charge, refund_charge, take_cash
from loyalty.sales.models import Purchase
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from members.profiles.services import erase_member
from tests.tiers.subscriptions.subs_of import (
    begin,
    earning,
    first_run,
    night,
    now_of,
    offer,
    on,
    pay,
    points,
    run_of,
    settle,
    states,
)
from tests.world import Shop
from tiers.subscriptions import services
from tiers.subscriptions.models import Order


def test_a_paid_delivery_is_a_sale_that_earns_and_is_refunded_like_any_other(shop: Shop) -> None:
    earning(shop)
    offer(shop, shipping_minor=300)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10), way="deliver", address="5 Hàng Bạc")
    with on(2026, 5, 8, hour=19):
        night()
        order = run_of(shop, date(2026, 5, 10))
        assert (order.state, order.total_minor, order.address) == ("locked", 2_300, "5 Hàng Bạc")
        with in_programme(shop.programme):
            assert charge_of(order.charge).amount_minor == 2_300
        pay(shop, order.charge)
    assert run_of(shop, date(2026, 5, 10)).state == "paid"
    with in_programme(shop.programme):
        sale = Purchase.objects.get()
    assert (sale.receipt, sale.net_minor, sale.extras_minor) == (order.public_id, 2_000, 300)
    assert points(shop) == 20
    refund_purchase(shop.call(), purchase=sale.public_id)
    assert points(shop) == 0


def test_a_delivery_that_was_paid_is_priced_by_nobody_again(shop: Shop) -> None:
    """A level's discount at the till must not make the sale smaller than what was paid."""
    offer(shop, perk_bp=1_000)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10))
    with on(2026, 5, 9):
        night()
        pay(shop, run_of(shop, date(2026, 5, 10)).charge)
    with in_programme(shop.programme):
        assert Purchase.objects.get().total_minor == 2_000


def test_the_sweep_may_come_as_often_as_it_likes(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10))
    for hour in (19, 20, 21):
        with on(2026, 5, 8, hour=hour):
            night()
            night()
    with in_programme(shop.programme):
        assert Event.objects.filter(type="subscription.order_closed").count() == 1
        assert Event.objects.filter(type="subscription.order_coming").count() == 0
    assert states(shop) == [("2026-05-10", "locked"), ("2026-06-10", "upcoming")]


def test_members_hear_two_days_before_a_delivery_is_closed(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 20))
    with on(2026, 5, 17):
        night()
        night()
    with in_programme(shop.programme):
        told = Event.objects.get(type="subscription.order_coming")
    assert told.data["change_until"] == "2026-05-18T11:00:00+00:00"


def test_nobody_pays_they_are_reminded_then_it_rests_then_it_ends(shop: Shop) -> None:
    offer(shop, grace_days=3, longest_pause_days=30)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10))
    seen = []
    for day in (9, 10, 12, 13, 14):
        with on(2026, 5, day):
            night()
            order = run_of(shop, date(2026, 5, 10))
            seen.append((str(order.state), order.reminders, str(now_of(shop, one).state)))
    assert seen == [
        ("locked", 0, "active"),
        ("locked", 1, "active"),
        ("locked", 1, "active"),
        ("locked", 2, "active"),
        ("failed", 2, "paused"),
    ]
    with in_programme(shop.programme):
        assert charge_of(order.charge).state == "cancelled"
    with on(2026, 6, 20):
        night()
    row = now_of(shop, one)
    assert (row.state, row.because, row.due_at) == ("ended", "unpaid", None)


def test_after_an_unpaid_one_they_can_say_go_on(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10))
    for day in (9, 15):
        with on(2026, 5, day):
            night()
    with on(2026, 5, 16):
        done = services.resume_subscription(shop.call(), subscription=one.id)
    assert (done.state, done.next_on) == ("active", date(2026, 6, 10))


def test_paid_late_it_comes_on_the_day_it_is_paid(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10))
    with on(2026, 5, 9):
        night()
    with on(2026, 5, 12):
        pay(shop, run_of(shop, date(2026, 5, 10)).charge)
    assert states(shop)[0] == ("2026-05-12", "paid")


def test_the_shop_cannot_send_it(shop: Shop) -> None:
    earning(shop)
    with first_run(shop) as order:
        services.pack_order(shop.call(), order=order.public_id)
        done = services.cancel_order(shop.call(), order=order.public_id, reason="Flood")
        settle()
    assert (done.state, points(shop)) == ("cancelled", 0)
    with in_programme(shop.programme):
        assert charge_of(order.charge).state == "refunded"
        assert Purchase.objects.get().refunded_minor == 2_000


def test_staff_give_the_whole_bill_back(shop: Shop) -> None:
    with first_run(shop) as order:
        refund_charge(shop.call(), charge=order.charge)
        settle()
    assert run_of(shop, date(2026, 5, 10)).state == "cancelled"
    with in_programme(shop.programme):
        assert Purchase.objects.get().refunded_minor == 2_000


def test_the_worker_stood_still_for_weeks(shop: Shop) -> None:
    """What was open then is closed late and comes now; days nobody could answer for are left out."""
    offer(shop)
    with on(2026, 5, 1):
        begin(shop, every=1, unit="week", first_on=date(2026, 5, 10))
    with on(2026, 6, 3):
        night()
    assert states(shop) == [("2026-06-03", "locked"), ("2026-06-07", "upcoming")]


def test_an_erased_card_gets_nothing_any_more(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, way="deliver", address="5 Hàng Bạc", first_on=date(2026, 5, 10))
    with on(2026, 5, 9):
        night()
        erase_member(shop.call(), member=shop.member.public_id)
        settle()
    row = now_of(shop, one)
    assert (row.state, row.address) == ("ended", "")
    order = run_of(shop, date(2026, 5, 10))
    assert (order.state, order.address) == ("cancelled", "")


def test_two_cards_become_one_and_two_again(shop: Shop) -> None:
    offer(shop)
    one = begin(shop)
    with in_programme(shop.programme):
        twin = Member.objects.create(
            holder=Holder.objects.create(), name="Ana B", joined_at=shop.member.joined_at
        )
    merged = merge_members(
        shop.call(), survivor=twin.public_id, loser=shop.member.public_id, reason="same"
    )
    settle()
    assert now_of(shop, one).member_id == twin.pk
    with in_programme(shop.programme):
        assert MemberStatus.objects.get(member=twin, name="subscriptions").value == "beans"
    unmerge_members(shop.call(), merge=merged.merge)
    settle()
    assert now_of(shop, one).member_id == shop.member.pk


def test_merged_while_the_news_of_the_sale_is_on_its_way(shop: Shop) -> None:
    with first_run(shop, is_paid=False) as order:
        take_cash(shop.call(), charge=order.charge)
        services.settle_order(shop.call(), order=order.public_id, charge=order.charge)
        with in_programme(shop.programme):
            twin = Member.objects.create(
                holder=Holder.objects.create(), name="Ana B", joined_at=shop.member.joined_at
            )
        merge_members(
            shop.call(), survivor=twin.public_id, loser=shop.member.public_id, reason="same"
        )
        settle()
    with in_programme(shop.programme):
        assert Purchase.objects.get().member == twin


def test_facts_for_the_conditions_of_others(shop: Shop) -> None:
    offer(shop)
    values = {
        "name": "For subscribers",
        "points": 1,
        "per_minor": 100,
        "audience": [
            {"fact": "subscription.active", "op": "eq", "value": True},
            {"fact": "subscription.months", "op": "gte", "value": 2},
            {"fact": "subscription.skus", "op": "contains", "value": "BEANS"},
        ],
    }
    draft = create_rule(shop.call(), kind="points.earning_rule", values=values)
    publish_rule(shop.call(), rule=draft.rule)
    from loyalty.sales.services import SaleInput, record_purchase

    with on(2026, 5, 1):
        begin(shop)
    for when, earned in ((on(2026, 6, 30), 0), (on(2026, 7, 1), 10)):
        with when:
            record_purchase(
                shop.call(), member=shop.member.public_id, sale=SaleInput(total_minor=1_000)
            )
        assert points(shop) == earned


def test_an_offer_can_be_reserved(shop: Shop) -> None:
    offer(shop, audience=[{"fact": "member.tags", "op": "contains", "value": "friend"}])
    from loyalty.common.errors import Refused

    with pytest.raises(Refused) as told:
        begin(shop)
    assert told.value.code == "not_for_you"
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(tags=["friend"])
    assert begin(shop).state == "active"


def test_paid_ahead_and_never_paid(shop: Shop) -> None:
    offer(shop, pays_ahead=True)
    with on(2026, 5, 1):
        one = begin(shop, commit_months=3, pays="ahead")
    with on(2026, 5, 9):
        night()
    assert (now_of(shop, one).state, states(shop)) == ("ended", [])


def test_paid_ahead_it_is_billed_again_when_it_is_used_up(shop: Shop) -> None:
    offer(shop, pays_ahead=True)
    with on(2026, 5, 1):
        one = begin(shop, commit_months=2, pays="ahead", first_on=date(2026, 5, 10))
        pay(shop, one.charge)
    for month in (5, 6):
        with on(2026, month, 9):
            night()
    row = now_of(shop, one)
    assert (row.state, row.ahead_left) == ("waiting", 0)
    with on(2026, 6, 10):
        pay(shop, row.charge)
    row = now_of(shop, one)
    assert (row.state, row.ahead_left, row.committed_on) == ("active", 2, date(2026, 7, 10))


def test_what_was_told_twice_counts_once(shop: Shop) -> None:
    with first_run(shop) as order:
        before = run_of(shop, date(2026, 5, 10)).paid_at
        with in_programme(shop.programme):
            Event.objects.filter(type__in=["payment.paid", "sale.settled"]).update(
                due_at=order.cutoff_at - timedelta(days=9)
            )
        settle()
    with in_programme(shop.programme):
        assert Order.objects.get(pk=order.pk).paid_at == before
        assert Purchase.objects.count() == 1


def test_a_delivery_whose_bill_the_shop_cancels_is_cancelled_and_the_next_one_comes(
    shop: Shop,
) -> None:
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10))
    with on(2026, 5, 9):
        night()
        order = run_of(shop, date(2026, 5, 10))
        cancel_charge(shop.call(), charge=order.charge)
        settle()
    assert run_of(shop, date(2026, 5, 10)).state == "cancelled"
    with on(2026, 5, 20):
        night()
    assert now_of(shop, one).state == "active", "nobody owes anything"


def test_a_worker_that_stood_still_for_weeks_does_things_in_the_order_they_fell_due(
    shop: Shop,
) -> None:
    """May was never paid, so June would never have been closed; its bill is not opened late."""
    offer(shop)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10))
    with on(2026, 5, 9):
        night()
    with on(2026, 6, 20):
        night()
    assert states(shop) == [("2026-05-10", "failed"), ("2026-06-10", "skipped")]
    row = now_of(shop, one)
    assert (row.state, row.because) == ("paused", "unpaid")
    with in_programme(shop.programme):
        assert open_charges_of(shop.member) == []


def test_what_an_erased_card_paid_for_and_was_not_packed_does_not_come(shop: Shop) -> None:
    """The address is gone, so staff are asked what becomes of the money."""
    offer(shop)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10), way="deliver", address="12 Tràng Tiền")
    with on(2026, 5, 9):
        night()
        order = run_of(shop, date(2026, 5, 10))
        pay(shop, order.charge)
        erase_member(shop.call(), member=shop.member.public_id)
        settle()
    with in_programme(shop.programme):
        row = Order.objects.get(pk=order.pk)
        assert (row.state, row.because, row.address) == ("cancelled", "ended", "")
        assert charge_of(order.charge).attention == "unused"
