"""Missions and streaks at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.campaigns.challenges.challenges_of import mission, streak
from tests.contracts.sample import Sample
from tests.rewards.catalog.rewards_of import reward
from tests.world import Shop

_BASKET = SaleInput(
    lines=(
        LineInput(sku="coffee", net_minor=180_000, quantity_milli=4_000),
        LineInput(sku="tea", net_minor=70_000, quantity_milli=2_000),
    )
)


def _progress(shop: Shop) -> SaleInput:
    mission(shop, counts="spend", target=1_000_000)
    return _BASKET


def _done(shop: Shop) -> SaleInput:
    mission(shop, counts="items", target=6, points=20, reward=reward(shop, cost=None))
    return _BASKET


def _things(shop: Shop) -> SaleInput:
    mission(shop, counts="products", target=2, points=20, points_each=3)
    return _BASKET


def _kept(shop: Shop) -> SaleInput:
    streak(shop, points_each=1, steps=[{"at": 1, "points": 5}])
    return _BASKET


SAMPLES = (
    Sample(
        name="progress in a mission",
        mechanics=("missions",),
        kinds=("challenges.mission",),
        set_up=_progress,
    ),
    Sample(name="a mission done", mechanics=("missions",), set_up=_done),
    Sample(name="distinct things", mechanics=("missions",), set_up=_things),
    Sample(
        name="a streak kept",
        mechanics=("streaks",),
        kinds=("challenges.streak",),
        set_up=_kept,
    ),
)
