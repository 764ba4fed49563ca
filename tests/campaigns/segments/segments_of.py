"""Segments and people for the stories, written through the doors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from campaigns.segments.results import SegmentView
from campaigns.segments.services import create_segment
from loyalty.common.clock import now, played_at
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.world import Shop

REGULARS = [{"fact": "purchases.count_90d", "op": "gte", "value": 3}]
# What was bought after a trial stands in a status: facts can tell, the database alone cannot.
WON = [{"fact": "trial.bought", "op": "contains", "value": "cold-brew"}]


def segment(shop: Shop, code: str = "regulars", **values: Any) -> SegmentView:
    """A segment: who bought three times in ninety days, unless told otherwise."""
    given = {"name": code.title(), "conditions": REGULARS, **values}
    made = create_segment(shop.call(), code=code, **given)
    fresh(shop)
    return made


def fresh(shop: Shop) -> None:
    """The actor's own copy of the programme, as every request loads it."""
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()


def newcomer(shop: Shop, name: str, **values: Any) -> Member:
    """One more member."""
    with in_programme(shop.programme):
        return Member.objects.create(
            holder=Holder.objects.create(),
            **{"name": name, "joined_at": now() - timedelta(days=400), **values},
        )


def bought(shop: Shop, member: Member, *days_ago: int, total: int = 50_000) -> None:
    """They bought on these days."""
    for days in sorted(days_ago, reverse=True):
        with played_at(now() - timedelta(days=days)):
            sale = SaleInput(total_minor=total)
            record_purchase(shop.call(), member=member.public_id, sale=sale)


def names(members: Any) -> list[str]:
    """The names, by the alphabet."""
    return sorted(member.name for member in members)
