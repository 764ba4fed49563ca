"""A draft is tried on the shop's real past sales, and leaves no trace."""

from __future__ import annotations

from loyalty.engine.models import AppliedEffect
from loyalty.engine.publishing import create_rule, edit_rule
from loyalty.engine.selectors import get_rule
from loyalty.insight.preview import preview
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.rewards.points.rules_of import buy, earning
from tests.rewards.punchcards.cards_of import KIND, coffees, free_coffee
from tests.rewards.punchcards.cards_of import buy as buy_coffee
from tests.world import Shop


def test_a_successor_is_compared_with_what_it_replaces(shop: Shop) -> None:
    rule = earning(shop)
    for total in (100_000, 45_000, 9_999):
        buy(shop, total)
    draft = edit_rule(shop.call(), rule=rule.rule, values={"points": 3, "per_minor": 40_000})
    with in_programme(shop.programme):
        effects = AppliedEffect.objects.count()
        found = preview(shop.programme, rule=draft.rule)
        assert AppliedEffect.objects.count() == effects
        assert (get_rule(draft.rule).state, get_rule(rule.rule).state) == ("draft", "live")
    points = found.assets[0]
    assert (found.sales, found.members) == (3, 1)
    assert (points.before, points.after) == (10 + 4, 6 + 3)
    assert (points.gaining, points.losing, points.losers[0].difference) == (0, 1, -5)


def test_a_new_rule_comes_on_top(shop: Shop) -> None:
    earning(shop)
    buy(shop, 100_000)
    draft = create_rule(
        shop.call(),
        kind="points.earning_rule",
        values={"name": "Bonus", "basis": "fixed", "points": 5},
    )
    answer = Api(make_key(shop)).get(f"rules/{draft.rule}/preview/").json()
    assert (answer["assets"][0]["before"], answer["assets"][0]["after"]) == (10, 15)


def test_a_card_shows_its_stamps_and_what_full_cards_give(shop: Shop) -> None:
    buy_coffee(shop, coffees(4))
    buy_coffee(shop, coffees(7))
    draft = create_rule(
        shop.call(),
        kind=KIND,
        values={
            "name": "Coffee card",
            "stamp_per": "item",
            "skus": ["coffee"],
            "stamps_needed": 5,
            "reward": free_coffee(shop),
            "expiry_kind": "none",
        },
    )
    found = Api(make_key(shop)).get(f"rules/{draft.rule}/preview/").json()
    stamps, given = found["assets"][0], found["rewards"]
    assert (stamps["asset"], stamps["before"], stamps["after"]) == (f"stamps:{draft.rule}", 0, 11)
    assert [(one["name"], one["before"], one["after"]) for one in given] == [("Free coffee", 0, 2)]
