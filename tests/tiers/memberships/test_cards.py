"""Memberships of people whose cards become one, are parted, or are erased; whom a plan takes, and how
it is sold at the till.
"""

from __future__ import annotations

from datetime import date

from django.test import Client

from loyalty.common.clock import local_day, now
from loyalty.engine.publishing import edit_rule
from loyalty.payments.models import Charge
from loyalty.payments.selectors import charge as charge_of
from loyalty.payments.selectors import open_charges_of
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from members.profiles.services import erase_member
from tests.api import Api, make_key
from tests.tiers.memberships.plans_of import join, night, on, pay, plan, settle
from tests.world import Shop
from tiers.memberships.models import Membership
from tiers.memberships.services import join_plan


def _second(shop: Shop, name: str = "Ana, new phone") -> Member:
    with in_programme(shop.programme):
        made: Member = Member.objects.create(
            programme=shop.programme, holder=Holder.objects.create(), name=name, joined_at=now()
        )
        return made


def _of(shop: Shop, member: Member) -> list[tuple[str, date | None]]:
    """What runs on a card, and until when."""
    with in_programme(shop.programme):
        rows = Membership.objects.filter(member=member).exclude(state="ended").order_by("id")
        return [
            (str(row.state), row.ends_at and local_day(row.ends_at, "Asia/Ho_Chi_Minh"))
            for row in rows
        ]


def _holds(shop: Shop, member: Member) -> int:
    quoted = Api(make_key(shop)).post(
        "quotes/", {"member": member.public_id, "lines": [{"sku": "A", "net_minor": 10_000}]}
    )
    return int(quoted.data["to_pay_minor"])


def test_a_paid_membership_goes_along_when_two_cards_become_one(shop: Shop) -> None:
    plan(shop, discount_bp=1_000)
    api, twin = Api(make_key(shop)), _second(shop)
    with on(2027, 1, 1):
        joined = join(shop)
        pay(shop, joined.charge)
    with on(2027, 1, 29):
        night()
        merged = api.post(
            f"members/{twin.public_id}/merges/", {"member": shop.member.public_id, "reason": "same"}
        )
        assert merged.status_code == 201, merged.data
        settle()
        assert _of(shop, twin) == [("active", date(2027, 2, 1))]
        assert _of(shop, shop.member) == []
        assert _holds(shop, twin) == 9_000
        with in_programme(shop.programme):
            assert len(open_charges_of(twin)) == 1, "the renewal is paid on the card they have now"
        undone = api.post(f"members/{twin.public_id}/merges/{merged.data['merge']}/undo/", {})
        assert undone.status_code == 200, undone.data
        settle()
        assert _of(shop, shop.member) == [("active", date(2027, 2, 1))]
        assert _holds(shop, twin) == 10_000


def test_of_two_in_one_plan_the_longer_goes_on_with_the_time_of_the_other(shop: Shop) -> None:
    plan(shop)
    api, twin = Api(make_key(shop)), _second(shop)
    for member, day in ((shop.member, 1), (twin, 11)):
        with on(2027, 1, day):
            joined = join_plan(shop.call(), member=member.public_id, plan="prime")
            pay(shop, joined.charge)
    with on(2027, 1, 22, hour=0):
        merged = api.post(
            f"members/{twin.public_id}/merges/", {"member": shop.member.public_id, "reason": "same"}
        )
        settle()
        assert _of(shop, twin) == [("active", date(2027, 2, 21))], "11 February and ten days more"
        api.post(f"members/{twin.public_id}/merges/{merged.data['merge']}/undo/", {})
        settle()
        assert _of(shop, twin) == [("active", date(2027, 2, 11))]
        assert _of(shop, shop.member) == [("active", date(2027, 2, 1))]


def test_an_erased_card_is_in_no_plan_and_billed_for_nothing(shop: Shop) -> None:
    plan(shop, price_minor=99_000)
    plan(shop, name="Gold", code="gold")
    with on(2027, 1, 1):
        joined = join(shop)
        pay(shop, joined.charge)
        waiting = join_plan(shop.call(), member=shop.member.public_id, plan="gold")
    with on(2027, 1, 5):
        erase_member(shop.call(), member=shop.member.public_id)
        settle()
    assert _of(shop, shop.member) == []
    with in_programme(shop.programme):
        assert charge_of(waiting.charge).state == "cancelled"
        asks = Charge.objects.exclude(attention="").get()
        assert (asks.public_id, asks.attention) == (joined.charge, "unused")
    with on(2027, 1, 30):
        night()
    with in_programme(shop.programme):
        assert Charge.objects.count() == 2


def test_a_plan_for_some_takes_nobody_else_and_no_more_than_it_has_places(shop: Shop) -> None:
    wanted = [{"fact": "member.language", "op": "eq", "value": "en"}]
    plan(shop, audience=wanted, budget=1)
    guest = _second(shop)
    api = Api(make_key(shop))
    body = {"member": shop.member.public_id, "plan": "prime"}
    with in_programme(shop.programme):
        shop.member.language = "vi"
        shop.member.save(update_fields=["language"])
        guest.language = "en"
        guest.save(update_fields=["language"])
    assert api.post("memberships/", body).data["code"] == "not_for_you"
    first = api.post("memberships/", {**body, "member": guest.public_id})
    assert first.status_code == 201, first.data
    with in_programme(shop.programme):
        shop.member.language = "en"
        shop.member.save(update_fields=["language"])
    assert api.post("memberships/", body).data["code"] == "plan_full"
    api.post(f"memberships/{first.data['id']}/cancel/", {})
    assert api.post("memberships/", body).status_code == 201, "an unpaid place is free again"


def test_what_means_nothing_for_a_plan_is_not_asked_and_refused(shop: Shop) -> None:
    api = Api(make_key(shop))
    values = {"name": "X", "code": "x", "weekdays": [7]}
    refused = api.post("rules/", {"kind": "memberships.plan", "values": values})
    assert (refused.status_code, refused.data["errors"][0]["pointer"]) == (400, "/values/weekdays")
    browser = Client()
    browser.force_login(shop.staff.user)
    page = browser.get(f"/dashboard/{shop.programme.slug}/rules/new/memberships.plan/")
    text = page.content.decode()
    assert page.status_code == 200
    assert 'name="budget"' in text
    assert 'name="minute_from"' not in text
    assert 'name="weekdays"' not in text


def test_a_cashier_sells_a_plan_at_the_till(shop: Shop) -> None:
    plan(shop, price_minor=99_000)
    with in_programme(shop.programme):
        user = User.objects.create_user("till@cafe.vn", "a long pass phrase", name="Till")
        Staff.objects.create(user=user, merchant=shop.merchant, role="cashier")
    till = Client(headers={"Accept-Language": "en"})
    till.force_login(user)
    home = f"/till/{shop.programme.slug}/members/{shop.member.public_id}/"
    page = till.get(home).content.decode()
    assert "Sell a plan" in page
    opened = till.post(f"{home}sell-plan/", {"plan": "prime"}, follow=True)
    assert "99" in opened.content.decode()
    with in_programme(shop.programme):
        (bill,) = open_charges_of(shop.member)
    till.post(f"/till/{shop.programme.slug}/payments/{bill.id}/cash/", {}, follow=True)
    settle()
    assert [state for state, _until in _of(shop, shop.member)] == ["active"]
    assert "Sell a plan" not in till.get(home).content.decode()
    grant = till.post(
        f"/dashboard/{shop.programme.slug}/members/{shop.member.public_id}/join-plan/",
        {"act": "grant", "plan": "prime", "until": "2030-01-01", "reason": "me"},
    )
    assert grant.status_code in (403, 404), "given for nothing is not theirs to decide"


def test_words_of_money_and_of_leaving_say_what_they_mean(shop: Shop) -> None:
    """In Vietnamese a refund of money is none of goods, and leaving a plan is not “never mind”."""
    plan(shop, price_minor=99_000)
    joined = join(shop)
    pay(shop, joined.charge)
    user = User.objects.create_user("ana@example.com", "a long pass phrase")
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(user=user)
    portal = Client(headers={"Accept-Language": "vi"})
    portal.force_login(user)
    page = portal.get(f"/p/{shop.programme.slug}/memberships/").content.decode()
    assert "Huỷ gói" in page
    asked = page.partition('data-confirm-text="Gói vẫn dùng được đến ')[2].partition('"')[0].strip()
    assert asked.endswith("rồi kết thúc; không thu thêm tiền."), "what it does is said before"
    assert "<" not in asked
    Api(make_key(shop)).post(f"charges/{joined.charge}/refund/", {})
    desk = Client(headers={"Accept-Language": "vi"})
    desk.force_login(shop.staff.user)
    page = desk.get(f"/dashboard/{shop.programme.slug}/payments/").content.decode()
    assert "Đã hoàn tiền" in page
    assert "Đã hoàn hàng" not in page


def test_a_new_version_says_from_when_it_counts(shop: Shop) -> None:
    first = plan(shop)
    pay(shop, join(shop).charge)
    draft = edit_rule(shop.call(), rule=first.rule, values={"period_unit": "year"})
    desk = Client(headers={"Accept-Language": "en"})
    desk.force_login(shop.staff.user)
    page = desk.get(f"/dashboard/{shop.programme.slug}/rules/{draft.rule}/").content.decode()
    assert "1 person is in this plan." in page
    assert "Another length counts from the end of what they paid for." in page
    free = edit_rule(shop.call(), rule=draft.rule, values={"price_minor": 0})
    page = desk.get(f"/dashboard/{shop.programme.slug}/rules/{free.rule}/").content.decode()
    assert "<dt>Price of a period</dt><dd>₫0</dd>" in page, "what costs nothing says so"
