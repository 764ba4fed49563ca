"""The walk of the review: in batches, resumed where it stood, told as it goes; and what races it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from loyalty.common.clock import played_at
from loyalty.common.errors import Refused
from loyalty.engine.models import Activity
from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.loyalty.commands.test_races import at_once
from tests.tiers.levels.ladder_of import ZONE, Ladder, gold, night, on
from tests.world import make_shop
from tiers.levels import tasks
from tiers.levels.services import give_level, review_level

RICH = gold([{"spend_minor": 1_000_000}])


def _members(ladder: Ladder, number: int) -> list[str]:
    found = []
    for _one in range(number):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
        found.append(member)
    return found


def test_in_batches_and_told(ladder: Ladder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    ladder.levels(RICH)
    with on(2024, 6, 1):
        members = _members(ladder, 5)
    with on(2025, 6, 1):
        night()
        ladder.buy(members[0], 1_000_000)
    with on(2026, 1, 1, hour=1):
        assert tasks.review_levels() == 5
        assert [ladder.level(one) for one in members] == ["gold", *["green"] * 4]
        (walk,) = ladder.did(ladder.api.get("levels/reviews/"))["data"][:1]
        figures = (walk["total"], walk["done"], walk["rose"], walk["fell"], walk["failed"])
        assert figures == (5, 5, 0, 4, 0)
        assert walk["finished_at"] is not None
        assert tasks.review_levels() == 0, "nobody twice"


def test_a_killed_worker_is_taken_over_from(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    ladder.levels(RICH)
    with on(2024, 6, 1):
        members = _members(ladder, 5)
    with on(2025, 1, 1, hour=1):
        real = tasks.review_level
        seen: list[str] = []

        def dies(call: Any, *, member: str) -> Any:
            if len(seen) == 3:
                raise RuntimeError("killed")
            seen.append(member)
            return real(call, member=member)

        monkeypatch.setattr(tasks, "review_level", dies)
        with pytest.raises(RuntimeError):
            tasks.review_levels()
        monkeypatch.setattr(tasks, "review_level", real)
        (walk,) = ladder.did(ladder.api.get("levels/reviews/"))["data"]
        assert (walk["total"], walk["done"], walk["finished_at"]) == (5, 2, None)
        tasks.review_levels()
        (walk,) = ladder.did(ladder.api.get("levels/reviews/"))["data"]
        assert walk["finished_at"] is not None
    with in_programme(ladder.shop.programme):
        reviewed = Activity.objects.filter(type="level.review")
        assert sorted(row.member.public_id for row in reviewed) == sorted(members)


def test_one_that_cannot_stops_nobody(ladder: Ladder, monkeypatch: pytest.MonkeyPatch) -> None:
    ladder.levels(RICH)
    with on(2024, 6, 1):
        members = _members(ladder, 3)
    real = tasks.review_level

    def refuses(call: Any, *, member: str) -> Any:
        if member == members[1]:
            raise Refused("no", "no")
        return real(call, member=member)

    monkeypatch.setattr(tasks, "review_level", refuses)
    with on(2026, 1, 1, hour=1):
        tasks.review_levels()
        (walk,) = ladder.did(ladder.api.get("levels/reviews/"))["data"]
        assert (walk["done"], walk["failed"]) == (2, 1)


def test_an_ended_ladder_leaves_levels_and_asks_later(ladder: Ladder) -> None:
    rule = ladder.levels(RICH)
    with on(2024, 6, 1):
        (member,) = _members(ladder, 1)
    with on(2026, 1, 1, hour=1):
        ladder.did(ladder.api.post(f"rules/{rule}/end/", {}))
        assert ladder.level(member) == ""
        assert tasks.review_levels() == 1
        assert tasks.review_levels() == 0


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_a_level_given_while_the_review_runs_is_not_lost(round: int) -> None:
    """Whoever comes first: the review takes what was earned, the gift stands as a floor."""
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    ladder = Ladder(shop)
    ladder.levels(RICH)
    member = shop.member.public_id
    with on(2024, 6, 1):
        ladder.buy(member, 1_000_000)
    at = datetime(2026, 1, 1, 1, tzinfo=ZONE)

    def work(number: int) -> Any:
        with played_at(at):
            if number % 2 == round % 2:
                return review_level(shop.call(), member=member)
            return give_level(shop.call(), member=member, level="gold", reason="Press")

    answers = at_once(4, work)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    with played_at(at):
        seen = ladder.of(member)
        assert (seen["level"], seen["given"]["reason"]) == ("gold", "Press")
        ended = ladder.api.post(f"members/{member}/level/given/end/", {})
        assert ladder.did(ended)["level"] == "green", "the review was not lost either"
    with in_programme(shop.programme):
        assert verify().findings == []
        assert Activity.objects.filter(type="level.review").count() <= 1
