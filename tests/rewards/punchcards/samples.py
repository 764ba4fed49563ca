"""Punch cards at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.rewards.punchcards.cards_of import card, coffees, free_coffee
from tests.world import Shop


def _stamped(shop: Shop) -> SaleInput:
    card(shop)
    return SaleInput(lines=(coffees(4), coffees(2)))


def _filled(shop: Shop) -> SaleInput:
    reward = free_coffee(shop)
    card(shop, stamps_needed=5, reward=reward, interims=[{"position": 3, "reward": reward}])
    return SaleInput(lines=(coffees(4), coffees(3)))


SAMPLES = (
    Sample(
        name="stamps",
        mechanics=("punchcards",),
        kinds=("punchcards.punch_card",),
        set_up=_stamped,
    ),
    Sample(name="a full card", mechanics=("punchcards",), set_up=_filled),
)
