"""Discounts where people meet them: till, portal, dashboard, terms page, API."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import translation

from loyalty.engine.fact_info import activity_words
from loyalty.engine.portal import promises
from loyalty.engine.publishing import edit_rule
from loyalty.engine.rule_choices import asked_where
from loyalty.engine.selectors import rule_kinds
from loyalty.sales.models import Product
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.api import Api, make_key
from tests.forms import form_values
from tests.rewards.discounts.discounts_of import discount, line
from tests.rewards.points.rules_of import buy
from tests.world import Shop

REGULAR = [
    {"fact": "member.tags", "op": "contains", "value": "regular"},
    {"fact": "sale.total_minor", "op": "gte", "value": 10_000},
]


@pytest.fixture
def regulars(shop: Shop) -> Shop:
    discount(shop, name="Khách quen", audience=REGULAR, minimum_minor=50_000, cap_minor=90_000)
    discount(shop, name="Staff", audience=[{"fact": "member.tags", "op": "contains", "value": "s"}])
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(tags=["regular"])
    return shop


def _staff(shop: Shop) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(shop.staff.user)
    return client


def test_the_till_says_before_now_and_why(regulars: Shop) -> None:
    browser = _staff(regulars)
    member = f"/till/cafe/members/{regulars.member.public_id}/"
    page = browser.get(member).content.decode()
    assert "Khách quen: 10% off, from ₫50,000 on, at most ₫90,000 a sale" in page
    assert "Staff" not in page
    quote = browser.post(f"{member}quote/", {"amount_minor": "100000", "discount_minor": "20000"})
    told = quote.content.decode()
    for text in ("₫100,000", "Khách quen", "−₫8,000", "−₫20,000", "₫72,000"):
        assert text in told
    done = buy(regulars, 100_000)
    result = browser.get(f"/till/cafe/sales/{done.purchase}/").content.decode()
    for text in ("Before discounts", "₫100,000", "Khách quen", "₫90,000"):
        assert text in result


def test_the_sale_and_the_member_in_the_dashboard(regulars: Shop) -> None:
    done = buy(regulars, 0, line(60_000, name="Rice"), line(40_000, name="Tea"))
    browser = _staff(regulars)
    page = browser.get(f"/dashboard/cafe/sales/{done.purchase}/").content.decode()
    for text in ("₫60,000", "₫54,000", "₫36,000", "−₫10,000"):
        assert text in page
    member = browser.get(f"/dashboard/cafe/members/{regulars.member.public_id}/").content.decode()
    assert "Saved so far: ₫10,000" in member and "Khách quen" in member


def test_a_percentage_out_of_bounds_is_told_as_the_reader_writes_it(shop: Shop) -> None:
    desk = Client(headers={"accept-language": "vi"})
    desk.force_login(shop.staff.user)
    address = f"/dashboard/{shop.programme.slug}/rules/new/discounts.discount_rule/"
    values = form_values(desk.get(address).content.decode()) | {"name": "Lẻ", "off_bp": "250"}
    assert "từ 0,01 đến 100" in desk.post(address, values).content.decode()


def test_a_form_asks_for_what_its_kind_takes_and_hides_no_fault(shop: Shop) -> None:
    desk = _staff(shop)
    page = desk.get("/dashboard/cafe/rules/new/discounts.discount_rule/").content.decode()
    assert "data-arranged" in page and "js/when.js" in page
    (price,) = re.findall(r"<input[^>]*name=\"price_minor\"[^>]*>", page)
    assert 'data-when="discount=fixed_price"' in price
    earning = desk.get("/dashboard/cafe/rules/new/points.earning_rule/").content.decode()
    assert 'data-when="basis=units"' in earning
    for kind in rule_kinds().values():
        for name in kind.model.shown_for:
            asked = asked_where(kind.model, name)
            assert asked and name in kind.fields
            choices = kind.fields[asked.other].choices or activity_words().items()
            known = {str(value) for value, _label in choices}
            assert set(asked.spare) < set(asked.choices) < known, (kind.name, name)


def test_the_member_sees_was_and_now_and_by_which_rule(regulars: Shop) -> None:
    user = User.objects.create_user("ana@example.com", None, name="Ana")
    with in_programme(regulars.programme):
        Member.objects.filter(pk=regulars.member.pk).update(user=user)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    assert "Once a sale costs you less" in client.get("/p/cafe/savings/").content.decode()
    first, second = buy(regulars, 100_000), buy(regulars, 50_000)
    refund_purchase(regulars.call(), purchase=first.purchase)
    page = client.get("/p/cafe/savings/").content.decode()
    assert "was ₫50,000, now ₫45,000" in page and "Khách quen" in page
    assert "₫100,000" not in page, "what came back saved nothing"
    home = client.get("/p/cafe/").content.decode()
    assert "₫5,000" in home and "Staff" not in home
    assert second.discount_minor == 5_000


def test_the_terms_page_in_both_languages(regulars: Shop) -> None:
    texts = {}
    for language in ("vi", "en"):
        with translation.override(language), in_programme(regulars.programme):
            (found,) = [one for one in promises(regulars.programme) if "Staff" in str(one)]
            texts[language] = found.sentences[0].replace("\N{NO-BREAK SPACE}", " ")
    assert (
        texts["vi"] == "Khách quen: giảm 10%, cho hóa đơn từ 50.000 ₫, tối đa 90.000 ₫ mỗi hóa đơn"
        " (dành cho thành viên được chọn)"
    )
    assert texts["en"] == (
        "Khách quen: 10% off, from ₫50,000 on, at most ₫90,000 a sale (for chosen members)"
    )


def test_a_happy_hour_says_when(shop: Shop) -> None:
    discount(shop, name="Tea time", weekdays=[1, 5], minute_from=14 * 60, minute_to=16 * 60)
    told = Api(make_key(shop)).get(f"members/{shop.member.public_id}/discounts/").data
    assert told["discounts"][0]["text"] == "Tea time: 10% off (Mon, Fri 14:00–16:00)"
    with translation.override("en"), in_programme(shop.programme):
        (found,) = promises(shop.programme)
        assert found.sentences == ["Tea time: 10% off (Mon, Fri 14:00–16:00)"]


def test_a_discount_on_some_goods_says_which(shop: Shop) -> None:
    with in_programme(shop.programme):
        Product.objects.create(programme=shop.programme, sku="TEA", name="Green tea")
    discount(shop, name="Tea week", skus=["TEA"])
    told = Api(make_key(shop)).get(f"members/{shop.member.public_id}/discounts/").data
    assert told["discounts"][0]["text"] == "Tea week: 10% off (only Green tea)"


def test_an_integrator_asks_quotes_sells_and_reads(regulars: Shop) -> None:
    api = Api(make_key(regulars))
    member = regulars.member.public_id
    body = {"member": member, "lines": [{"name": "Rice", "net_minor": 60_000}]}
    quote = api.post("quotes/", body).data
    sold = api.post("purchases/", body).data
    for answer in (quote, sold):
        (one,) = answer["lines"]
        assert (one["was_minor"], one["discount_minor"], one["net_minor"]) == (
            60_000,
            6_000,
            54_000,
        )
        (effect,) = answer["effects"]
        assert (effect["kind"], effect["rule_name"]) == ("lower_price", "Khách quen")
        assert effect["details"]["off_minor"] == effect["amount"] == 6_000
    told = api.get(f"members/{member}/discounts/").data
    assert [one["name"] for one in told["discounts"]] == ["Khách quen"]
    assert (told["saved_minor"], told["savings"][0]["purchase"]) == (6_000, sold["purchase"])
    line = api.get(f"purchases/{sold['purchase']}/").data["lines"][0]
    assert line["discount_minor"] == 6_000
    settled = api.post("purchases/", body | {"settled": True}).data
    assert settled["to_pay_minor"] == 60_000
    assert api.get("members/mem_no_such/discounts/").status_code == 404


def test_a_draft_is_tried_on_past_sales_at_their_first_prices(shop: Shop) -> None:
    live = discount(shop, off_bp=1_000)
    for total in (100_000, 55_555, 1):
        buy(shop, total)
    draft = edit_rule(shop.call(), rule=live.rule, values={"off_bp": 500, "cap_minor": 4_000})
    (found,) = Api(make_key(shop)).get(f"rules/{draft.rule}/preview/").json()["assets"]
    assert (found["asset"], found["is_money"]) == ("discounts", True)
    assert (found["before"], found["after"]) == (10_000 + 5_556, 4_000 + 2_778)
    page = _staff(shop).get(f"/dashboard/cafe/rules/{draft.rule}/preview/").content.decode()
    assert "₫15,556" in page and "−₫8,778" in page


def test_a_draft_that_changes_nothing_of_the_past_says_so(shop: Shop) -> None:
    live = discount(shop, off_bp=1_000)
    buy(shop, 100_000)
    draft = edit_rule(shop.call(), rule=live.rule, values={"name": "Another name"})
    client = _staff(shop)
    page = client.get(f"/dashboard/cafe/rules/{draft.rule}/preview/").content.decode()
    assert "On past sales nothing would have changed" in page
    assert "The same with this rule and without it: discounts." in page
    assert "Who gains most" not in page
