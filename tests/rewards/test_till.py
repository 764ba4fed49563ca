"""Points and vouchers in a cashier's hands: chosen on the sale, handed over, and used once."""

from __future__ import annotations

import pytest
from django.test import Client

from loyalty.sales.models import Product, Purchase
from loyalty.tenancy.scope import in_programme
from rewards.points.services import change_settings
from tests.rewards.catalog.rewards_of import give, reward, the_voucher
from tests.world import Shop


@pytest.fixture
def till(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.staff.user)
    return client


def _url(shop: Shop) -> str:
    return f"/till/cafe/members/{shop.member.public_id}/"


def test_the_cashier_chooses_how_many_points_pay(shop: Shop, till: Client) -> None:
    values = {"pay_enabled": True, "value_minor": 100, "value_units": 1, "pay_minimum": 50}
    change_settings(shop.call(), values=values)
    give(shop, 300)
    page = till.get(_url(shop)).content.decode()
    assert 'name="use.points"' in page
    assert 'data-least="50"' in page
    asked = {"amount_minor": "100000", "use.points": "200", "checked": "1"}
    assert "₫80,000" in till.post(f"{_url(shop)}quote/", asked).content.decode()
    for _twice in range(2):
        till.post(_url(shop), asked | {"idempotency_key": "p"})
    with in_programme(shop.programme):
        assert Purchase.objects.get().to_pay_minor == 80_000


def test_points_pay_in_amounts_that_are_worth_whole_money(shop: Shop, till: Client) -> None:
    """Three points are a thousand: paid in pairs: the stepper offers sixes, and of ten the quote takes six."""
    values = {"pay_enabled": True, "value_minor": 1_000, "value_units": 3, "pay_step": 2}
    change_settings(shop.call(), values=values)
    give(shop, 100)
    till.cookies["django_language"] = "en"
    page = till.get(_url(shop)).content.decode()
    assert 'data-by="6"' in page and 'data-least="6"' in page and 'data-most="96"' in page
    asked = {"amount_minor": "100000", "use.points": "10", "checked": "1"}
    told = till.post(f"{_url(shop)}quote/", asked).content.decode()
    assert "6 of the 10 asked for" in told and "₫98,000" in told
    few = till.post(f"{_url(shop)}quote/", asked | {"use.points": "5"}).content.decode()
    assert "in steps of 6" in few


def test_a_reward_is_redeemed_and_ticked_on_the_sale(shop: Shop, till: Client) -> None:
    give(shop, 100)
    wanted = reward(shop, kind="amount_off", skus=(), value_minor=20_000)
    for _twice in range(2):
        till.post(f"{_url(shop)}redeem/", {"reward": wanted, "idempotency_key": "r"})
    voucher = the_voucher(shop)
    assert voucher.code in till.get(_url(shop)).content.decode()
    sent = {"amount_minor": "90000", "uses.vouchers": voucher.code, "checked": "1"}
    done = till.post(_url(shop), sent | {"idempotency_key": "s"})
    assert "₫70,000" in till.get(done["Location"]).content.decode()
    again = till.post(_url(shop), sent | {"idempotency_key": "s2"}, headers={"X-Till": "1"})
    assert again.status_code == 422, "a voucher counts once"


def test_a_gift_is_handed_over_at_once(shop: Shop, till: Client) -> None:
    give(shop, 100)
    wanted = reward(shop, kind="gift", skus=())
    till.post(f"{_url(shop)}redeem/", {"reward": wanted, "idempotency_key": "r"})
    assert the_voucher(shop).state == "used"
    poor = till.post(f"{_url(shop)}redeem/", {"reward": wanted, "idempotency_key": "r2"})
    assert poor.status_code == 302


def test_a_voucher_is_taken_by_its_code_once(shop: Shop, till: Client) -> None:
    with in_programme(shop.programme):
        Product.objects.create(sku="latte", name="Latte", price_minor=45_000)
    give(shop, 100)
    wanted = reward(shop)
    till.post(f"{_url(shop)}redeem/", {"reward": wanted, "idempotency_key": "r"})
    code = the_voucher(shop).code
    assert "Use it now" in till.get("/till/cafe/vouchers/", {"code": code}).content.decode()
    assert (
        till.post("/till/cafe/vouchers/", {"code": code, "idempotency_key": "u"}).status_code == 200
    )
    twin = till.post("/till/cafe/vouchers/", {"code": code, "idempotency_key": "u2"})
    assert twin.status_code == 422
    assert (
        till.post("/till/cafe/vouchers/", {"code": "NO-SUCH", "idempotency_key": "u3"}).status_code
        == 422
    )
