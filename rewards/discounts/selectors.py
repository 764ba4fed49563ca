"""Reads about discounts. All in the programme in scope."""

from __future__ import annotations

from django.db.models import F, QuerySet, Sum

from loyalty.engine.effects import LowerPrice
from loyalty.engine.explain import explain
from loyalty.engine.models import AppliedEffect
from loyalty.engine.selectors import counting_rules
from members.profiles.models import Member
from rewards.discounts.models import DiscountRule
from rewards.discounts.results import Saving
from rewards.discounts.rules import DiscountTerms


def counting_discounts() -> tuple[DiscountTerms, ...]:
    """Every discount that may lower a price, by priority. One query."""
    return tuple(row.terms() for row in counting_rules(DiscountRule))


def saved_minor(member: Member) -> int:
    """What a member saved with discounts so far, less what came back."""
    found = _lowered(member).aggregate(saved=Sum(F("amount") - F("undone")))
    return int(found["saved"] or 0)


def savings(member: Member, *, before: int = 0, limit: int = 20) -> list[Saving]:
    """What discounts took off a member's sales, newest first, by keyset (``before`` an ``id``)."""
    rows = _lowered(member).select_related("activity")
    if before:
        rows = rows.filter(pk__lt=before)
    return [_saving(row) for row in rows.order_by("-id")[:limit]]


def _lowered(member: Member) -> QuerySet[AppliedEffect]:
    return AppliedEffect.objects.filter(member=member, kind=LowerPrice.kind, undone__lt=F("amount"))


def _saving(row: AppliedEffect) -> Saving:
    was, off = int(row.details["was_minor"]), row.amount
    return Saving(
        id=row.pk,
        purchase=row.activity.public_id,
        rule=row.rule,
        reason=explain(row.reason, {"rule": row.rule_name, **row.details}),
        was_minor=was,
        now_minor=was - off,
        off_minor=off - row.undone,
        happened_at=row.happened_at,
    )
