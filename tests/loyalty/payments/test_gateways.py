"""One payment through every gateway, against stand-ins that check our signatures; and what goes wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client

from loyalty.common.clock import now, played_at
from loyalty.outbox.relay import relay_due
from loyalty.payments import services
from loyalty.payments.gateways.vnpay.signing import hash_data, sign
from loyalty.payments.models import Charge, GatewayAccount, PaymentEvent
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.loyalty.payments.bills import VIETQR, accepts, bill, now_of, told
from tests.loyalty.payments.doors import STRIPE, VNPAY, Knocking, start
from tests.loyalty.payments.doubles import servers
from tests.world import Shop


def test_vietqr_by_signed_bank_news(shop: Shop) -> None:
    knock = Knocking(shop, accepts(shop, "vietqr", **VIETQR))
    charge = bill(shop)
    page = Client().get(charge.pay_path).content.decode()
    assert charge.reference in page
    assert "<svg" in page
    text = f"MBVCB.1234.{charge.reference.lower()}.CT tu 007 toi 113"
    transfer = {"id": 92704, "transferAmount": 99_000, "content": text, "accumulated": 5_000_000}
    forged = knock.sepay("wrong", **transfer)
    assert forged.status_code == 401
    assert now_of(shop, charge) == charge
    answers = [knock.sepay(**transfer) for _time in range(3)]
    assert [one.json() for one in answers] == [{"success": True}] * 3
    assert now_of(shop, charge).paid_minor == 99_000
    assert told(shop) == ["payment.paid"]
    outgoing = {**transfer, "id": 92705, "transferType": "out"}
    assert knock.sepay(**outgoing).status_code == 200
    with in_programme(shop.programme):
        outcomes = list(PaymentEvent.objects.order_by("pk").values_list("outcome", flat=True))
        assert outcomes == ["forged", "paid", "ignored"]
        assert "5000000" not in "".join(PaymentEvent.objects.values_list("payload", flat=True))


def test_news_of_a_transfer_that_staff_confirmed_by_hand_is_no_second_one(shop: Shop) -> None:
    knock = Knocking(shop, accepts(shop, "vietqr", **VIETQR))
    charge = bill(shop)
    services.confirm_transfer(shop.call(), charge=charge.id)
    transfer = {"id": 92710, "transferAmount": 99_000, "content": f"CT {charge.reference}"}
    for _time in range(2):
        assert knock.sepay(**transfer).json() == {"success": True}
    assert (now_of(shop, charge).paid_minor, now_of(shop, charge).attention) == (99_000, "")
    knock.sepay(**{**transfer, "id": 92711})
    assert (now_of(shop, charge).paid_minor, now_of(shop, charge).attention) == (198_000, "over")


def test_a_transfer_nobody_can_tell_waits_and_is_matched_once(shop: Shop) -> None:
    knock = Knocking(shop, accepts(shop, "vietqr", **VIETQR))
    charge = bill(shop)
    card = "tra the 4242 4242 4242 4242"
    assert knock.sepay(id=1, transferAmount=50_000, content=card).status_code == 200
    with in_programme(shop.programme):
        event = PaymentEvent.objects.get()
    assert event.outcome == "unmatched"
    assert "4242" not in event.payload + event.note
    done = services.match_event(shop.call(), charge=charge.id, event=event.public_id)
    assert (done.paid_minor, done.missing_minor, done.attention) == (50_000, 49_000, "short")
    with pytest.raises(Exception, match="event_matched"):
        services.match_event(shop.call(), charge=charge.id, event=event.public_id)


def test_stripe(shop: Shop, settings: Any) -> None:
    account = accepts(shop, "stripe", **STRIPE)
    knock, charge = Knocking(shop, account), bill(shop)
    with servers.serving(servers.stripe) as double:
        settings.PAYMENT_HOSTS = {"stripe": double.url}
        row = start(shop, charge, "stripe")
        session = {
            "id": "cs_test_1",
            "payment_intent": "pi_1",
            "payment_status": "unpaid",
            "amount_total": 99_000,
            "currency": "vnd",
            "metadata": {"reference": row.reference, "order": row.order_id},
        }
        # Its own refund arrives before the payment it is about: kept until then.
        back = {**session, "amount_refunded": 9_000, "id": "ch_1"}
        assert knock.stripe("evt_3", "charge.refunded", **back).status_code == 200
        assert knock.stripe("evt_1", "checkout.session.completed", **session).status_code == 200
        assert now_of(shop, charge).state == "pending"
        paid = {**session, "payment_status": "paid"}
        for _time in range(2):
            knock.stripe("evt_2", "checkout.session.async_payment_succeeded", **paid)
        assert now_of(shop, charge).state == "partly_refunded"
        assert now_of(shop, charge).refunded_minor == 9_000
        knock.stripe("evt_4", "checkout.session.expired", **session)
        asked = services.refund_charge(shop.call(), charge=charge.id)
        assert (asked.state, asked.amount_minor) == ("asked", 90_000)
        while relay_due():
            pass
        assert now_of(shop, charge).state == "refunded"
        assert double.asked[-1][0] == "/v1/refunds"
        again = {**session, "amount_refunded": 99_000, "id": "ch_1"}
        assert knock.stripe("evt_5", "charge.refunded", **again).status_code == 200
    assert now_of(shop, charge).refunded_minor == 99_000
    assert knock.post(b"{}", stripe_signature="t=1,v1=00").status_code == 400
    unknown = {**session, "metadata": {"reference": "TH22222222"}}
    assert knock.stripe("evt_6", "checkout.session.completed", **unknown).status_code == 409
    assert knock.stripe("evt_7", "invoice.paid", id="in_1").status_code == 200


def test_vnpay(shop: Shop, settings: Any) -> None:
    knock, charge = Knocking(shop, accepts(shop, "vnpay", **VNPAY)), bill(shop)
    row = start(shop, charge, "vnpay")
    sent = dict(parse_qsl(urlsplit(row.gateway_url).query))
    assert sent["vnp_Amount"] == "9900000"
    assert sent["vnp_SecureHash"] == sign(hash_data(sent), servers.VNPAY_SECRET)
    ipn = {
        "vnp_TmnCode": servers.VNPAY_TERMINAL,
        "vnp_Amount": "9900000",
        "vnp_TransactionNo": "14422574",
        "vnp_ResponseCode": "24",
        "vnp_TransactionStatus": "02",
        "vnp_TxnRef": row.order_id,
    }
    assert knock.vnpay(**ipn)["RspCode"] == "00"
    assert now_of(shop, charge).state == "failed"
    row = start(shop, charge, "vnpay")
    ipn |= {"vnp_TxnRef": row.order_id, "vnp_ResponseCode": "00", "vnp_TransactionStatus": "00"}
    forged = knock.client.get(f"{knock.url}?{urlencode({**ipn, 'vnp_SecureHash': '0' * 128})}")
    assert forged.json()["RspCode"] == "97"
    assert knock.vnpay(**{**ipn, "vnp_TxnRef": "TH2222222201"})["RspCode"] == "01"
    assert [knock.vnpay(**ipn)["RspCode"] for _time in range(2)] == ["00", "02"]
    assert now_of(shop, charge).state == "paid"
    short = {**ipn, "vnp_Amount": "100", "vnp_TransactionNo": "14422575"}
    assert knock.vnpay(**short)["RspCode"] == "04"
    assert now_of(shop, charge).attention == "over"
    with servers.serving(servers.vnpay) as double:
        settings.PAYMENT_HOSTS = {"vnpay": double.url}
        services.refund_charge(shop.call(), charge=charge.id, amount_minor=1, by_hand=True)
        assert services.refund_charge(shop.call(), charge=charge.id).state == "asked"
        while relay_due():
            pass
        assert double.asked[-1][1]["vnp_ResponseCode"] == "00", double.asked
    assert now_of(shop, charge).state == "refunded"


def test_momo_a_month_late(shop: Shop, settings: Any) -> None:
    account = accepts(shop, "momo", mode="sandbox", **servers.MOMO)
    knock = Knocking(shop, account)
    charge = bill(shop)
    with servers.serving(servers.momo) as double:
        settings.PAYMENT_HOSTS = {"momo": double.url}
        first = start(shop, charge, "momo")
        second = start(shop, charge, "momo")
        assert first.order_id != second.order_id
        stale = servers.momo_ipn(first.order_id, 99_000, code=1006)
        assert knock.post(stale).status_code == 204
        assert now_of(shop, charge).state == "pending", "an older attempt's end changes nothing"
        services.cancel_charge(shop.call(), charge=charge.id)
        good = servers.momo_ipn(second.order_id, 99_000)
        assert knock.post(good.replace(b"99000", b"1000")).status_code == 400
        with played_at(now() + timedelta(days=31)):
            assert [knock.post(good).status_code for _time in range(3)] == [204] * 3
        late = now_of(shop, charge)
        assert (late.state, late.attention, late.paid_minor) == ("paid", "late", 99_000)
        assert told(shop) == ["payment.cancelled", "payment.late"]
        page = Client(headers={"Accept-Language": "en"}).get(charge.pay_path).content.decode()
        assert "it is paid" not in page
        assert "Your money came after this bill was closed" in page
        services.refund_charge(shop.call(), charge=charge.id, reason="Khách đã huỷ")
        while relay_due():
            pass
    assert now_of(shop, charge).state == "refunded"
    assert now_of(shop, charge).attention == ""


def test_news_before_the_bill_is_there_counts_when_told_again(shop: Shop) -> None:
    account = accepts(shop, "momo", mode="sandbox", **servers.MOMO)
    knock, charge = Knocking(shop, account), bill(shop)
    with in_programme(shop.programme):
        Charge.objects.update(reference="TH22222222")
    news = servers.momo_ipn(f"{charge.reference}01", 99_000)
    assert knock.post(news).status_code == 404
    with in_programme(shop.programme):
        Charge.objects.update(reference=charge.reference)
    assert [knock.post(news).status_code for _time in range(2)] == [204, 204]
    assert now_of(shop, charge).paid_minor == 99_000
    assert told(shop) == ["payment.paid"]


def test_one_shops_secret_never_speaks_for_another(shop: Shop, other_shop: Shop) -> None:
    accepts(shop, "momo", mode="sandbox", **servers.MOMO)
    theirs = accepts(other_shop, "momo", mode="sandbox", **servers.MOMO)
    charge = bill(shop)
    news = servers.momo_ipn(f"{charge.reference}01", 99_000)
    assert Knocking(other_shop, theirs).post(news).status_code == 404
    assert Knocking(shop, theirs).post(news).status_code == 404
    assert now_of(shop, charge) == charge
    with in_programme(shop.programme):
        kept = GatewayAccount.objects.get()
    assert servers.MOMO["secret_key"] not in kept.sealed + str(kept.values)


def test_an_amount_no_bill_can_have_is_kept_counts_nothing_and_is_not_told_again(
    shop: Shop,
) -> None:
    sepay = Knocking(shop, accepts(shop, "vietqr", **VIETQR))
    account = accepts(
        shop, "stripe", secret_key="sk_test_x12345678", webhook_secret=servers.STRIPE_SIGNING
    )
    stripe = Knocking(shop, account)
    charge = bill(shop)
    for number, amount in enumerate((10**15, 10**30)):
        transfer = {"transferAmount": amount, "accumulated": amount, "gateway": amount}
        told_so = sepay.sepay(id=number, content=charge.reference, **transfer)
        assert told_so.status_code == 200
        money = {"amount_total": amount, "currency": "vnd", "payment_status": "paid"}
        about = {"metadata": {"reference": charge.reference}, "payment_intent": f"pi_{number}"}
        topic = "checkout.session.completed"
        assert stripe.stripe(f"evt_{number}", topic, **money, **about).status_code == 200
    nothing = {**money, **about, "amount_total": 0, "payment_status": "no_payment_required"}
    assert stripe.stripe("evt_9", topic, **nothing).status_code == 200
    assert now_of(shop, charge) == charge
    with in_programme(shop.programme):
        kept = PaymentEvent.objects.filter(outcome="ignored").order_by("pk")
        assert [str(10**30) in one.payload for one in kept] == [False, False, True, True, False]


def test_money_on_a_bill_that_was_given_back_is_seen_and_can_count(shop: Shop) -> None:
    """Paid, refunded in full, and then the customer's bank sends it once more."""
    knock = Knocking(shop, accepts(shop, "vietqr", **VIETQR))
    charge = bill(shop)
    services.take_cash(shop.call(), charge=charge.id)
    services.refund_charge(shop.call(), charge=charge.id)
    transfer = {"id": 7, "transferAmount": 99_000, "content": charge.reference}
    assert knock.sepay(**transfer).status_code == 200
    api = Api(make_key(shop))
    (seen,) = api.get("charges/?attention=any").data["data"]
    assert (seen["id"], seen["attention"]) == (charge.id, "late")
    assert told(shop)[-1] == "payment.late"
    done = api.post(f"charges/{charge.id}/accept-late/", {})
    assert (done.status_code, done.data["attention"]) == (200, "")
    assert told(shop)[-1] == "payment.paid"
    assert knock.sepay(**{**transfer, "id": 8}).status_code == 200
    assert now_of(shop, charge).attention == "over"
    assert api.post(f"charges/{charge.id}/dismiss/", {}).data["attention"] == ""


def test_a_transfer_nobody_can_tell_is_listed_and_matched_over_the_api(
    shop: Shop, other_shop: Shop
) -> None:
    knock = Knocking(shop, accepts(shop, "vietqr", **VIETQR))
    charge = bill(shop)
    knock.sepay(id=1, transferAmount=99_000, content="tra tien the")
    api, stranger = Api(make_key(shop)), Api(make_key(other_shop))
    (found,) = api.get("unmatched-payments/").data["data"]
    assert (found["amount_minor"], found["note"]) == (99_000, "tra tien the")
    assert stranger.get("unmatched-payments/").data["data"] == []
    address, body = f"charges/{charge.id}/match/", {"event": found["id"]}
    assert stranger.post(address, body).status_code == 404
    assert api.post(address, body).data["state"] == "paid"
    assert api.post(address, body).data["code"] == "event_matched"
    assert api.get("unmatched-payments/").data["data"] == []


def test_under_another_secret_key_nothing_is_taken_for_paid_and_owners_are_told(
    shop: Shop, settings: Any
) -> None:
    account = accepts(shop, "vietqr", **VIETQR)
    knock = Knocking(shop, account)
    charge = bill(shop)
    settings.SECRET_KEY = "another secret key of this server, long enough to be taken 0123456789"
    transfer = {"id": 7, "transferAmount": 99_000, "content": charge.reference}
    assert knock.sepay(**transfer).status_code == 503, "the bank tells it again later"
    assert now_of(shop, charge).paid_minor == 0
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(shop.staff.user)
    assert "Ways to be paid that cannot be used" in client.get("/dashboard/cafe/").content.decode()
    page = client.get("/dashboard/cafe/payments/gateways/vietqr/").content.decode()
    assert "enter the secrets again" in page
    accepts(shop, "vietqr", **VIETQR)
    assert knock.sepay(**transfer).status_code == 200
    assert now_of(shop, charge).paid_minor == 99_000
