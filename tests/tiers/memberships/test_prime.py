"""A paid membership from the first free day to the end: trial, renewals, grace, refunds, gifts."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from loyalty.common.clock import local_day, now
from loyalty.common.errors import Conflict, NotFound, Refused
from loyalty.engine.publishing import edit_rule, publish_rule
from loyalty.payments.selectors import charge as charge_of
from loyalty.payments.selectors import open_charges_of
from loyalty.payments.services import refund_charge, take_cash
from loyalty.sales.quotes import quote
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.api import Api, make_key
from tests.tiers.memberships.plans_of import join, night, on, pay, plan, settle
from tests.world import Shop
from tiers.memberships.models import Membership, Period
from tiers.memberships.results import MembershipView
from tiers.memberships.rules import prorated_minor, refund_minor
from tiers.memberships.services import (
    cancel_membership,
    give_plan,
    grant_plan,
    join_plan,
    keep_membership,
    pause_membership,
    resume_membership,
)


def _now(shop: Shop, one: MembershipView) -> Membership:
    with in_programme(shop.programme):
        return Membership.objects.select_related("plan").get(public_id=one.id)


def _ends_on(row: Membership) -> date:
    assert row.ends_at is not None
    return local_day(row.ends_at, "Asia/Ho_Chi_Minh")


def test_a_trial_of_thirty_days_is_first_billed_on_the_thirty_first(shop: Shop) -> None:
    plan(shop, trial_days=30)
    with on(2026, 3, 1):
        joined = join(shop)
    assert (joined.state, joined.charge) == ("trial", "")
    with on(2026, 3, 28, hour=1):
        night()
    row = _now(shop, joined)
    with in_programme(shop.programme):
        bill = charge_of(row.charge)
    assert bill.amount_minor == 1_499
    assert bill.due_at is not None and local_day(bill.due_at, "Asia/Ho_Chi_Minh") == date(
        2026, 3, 31
    )
    with on(2026, 3, 30):
        pay(shop, row.charge)
    row = _now(shop, joined)
    assert (row.state, _ends_on(row)) == ("active", date(2026, 4, 30))


def test_a_trial_is_taken_once_also_through_a_second_card_of_the_same_person(shop: Shop) -> None:
    plan(shop, trial_days=30)
    first = join(shop)
    cancel_membership(shop.call(), membership=first.id, at_once=True)
    again = join(shop)
    assert again.state == "waiting"
    with in_programme(shop.programme):
        twin = Member.objects.create(
            programme=shop.programme,
            holder=shop.member.holder,
            name="Ana, second phone",
            joined_at=now(),
        )
    second = join_plan(shop.call(), member=twin.public_id, plan="prime")
    assert second.state == "waiting"


def test_the_thirty_first_of_january_renews_on_the_last_of_each_month(shop: Shop) -> None:
    plan(shop)
    with on(2026, 1, 31):
        joined = join(shop)
        pay(shop, joined.charge)
    ends = []
    for month, day in ((2, 26), (3, 29), (4, 28)):
        with on(2026, month, day, hour=12):
            night()
            pay(shop, _now(shop, joined).charge)
        ends.append(_ends_on(_now(shop, joined)))
    assert ends == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


def test_a_new_price_counts_from_the_next_renewal(shop: Shop) -> None:
    old = plan(shop, price_minor=11_900, period_unit="year")
    with on(2021, 6, 1):
        joined = join(shop)
        pay(shop, joined.charge)
    draft = edit_rule(shop.call(), rule=old.rule, values={"price_minor": 13_900})
    publish_rule(shop.call(), rule=draft.rule)
    with on(2022, 5, 30):
        night()
        row = _now(shop, joined)
        with in_programme(shop.programme):
            assert charge_of(row.charge).amount_minor == 13_900
            assert Period.objects.get().price_minor == 11_900


def test_nobody_pays_and_the_days_of_grace_run_out(shop: Shop) -> None:
    plan(shop, grace_days=5, discount_bp=1_000)
    with on(2026, 1, 10):
        joined = join(shop)
        pay(shop, joined.charge)
    states = []
    for day in (8, 10, 13, 16):
        with on(2026, 2, day):
            night()
            sale = SaleInput(total_minor=10_000)
            off = quote(actor=shop.actor, member=shop.member.public_id, sale=sale)
            used = [one for one in off.effects if one.mechanic == "memberships"]
            states.append((str(_now(shop, joined).state), bool(used)))
    assert states == [("active", True), ("past_due", True), ("past_due", True), ("ended", False)]


def test_paid_twice_or_late_changes_nothing_more(shop: Shop) -> None:
    plan(shop)
    joined = join(shop)
    pay(shop, joined.charge)
    before = _now(shop, joined)
    with pytest.raises(Refused):
        pay(shop, joined.charge)
    settle()
    assert _now(shop, joined).ends_at == before.ends_at


@pytest.mark.parametrize(("uses", "back"), [(False, 1_499), (True, 0)])
def test_cancelled_after_a_renewal(shop: Shop, uses: bool, back: int) -> None:
    plan(shop, free_delivery=True)
    joined = join(shop)
    pay(shop, joined.charge)
    if uses:
        lines = (
            LineInput(sku="rice", net_minor=25_000),
            LineInput(kind="shipping", net_minor=4_000),
        )
        sale = SaleInput(lines=lines)
        record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    done = cancel_membership(shop.call(), membership=joined.id, at_once=True)
    assert (done.state, done.refunded_minor) == ("ended", back)


def test_what_goes_back_in_cash_or_by_transfer_is_on_the_list_of_staff(shop: Shop) -> None:
    """A member who leaves is owed the money: no gateway sends it, so staff are told until they did."""
    plan(shop, refund_policy="unused")
    joined = join(shop)
    pay(shop, joined.charge)
    api = Api(make_key(shop))
    assert api.get("charges/?attention=any").data["data"] == []
    cancel_membership(shop.call(), membership=joined.id, at_once=True)
    settle()
    (owed,) = api.get("charges/?attention=owed").data["data"]
    assert (owed["id"], owed["state"], owed["refunded_minor"]) == (
        joined.charge,
        "refunded",
        1_499,
    )
    page = Client().get(owed["pay_path"], headers={"Accept-Language": "en"}).content.decode()
    assert "The shop gives it back to you:" in page
    assert api.post(f"charges/{joined.charge}/dismiss/", {}).data["attention"] == ""
    page = Client().get(owed["pay_path"], headers={"Accept-Language": "en"}).content.decode()
    assert "The shop gives it back to you:" not in page


def test_a_part_of_a_bill_that_was_dropped_is_owed_and_staff_who_give_back_are_not_asked(
    shop: Shop,
) -> None:
    plan(shop)
    first = join(shop)
    take_cash(shop.call(), charge=first.charge, amount_minor=500)
    cancel_membership(shop.call(), membership=first.id)
    settle()
    again = join(shop)
    pay(shop, again.charge)
    refund_charge(shop.call(), charge=again.charge)
    settle()
    with in_programme(shop.programme):
        dropped, given = charge_of(first.charge), charge_of(again.charge)
    assert (dropped.state, dropped.refunded_minor, dropped.attention) == ("cancelled", 500, "owed")
    assert (given.state, given.attention) == ("refunded", "")


def test_a_period_no_calendar_holds_a_stranger_and_a_field_left_null_are_named(shop: Shop) -> None:
    api = Api(make_key(shop), language="vi")
    values = {"name": "Ever", "code": "ever", "period_unit": "year", "period_count": 3_650}
    draft = api.post("rules/", {"kind": "memberships.plan", "values": values})
    (fault,) = draft.data["errors"]
    assert (draft.status_code, fault["pointer"]) == (400, "/values/period_count")
    plan(shop, factor_bp=15_000)
    gift = {"member": shop.member.public_id, "to": "mem_nobody", "plan": "prime"}
    (fault,) = api.post("memberships/gifts/", gift).data["errors"]
    assert (fault["pointer"], fault["code"]) == ("/to", "member_not_found")
    nothing = api.post("memberships/", {"member": None, "plan": "prime"})
    (fault,) = nothing.data["errors"]
    assert (fault["pointer"], fault["code"]) == ("/member", "null")
    assert fault["detail"] == "Mục này không được để trống (null)."


def test_what_unused_days_are_worth() -> None:
    days = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 5, 1)}
    assert prorated_minor(3_000, **days, on=date(2026, 4, 10)) == 2_000
    assert prorated_minor(3_000, **days, on=date(2026, 5, 9)) == 0
    assert refund_minor("prorate", 3_000, used=True, **days, on=date(2026, 4, 10)) == 2_000
    assert refund_minor("none", 3_000, used=False, **days, on=date(2026, 4, 10)) == 0


def test_cancelled_kept_paused_and_resumed(shop: Shop) -> None:
    plan(shop)
    with on(2026, 6, 1):
        joined = join(shop)
        pay(shop, joined.charge)
        assert cancel_membership(shop.call(), membership=joined.id).cancels
        with pytest.raises(Refused):
            cancel_membership(shop.call(), membership=joined.id)
        assert not keep_membership(shop.call(), membership=joined.id).cancels
    with on(2026, 6, 11):
        assert pause_membership(shop.call(), membership=joined.id).state == "paused"
        member = Api(make_key(shop)).get(f"members/{shop.member.public_id}/").data
        assert member
    with on(2026, 9, 1):
        night()
        back = resume_membership(shop.call(), membership=joined.id)
        assert back.ends_at is not None
        assert back.ends_at - now() > timedelta(days=19)
        with pytest.raises(Refused):
            resume_membership(shop.call(), membership=joined.id)


def test_given_by_the_shop_and_by_a_friend(shop: Shop) -> None:
    plan(shop)
    until = datetime.fromisoformat("2030-01-01T00:00:00+07:00")
    given = grant_plan(
        shop.call(), member=shop.member.public_id, plan="prime", until=until, reason="Press"
    )
    assert (given.state, given.source, given.cancels) == ("active", "granted", True)
    with pytest.raises(Conflict):
        join(shop)
    with in_programme(shop.programme):
        friend = Member.objects.create(
            programme=shop.programme, holder=Holder.objects.create(), name="Bình", joined_at=now()
        )
    gift = give_plan(shop.call(), member=shop.member.public_id, to=friend.public_id, plan="prime")
    with in_programme(shop.programme):
        assert charge_of(gift.charge).member == shop.member.public_id
    pay(shop, gift.charge)
    assert _now(shop, gift).state == "active"


def test_through_the_api_and_not_from_next_door(shop: Shop, other_shop: Shop) -> None:
    plan(shop, trial_days=7)
    api, stranger = Api(make_key(shop)), Api(make_key(other_shop))
    (offered,) = api.get("plans/").data
    assert (offered["code"], offered["trial_days"]) == ("prime", 7)
    body = {"member": shop.member.public_id, "plan": "prime"}
    joined = api.post("memberships/", body)
    assert (joined.status_code, joined.data["state"]) == (201, "trial")
    address = f"memberships/{joined.data['id']}/"
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}cancel/", {"at_once": True}).status_code == 404
    assert api.post(f"{address}cancel/", {}).data["cancels"] is True
    assert api.post("memberships/", body).data["code"] == "already_member"
    assert (
        api.get(f"memberships/?member={shop.member.public_id}").data["data"][0]["state"] == "trial"
    )


def test_a_plan_needs_a_code_and_sane_numbers(shop: Shop) -> None:
    api = Api(make_key(shop))
    values = {"name": "X", "code": "", "discount_bp": 20_000, "factor_bp": 1}
    refused = api.post("rules/", {"kind": "memberships.plan", "values": values})
    assert refused.status_code == 400
    with pytest.raises(NotFound):
        join(shop)


def test_a_code_is_one_plan_s_for_good(shop: Shop) -> None:
    """Rules and joins call a plan by its code: a second one would make it mean either."""
    first = plan(shop)
    api = Api(make_key(shop))
    values = {"name": "Second", "code": "prime", "price_minor": 1}
    twin = api.post("rules/", {"kind": "memberships.plan", "values": values}).data["rule"]
    refused = api.post(f"rules/{twin}/publish/", {})
    assert (refused.status_code, refused.data["code"]) == (400, "already_taken")
    draft = edit_rule(shop.call(), rule=first.rule, values={"code": "other"})
    refused = api.post(f"rules/{draft.rule}/publish/", {})
    assert refused.data["errors"][0]["code"] == "cannot_change"


def test_the_pages(shop: Shop) -> None:
    plan(shop, trial_days=30, free_delivery=True)
    browser = Client()
    browser.force_login(shop.staff.user)
    home = f"/dashboard/{shop.programme.slug}"
    assert "Prime" in browser.get(f"{home}/memberships/").content.decode()
    page = browser.post(
        f"{home}/members/{shop.member.public_id}/join-plan/", {"plan": "prime"}, follow=True
    )
    assert "Free trial" in page.content.decode()
    assert "Ana" in browser.get(f"{home}/memberships/?state=trial").content.decode()


def test_a_bill_says_one_day_wherever_it_is_shown(shop: Shop) -> None:
    """The card, the page to pay at: until when, not "due" here and "until" there."""
    plan(shop, grace_days=10)
    with on(2026, 1, 31):
        paid = join(shop)
        pay(shop, paid.charge)
    with on(2026, 2, 26):
        night()
        with in_programme(shop.programme):
            bill = open_charges_of(shop.member)[0]
        user = User.objects.create_user("ana@example.com", None, name="Ana")
        with in_programme(shop.programme):
            Member.objects.filter(pk=shop.member.pk).update(user=user)
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        home = client.get(f"/p/{shop.programme.slug}/").content.decode()
        page = client.get(bill.pay_path).content.decode()
        day = r'(Pay until|[Dd]ue) <time datetime="(\S+?)"'
        assert bill.expires_at is not None
        told = [("Pay until", bill.expires_at.isoformat())]
        assert re.findall(day, home) == re.findall(day, page) == told
