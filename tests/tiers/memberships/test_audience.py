"""Who holds a plan: the database tells for many what a status tells for one, at every instant."""

from __future__ import annotations

from datetime import timedelta

from loyalty.common.clock import now, played_at
from loyalty.engine.audience import holding, narrowed
from loyalty.engine.conditions import Condition
from loyalty.engine.matching import Moment
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.tiers.memberships.plans_of import join, night, pay, plan
from tests.world import Shop
from tiers.memberships.services import cancel_membership, grant_plan

ASKED = [
    Condition("membership.plans", "contains", "prime"),
    Condition("membership.plans", "not_in", ["prime", "gold"]),
    Condition("membership.plans", "in", ["gold"]),
    Condition("membership.active", "eq", True),
    Condition("membership.active", "ne", True),
    Condition("membership.protects_tier", "eq", True),
]


def test_both_tell_the_same_through_a_membership_s_life(shop: Shop) -> None:
    plan(shop, trial_days=10, grace_days=5)
    plan(shop, name="Gold", code="gold", protects_tier=True, grace_days=0)
    joined = join(shop)
    with in_programme(shop.programme):
        dan, eve = (
            Member.objects.create(holder=Holder.objects.create(), name=name, joined_at=now())
            for name in ("Dan", "Eve")
        )
    grant_plan(
        shop.call(),
        member=dan.public_id,
        plan="gold",
        until=now() + timedelta(days=20),
        reason="Guest",
    )
    start, seen = now(), set()
    for days in (0, 9, 11, 14, 16, 19, 21, 40, 60):
        with played_at(start + timedelta(days=days, minutes=1)), in_programme(shop.programme):
            people = list(Member.objects.order_by("pk"))
            moment = Moment(now(), shop.programme.timezone)
            for condition in ASKED:
                rows, rest = narrowed([condition], moment)
                assert not rest
                found = {one.pk for one in rows}
                told = holding(people, [condition], programme=shop.programme, at=moment.at)
                assert found == {one.pk for one in told}, (days, condition)
                seen.add((condition.op, len(found)))
        with played_at(start + timedelta(days=days, minutes=2)):
            night()
    assert len(seen) > len(ASKED), "something changed on the way"
    assert eve.pk and joined.state == "trial"


def test_a_paid_one_cancelled_at_once_holds_no_more(shop: Shop) -> None:
    plan(shop, grace_days=5)
    joined = join(shop)
    pay(shop, joined.charge)
    moment = Moment(now() + timedelta(seconds=1), shop.programme.timezone)
    with in_programme(shop.programme):
        assert narrowed(ASKED[:1], moment)[0].count() == 1
    cancel_membership(shop.call(), membership=joined.id, at_once=True)
    with in_programme(shop.programme):
        assert narrowed(ASKED[:1], moment)[0].count() == 0
