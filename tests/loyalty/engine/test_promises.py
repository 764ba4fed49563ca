"""The terms page promises what holds today, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from loyalty.common.clock import now
from loyalty.engine.publishing import create_rule, end_rule, pause_rule, publish_rule
from loyalty.sales.models import Category, Product
from loyalty.tenancy.scope import in_programme
from tests.forms import form_values
from tests.rewards.points.rules_of import earning, multiplier
from tests.rewards.punchcards.cards_of import buy, card, coffees
from tests.world import Shop


def test_what_is_over_paused_or_yet_to_come_is_not_promised(shop: Shop) -> None:
    begins, ends = (now() + timedelta(days=days) for days in (3, 5))
    card(shop, name="Coffee card")
    over = card(shop, name="Summer card")
    buy(shop, coffees(1))
    end_rule(shop.call(), rule=over.rule)
    pause_rule(shop.call(), rule=card(shop, name="Tea card").rule)
    card(shop, name="Winter card", starts_at=begins)
    card(shop, name="Autumn card", ends_at=ends)
    earning(shop, name="Spring points", starts_at=begins)
    earning(shop, name="Everyday points")
    multiplier(shop, name="Anniversary", starts_at=begins)
    page = Client().get("/p/cafe/terms/", headers={"accept-language": "en"}).content.decode()
    for promised in ("Coffee card", "Autumn card", "(until ", "Everyday points"):
        assert promised in page
    for silent in ("Summer card", "Tea card", "Winter card", "Spring points", "Anniversary"):
        assert silent not in page


def test_what_is_for_some_goods_and_places_only_says_so(shop: Shop) -> None:
    with in_programme(shop.programme):
        teas = Category.objects.create(code="tea", name="Teas")
        Product.objects.create(sku="latte", name="Café latte", category=teas)
    place = shop.location.public_id
    earning(shop, name="Tea time", categories=["tea"], skus=["latte", "gone"], locations=[place])
    earning(shop, name="Nearly all", excluded_skus=["latte"])
    many = [f"item-{number}" for number in range(9)]
    draft = {"discount": "percent", "off_bp": 1_000, "skus": many}
    rule = create_rule(shop.call(), kind="discounts.discount_rule", values={"name": "T", **draft})
    publish_rule(shop.call(), rule=rule.rule)
    page = Client().get("/p/cafe/terms/", headers={"accept-language": "en"}).content.decode()
    assert "(only Café latte, Teas, gone; at Main street)" in page
    assert "(not for Café latte)" in page
    assert "item-5 and 3 more)" in page


def test_a_form_tells_bounds_as_people_type_them(shop: Shop) -> None:
    browser = Client(headers={"accept-language": "vi"})
    browser.force_login(shop.staff.user)
    address = "/dashboard/cafe/rules/new/memberships.plan/"
    values = form_values(browser.get(address).content.decode())
    typed = {**values, "name": "Plan", "code": "plan", "factor_bp": "0,5", "discount_bp": "150"}
    page = browser.post(address, typed).content.decode()
    assert "từ 1 đến 100" in page and "từ 0 đến 100" in page
    done = browser.post(address, {**typed, "factor_bp": "1,5", "discount_bp": "12,5"}, follow=True)
    assert "12,5%" in done.content.decode() or "12,5" in done.content.decode()
