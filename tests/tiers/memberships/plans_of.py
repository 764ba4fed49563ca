"""Plans for the stories, written, joined and paid through the doors."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.common.clock import played_at
from loyalty.engine.publishing import RuleView, create_rule, publish_rule
from loyalty.outbox.relay import relay_due
from loyalty.payments.services import take_cash
from tests.world import Shop
from tiers.memberships.results import MembershipView
from tiers.memberships.services import join_plan
from tiers.memberships.tasks import look_after_memberships

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def plan(shop: Shop, **values: Any) -> RuleView:
    """A live plan: 14.99 a month unless told otherwise."""
    given = {"name": "Prime", "code": "prime", "price_minor": 1_499, **values}
    draft = create_rule(shop.call(), kind="memberships.plan", values=given)
    published = publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    return published


def join(shop: Shop, **more: Any) -> MembershipView:
    """Ana joins."""
    return join_plan(shop.call(), member=shop.member.public_id, plan="prime", **more)


def pay(shop: Shop, charge: str) -> None:
    """Cash at the till, and everybody who listens has heard of it."""
    take_cash(shop.call(), charge=charge)
    settle()


def settle() -> None:
    """The relay hands on what was published."""
    while relay_due():
        pass


def on(year: int, month: int, day: int, hour: int = 9) -> Any:
    """Play at a local instant; the worker looks after what is due by then."""
    return played_at(datetime(year, month, day, hour, tzinfo=ZONE))


def night() -> None:
    """What the worker does."""
    look_after_memberships()
    settle()
