"""What a game promises and the shop does not have: told to the owner in time."""

from __future__ import annotations

from typing import Any

from django.test import Client

from campaigns.games.rules.fairness import SCALE
from loyalty.engine.publishing import create_rule, edit_rule, publish_rule
from tests.campaigns.games.games_of import LEGAL, NONE, changed, game, spin
from tests.rewards.catalog.rewards_of import reward
from tests.world import Shop


def test_more_is_promised_than_the_shop_has_and_the_owner_is_told(shop: Shop) -> None:
    cake = {
        "code": "cake",
        "name_vi": "Bánh",
        "name_en": "Cake",
        "kind": "reward",
        "reward": reward(shop, cost=None, stock=2),
        "odds_ppm": 500_000,
        "stock": 3,
    }
    rest = {**NONE, "odds_ppm": 500_000}

    def told(**changes: Any) -> list[tuple[str, str]]:
        values = {"name": "Cakes", "free_per_day": 9, "prizes": [{**cake, **changes}, rest]}
        draft = create_rule(shop.call(), kind="games.game", values={**LEGAL, **values})
        live = publish_rule(shop.call(), rule=draft.rule)
        assert draft.notes == live.notes, "before it is published as well as after"
        return [(one.field, one.code) for one in live.notes]

    short = [("prizes.0.stock", "reward_may_run_out")]
    assert told() == told(stock=None) == short
    assert told(stock=2) == []
    wheel = game(shop, prizes=[{**cake, "odds_ppm": SCALE, "stock": 2}])
    assert spin(shop, wheel).given == "cake"
    again = changed(shop, wheel, name="Cakes again")
    assert again.notes == (), "one is won and gone from both"
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(shop.staff.user)
    more = edit_rule(
        shop.call(), rule=again.rule, values={"prizes": [{**cake, "odds_ppm": SCALE, "stock": 9}]}
    )
    page = client.get(f"/dashboard/cafe/rules/{more.rule}/").content.decode()
    assert "8 of “Cake” are promised, and of the reward only 1 are left." in page
