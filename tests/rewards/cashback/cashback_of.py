"""Cashback for the stories, written and published through the doors."""

from __future__ import annotations

from typing import Any

from loyalty.engine.publishing import RuleView, create_rule, publish_rule
from tests.world import Shop

CREDIT = "store_credit"


def _live(shop: Shop, kind: str, values: dict[str, Any]) -> RuleView:
    draft = create_rule(shop.call(), kind=kind, values=values)
    published = publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    return published


def cashback(shop: Shop, *, name: str = "Cashback", **values: Any) -> RuleView:
    """A live rule: 5% back at once unless told otherwise."""
    return _live(shop, "cashback.cashback_rule", {"name": name, "rate_bp": 500, **values})


def spending(shop: Shop, *, name: str = "At the till", **values: Any) -> RuleView:
    """A live rule of how store credit pays."""
    return _live(shop, "cashback.spending_rule", {"name": name, **values})


def credit(result: Any) -> int:
    """The balance of store credit after something, in minor units."""
    return next((one.balance for one in result.balances if one.asset == CREDIT), 0)


def available(result: Any) -> int:
    """What of it can be spent."""
    return next((one.available for one in result.balances if one.asset == CREDIT), 0)


def earned(result: Any) -> dict[str, int]:
    """What each rule gave back."""
    return {one.rule_name: one.amount for one in result.effects if one.mechanic == "cashback"}
