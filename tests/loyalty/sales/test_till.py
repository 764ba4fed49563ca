"""A cashier's day: find, sell, undo, refund — and what a cashier may not."""

from __future__ import annotations

import pytest
from django.test import Client

from loyalty.sales.models import Category, Product, Purchase
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.services import NewMember, enrol_member
from tests.world import Shop


@pytest.fixture
def till(shop: Shop) -> Client:
    """Ben's cashier at the till."""
    user = User.objects.create_user("cashier@example.com", None, name="Cashier")
    with in_programme(shop.programme):
        Staff.objects.create(user=user, merchant=shop.merchant, role="cashier")
    client = Client()
    client.force_login(user)
    return client


def _enrolled(shop: Shop, phone: str = "0912345678") -> str:
    person = NewMember(name="Nguyễn Thị Hoa", phone=phone)
    return enrol_member(shop.call(), person=person).member


def _purchases(shop: Shop) -> list[Purchase]:
    with in_programme(shop.programme):
        return list(Purchase.objects.order_by("id"))


def test_a_member_is_found_by_any_spelling_and_shown_masked(shop: Shop, till: Client) -> None:
    member = _enrolled(shop)
    for text in ("0912 345 678", "+84912345678", "nguyen hoa"):
        answer = till.get("/till/cafe/find/", {"q": text}, headers={"HX-Request": "true"})
        page = answer.content.decode()
        assert member in page, text
        assert "912345678" not in page.replace(text, "")


def test_a_new_member_needs_two_fields_and_a_yes(shop: Shop, till: Client) -> None:
    sent = {"name": "Hoa", "phone": "0912345678", "idempotency_key": "e1"}
    refused = till.post("/till/cafe/new/", sent)
    assert refused.status_code == 422
    done = till.post("/till/cafe/new/", sent | {"terms": "on"})
    again = till.post("/till/cafe/new/", sent | {"terms": "on"})
    assert done["Location"] == again["Location"]
    twin = till.post("/till/cafe/new/", sent | {"terms": "on", "idempotency_key": "e2"})
    assert twin.status_code == 422
    assert done["Location"].split("/")[-2] in twin.content.decode()


def test_sending_a_sale_again_under_its_key_counts_once(shop: Shop, till: Client) -> None:
    url = f"/till/cafe/members/{shop.member.public_id}/"
    sent = {"amount_minor": "85000", "idempotency_key": "s1"}
    first = till.post(url, sent, headers={"X-Till": "1"})
    again = till.post(url, sent, headers={"X-Till": "1"})
    assert first.json() == again.json()
    assert [one.total_minor for one in _purchases(shop)] == [85_000]
    assert "₫85,000" in till.get(first.json()["go"]).content.decode()
    assert _purchases(shop)[0].recorded_by == "Cashier"


@pytest.mark.parametrize("amount", ["", "0", "-5", "1e9", "12.5", "9" * 20, "NaN", "<b>"])
def test_a_wrong_amount_is_told_and_nothing_is_kept(shop: Shop, till: Client, amount: str) -> None:
    url = f"/till/cafe/members/{shop.member.public_id}/"
    answer = till.post(
        url, {"amount_minor": amount, "idempotency_key": "s1"}, headers={"X-Till": "1"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["text"]
    assert not _purchases(shop)


def test_a_basket_is_priced_by_the_shop_not_by_the_page(shop: Shop, till: Client) -> None:
    with in_programme(shop.programme):
        drinks = Category.objects.create(code="drinks", name="Drinks")
        Product.objects.create(sku="latte", name="Latte", price_minor=45_000, category=drinks)
        Product.objects.create(sku="old", name="Old", price_minor=1, is_active=False)
    grid = till.get("/till/cafe/products/", {"category": drinks.public_id, "q": "lat"})
    assert "Latte" in grid.content.decode()
    url = f"/till/cafe/members/{shop.member.public_id}/"
    basket = '[{"sku": "latte", "quantity": 2, "amount_minor": 1}]'
    till.post(url, {"basket": basket, "idempotency_key": "s1"})
    assert [one.total_minor for one in _purchases(shop)] == [90_000]
    deep = "[" * 100_000
    for wrong in (
        deep,
        '[{"sku": "old"}]',
        "[1]",
        "{",
        '[{"sku": "latte", "quantity": 0.5}]',
        "[null]",
    ):
        answer = till.post(url, {"basket": wrong, "idempotency_key": "s2"}, headers={"X-Till": "1"})
        assert answer.status_code == 422, wrong


def test_the_quote_keeps_nothing(shop: Shop, till: Client) -> None:
    url = f"/till/cafe/members/{shop.member.public_id}/quote/"
    page = till.post(url, {"amount_minor": "85000"}).content.decode()
    assert "₫85,000" in page
    assert not _purchases(shop)


def test_undo_takes_back_ones_own_last_sale_only(shop: Shop, till: Client) -> None:
    url = f"/till/cafe/members/{shop.member.public_id}/"
    for number in ("1", "2"):
        till.post(url, {"amount_minor": "50000", "idempotency_key": f"s{number}"})
    first, second = _purchases(shop)
    others = record_purchase(
        shop.call(), member=shop.member.public_id, sale=SaleInput(total_minor=9_000)
    )
    for purchase in (first.public_id, others.purchase):
        till.post(f"/till/cafe/sales/{purchase}/undo/", {"idempotency_key": f"u-{purchase}"})
    undo = f"/till/cafe/sales/{second.public_id}/undo/"
    pressed = [till.post(undo, {"idempotency_key": "u"}, follow=True) for _twice in range(2)]
    told = [one.content.decode() for one in pressed]
    assert "Undone." in told[0] and "It is taken back already." in told[1]
    assert [one.refunded_minor for one in _purchases(shop)] == [0, 50_000, 0]
    bills = {
        one.public_id: till.get(f"/till/cafe/sales/{one.public_id}/").content.decode()
        for one in (first, second)
    }
    assert "To pay" in bills[first.public_id]
    assert "To pay" not in bills[second.public_id], "it was paid, and came back"


def test_part_of_a_sale_is_refunded_by_its_receipt(shop: Shop, till: Client) -> None:
    url = f"/till/cafe/members/{shop.member.public_id}/"
    sent = {"amount_minor": "50000", "receipt": "A-0042", "idempotency_key": "s1"}
    till.post(url, sent)
    purchase = _purchases(shop)[0]
    found = till.get("/till/cafe/receipts/", {"q": "0042"})
    assert found["Location"].endswith(f"/{purchase.public_id}/refund/")
    assert till.get(found["Location"]).status_code == 200
    too_much = till.post(
        found["Location"],
        {"what": "amount", "amount_minor": "50001", "idempotency_key": "r1"},
    )
    assert too_much.status_code == 422
    for _twice in range(2):
        till.post(
            found["Location"],
            {"what": "amount", "amount_minor": "20000", "idempotency_key": "r2"},
        )
    assert _purchases(shop)[0].refunded_minor == 20_000


def test_a_sale_to_ones_own_card_is_flagged(shop: Shop, till: Client) -> None:
    with in_programme(shop.programme):
        user = User.objects.get(email="cashier@example.com")
        Member.objects.filter(pk=shop.member.pk).update(user=user)
    url = f"/till/cafe/members/{shop.member.public_id}/"
    assert "your own card" in till.get(url).content.decode()
    till.post(url, {"amount_minor": "50000", "idempotency_key": "s1"})
    with in_programme(shop.programme):
        assert Purchase.objects.filter(activity__data__own_card=True).count() == 1


def test_spending_needs_a_scan_or_a_look(shop: Shop, till: Client) -> None:
    url = f"/till/cafe/members/{shop.member.public_id}/"
    sent = {"amount_minor": "50000", "use.points": "10", "idempotency_key": "s1"}
    answer = till.post(url, sent, headers={"X-Till": "1"})
    assert answer.json()["errors"][0]["field"] == "checked"


def test_a_held_card_sells_nothing(shop: Shop, till: Client) -> None:
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(state="held")
    url = f"/till/cafe/members/{shop.member.public_id}/"
    assert "not active" in till.get(url).content.decode()
    answer = till.post(
        url, {"amount_minor": "50000", "idempotency_key": "s1"}, headers={"X-Till": "1"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "sent",
    [
        {"receipt": "x" * 81},
        {"receipt": "\0abc"},
        {"basket": '[{"product": "tea", "quantity": 1}]'},
        {"basket": '[{"name": "Tea"}]'},
        {"basket": '[{"name": "T\\u0000ea", "amount_minor": 5000}]'},
    ],
)
def test_what_the_till_does_not_take(shop: Shop, till: Client, sent: dict[str, str]) -> None:
    url = f"/till/cafe/members/{shop.member.public_id}/"
    answer = till.post(url, {"amount_minor": "45000", "idempotency_key": "odd", **sent})
    assert answer["Location"] == url, "back to the sale, which says why"
    assert _purchases(shop) == []
