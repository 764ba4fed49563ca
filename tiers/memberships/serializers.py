"""Shapes of the memberships API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.web.api import Body, Choice, Flag, Instant, PublicId, Query, Text
from tiers.memberships.models import Membership, Plan


class JoinBody(Body):
    """Who joins which plan."""

    member = PublicId(prefix="mem")
    plan = Text(maximum=40, help_text="Public id of a plan, or its code.")
    trial = Flag(required=False, help_text="Take the free trial where there is one (default).")


class GrantBody(Body):
    """A plan given by the shop."""

    member = PublicId(prefix="mem")
    plan = Text(maximum=40)
    until = Instant()
    reason = Text(maximum=200)


class GiftBody(Body):
    """A plan given by one member to another: one period, paid by the giver."""

    member = PublicId(prefix="mem", help_text="Who gives and pays.")
    to = PublicId(prefix="mem")
    plan = Text(maximum=40)


class CancelBody(Body):
    """How a membership stops."""

    at_once = Flag(required=False, help_text="Missing: it runs to the end of its period.")


class MembershipQuery(Query):
    """Which memberships."""

    member = PublicId(prefix="mem", required=False)
    state = Choice(choices=Membership.State.values, required=False)


@dataclass(frozen=True)
class PlanView:
    """A plan on offer. Amounts in the currency's smallest unit, shares in basis points."""

    id: str
    family: str
    code: str
    name: str
    price_minor: int
    period_count: int
    period_unit: str
    trial_days: int
    renews: bool
    grace_days: int
    refund_policy: str
    factor_bp: int
    discount_bp: int
    free_delivery: bool
    deliveries_a_day: int | None
    protects_tier: bool
    early_access: bool


def present_plan(row: Plan) -> PlanView:
    """A plan for the API."""
    return PlanView(
        id=row.public_id,
        family=row.family,
        code=row.code,
        name=row.name,
        price_minor=row.price_minor,
        period_count=row.period_count,
        period_unit=str(row.period_unit),
        trial_days=row.trial_days,
        renews=row.renews,
        grace_days=row.grace_days,
        refund_policy=str(row.refund_policy),
        factor_bp=row.factor_bp,
        discount_bp=row.discount_bp,
        free_delivery=row.free_delivery,
        deliveries_a_day=row.deliveries_a_day,
        protects_tier=row.protects_tier,
        early_access=row.early_access,
    )
