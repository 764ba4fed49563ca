"""What a card may cost the database: next to nothing on a sale, little on a redemption."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.sales.services import refund_purchase
from tests.rewards.catalog.rewards_of import give, redeem, reward
from tests.rewards.points.rules_of import earning
from tests.rewards.punchcards.cards_of import buy, card, coffees
from tests.world import Shop


def statements(capture: CaptureQueriesContext) -> list[str]:
    return [one["sql"] for one in capture.captured_queries]


@pytest.fixture
def busy_shop(shop: Shop) -> Shop:
    """Points and one card, both used before, caches warm."""
    earning(shop)
    card(shop)
    buy(shop, coffees(1))
    return shop


def test_a_sale_with_points_and_a_card(busy_shop: Shop) -> None:
    with CaptureQueriesContext(connection) as capture:
        buy(busy_shop, coffees(2))
    assert len(capture) <= 20, "\n".join(statements(capture))


def test_a_sale_that_fills_the_card(busy_shop: Shop) -> None:
    with CaptureQueriesContext(connection) as capture:
        buy(busy_shop, coffees(8))
    assert len(capture) <= 25, "\n".join(statements(capture))


def test_a_redemption(busy_shop: Shop) -> None:
    wanted = reward(busy_shop, stock=5, per_member=3)
    give(busy_shop, 500)
    with CaptureQueriesContext(connection) as capture:
        redeem(busy_shop, wanted)
    assert len(capture) <= 22, "\n".join(statements(capture))


def test_a_refund_that_opens_the_card_again(busy_shop: Shop) -> None:
    sold = buy(busy_shop, coffees(8)).purchase
    with CaptureQueriesContext(connection) as capture:
        refund_purchase(busy_shop.call(), purchase=sold)
    assert len(capture) <= 45, "\n".join(statements(capture))
