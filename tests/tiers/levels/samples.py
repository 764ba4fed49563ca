"""Levels at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.tiers.levels.ladder_of import GREEN, gold
from tests.world import Shop


def _everything(shop: Shop) -> SaleInput:
    """Spend, points and visits count at once, and the sale reaches the level."""
    _live(shop, "points.earning_rule", name="Points", points=1, per_minor=1_000)
    ways = [{"spend_minor": 200_000, "visits": 1}, {"points": 5_000}]
    _live(shop, "levels.ladder", name="Levels", levels=[GREEN, gold(ways, factor_bp=15_000)])
    return SaleInput(
        lines=(
            LineInput(sku="beans", net_minor=180_000, quantity_milli=2_000),
            LineInput(sku="cup", net_minor=70_000),
        )
    )


def _live(shop: Shop, kind: str, **values: object) -> None:
    draft = create_rule(shop.call(), kind=kind, values=values)
    publish_rule(shop.call(), rule=draft.rule)


SAMPLES = (
    Sample(
        name="a level reached",
        mechanics=("levels",),
        kinds=("levels.ladder",),
        set_up=_everything,
    ),
)
