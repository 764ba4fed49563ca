"""A plan for the demo's coffee shop: more stars by the month."""

from __future__ import annotations

from loyalty.engine.ports import DemoShop
from tiers.memberships.services import join_plan


def furnish(shop: DemoShop) -> None:
    """The plan, on offer from the first day."""
    shop.rule(
        "memberships.plan",
        name="Hiên Plus",
        code="hien-plus",
        price_minor=49_000,
        trial_days=30,
        factor_bp=15_000,
        free_delivery=True,
        protects_tier=True,
        perk_vi="Nếm thử món mới trước mọi người",
        perk_en="Taste what is new before everybody else",
        early_access=True,
    )


def finish(shop: DemoShop, *, member: str) -> None:
    """The regular with a log-in is trying it."""
    join_plan(shop.call(), member=member, plan="hien-plus")
