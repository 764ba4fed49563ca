"""Missions, streaks and badges for the stories, written and published through the doors."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.common.clock import played_at
from loyalty.engine.models import MemberStatus
from loyalty.engine.publishing import RuleView, create_rule, edit_rule, publish_rule
from loyalty.engine.results import ActivityResult
from loyalty.engine.services import record_activity
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.sales.results import PurchaseResult
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from rewards.catalog.models import Voucher
from tests.world import Shop

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_KEYS = count(1)


def live(shop: Shop, kind: str, **values: Any) -> RuleView:
    """A live rule of this app."""
    draft = create_rule(shop.call(), kind=f"challenges.{kind}", values=values)
    return _publish(shop, draft)


def mission(shop: Shop, **values: Any) -> RuleView:
    """A live mission: three visits unless told otherwise."""
    return live(shop, "mission", **{"name": "Three visits", "target": 3, **values})


def streak(shop: Shop, **values: Any) -> RuleView:
    """A live streak of days with a purchase."""
    given = {"name": "Every day", "activity_types": ["purchase"], **values}
    return live(shop, "streak", **given)


def changed(shop: Shop, rule: RuleView, **values: Any) -> RuleView:
    """The rule edited and published anew."""
    return _publish(shop, edit_rule(shop.call(), rule=rule.rule, values=values))


def _publish(shop: Shop, draft: RuleView) -> RuleView:
    published = publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    return published


def buy(shop: Shop, *lines: LineInput, minor: int = 45_000, **more: Any) -> PurchaseResult:
    """Ana buys: one coffee unless told otherwise."""
    sale = SaleInput(lines=lines or (LineInput(sku="coffee", net_minor=minor),), **more)
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale)


def did(shop: Shop, type: str, key: str = "", **data: Any) -> ActivityResult:
    """Ana did something elsewhere, and its program tells us."""
    return record_activity(
        shop.call(),
        member=shop.member.public_id,
        type=type,
        key=key or f"{type}-{next(_KEYS)}",
        data=data,
    )


def on(year: int, month: int, day: int, hour: int = 9, *, zone: ZoneInfo = ZONE) -> Any:
    """Play at a local instant."""
    return played_at(datetime(year, month, day, hour, tzinfo=zone))


def balance(shop: Shop, asset: str = "points") -> int:
    """Ana's balance; negative for a debt."""
    with in_programme(shop.programme):
        known = balances(holder_id=shop.member.holder_id)
    return next((one.balance for one in known if one.asset == asset), 0)


def progress(shop: Shop, of: RuleView) -> int:
    """Ana's progress in a mission, as the ledger has it."""
    return balance(shop, f"progress:{of.rule}")


def status(shop: Shop, name: str) -> dict[str, Any]:
    """What a status of Ana remembers."""
    with in_programme(shop.programme):
        row = MemberStatus.objects.filter(member=shop.member, name=name).first()
    return row.data if row else {}


def times(shop: Shop, of: RuleView) -> int:
    """How often Ana did a mission."""
    return int(status(shop, f"mission:{of.rule}").get("times", 0))


def badges(shop: Shop) -> list[str]:
    """The ids of the badges Ana holds."""
    with in_programme(shop.programme):
        rows = MemberStatus.objects.filter(member=shop.member, name__startswith="badge:")
        return [row.name.removeprefix("badge:") for row in rows.exclude(value="").order_by("id")]


def vouchers(shop: Shop) -> list[str]:
    """The states of Ana's vouchers, oldest first."""
    with in_programme(shop.programme):
        return list(Voucher.objects.order_by("id").values_list("state", flat=True))


def codes(shop: Shop) -> list[str]:
    """The codes of Ana's usable vouchers."""
    with in_programme(shop.programme):
        rows = Voucher.objects.filter(state="issued").order_by("id")
        return list(rows.values_list("code", flat=True))


def is_sound(shop: Shop) -> bool:
    """Does the ledger add up?"""
    with in_programme(shop.programme):
        return verify().findings == []
