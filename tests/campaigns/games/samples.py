"""Games at work, for the contracts of all mechanics: a purchase that gives plays."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.campaigns.games.games_of import game
from tests.contracts.sample import Sample
from tests.world import Shop

_BASKET = SaleInput(
    lines=(
        LineInput(sku="coffee", net_minor=180_000, quantity_milli=4_000),
        LineInput(sku="tea", net_minor=70_000, quantity_milli=2_000),
    )
)


def _ticket(shop: Shop) -> SaleInput:
    game(shop, tickets=1, minimum_minor=200_000)
    return _BASKET


def _several(shop: Shop) -> SaleInput:
    game(shop, tickets=3)
    return _BASKET


SAMPLES = (
    Sample(
        name="a play for a purchase",
        mechanics=("games",),
        kinds=("games.game",),
        set_up=_ticket,
    ),
    Sample(name="three plays for a purchase", mechanics=("games",), set_up=_several),
)
