"""A shop in which every kind of rule is at work at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.segments.services import create_segment
from loyalty.common.clock import played_at
from loyalty.engine.world import VoucherView
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from rewards.points.services import change_settings
from tests.rewards.cashback.cashback_of import cashback, spending
from tests.rewards.catalog.rewards_of import reward
from tests.rewards.discounts.discounts_of import discount
from tests.rewards.points.rules_of import earning, multiplier
from tests.rewards.punchcards.cards_of import card
from tests.world import Shop, make_shop

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
PRICES = {"coffee": 45_000, "cake": 33_333, "box": 70_001}
CATEGORIES = {"coffee": "drinks", "cake": "cakes", "box": ""}
BUDGET = 60
LATTE_COST, GIFT_COST, GIFTS = 12, 8, 3
DAYS = {"latte": 6, "gift": None, "coffee": 9, "voucher": None}


@dataclass
class BusyShop:
    """The shop, its three members (Ana, Dan, Eve) and the ids of what is on offer."""

    shop: Shop
    people: list[Member]
    card: str
    budgeted: str
    rewards: dict[str, str]
    views: dict[str, VoucherView] = field(default_factory=dict)


def open_busy_shop() -> BusyShop:
    """Built once, through the doors, the day before histories begin."""
    shop = make_shop("histories", owner="histories@example.com", member="Ana")
    Programme.objects.filter(pk=shop.programme.pk).update(adjust_limit=10**6)
    shop.programme.adjust_limit = 10**6
    with played_at(START - timedelta(days=1)), in_programme(shop.programme):
        Member.objects.update(joined_at=START - timedelta(days=1))
        people = [shop.member] + [
            Member.objects.create(
                holder=Holder.objects.create(), name=name, joined_at=START - timedelta(days=1)
            )
            for name in ("Dan", "Eve")
        ]
        change_settings(
            shop.call(),
            values={
                "pay_enabled": True,
                "pay_minimum": 5,
                "pay_step": 2,
                "pay_cap_bp": 5_000,
                "value_minor": 1_000,
                "transfer_enabled": True,
                "expiry_kind": "sliding",
                "expiry_count": 12,
                "expiry_unit": "day",
                "rounding": "half_up",
            },
        )
        budgeted = _rules(shop)
        _money_rules(shop)
        rewards = _rewards(shop)
        stamps = card(
            shop,
            reward=rewards["coffee"],
            stamps_needed=5,
            interims=[{"position": 3, "reward": rewards["voucher"]}],
        )
    busy = BusyShop(shop, people, stamps.rule, budgeted, rewards)
    kinds: dict[str, dict[str, Any]] = {
        "latte": {"kind": "product", "skus": ("coffee",)},
        "coffee": {"kind": "product", "skus": ("coffee",)},
        "gift": {"kind": "gift"},
        "voucher": {"kind": "amount", "value_minor": 10_000},
    }
    for name, public_id in rewards.items():
        view = VoucherView(public_id="", reward=public_id, name=name, **kinds[name])
        busy.views[public_id] = view
    return busy


def _rules(shop: Shop) -> str:
    earning(
        shop,
        wait_kind="days",
        wait_days=2,
        expiry_kind="rolling",
        expiry_count=9,
        expiry_unit="day",
    )
    cakes = earning(
        shop,
        name="Cakes",
        basis="units",
        points=3,
        categories=["cakes"],
        limits=[
            {"maximum": 20, "period": "day"},
            {"maximum": 4, "period": "week", "measure": "times"},
        ],
        budget=BUDGET,
    )
    earning(
        shop,
        name="Delivered",
        basis="fixed",
        points=7,
        skus=["box"],
        wait_kind="event",
        wait_event="delivered",
        wait_cancel_days=6,
        expiry_kind="rolling",
        expiry_count=4,
        expiry_unit="day",
    )
    earning(shop, name="Visit", basis="fixed", points=3, minimum_minor=40_000)
    earning(
        shop,
        name="Regulars",
        points=1,
        per_minor=7_000,
        proportional=True,
        rounding="half_up",
        audience=[{"fact": "purchases.count", "op": "gte", "value": 2}],
        expiry_kind="none",
    )
    create_segment(
        shop.call(),
        code="often",
        name="Often",
        conditions=[
            {"fact": "purchases.count_30d", "op": "gte", "value": 2},
            {"fact": "purchases.spent_90d", "op": "gte", "value": 100_000},
            {"fact": "purchases.days_since", "op": "lte", "value": 3},
        ],
    )
    earning(
        shop,
        name="Often here",
        basis="fixed",
        points=2,
        audience=[{"fact": "segment", "op": "eq", "value": "often"}],
    )
    multiplier(shop, name="Drinks", factor_bp=15_000, categories=["drinks"])
    multiplier(shop, name="Big baskets", minimum_minor=150_000)
    return cakes.rule


def _money_rules(shop: Shop) -> None:
    discount(shop, name="Cakes off", off_bp=1_250, categories=["cakes"], cap_minor=9_001)
    discount(
        shop,
        name="A few a week",
        off_bp=333,
        stacks=True,
        limits=[{"maximum": 5_000, "period": "week"}],
    )
    discount(shop, name="Large", discount="amount", off_minor=7_777, minimum_minor=150_000)
    cashback(
        shop,
        name="5% up to a sum",
        priority=3,
        limits=[{"maximum": 4_001, "period": "week"}],
        wait_kind="days",
        wait_days=2,
        expiry_kind="rolling",
        expiry_count=9,
        expiry_unit="day",
    )
    cashback(shop, name="1%", rate_bp=100, rounding="half_up", minimum_minor=40_000)
    spending(shop, pay_minimum_minor=300, pay_step_minor=7, cap_bp=5_000)


def _rewards(shop: Shop) -> dict[str, str]:
    free = {"kind": "free_product", "skus": ("coffee",)}
    return {
        "latte": reward(shop, cost=LATTE_COST, validity="days", valid_days=DAYS["latte"], **free),
        "gift": reward(
            shop,
            cost=GIFT_COST,
            stock=GIFTS,
            kind="gift",
            skus=(),
            validity="unlimited",
            valid_days=None,
        ),
        "coffee": reward(shop, cost=None, validity="days", valid_days=DAYS["coffee"], **free),
        "voucher": reward(
            shop,
            cost=None,
            kind="amount_off",
            skus=(),
            value_minor=10_000,
            validity="unlimited",
            valid_days=None,
        ),
    }
