"""Money goes back through gateways: which order it is about, in whatever order news of it come."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

from loyalty.common.clock import now, played_at
from loyalty.outbox.relay import relay_due
from loyalty.payments import services
from loyalty.payments.models import ChargeRefund
from loyalty.tenancy.scope import in_programme
from tests.loyalty.payments.bills import accepts, bill, now_of
from tests.loyalty.payments.doors import STRIPE, VNPAY, Knocking, start
from tests.loyalty.payments.doubles import servers
from tests.world import Shop


def test_news_of_two_refunds_come_in_the_wrong_order(shop: Shop) -> None:
    knock = Knocking(shop, accepts(shop, "stripe", **STRIPE))
    charge = bill(shop)
    thing = {
        "payment_intent": "pi_1",
        "currency": "vnd",
        "metadata": {"reference": charge.reference},
    }
    paid = {**thing, "payment_status": "paid", "amount_total": 99_000}
    knock.stripe("evt_1", "checkout.session.completed", **paid)
    for amount in (30_000, 20_000):
        asked = services.refund_charge(shop.call(), charge=charge.id, amount_minor=amount)
        assert asked.state == "asked"
    # Stripe tells the sum so far, and that of the second refund comes first.
    for event, so_far in (("evt_3", 50_000), ("evt_2", 30_000)):
        knock.stripe(event, "charge.refunded", **thing, amount_refunded=so_far)
        assert now_of(shop, charge).refunded_minor == 50_000
    with in_programme(shop.programme):
        rows = ChargeRefund.objects.order_by("pk")
        kept = [*rows.values_list("amount_minor", "state")]
        assert kept == [(30_000, "done"), (20_000, "done")]
    # Somebody gives the rest back in Stripe's own pages: that is one more.
    knock.stripe("evt_4", "charge.refunded", **thing, amount_refunded=99_000)
    assert now_of(shop, charge).state == "refunded"


def test_a_refund_stripe_refuses_in_its_answer_asks_staff_to_look(
    shop: Shop, settings: Any
) -> None:
    knock = Knocking(shop, accepts(shop, "stripe", **STRIPE))
    charge = bill(shop)
    thing = {
        "payment_intent": "pi_1",
        "currency": "vnd",
        "metadata": {"reference": charge.reference},
    }
    paid = {**thing, "payment_status": "paid", "amount_total": 99_000}
    knock.stripe("evt_1", "checkout.session.completed", **paid)
    refused = {"id": "re_1", "status": "failed"}
    with servers.serving(lambda *_asked: (200, refused)) as double:
        settings.PAYMENT_HOSTS = {"stripe": double.url}
        services.refund_charge(shop.call(), charge=charge.id)
        while relay_due():
            pass
    left = now_of(shop, charge)
    assert (left.state, left.attention, left.refunded_minor) == ("paid", "refund", 0)


def test_a_refund_that_comes_back_days_later_asks_staff_to_bring_the_money(shop: Shop) -> None:
    knock, charge = Knocking(shop, accepts(shop, "stripe", **STRIPE)), bill(shop)
    thing = {"payment_intent": "pi_1", "currency": "vnd"}
    named = {**thing, "metadata": {"reference": charge.reference}}
    paid = {**named, "payment_status": "paid", "amount_total": 99_000}
    knock.stripe("evt_1", "checkout.session.completed", **paid)
    asked = services.refund_charge(shop.call(), charge=charge.id, amount_minor=30_000)
    # The customer's card is gone: Stripe took the refund on, and tells that the bank sent it back.
    refund = {
        **thing,
        "id": "re_1",
        "object": "refund",
        "amount": 30_000,
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "metadata": {"refund": asked.id, "reference": charge.reference},
    }
    knock.stripe("evt_2", "charge.refunded", **named, amount_refunded=30_000)
    assert now_of(shop, charge).attention == ""
    for number, topic in enumerate(("charge.refund.updated", "refund.updated", "refund.failed")):
        answer = knock.stripe(f"evt_3{number}", topic, **refund)
        assert answer.status_code == 200
    after = now_of(shop, charge)
    assert (after.state, after.attention, after.refunded_minor) == (
        "partly_refunded",
        "owed",
        30_000,
    )
    owner = Client(headers={"Accept-Language": "en"})
    owner.force_login(shop.staff.user)
    page = owner.get(f"/dashboard/cafe/payments/{charge.id}/").content.decode()
    assert "The gateway could not send it back after all" in page
    services.dismiss_attention(shop.call(), charge=charge.id)
    knock.stripe("evt_35", "refund.updated", **refund)
    assert now_of(shop, charge).attention == "", "told again, it is no news"


def test_a_refund_stripe_gives_up_before_it_counted_leaves_the_money_here(shop: Shop) -> None:
    knock, charge = Knocking(shop, accepts(shop, "stripe", **STRIPE)), bill(shop)
    thing = {"payment_intent": "pi_1", "currency": "vnd"}
    named = {**thing, "metadata": {"reference": charge.reference}}
    paid = {**named, "payment_status": "paid", "amount_total": 99_000}
    knock.stripe("evt_1", "checkout.session.completed", **paid)
    asked = services.refund_charge(shop.call(), charge=charge.id)
    refund = {**thing, "id": "re_1", "object": "refund", "amount": 99_000, "status": "failed"}
    knock.stripe("evt_2", "refund.failed", **refund, metadata={"refund": asked.id})
    after = now_of(shop, charge)
    assert (after.state, after.attention, after.refunded_minor) == ("paid", "refund", 0)
    assert services.refund_charge(shop.call(), charge=charge.id, by_hand=True).state == "done"
    # One made in Stripe's own pages names no bill; one of the account's other business has none.
    foreign = {**refund, "id": "re_2", "payment_intent": "pi_9"}
    assert knock.stripe("evt_3", "refund.failed", **foreign).status_code == 200
    assert now_of(shop, charge).attention == ""


def test_vnpay_hears_of_the_time_of_the_order_that_was_paid(shop: Shop, settings: Any) -> None:
    knock, charge = Knocking(shop, accepts(shop, "vnpay", **VNPAY)), bill(shop)
    began = list[dict[str, str]]()
    for minutes in (0, 25, 40):
        with played_at(now() + timedelta(minutes=minutes)):
            row = start(shop, charge, "vnpay")
        began.append(dict(parse_qsl(urlsplit(row.gateway_url).query)))
    assert len({one["vnp_CreateDate"] for one in began}) == 3
    # The page of the second try was still open in another tab, and there the money came.
    paid = {
        "vnp_TmnCode": servers.VNPAY_TERMINAL,
        "vnp_Amount": "9900000",
        "vnp_TransactionNo": "14422574",
        "vnp_ResponseCode": "00",
        "vnp_TransactionStatus": "00",
        "vnp_TxnRef": began[1]["vnp_TxnRef"],
    }
    assert knock.vnpay(**paid)["RspCode"] == "00"
    asked = list[dict[str, str]]()

    def vnpay(path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        asked.append(json.loads(body))
        return servers.vnpay(path, headers, body)

    with servers.serving(vnpay) as double:
        settings.PAYMENT_HOSTS = {"vnpay": double.url}
        services.refund_charge(shop.call(), charge=charge.id)
        while relay_due():
            pass
    (told,) = asked
    assert told["vnp_TxnRef"] == began[1]["vnp_TxnRef"]
    assert told["vnp_TransactionDate"] == began[1]["vnp_CreateDate"]
    assert now_of(shop, charge).state == "refunded"
