"""A bill from opening to its end where people handle the money: cash, a transfer seen, giving back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from loyalty.commands.decorator import Call
from loyalty.common.clock import now, played_at
from loyalty.common.errors import DomainError, Invalid, NotFound, Refused
from loyalty.payments import services
from loyalty.payments.models import PaymentEvent
from loyalty.payments.results import ChargeView
from loyalty.payments.tasks import expire_charges
from loyalty.tenancy.scope import in_programme
from tests.loyalty.commands.test_races import at_once
from tests.loyalty.payments.bills import VIETQR, accepts, bill, events, now_of, told
from tests.world import Shop, make_shop


def test_the_payers_page_asks_anew_once_a_part_is_here(shop: Shop) -> None:
    """Its code would still ask for all of it, and be paid a second time."""
    accepts(shop, "vietqr", **VIETQR)
    charge = bill(shop)
    page = Client().get(charge.pay_path).content.decode()
    live = re.findall(r'hx-get="([^"]+)"', page)[0]
    looks = {"HX-Request": "true"}
    assert "HX-Refresh" not in Client().get(live, headers=looks).headers
    services.confirm_transfer(shop.call(), charge=charge.id, amount_minor=60_000)
    assert Client().get(live, headers=looks).headers["HX-Refresh"] == "true"


def test_a_membership_is_paid_in_cash_and_half_of_it_given_back(shop: Shop) -> None:
    charge = bill(shop, 100_000)
    assert charge.missing_minor == 100_000
    paid = services.take_cash(shop.call(), charge=charge.id)
    assert (paid.state, paid.gateway, paid.missing_minor) == ("paid", "cash", 0)
    back = services.refund_charge(shop.call(), charge=charge.id, amount_minor=50_000)
    assert back.state == "done"
    assert now_of(shop, charge).state == "partly_refunded"
    services.refund_charge(shop.call(), charge=charge.id)
    assert now_of(shop, charge).state == "refunded"
    with pytest.raises(Refused, match="nothing_to_refund"):
        services.refund_charge(shop.call(), charge=charge.id)
    assert told(shop) == ["payment.paid", "payment.refunded", "payment.refunded"]
    _type, data = events(shop)[0]
    assert {"charge", "kind", "subject", "amount_minor", "member"} <= data.keys()
    assert data["subject"] == "sub_1"
    assert [data.get("is_whole") for _type, data in events(shop)] == [None, False, True]


def test_too_little_stays_open_and_too_much_is_seen(shop: Shop) -> None:
    charge = bill(shop, 100_000)
    short = services.confirm_transfer(shop.call(), charge=charge.id, amount_minor=40_000)
    assert (short.state, short.missing_minor, short.attention) == ("open", 60_000, "short")
    over = services.confirm_transfer(shop.call(), charge=charge.id, amount_minor=75_000)
    assert (over.state, over.excess_minor, over.attention) == ("paid", 15_000, "over")
    assert told(shop) == ["payment.mismatch", "payment.paid", "payment.mismatch"]
    services.refund_charge(shop.call(), charge=charge.id, amount_minor=15_000)
    done = now_of(shop, charge)
    assert (done.state, done.excess_minor, done.attention) == ("paid", 0, "")
    assert told(shop)[-1] == "payment.excess_returned"


def test_a_transfer_two_people_confirm_counts_once(shop: Shop) -> None:
    """Both see it in the bank's app; whoever is second is asked whether another one came."""
    charge = bill(shop, 99_000)
    services.confirm_transfer(shop.call(), charge=charge.id, amount_minor=99_000)
    with pytest.raises(Refused, match="charge_settled"):
        services.confirm_transfer(shop.call(), charge=charge.id, amount_minor=99_000)
    assert now_of(shop, charge).excess_minor == 0
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    page = f"/dashboard/{shop.programme.slug}/payments/{charge.id}/"
    sent = {"act": "confirm", "amount_minor": "99000"}
    told = client.post(page, sent)
    assert told.status_code == 422 and "Another transfer, besides" in told.content.decode()
    client.post(page, {**sent, "is_another": "on", "idempotency_key": "another"})
    assert now_of(shop, charge).attention == "over"


def test_money_after_the_bill_was_closed_waits_for_a_person(shop: Shop) -> None:
    charge = bill(shop, expires_at=now() + timedelta(days=1))
    given_up = bill(shop)
    services.cancel_charge(shop.call(), charge=given_up.id)
    with played_at(now() + timedelta(days=2)):
        assert expire_charges() == 1
        assert expire_charges() == 0
    assert now_of(shop, charge).state == "expired"
    assert told(shop) == ["payment.cancelled", "payment.cancelled"]
    with pytest.raises(Refused, match="charge_not_open"):
        services.take_cash(shop.call(), charge=charge.id)
    with played_at(now() + timedelta(days=33)):
        late = services.confirm_transfer(shop.call(), charge=charge.id, amount_minor=99_000)
    assert (late.state, late.attention) == ("paid", "late")
    assert told(shop)[2:] == ["payment.late"], "whoever opened it is not told that it is paid"
    services.accept_late(shop.call(), charge=charge.id)
    assert told(shop)[3:] == ["payment.paid"]
    services.confirm_transfer(shop.call(), charge=given_up.id, amount_minor=99_000)
    services.refund_charge(shop.call(), charge=given_up.id)
    assert now_of(shop, given_up).attention == ""


def test_what_is_wrong_is_refused_by_name(shop: Shop, other_shop: Shop) -> None:
    for given, field in (
        ({"amount_minor": 0}, "amount_minor"),
        ({"text_vi": " "}, "text_vi"),
        ({"text_en": "for 4242 4242 4242 4242"}, "text_en"),
        ({"kind": "a b"}, "kind"),
        ({"currency": "XQZ"}, "currency"),
        ({"expires_at": now()}, "expires_at"),
    ):
        with pytest.raises(Invalid) as refused:
            bill(shop, **given)
        assert refused.value.field == field
    charge = bill(shop)
    with pytest.raises(NotFound):
        services.take_cash(other_shop.call(), charge=charge.id)
    with pytest.raises(Invalid):
        services.take_cash(shop.call(), charge=charge.id, amount_minor=99_001)
    with pytest.raises(Invalid, match="card_number"):
        services.confirm_transfer(shop.call(), charge=charge.id, note="4242424242424242")
    assert now_of(shop, charge) == charge


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_cashiers_take_cash_for_one_bill_at_once() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    charge = bill(shop)

    def take(number: int) -> Any:
        return services.take_cash(Call(shop.actor, f"till-{number}"), charge=charge.id)

    answers = at_once(4, take)
    refused = [one for one in answers if isinstance(one, DomainError)]
    assert [one.code for one in refused] == ["charge_not_open"] * 3, answers
    assert now_of(shop, charge).paid_minor == 99_000
    assert told(shop) == ["payment.paid"]
    with in_programme(shop.programme):
        assert PaymentEvent.objects.count() == 1


def test_a_bill_paid_in_part_is_given_up_and_takes_no_more_money(shop: Shop) -> None:
    charge = bill(shop, 100_000)
    services.take_cash(shop.call(), charge=charge.id, amount_minor=40_000)
    dropped = services.drop_charge(shop.call(), charge=charge.id, reason="over")
    assert (dropped.state, dropped.refunded_minor, dropped.missing_minor) == (
        "cancelled",
        40_000,
        0,
    )
    with pytest.raises(Refused, match="charge_not_open"):
        services.take_cash(shop.call(), charge=charge.id)
    assert told(shop)[-2:] == ["payment.refunded", "payment.cancelled"]


def test_pressing_take_cash_twice_takes_it_once_and_says_so(shop: Shop) -> None:
    charge = bill(shop)
    till = Client(headers={"Accept-Language": "vi"})
    till.force_login(shop.staff.user)
    address = f"/till/{shop.programme.slug}/payments/{charge.id}/cash/"
    pages = [
        till.post(address, {"idempotency_key": "once"}, follow=True).content.decode()
        for _ in range(2)
    ]
    assert "Đã nhận 99.000" in pages[0]
    assert "Đã nhận 0" not in pages[1]
    assert now_of(shop, charge).paid_minor == 99_000


def test_why_the_house_gave_money_back_is_read_in_the_readers_language(shop: Shop) -> None:
    """What the house writes is translated, what a person wrote stays as it is."""
    charge = bill(shop, 70_000)
    services.take_cash(shop.call(), charge=charge.id)
    for reason in ("membership cancelled", "Cà phê nguội"):
        services.refund_charge(shop.call(), charge=charge.id, amount_minor=10_000, reason=reason)
    client = Client()
    client.force_login(shop.staff.user)
    page = f"/dashboard/{shop.programme.slug}/payments/{charge.id}/"
    for language, words in (
        ("vi", "Gói thành viên đã bị hủy"),
        ("en", "The membership was cancelled"),
    ):
        shown = client.get(page, headers={"accept-language": language}).content.decode()
        assert words in shown and "Cà phê nguội" in shown


def test_a_confirmed_transfer_sent_twice_is_answered_twice_and_counts_once(shop: Shop) -> None:
    charge = bill(shop, 70_000)
    client = Client()
    client.force_login(shop.staff.user)
    page = f"/dashboard/{shop.programme.slug}/payments/{charge.id}/"
    sent = {"act": "confirm", "amount_minor": "70000", "idempotency_key": "pressed-twice"}
    assert [client.post(page, sent).status_code for _time in range(2)] == [302, 302]
    assert now_of(shop, charge).paid_minor == 70_000


def test_the_form_of_a_transfer_proposes_what_is_due_and_nothing_else(shop: Shop) -> None:
    """The rest of a bill; of one that is paid, was given back or is closed nothing is due."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)

    def proposed(charge: ChargeView) -> Any:
        page = client.get(f"/dashboard/{shop.programme.slug}/payments/{charge.id}/")
        return page.context["transfer_form"]["amount_minor"].value()

    part, gone = bill(shop, 100_000), bill(shop, 80_000)
    services.confirm_transfer(shop.call(), charge=part.id, amount_minor=40_000)
    assert proposed(part) == 60_000
    services.take_cash(shop.call(), charge=part.id)
    assert proposed(part) is None
    for _half in range(2):
        services.refund_charge(shop.call(), charge=part.id, amount_minor=50_000)
        assert proposed(part) is None
    services.cancel_charge(shop.call(), charge=gone.id)
    assert proposed(gone) is None
