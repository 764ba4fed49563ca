"""A partner's counter as it is used at a busy hour: typed wrong, pressed twice, two at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from campaigns.partners.models import Redemption
from loyalty.tenancy.scope import in_programme
from tests.campaigns.partners.scheme import Scheme
from tests.campaigns.partners.test_pages import _desk, _home, _text
from tests.forms import form_values
from tests.loyalty.commands.test_races import at_once
from tests.world import Shop, make_shop


def _counter(shop: Shop) -> tuple[Scheme, Client, str]:
    scheme = Scheme(shop, name="Bookshop")
    ben = Client(headers={"accept-language": "en"})
    ben.force_login(shop.staff.user)
    return scheme, _desk(scheme, ben), f"{_home(scheme)}partner/"


def test_a_bill_is_read_as_people_write_it_and_typed_wrong_it_is_asked_again(shop: Shop) -> None:
    scheme, device, page = _counter(shop)
    offer = scheme.offer(
        gives="percent", value_bp=1_000, cap_minor=20_000, cost="shared", share_bp=5_000
    )
    code = scheme.did(scheme.claim(offer))["code"]
    shown = device.get(page, {"code": code})
    assert "(at most ₫20,000)" in _text(shown).replace("\N{NO-BREAK SPACE}", " ")
    sent = form_values(shown.content.decode())
    for bill in ("", "-5", "250.50", "NaN", "1e9", "9" * 30, "250 000 đ"):
        wrong = device.post(page, {**sent, "bill": bill})
        assert (wrong.status_code, "Redeem it now" in _text(wrong)) == (422, True), bill
    with in_programme(shop.programme):
        assert not Redemption.objects.exists()
    done = device.post(page, {**sent, "bill": "150.000"})
    assert "₫15,000" in _text(done).replace("\N{NO-BREAK SPACE}", "")
    with in_programme(shop.programme):
        row = Redemption.objects.get()
    assert (row.bill_minor, row.given_minor, row.we_pay_minor) == (150_000, 15_000, 7_500)


def test_back_and_once_more_never_looks_like_a_second_gift(shop: Shop) -> None:
    scheme, device, page = _counter(shop)
    code = scheme.did(scheme.claim(scheme.offer()))["code"]
    sent = form_values(device.get(page, {"code": code}).content.decode())
    first, again = (device.post(page, sent) for _press in range(2))
    assert "Do not give it again" not in _text(first)
    assert "Do not give it again" in _text(again)
    assert b"till-result" in first.content and b"till-result" not in again.content
    fresh = device.get(page, {"code": code})
    assert "already used" in _text(fresh) and "Redeem it now" not in _text(fresh)
    with in_programme(shop.programme):
        assert Redemption.objects.count() == 1


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_counters_scan_one_code_at_once(transactional_db: None) -> None:
    shop = make_shop("busy", owner="ben@example.com", member="Ana")
    scheme, first, page = _counter(shop)
    code = scheme.did(scheme.claim(scheme.offer()))["code"]
    sent = form_values(first.get(page, {"code": code}).content.decode())

    def press(number: int) -> Any:
        device = Client(headers={"accept-language": "en"})
        device.cookies = first.cookies
        return device.post(page, {**sent, "idempotency_key": f"counter-{number % 2}"})

    answers = at_once(4, press)
    told = [(one.status_code, "Do not give it again" in _text(one)) for one in answers]
    # Each of two forms was sent twice: one wins, its twin reads that it counts once, two are refused.
    assert sorted(told) == [(200, False), (200, True), (422, False), (422, False)], told
    with in_programme(shop.programme):
        assert Redemption.objects.count() == 1
