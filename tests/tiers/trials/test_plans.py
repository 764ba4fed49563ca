"""A membership plan given to try, and what becomes of it."""

from __future__ import annotations

import pytest

from loyalty.common.errors import DomainError, Refused
from loyalty.payments.selectors import charge
from loyalty.tenancy.scope import in_programme
from tests.tiers.memberships.plans_of import night, pay, plan
from tests.tiers.trials.trials_of import (
    herself,
    later,
    results,
    settle,
    trial,
)
from tests.world import Shop
from tiers.memberships.models import Membership, Period
from tiers.memberships.services import join_plan, keep_membership
from tiers.trials.services import (
    return_trial,
    take_trial,
)


def test_a_plan_is_tried_and_then_joined(shop: Shop) -> None:
    plan(shop, price_minor=99_000)
    trial(shop, code="try-prime", name="Prime", what="plan", plan="prime", sku="", plan_days=14)
    taken = take_trial(herself(shop), member=shop.member.public_id, trial="try-prime")
    assert (taken.state, taken.plan_until is not None) == ("given", True)
    settle()
    with in_programme(shop.programme):
        granted = Membership.objects.get()
        assert (granted.state, granted.source, granted.ends_at) == (
            "active",
            "granted",
            taken.plan_until,
        )
    with later(15):
        night()
        joined = join_plan(shop.call(), member=shop.member.public_id, plan="prime")
        assert results(shop, "try-prime").bought == 0, "a bill is no purchase"
        pay(shop, joined.charge)
        settle()
        assert results(shop, "try-prime").bought == 1


def test_a_plan_is_kept_while_it_is_tried(shop: Shop) -> None:
    plan(shop, price_minor=99_000)
    trial(shop, code="try-prime", name="Prime", what="plan", plan="prime", sku="", plan_days=14)
    taken = take_trial(herself(shop), member=shop.member.public_id, trial="try-prime")
    settle()
    with in_programme(shop.programme):
        granted = Membership.objects.get()
    kept = keep_membership(herself(shop), membership=granted.public_id)
    assert (kept.source, kept.cancels, kept.charge) == ("bought", False, "")
    with later(13):
        night()
        with in_programme(shop.programme):
            billed = Membership.objects.get()
            assert charge(billed.charge).amount_minor == 99_000
        pay(shop, billed.charge)
        settle()
    with in_programme(shop.programme):
        paid = Membership.objects.get()
        first, second = Period.objects.order_by("number")
    assert (first.kind, second.kind) == ("granted", "paid")
    assert first.ends_at == second.starts_at == taken.plan_until
    assert paid.state == "active" and results(shop, "try-prime").bought == 1


def test_what_does_not_renew_is_not_kept(shop: Shop) -> None:
    plan(shop, price_minor=99_000, renews=False)
    trial(shop, code="try-prime", name="Prime", what="plan", plan="prime", sku="")
    take_trial(herself(shop), member=shop.member.public_id, trial="try-prime")
    settle()
    with in_programme(shop.programme):
        granted = Membership.objects.get()
    with pytest.raises(Refused, match="not_cancelled"):
        keep_membership(herself(shop), membership=granted.public_id)


def test_who_is_in_the_plan_needs_no_trial_of_it(shop: Shop) -> None:
    plan(shop, price_minor=0)
    join_plan(shop.call(), member=shop.member.public_id, plan="prime")
    trial(shop, code="try-prime", what="plan", plan="prime", sku="")
    with pytest.raises(Refused, match="has_plan"):
        take_trial(shop.call(), member=shop.member.public_id, trial="try-prime")


def test_a_plan_taken_back_ends(shop: Shop) -> None:
    plan(shop, price_minor=99_000)
    trial(shop, code="try-prime", name="Prime", what="plan", plan="prime", sku="")
    taken = take_trial(shop.call(), member=shop.member.public_id, trial="try-prime")
    settle()
    return_trial(shop.call(), taking=taken.id)
    settle()
    with in_programme(shop.programme):
        assert Membership.objects.get().state == "ended"


def test_a_trial_of_a_plan_that_is_not_there_is_not_published(shop: Shop) -> None:
    with pytest.raises(DomainError) as refused:
        trial(shop, what="plan", plan="nope", sku="")
    assert (refused.value.field, refused.value.code) == ("plan", "unknown_value")
