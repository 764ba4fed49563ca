"""Punch cards for the stories, written and published through the doors."""

from __future__ import annotations

from typing import Any

from loyalty.engine.publishing import RuleView, create_rule, publish_rule
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.sales.results import PurchaseResult
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from rewards.catalog.models import Voucher
from tests.rewards.catalog.rewards_of import reward
from tests.world import Shop

KIND = "punchcards.punch_card"


def card(shop: Shop, **values: Any) -> RuleView:
    """A live card: a stamp per coffee, nine fill it, the tenth coffee is free."""
    given = {
        "name": "Coffee card",
        "stamp_per": "item",
        "skus": ["coffee"],
        "stamps_needed": 9,
        "reward": values.get("reward") or free_coffee(shop),
        "expiry_kind": "none",
        **values,
    }
    draft = create_rule(shop.call(), kind=KIND, values=given)
    published = publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    return published


def free_coffee(shop: Shop) -> str:
    """The reward of a full card; it cannot be bought with points."""
    return reward(shop, cost=None, skus=("coffee",), name_en="Free coffee")


def coffees(number: int, *, sku: str = "coffee") -> LineInput:
    """Some coffees at 45,000 each."""
    return LineInput(sku=sku, net_minor=45_000 * number, quantity_milli=1000 * number)


def buy(shop: Shop, *lines: LineInput, **more: Any) -> PurchaseResult:
    """Ana buys."""
    sale = SaleInput(lines=lines, **more)
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale)


def stamps(shop: Shop, of: RuleView) -> int:
    """The stamps on Ana's card; negative for a debt."""
    with in_programme(shop.programme):
        known = balances(holder_id=shop.member.holder_id)
    return next((one.balance for one in known if one.asset == f"stamps:{of.rule}"), 0)


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
