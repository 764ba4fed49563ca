"""A shop that has its own word for points says it wherever it promises any."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from loyalty.engine.publishing import create_rule, publish_rule
from rewards.points.services import change_settings
from tests.rewards.points.rules_of import earning
from tests.tiers.levels.ladder_of import GREEN, gold
from tests.tiers.memberships.plans_of import plan
from tests.tiers.subscriptions.subs_of import offer
from tests.world import Shop


@pytest.mark.parametrize(
    ("language", "heading", "title", "promises", "points"),
    [
        (
            "en",
            "How stars work here",
            "Stars",
            ("Stars ×1.5, 5% off", "Stars ×2.", "stars ×3"),
            "point",
        ),
        ("vi", "Cách tích và dùng sao", "Sao", ("Sao ×1,5, ", "Sao ×2.", "sao ×3"), "điểm"),
    ],
)
def test_the_terms_promise_stars_where_the_shop_gives_stars(
    shop: Shop, language: str, heading: str, title: str, promises: tuple[str, ...], points: str
) -> None:
    change_settings(shop.call(), values={"name_vi": "sao", "name_en": "stars"})
    earning(shop, name="Every visit")
    levels = [GREEN, gold([{"visits": 3}], factor_bp=15_000, discount_bp=500)]
    ladder = create_rule(
        shop.call(), kind="levels.ladder", values={"name": "Levels", "levels": levels}
    )
    publish_rule(shop.call(), rule=ladder.rule)
    plan(shop, factor_bp=20_000)
    offer(shop, factor_bp=30_000)
    browser = Client(headers={"accept-language": language})
    page = html.unescape(browser.get("/p/cafe/terms/").content.decode())
    assert f"<h1>{heading}</h1>" in page and f"<h3>{title}</h3>" in page
    for promise in promises:
        assert promise in page
    assert points not in page.lower()
