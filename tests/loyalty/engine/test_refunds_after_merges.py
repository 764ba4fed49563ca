"""A sale of a card that was merged since is given back: the survivor stands as if that had come before."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.challenges.services import create_badge
from loyalty.commands.models import Command
from loyalty.ledger.verification import verify
from loyalty.outbox.models import Event
from loyalty.outbox.relay import relay_due
from loyalty.tenancy.scope import in_programme
from tests.campaigns.challenges.challenges_of import mission, streak
from tests.rewards.punchcards.cards_of import card
from tests.tiers.levels.ladder_of import GREEN, Ladder, gold, on
from tests.world import Shop, make_shop

pytestmark = pytest.mark.django_db
DRINKS = {"coffee": 60_000, "tea": 60_000, "cake": 150_000}


class Story:
    """Hoa has two cards, ``old`` and ``new``, and buys on both; one sale of the old one comes back."""

    def __init__(self, slug: str) -> None:
        with on(2026, 3, 1):
            self.shop: Shop = make_shop(slug, owner=f"ben@{slug}.example", member="Ana")
            self.till = Ladder(self.shop)
            self.till.points(per_minor=1_000)
            self.till.rule(levels=[GREEN, gold([{"spend_minor": 250_000}])], name="Levels")
            badge = create_badge(self.shop.call(), name_vi="Nếm hết").id
            things = {"counts": "products", "target": 3, "points": 20, "badge": badge}
            mission(self.shop, name="All drinks", **things)
            mission(self.shop, name="Spend", counts="spend", target=1_000_000, points=5)
            streak(self.shop, steps=[{"at": 2, "points": 7}])
            card(self.shop, skus=[*DRINKS])
            self.old, self.new, self.third = (self.till.join() for _card in range(3))
        self.bought: dict[int, Any] = {}
        for day, who, drink in (
            (2, self.old, "coffee"),
            (3, self.old, "tea"),
            (4, self.new, "coffee"),
            (5, self.old, "cake"),
            (6, self.new, "tea"),
        ):
            with on(2026, 3, day):
                self.bought[day] = self.buys(who, drink)

    def buys(self, who: str, drink: str) -> Any:
        line = {"sku": drink, "net_minor": DRINKS[drink]}
        return self.till.did(self.till.api.post("purchases/", {"member": who, "lines": [line]}))

    def relay(self) -> None:
        while relay_due():
            pass

    def merge(self, loser: str, survivor: str) -> str:
        path = f"members/{survivor}/merges/"
        return str(self.till.did(self.till.api.post(path, {"member": loser}))["merge"])

    def part(self, merge: str, survivor: str) -> None:
        self.till.did(self.till.api.post(f"members/{survivor}/merges/{merge}/undo/"))
        self.relay()

    def refund(self, day: int = 5, *, key: str = "", **what: Any) -> Any:
        path = f"purchases/{self.bought[day]['purchase']}/refunds/"
        return self.till.did(self.till.api.post(path, what, key=key))

    def stands(self, who: str) -> dict[str, Any]:
        """Everything a card stands for, as the API tells it."""
        get = self.till.api.get
        with in_programme(self.shop.programme):
            assert verify().findings == []
        missions = get(f"members/{who}/missions/").data
        return {
            "points": self.till.has(who),
            "level": self.till.level(who),
            "missions": [(one["name"], one["times"], one["progress"]) for one in missions],
            # How long the row is now; the longest there ever was is history.
            "streaks": [one["length"] for one in get(f"members/{who}/streaks/").data],
            "badges": len(get(f"members/{who}/badges/").data),
            "stamps": [one["filled"] for one in get(f"members/{who}/punchcards/").data],
        }


@pytest.fixture
def before() -> dict[str, Any]:
    """How the survivor stands where the sale came back before the cards were merged."""
    story = Story("before")
    with on(2026, 3, 7):
        assert story.stands(story.old)["level"] == "gold"
        story.refund()
        story.relay()
        story.merge(story.old, story.new)
        story.relay()
        return story.stands(story.new)


@pytest.mark.parametrize("news", ["told before", "told after"])
def test_the_survivor_stands_as_if_it_had_come_back_before(
    before: dict[str, Any], news: str
) -> None:
    story = Story("since")
    with on(2026, 3, 7):
        story.merge(story.old, story.new)
        if news == "told before":
            story.relay()
            merged = story.stands(story.new)
            assert (merged["level"], merged["badges"]) == ("gold", 1)
            assert merged["streaks"] == [5]
        answer = story.refund(key="back-1")
        story.relay()
        assert story.stands(story.new) == before
        assert story.refund(key="back-1") == answer
        story.relay()
        assert story.stands(story.new) == before, "a retry is harmless"
    assert before["level"] == "green" and before["badges"] == 0
    assert before["streaks"] == [1]


def test_in_two_steps_and_over_two_merges_it_is_the_same(before: dict[str, Any]) -> None:
    story = Story("chain")
    with on(2026, 3, 7):
        story.merge(story.old, story.third)
        story.relay()
        story.refund(amount_minor=30_000)
        story.merge(story.third, story.new)
        story.relay()
        story.refund()
        story.relay()
        assert story.stands(story.new) == before


def test_taken_apart_again_each_has_what_is_theirs() -> None:
    figures = []
    for slug in ("first", "last"):
        story = Story(slug)
        with on(2026, 3, 7):
            if slug == "first":
                story.refund()
                story.relay()
            merge = story.merge(story.old, story.new)
            story.relay()
            if slug == "last":
                story.refund()
                story.relay()
            story.part(merge, story.new)
            figures.append((story.stands(story.old), story.stands(story.new)))
    assert figures[0] == figures[1]


def test_the_news_of_it_names_the_card_that_lives() -> None:
    story = Story("news")
    with on(2026, 3, 7):
        story.merge(story.old, story.new)
        story.relay()
        with in_programme(story.shop.programme):
            newest = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
        story.refund()
        with in_programme(story.shop.programme):
            news = Event.objects.filter(pk__gt=newest)
            subjects = dict(news.values_list("type", "subject"))
            asked = Command.objects.filter(name="sales.refund_purchase").count()
    assert asked == 1
    assert subjects["level.changed"] == subjects["mission.reopened"] == story.new
    assert subjects["purchase.refunded"] == story.old, "the sale stays with the card it was made on"
