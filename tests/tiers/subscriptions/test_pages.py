"""The pages: a member's own basket, the pick list, an offer written and stocked, an order at the till."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.test import Client

from loyalty.common.clock import now
from loyalty.common.errors import Invalid
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.tiers.subscriptions.subs_of import (
    BEANS,
    begin,
    first_run,
    night,
    now_of,
    offer,
    on,
    pay,
    product,
    run_of,
    states,
)
from tests.world import Shop
from tiers.subscriptions.models import Offer, OfferedProduct, Subscription
from tiers.subscriptions.services import offer_product, swap_item


def staff(shop: Shop, role: str = "owner") -> Client:
    user = shop.staff.user
    if role != "owner":
        user = User.objects.create_user(f"{role}@example.com", None, name=role)
        with in_programme(shop.programme):
            Staff.objects.create(user=user, merchant=shop.merchant, role=role)
    client = Client()
    client.force_login(user)
    return client


def ana(shop: Shop) -> Client:
    user = User.objects.create_user("ana@example.com", None, name="Ana")
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(user=user)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def text_of(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200, url
    return page.content.decode()


@pytest.fixture
def home(shop: Shop) -> str:
    return f"/p/{shop.programme.slug}/subscriptions/"


@pytest.fixture
def desk(shop: Shop) -> str:
    return f"/dashboard/{shop.programme.slug}"


def test_a_member_subscribes_and_changes_everything_by_hand(shop: Shop, home: str) -> None:
    rule = offer(shop, shipping_minor=300)
    client = ana(shop)
    assert "Beans" in text_of(client, f"/p/{shop.programme.slug}/")
    assert "Beans" in text_of(client, home)
    new = f"{home}new/{rule.rule}/"
    with in_programme(shop.programme):
        pks = dict(OfferedProduct.objects.values_list("product__sku", "pk"))
    with on(2026, 5, 1):
        page = text_of(client, new)
        assert f"quantity_{pks['BEANS']}" in page
        sent = {
            f"quantity_{pks['BEANS']}": "2",
            "rhythm": "month:1",
            "first_on": "2026-05-10",
            "commit_months": "6",
            "pays": "before",
            "way": "deliver",
            "address": "5 Hàng Bạc",
        }
        quote = client.get(new, sent, headers={"hx-request": "true"}).content.decode()
        assert "₫3,500" in quote and "6 deliveries" in quote and "₫21,000" in quote
        wrong = client.post(new, {**sent, "address": "", "first_on": "2026-05-02"})
        assert wrong.status_code == 422
        client.post(new, sent)
        with in_programme(shop.programme):
            row = Subscription.objects.get()
        mine = f"{home}{row.public_id}/"
        assert "May 10, 2026" in text_of(client, mine) or "10 May 2026" in text_of(client, mine)
        order = run_of(shop, date(2026, 5, 10)).public_id
        acts = [
            {"act": "put", "sku": "MILK", "quantity": "1"},
            {"act": "swap", "sku": "MILK", "to": "FILTER"},
            {"act": "put", "sku": "FILTER", "quantity": "0"},
            {"act": "move", "order": order, "to": "2026-05-12"},
            {"act": "rhythm", "rhythm": "week:2"},
            {"act": "place", "address": "7 Hàng Bạc", "note": "Ring twice"},
            {"act": "skip", "order": order},
            {"act": "unskip", "order": order},
            {"act": "pause", "until": "2026-06-01"},
            {"act": "resume"},
            {"act": "cancel", "at_end": "1"},
            {"act": "keep"},
        ]
        for one in acts:
            answer = client.post(mine, one, follow=True)
            assert answer.status_code == 200, one
            assert "toast-error" not in answer.content.decode(), one
        with in_programme(shop.programme):
            row.refresh_from_db()
        assert (row.every, row.unit, row.address, row.note) == (
            2,
            "week",
            "7 Hàng Bạc",
            "Ring twice",
        )
        assert (row.state, row.stops_on) == ("active", None)
        client.post(mine, {"act": "cancel"})
        with in_programme(shop.programme):
            row.refresh_from_db()
        assert row.state == "ended"
        assert "It ended" in text_of(client, mine)


def test_an_edit_after_the_cut_off_is_told(shop: Shop, home: str) -> None:
    offer(shop)
    client = ana(shop)
    with on(2026, 5, 1):
        one = begin(shop, first_on=date(2026, 5, 10))
    with on(2026, 5, 8, hour=19):
        answer = client.post(
            f"{home}{one.id}/", {"act": "put", "sku": "MILK", "quantity": "1"}, follow=True
        )
    told = answer.content.decode()
    assert "closed already: it counts from" in told


def test_anothers_basket_is_not_found(shop: Shop, home: str) -> None:
    offer(shop)
    one = begin(shop)
    with in_programme(shop.programme):
        other = Member.objects.create(holder=shop.member.holder, name="B", joined_at=now())
        Subscription.objects.filter(public_id=one.id).update(member=other)
    client = ana(shop)
    assert client.get(f"{home}{one.id}/").status_code == 404
    assert client.post(f"{home}{one.id}/", {"act": "cancel"}).status_code == 404
    assert now_of(shop, one).state == "active"


def test_the_pick_list_of_a_day_and_its_file(shop: Shop, desk: str) -> None:
    offer(shop)
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(name="=cmd|'/c calc'!A1")
    with on(2026, 5, 1):
        begin(shop, (("BEANS", 2), ("MILK", 1)), first_on=date(2026, 5, 10), note="@ring")
    client = staff(shop)
    with on(2026, 5, 9):
        night()
        assert "/day/2026-05-10/" in text_of(client, f"{desk}/subscription-orders/")
        order = run_of(shop, date(2026, 5, 10))
        pay(shop, order.charge)
        page = text_of(client, f"{desk}/subscription-orders/day/2026-05-10/")
        assert "Beans" in page and "@ring" in page
        file = client.get(f"{desk}/subscription-orders/day/2026-05-10/pick-list.csv")
        rows = list(csv.reader(io.StringIO(b"".join(file).decode("utf-8-sig"))))
        assert [row[-1] for row in rows] == ["quantity", "2", "1"]
        assert rows[1][3].startswith("'=cmd") and rows[1][6] == "'@ring"
        address = f"{desk}/subscription-orders/{order.public_id}/"
        assert "Beans" in text_of(client, address)
        client.post(address, {"act": "pack", "back": "day"})
        client.post(address, {"act": "deliver"})
    assert states(shop)[0] == ("2026-05-10", "delivered")


def test_the_shop_cancels_one(shop: Shop, desk: str) -> None:
    with first_run(shop, is_paid=False) as order:
        address = f"{desk}/subscription-orders/{order.public_id}/"
        staff(shop).post(address, {"act": "cancel", "reason": "Flood"})
    assert run_of(shop, date(2026, 5, 10)).reason == "Flood"


def test_staff_subscribe_a_member_and_help_them(shop: Shop, desk: str) -> None:
    rule = offer(shop)
    client = staff(shop)
    with in_programme(shop.programme):
        pk = OfferedProduct.objects.get(product__sku="BEANS").pk
    assert "Beans" in text_of(client, f"{desk}/members/{shop.member.public_id}/")
    new = f"{desk}/members/{shop.member.public_id}/subscribe/{rule.rule}/"
    assert text_of(client, new)
    sent = {
        f"quantity_{pk}": "1",
        "rhythm": "month:1",
        "first_on": now().date().replace(day=1).isoformat(),
        "commit_months": "0",
        "pays": "before",
        "way": "collect",
    }
    assert client.post(new, sent).status_code == 422
    one = begin(shop)
    assert "Ana" in text_of(client, f"{desk}/subscriptions/")
    mine = f"{desk}/subscriptions/{one.id}/"
    assert "Beans" in text_of(client, mine)
    client.post(mine, {"act": "put", "sku": "BEANS", "quantity": "3"})
    assert "3 × Beans" in text_of(client, f"{desk}/subscription-orders/{one.next_order}/")
    assert staff(shop, "analyst").post(mine, {"act": "cancel"}).status_code == 403


def test_an_offer_is_written_stocked_published_and_ended(shop: Shop, desk: str) -> None:
    client = staff(shop)
    from tests.tiers.subscriptions.subs_of import product

    product(shop, "TEA", "Tea", 1_000)
    new = f"{desk}/subscription-offers/new/"
    assert text_of(client, new)
    sent = {
        "name": "Tea by the week",
        "code": "tea",
        "weeks_from": "1",
        "weeks_to": "4",
        "months_from": "0",
        "months_to": "0",
        "leaving": "stay",
        "renews": "on",
        "pays_before": "on",
        "collects": "on",
        "cutoff_days": "1",
        "cutoff_hour": "12",
        "grace_days": "3",
        "longest_pause_days": "60",
        "most_units": "10",
        "factor_bp": "1.5",
        "discount_bp": "5",
        "commitments-0-months": "6",
        "commitments-0-discount_bp": "20",
        "weekdays": ["2", "5"],
    }
    wrong = client.post(new, {**sent, "weeks_to": "0", "commitments-0-discount_bp": "300"})
    assert wrong.status_code == 422
    client.post(new, sent)
    with in_programme(shop.programme):
        row = Offer.objects.get()
    assert (row.discount_bp, row.factor_bp, row.weekdays) == (500, 15_000, [2, 5])
    assert row.commitments == [{"months": 6, "discount_bp": 2_000}]
    address = f"{desk}/subscription-offers/{row.public_id}/"
    client.post(address, {"act": "product", "sku": "TEA", "most": "4"})
    client.post(address, {"act": "publish"})
    assert "Tea" in text_of(client, address)
    assert "Tea by the week" in text_of(client, f"{desk}/subscription-offers/")
    client.post(f"{address}edit/", {**sent, "name": "Tea", "revision": "2"})
    with in_programme(shop.programme):
        assert Offer.objects.filter(state="draft", replaces=row).exists()
    client.post(address, {"act": "end"})
    with in_programme(shop.programme):
        row.refresh_from_db()
    assert row.state == "ended"


def test_a_cashier_hands_it_over_at_the_till(shop: Shop) -> None:
    offer(shop, pays_on_delivery=True)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10), pays="on_delivery", note="No bag")
    client = staff(shop, "cashier")
    with on(2026, 5, 10):
        night()
        till = f"/till/{shop.programme.slug}"
        page = text_of(client, f"{till}/members/{shop.member.public_id}/")
        assert "No bag" in page
        bill = run_of(shop, date(2026, 5, 10)).charge
        assert page.count("in cash, hand over") == 1
        assert page.count(f"/payments/{bill}/cash/") == 1, "one bill, in one place"
        assert page.index("No bag") < page.index("Pay now, collect later") < page.index(bill)
        order = run_of(shop, date(2026, 5, 10)).public_id
        client.post(f"{till}/deliveries/{order}/hand-over/")
        assert run_of(shop, date(2026, 5, 10)).state == "locked"
        client.post(f"{till}/deliveries/{order}/hand-over/", {"cash": "1"})
    assert run_of(shop, date(2026, 5, 10)).state == "delivered"


def test_the_terms_page_says_it_in_both_languages(shop: Shop) -> None:
    offer(shop, discount_bp=500, factor_bp=20_000, shipping_minor=300, weekdays=[5, 2])
    address = f"/p/{shop.programme.slug}/terms/"
    english = Client(headers={"accept-language": "en"}).get(address).content.decode()
    assert "every 1 to 4 weeks or every 1 to 3 months" in english
    assert "20% off from 6 months committed" in english
    assert "It comes on Tue, Fri." in english
    vietnamese = Client(headers={"accept-language": "vi"}).get(address).content.decode()
    assert "giảm 20% khi cam kết từ 6 tháng" in vietnamese


def test_support_sees_it_and_changes_nothing(shop: Shop) -> None:
    rule = offer(shop)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10))
    with on(2026, 5, 9):
        night()
    boss = User.objects.create_superuser("support@example.com", "a long pass phrase", name="Kim")
    client = Client()
    client.force_login(boss)
    for model in ("offer", "offeredproduct", "subscription", "order"):
        home = f"/admin/tiers_subscriptions/{model}/"
        page = client.get(home)
        assert page.status_code == 200, model
        pk = page.context["cl"].result_list[0].pk
        assert client.get(f"{home}{pk}/change/").status_code == 200, model
        assert client.get(f"{home}add/").status_code == 403
    owner = staff(shop)
    desk = f"/dashboard/{shop.programme.slug}"
    assert "Beans" in text_of(owner, f"{desk}/rules/{rule.rule}/")


def test_every_step_of_an_offer_is_there_to_edit(shop: Shop, desk: str) -> None:
    """Steps come in rows: what is given and one to spare, and saving again loses none."""
    steps = [{"months": n, "discount_bp": n * 100} for n in (2, 4, 6, 8, 10)]
    row = offer(shop, commitments=steps)
    client = staff(shop)
    page = client.get(f"{desk}/subscription-offers/{row.rule}/edit/")
    form = page.context["form"]
    assert [len(one["rows"]) for one in form.step_lists()] == [6, 1]
    sent = {one.html_name: one.value() for one in form if one.value() not in (None, False)}
    assert client.post(f"{desk}/subscription-offers/{row.rule}/edit/", sent).status_code == 302
    wrong = {**sent, "commitments-1-months": "2"}
    again = client.post(f"{desk}/subscription-offers/{row.rule}/edit/", wrong)
    with in_programme(shop.programme):
        assert Offer.objects.get(state="draft").commitments == steps
    assert again.status_code == 422


def test_what_a_choice_asks_for_is_not_called_optional(shop: Shop, home: str) -> None:
    rule = offer(shop)
    page = text_of(ana(shop), f"{home}new/{rule.rule}/")
    label = page.partition(">Address")[2].partition("</label>")[0]
    assert label == ""
    assert "optional" in page.partition(">Note for the shop")[2].partition("</label>")[0]


def test_the_basket_offers_as_many_as_the_offer_has(shop: Shop, home: str) -> None:
    rule = offer(shop, products=BEANS[:2])
    offer_product(shop.call(), offer=rule.rule, sku="BEANS", most=3)
    mine = begin(shop, (("BEANS", 2), ("FILTER", 1)))
    client = ana(shop)
    page = client.get(f"{home}{mine.id}/")
    choices = {sku: list(numbers) for sku, numbers in page.context["quantities"].items()}
    assert choices["BEANS"] == [1, 2, 3] and len(choices["FILTER"]) > 3
    # The offer has fewer by now: what is in the basket stays the choice that is shown.
    offer_product(shop.call(), offer=rule.rule, sku="BEANS", most=1)
    page = client.get(f"{home}{mine.id}/")
    assert '<option value="2" selected>2</option>' in page.content.decode()
    # Two of one for two of another that comes by one: told what to do, and nothing is lost.
    offer_product(shop.call(), offer=rule.rule, sku="FILTER", state="withdrawn")
    product(shop, "CUPS", "Cups", 100)
    offer_product(shop.call(), offer=rule.rule, sku="CUPS", most=1)
    with pytest.raises(Invalid) as told:
        swap_item(shop.call(), subscription=mine.id, sku="BEANS", to="CUPS")
    assert told.value.field == "to" and "At most 1 of “Cups”" in str(told.value.message)


def test_what_comes_already_is_not_offered_again(shop: Shop, home: str) -> None:
    offer(shop)
    client = ana(shop)
    assert "What you can subscribe to" in text_of(client, home)
    begin(shop, (("BEANS", 1),))
    shown = client.get(home).context["offers"]
    assert [one.product.sku for one in shown[0]["products"]] == ["FILTER", "MILK"]
    begin(shop, (("FILTER", 1), ("MILK", 1)))
    assert "More to subscribe to" not in text_of(client, home)
