"""What must not cost a member time or money: a plan that changes, pauses, bills given up, late money."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from loyalty.common.clock import local_day, now, played_at
from loyalty.common.errors import Refused
from loyalty.engine.publishing import edit_rule, end_rule, pause_rule, publish_rule, resume_rule
from loyalty.outbox.models import Event
from loyalty.payments.results import ChargeView
from loyalty.payments.selectors import charge as charge_of
from loyalty.payments.services import (
    accept_late,
    cancel_charge,
    confirm_transfer,
    refund_charge,
    take_cash,
)
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.api import Api, make_key
from tests.tiers.memberships.plans_of import ZONE, join, night, on, pay, plan, settle
from tests.world import Shop
from tiers.memberships.models import Membership, Period
from tiers.memberships.results import MembershipView
from tiers.memberships.services import (
    cancel_membership,
    give_plan,
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


def _bill(shop: Shop, charge: str) -> ChargeView:
    with in_programme(shop.programme):
        return charge_of(charge)


def _spans(shop: Shop, one: MembershipView) -> list[tuple[date, date]]:
    zone = "Asia/Ho_Chi_Minh"
    with in_programme(shop.programme):
        rows = Period.objects.filter(membership__public_id=one.id).order_by("number")
        return [(local_day(row.starts_at, zone), local_day(row.ends_at, zone)) for row in rows]


def _active(shop: Shop, month: int = 1, **values: object) -> MembershipView:
    """Ana joined on the first of the month and paid."""
    plan(shop, **values)
    with on(2027, month, 1):
        joined = join(shop)
        pay(shop, joined.charge)
    return joined


@pytest.mark.parametrize(
    ("first", "then", "ends"),
    [
        ("month", "year", (date(2027, 2, 5), date(2028, 2, 5))),
        ("year", "month", (date(2028, 1, 5), date(2028, 2, 5))),
    ],
)
def test_a_plan_that_changes_from_months_to_years_counts_from_the_paid_end(
    shop: Shop, first: str, then: str, ends: tuple[date, date]
) -> None:
    old = plan(shop, period_unit=first, price_minor=100_000)
    with on(2027, 1, 5):
        joined = join(shop)
        pay(shop, joined.charge)
    with on(2027, 1, 20):
        draft = edit_rule(shop.call(), rule=old.rule, values={"period_unit": then})
        publish_rule(shop.call(), rule=draft.rule)
    with on(ends[0].year, ends[0].month, 3):
        night()
        pay(shop, _now(shop, joined).charge)
    assert _spans(shop, joined)[-1] == ends
    with on(ends[1].year, ends[1].month, 3):
        night()
        pay(shop, _now(shop, joined).charge)
    assert _spans(shop, joined)[-1][0] == ends[1]


def test_cancelled_and_kept_in_the_last_days_it_is_billed_like_any_other(shop: Shop) -> None:
    joined = _active(shop)
    with on(2027, 1, 30):
        night()
    with on(2027, 1, 30, hour=10):
        cancel_membership(shop.call(), membership=joined.id)
    with on(2027, 1, 30, hour=11):
        keep_membership(shop.call(), membership=joined.id)
    with on(2027, 1, 30, hour=12):
        night()
        pay(shop, _now(shop, joined).charge)
    assert _ends_on(_now(shop, joined)) == date(2027, 3, 1)


def test_paused_and_resumed_at_once_costs_no_day(shop: Shop) -> None:
    joined = _active(shop)
    for second in (0.5, 0.7):
        at = datetime(2027, 1, 10, 9, tzinfo=ZONE) + timedelta(seconds=second)
        with played_at(at):
            change = pause_membership if second < 0.6 else resume_membership
            change(shop.call(), membership=joined.id)
    assert _now(shop, joined).ends_at == datetime(2027, 2, 1, tzinfo=ZONE)


def test_after_a_pause_the_days_left_are_worth_what_they_were(shop: Shop) -> None:
    joined = _active(shop, price_minor=31_000, refund_policy="prorate", free_delivery=True)
    with on(2027, 1, 2):
        lines = (LineInput(kind="shipping", net_minor=4_000), LineInput(net_minor=9_000))
        sale = SaleInput(lines=lines)
        record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    with on(2027, 1, 11):
        pause_membership(shop.call(), membership=joined.id)
    with on(2027, 8, 11):
        back = resume_membership(shop.call(), membership=joined.id)
        assert back.ends_at is not None
        assert local_day(back.ends_at, "Asia/Ho_Chi_Minh") == date(2027, 9, 1)
        done = cancel_membership(shop.call(), membership=joined.id, at_once=True)
    assert done.refunded_minor == 20_000, "twenty of thirty-one days"


def test_renewed_early_then_cancelled_at_once_gives_back_what_did_not_begin(shop: Shop) -> None:
    joined = _active(shop, price_minor=310_000, refund_policy="prorate", free_delivery=True)
    with on(2027, 1, 30):
        lines = (LineInput(kind="shipping", net_minor=4_000), LineInput(net_minor=9_000))
        sale = SaleInput(lines=lines)
        record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
        night()
        pay(shop, _now(shop, joined).charge)
        done = cancel_membership(shop.call(), membership=joined.id, at_once=True)
    assert done.refunded_minor == 310_000 + 10_000, "February whole, and the last day of January"


def test_staff_refund_the_bill_and_the_membership_ends(shop: Shop) -> None:
    joined = _active(shop, price_minor=99_000)
    api = Api(make_key(shop))
    with on(2027, 1, 5):
        answer = api.post(f"charges/{joined.charge}/refund/", {"amount_minor": 40_000})
        assert answer.status_code == 201
        settle()
        assert _now(shop, joined).state == "active", "a part of it is a kindness"
        api.post(f"charges/{joined.charge}/refund/", {})
        settle()
        assert _now(shop, joined).state == "ended"


def test_a_refunded_renewal_is_taken_away_and_the_paid_month_stays(shop: Shop) -> None:
    joined = _active(shop)
    with on(2027, 1, 30):
        night()
        renewal = _now(shop, joined).charge
        pay(shop, renewal)
        refund_charge(shop.call(), charge=renewal)
        settle()
    row = _now(shop, joined)
    assert (row.state, row.cancels, _ends_on(row)) == ("active", True, date(2027, 2, 1))


def test_cancelling_at_once_after_a_part_was_refunded_gives_back_the_rest(shop: Shop) -> None:
    joined = _active(shop, price_minor=99_000)
    with on(2027, 1, 5):
        refund_charge(shop.call(), charge=joined.charge, amount_minor=40_000)
        done = cancel_membership(shop.call(), membership=joined.id, at_once=True)
    assert (done.state, done.refunded_minor) == ("ended", 59_000)


def test_late_money_that_staff_accept_lets_it_begin_from_then(shop: Shop) -> None:
    plan(shop)
    with on(2027, 1, 1):
        joined = join(shop)
    with on(2027, 1, 20):
        night()
        assert _now(shop, joined).state == "ended"
        confirm_transfer(shop.call(), charge=joined.charge, amount_minor=1_499)
        settle()
        assert _now(shop, joined).state == "ended"
        accept_late(shop.call(), charge=joined.charge)
        settle()
    row = _now(shop, joined)
    assert (row.state, _ends_on(row)) == ("active", date(2027, 2, 20))


def test_late_money_for_one_who_joined_again_goes_on_from_there(shop: Shop) -> None:
    plan(shop)
    with on(2027, 1, 1):
        first = join(shop)
    with on(2027, 1, 20):
        night()
        second = join(shop)
        pay(shop, second.charge)
        confirm_transfer(shop.call(), charge=first.charge, amount_minor=1_499)
        accept_late(shop.call(), charge=first.charge)
        settle()
    assert _now(shop, first).state == "ended"
    assert _ends_on(_now(shop, second)) == date(2027, 3, 20)


def test_a_first_bill_that_the_shop_cancels_ends_it_and_they_can_join_again(shop: Shop) -> None:
    plan(shop)
    joined = join(shop)
    cancel_charge(shop.call(), charge=joined.charge, reason="typo")
    settle()
    assert _now(shop, joined).state == "ended"
    assert join(shop).state == "waiting"


def test_a_renewal_bill_that_the_shop_cancels_lets_it_end_with_the_period(shop: Shop) -> None:
    joined = _active(shop)
    with on(2027, 1, 30):
        night()
        cancel_charge(shop.call(), charge=_now(shop, joined).charge)
        settle()
        assert _now(shop, joined).cancels
        keep_membership(shop.call(), membership=joined.id)
        night()
        again = _now(shop, joined).charge
        assert _bill(shop, again).state == "open"
        cancel_charge(shop.call(), charge=again)
        settle()
    with on(2027, 2, 1, hour=1):
        night()
    assert _now(shop, joined).state == "ended"


def test_a_part_paid_renewal_is_given_back_and_takes_no_more_money(shop: Shop) -> None:
    joined = _active(shop, price_minor=310_000)
    with on(2027, 1, 30):
        night()
        renewal = _now(shop, joined).charge
        take_cash(shop.call(), charge=renewal, amount_minor=300_000)
        settle()
    for day in (1, 9):
        with on(2027, 2, day):
            night()
    done = _bill(shop, renewal)
    assert (done.state, done.refunded_minor) == ("cancelled", 300_000)
    with on(2027, 2, 9), pytest.raises(Refused, match="charge_not_open"):
        take_cash(shop.call(), charge=renewal)


def test_a_paused_plan_takes_nobody_new_and_lets_its_members_renew(shop: Shop) -> None:
    published = plan(shop)
    with on(2027, 1, 1):
        joined = join(shop)
        pay(shop, joined.charge)
    with on(2027, 1, 25):
        pause_rule(shop.call(), rule=published.rule)
        settle()
        with pytest.raises(Refused, match="plan_not_on_offer"):
            join_plan(shop.call(), member=_friend(shop), plan="prime")
    with on(2027, 1, 30):
        night()
        pay(shop, _now(shop, joined).charge)
    assert _ends_on(_now(shop, joined)) == date(2027, 3, 1)
    resume_rule(shop.call(), rule=published.rule)


def test_who_is_in_a_plan_that_ends_is_told_and_stays_to_the_end_of_what_they_paid(
    shop: Shop,
) -> None:
    published = plan(shop)
    with on(2027, 1, 1):
        joined = join(shop)
        pay(shop, joined.charge)
    with on(2027, 1, 10):
        end_rule(shop.call(), rule=published.rule)
        settle()
        night()
        row = _now(shop, joined)
        assert (row.state, row.cancels, _ends_on(row)) == ("active", True, date(2027, 2, 1))
        with in_programme(shop.programme):
            told = Event.objects.get(type="membership.cancelled")
            assert told.data["why"] == "plan_ended"
        with pytest.raises(Refused, match="plan_not_on_offer"):
            keep_membership(shop.call(), membership=joined.id)
    with on(2027, 2, 1, hour=1):
        night()
    assert _now(shop, joined).state == "ended"


def test_a_trial_nobody_pays_for_has_no_perks_in_the_days_of_grace(shop: Shop) -> None:
    plan(shop, trial_days=10, grace_days=7, discount_bp=1_000)
    with on(2027, 1, 1):
        joined = join(shop)
    for day in (9, 11):
        with on(2027, 1, day):
            night()
    row = _now(shop, joined)
    with on(2027, 1, 12):
        pay_now = SaleInput(total_minor=10_000)
        sale = record_purchase(shop.call(), member=shop.member.public_id, sale=pay_now)
        assert not [one for one in sale.effects if one.mechanic == "memberships"]
        assert row.state == "waiting"
        pay(shop, row.charge)
    assert _ends_on(_now(shop, joined)) == date(2027, 2, 12)


def _friend(shop: Shop) -> str:
    with in_programme(shop.programme):
        made = Member.objects.create(
            programme=shop.programme, holder=Holder.objects.create(), name="Bình", joined_at=now()
        )
        return str(made.public_id)


def test_a_gift_nobody_paid_yet_stands_in_nobodys_way(shop: Shop) -> None:
    plan(shop)
    friend = _friend(shop)
    with on(2027, 1, 1):
        gift = give_plan(shop.call(), member=shop.member.public_id, to=friend, plan="prime")
        joined = join_plan(shop.call(), member=friend, plan="prime")
        pay(shop, joined.charge)
        pay(shop, gift.charge)
    assert _ends_on(_now(shop, joined)) == date(2027, 3, 1), "the gift goes on from their own month"
    assert _now(shop, gift).state == "ended"
