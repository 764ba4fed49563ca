"""The terms page promises what holds today, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from loyalty.common.clock import now
from loyalty.engine.publishing import end_rule, pause_rule
from tests.rewards.points.rules_of import earning, multiplier
from tests.rewards.punchcards.cards_of import buy, card, coffees
from tests.world import Shop


def test_what_is_over_paused_or_yet_to_come_is_not_promised(shop: Shop) -> None:
    begins, ends = (now() + timedelta(days=days) for days in (3, 5))
    card(shop, name="Coffee card")
    over = card(shop, name="Summer card")
    buy(shop, coffees(1))
    end_rule(shop.call(), rule=over.rule)
    pause_rule(shop.call(), rule=card(shop, name="Tea card").rule)
    card(shop, name="Winter card", starts_at=begins)
    card(shop, name="Autumn card", ends_at=ends)
    earning(shop, name="Spring points", starts_at=begins)
    earning(shop, name="Everyday points")
    multiplier(shop, name="Anniversary", starts_at=begins)
    page = Client().get("/p/cafe/terms/", headers={"accept-language": "en"}).content.decode()
    for promised in ("Coffee card", "Autumn card", "(until ", "Everyday points"):
        assert promised in page
    for silent in ("Summer card", "Tea card", "Winter card", "Spring points", "Anniversary"):
        assert silent not in page
