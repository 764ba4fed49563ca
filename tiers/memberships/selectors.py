"""Reads about plans and memberships. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound, Refused
from loyalty.engine.activity import ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.glossary import retold
from loyalty.engine.matching import Moment
from loyalty.engine.models import AppliedEffect
from loyalty.engine.rules import fact_of
from loyalty.engine.selectors import budget_of
from loyalty.payments.selectors import charge
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member
from tiers.memberships.models import Membership, Period, Plan
from tiers.memberships.rules import ACTIVE, ENDED, HOLDING, PAST_DUE, PAUSED, WAITING, PlanTerms


@dataclass(frozen=True, kw_only=True)
class Held:
    """A membership as its member sees it: until when, what comes next, where to pay."""

    membership: Membership
    plan: Plan
    renews_at: datetime | None
    next_price_minor: int
    pay_path: str


def counting_plans() -> list[PlanTerms]:
    """Every version of every plan that anybody may hold, by priority."""
    rows = Plan.objects.select_related("replaces").exclude(state=Plan.State.DRAFT)
    return [row.terms() for row in rows.order_by("-priority", "id")]


def plans_on_offer(*, at: datetime | None = None) -> list[Plan]:
    """The plans people can join now, cheapest first."""
    at = at or clock_now()
    running = Q(starts_at=None) | Q(starts_at__lte=at), Q(ends_at=None) | Q(ends_at__gt=at)
    rows = Plan.objects.filter(*running, state=Plan.State.LIVE)
    return list(rows.order_by("-priority", "price_minor", "id"))


def plan_names() -> list[tuple[str, str]]:
    """Every plan that was ever published, by code, under its newest name. One query."""
    rows = Plan.objects.exclude(state=Plan.State.DRAFT).order_by("id")
    names = dict(rows.values_list("code", "name"))
    return [(code, retold(name)) for code, name in names.items()]


def plans_told(op: str, value: Any) -> str | None:
    """What members read of a rule for plans: their names; ``None`` where it is not so simple."""
    names, codes = dict(plan_names()), value if isinstance(value, list) else [value]
    if op not in ("eq", "in", "contains") or not set(codes) <= set(names):
        return None
    return ", ".join(names[code] for code in codes)


def plan_to_join(plan: str) -> Plan:
    """A plan on offer, by the id of any of its versions or by its code.

    Raises ``NotFound``, and ``Refused`` (``plan_not_on_offer``) where it cannot be joined now.
    """
    known = Plan.objects.filter(Q(public_id=plan) | Q(code=plan)).exclude(state=Plan.State.DRAFT)
    rows = list(known.order_by("id"))
    if not rows:
        raise NotFound("plan_not_found", _("There is no such plan."), field="plan")
    families = {row.family for row in rows}
    for offered in plans_on_offer():
        if offered.family in families:
            return offered
    raise Refused("plan_not_on_offer", _("This plan cannot be joined any more."), field="plan")


def renewing_plans(*, at: datetime | None = None) -> dict[str, Plan]:
    """The version renewals of each plan take now, by family: a plan that is paused takes nobody new,
    and lets those in it go on.
    """
    at = at or clock_now()
    running = Q(starts_at=None) | Q(starts_at__lte=at), Q(ends_at=None) | Q(ends_at__gt=at)
    rows = Plan.objects.filter(*running, state__in=(Plan.State.LIVE, Plan.State.PAUSED))
    return {plan.family: plan for plan in rows.order_by("id")}


def newest_version(family: str) -> Plan | None:
    """The version of a plan that renewals take now; ``None`` where it has ended."""
    return renewing_plans().get(family)


def count_inside(family: str) -> int:
    """How many people a plan runs for, in all its versions."""
    return Membership.objects.filter(family=family, state__in=(*HOLDING, PAUSED)).count()


def family_of(plan: str) -> str:
    """The family of any version of a plan, by public id; empty where there is none."""
    row: Plan | None = Plan.objects.filter(public_id=plan).first()
    return row.family if row else ""


def version_on_offer(family: str) -> Plan | None:
    """The version of a plan that can be joined now."""
    return next((plan for plan in plans_on_offer() if plan.family == family), None)


def is_for(member: Member, plan: Plan, *, at: datetime | None = None) -> bool:
    """Is the member among those a plan is for?"""
    wanted = plan.terms().audience
    if not wanted:
        return True
    at = at or clock_now()
    world = DatabaseWorld(programme=current_programme(), member=member, now=at)
    asked = ActivityData(type="membership", key="", happened_at=at)
    look_up = fact_of(asked, Facts(world))
    return all(one.holds(look_up) for one in wanted)


def has_room(plan: Plan) -> bool:
    """Can one more join, by the plan's budget?"""
    budget = budget_of(plan) if plan.budget is not None else None
    return budget is None or budget.spent < budget.maximum


def plans_for(member: Member) -> list[Plan]:
    """The plans a member can join now: on offer, for them, not full, and not joined yet."""
    inside = {one.family for one in memberships_of(member) if not is_unpaid_gift(one)}
    return [
        plan
        for plan in plans_on_offer()
        if plan.family not in inside and has_room(plan) and is_for(member, plan)
    ]


def is_unpaid_gift(row: Membership) -> bool:
    """Is it a gift whose giver has not paid yet? It stands in nobody's way."""
    return bool(row.state == WAITING and row.source == Membership.Source.GIFT)


def memberships(*, states: Sequence[str] = ()) -> QuerySet[Membership]:
    """Memberships with member and plan, unordered."""
    rows: QuerySet[Membership] = Membership.objects.select_related("member", "plan", "merchant")
    return rows.filter(state__in=list(states)) if states else rows


def access_membership(public_id: str) -> Membership:
    """A membership. Raises ``NotFound``."""
    found = memberships().filter(public_id=public_id).first()
    if found is None:
        raise NotFound(
            "membership_not_found", _("There is no such membership."), field="membership"
        )
    return found


def memberships_of(member: Member, *, with_ended: bool = False) -> list[Membership]:
    """A member's memberships, newest first."""
    rows = memberships().filter(member=member)
    if not with_ended:
        rows = rows.exclude(state=ENDED)
    return list(rows.order_by("-id"))


def held_by(member: Member) -> list[Held]:
    """What a member is in, with what comes next. Three queries, one more for each bill."""
    offered = renewing_plans()
    found = []
    for row in memberships_of(member):
        newest = offered.get(row.family)
        renews = row.state in HOLDING and not row.cancels and row.plan.renews and newest is not None
        found.append(
            Held(
                membership=row,
                plan=row.plan,
                renews_at=row.ends_at if renews else None,
                next_price_minor=newest.price_minor if renews and newest else 0,
                pay_path=charge(row.charge).pay_path if row.charge else "",
            )
        )
    return found


def beside(membership: Membership) -> list[Membership]:
    """Other memberships of its member in the same plan that go on, unpaid gifts apart."""
    rows = memberships().filter(member=membership.member_id, family=membership.family)
    rows = rows.exclude(pk=membership.pk).exclude(state=ENDED).order_by("id")
    return [one for one in rows if not is_unpaid_gift(one)]


def last_period(membership: Membership) -> Period | None:
    """The newest stretch it runs for."""
    return Period.objects.filter(membership=membership).order_by("-number").first()


def stands_at(membership: Membership, *, at: datetime) -> datetime:
    """The instant its periods stand at: now, or for a paused one when it was paused."""
    last = last_period(membership) if membership.state == PAUSED else None
    return last.ends_at - timedelta(seconds=membership.left_seconds) if last else at


def periods_left(membership: Membership, *, at: datetime) -> list[Period]:
    """The stretches that are not over at an instant, in their order: the running one, and what was
    paid before it began.
    """
    rows = Period.objects.select_related("plan").filter(membership=membership, ends_at__gt=at)
    return list(rows.order_by("number"))


def has_used(membership: Membership, *, since: datetime) -> bool:
    """Was any perk of it used since an instant, on this card or the one it was moved from, refunded
    sales apart?
    """
    versions = Period.objects.filter(membership=membership).values_list(
        "plan__public_id", flat=True
    )
    rules = [*versions, f"{membership.family}:d"]
    whose = [one for one in (membership.member_id, membership.original_id) if one is not None]
    used = AppliedEffect.objects.filter(
        member__in=whose, kind="use_benefit", rule__in=rules, undone=0
    )
    return used.filter(happened_at__gte=since).exists()


def had_trial(member: Member, family: str) -> bool:
    """Has this person tried the plan free before: on this card, a merged or a shared one, or under
    the same log-in?
    """
    same: Q = Q(membership__member=member) | Q(membership__member__holder=member.holder_id)
    same |= Q(membership__member__merged_into=member)
    if member.user_id is not None:
        same |= Q(membership__member__user=member.user_id)
    tried = Period.objects.filter(same, kind=Period.Kind.TRIAL, membership__family=family)
    return tried.exists()


def given_in_plan(member: str, plan: str, reason: str) -> Membership | None:
    """What runs of a plan (by code) that a member was given for a reason."""
    rows = memberships().filter(member__public_id=member, plan__code=plan, reason=reason)
    return rows.filter(source=Membership.Source.GRANTED).exclude(state=ENDED).first()


def holding_members(moment: Moment, **which: Any) -> Q:
    """Members whose membership (of a plan, by its fields) holds: the days of grace count where it
    renews. The very answer their status gives, for many at once.
    """
    until = Q(ends_at__gt=moment.at)
    renewing = Q(state__in=(ACTIVE, PAST_DUE), plan__renews=True, cancels=False)
    for days in Plan.objects.values_list("grace_days", flat=True).distinct():
        edge = moment.at - timedelta(days=days)
        until |= renewing & Q(plan__grace_days=days, ends_at__gt=edge)
    rows = Membership.objects.filter(until, member=OuterRef("pk"), state__in=HOLDING)
    return Q(Exists(rows.filter(**{f"plan__{name}": value for name, value in which.items()})))


def due_memberships(*, at: datetime, after: int, limit: int) -> list[Membership]:
    """What a job must look at, by id."""
    rows = Membership.objects.filter(due_at__lte=at, pk__gt=after).order_by("pk")
    return list(rows[:limit])
