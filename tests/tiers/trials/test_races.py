"""The last one at many tills, and one person with many cards."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.common.clock import now
from loyalty.common.errors import DomainError
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.loyalty.commands.test_races import at_once
from tests.tiers.trials.trials_of import take, trial
from tests.world import Shop, make_shop
from tiers.trials import selectors
from tiers.trials.models import Taking

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

MANY = 10


@pytest.fixture
def cafe() -> Shop:
    return make_shop("race", owner="ben@example.com", member="Ana")


def _cards(shop: Shop, *, holder: Holder | None = None) -> list[Member]:
    with in_programme(shop.programme):
        return [
            Member.objects.create(
                holder=holder or Holder.objects.create(), name=f"Card {n}", joined_at=now()
            )
            for n in range(MANY)
        ]


def _winners(answers: list[Any], code: str) -> int:
    errors = [one for one in answers if isinstance(one, Exception)]
    assert all(isinstance(one, DomainError) for one in errors), answers
    assert {one.code for one in errors} == {code}, answers
    return len(answers) - len(errors)


def test_the_last_one_at_ten_tills_goes_to_one(cafe: Shop) -> None:
    trial(cafe, budget=1)
    cards = _cards(cafe)
    answers = at_once(MANY, lambda number: take(cafe, cards[number], hand_over=True))
    assert _winners(answers, "out_of_stock") == 1
    with in_programme(cafe.programme):
        assert selectors.results_of(selectors.trial_of("cold-brew")).left == 0
        assert Taking.objects.count() == 1


def test_ten_cards_of_one_household_get_one(cafe: Shop) -> None:
    trial(cafe, budget=MANY)
    cards = _cards(cafe, holder=cafe.member.holder)
    answers = at_once(MANY, lambda number: take(cafe, cards[number]))
    assert _winners(answers, "trial_taken") == 1
    with in_programme(cafe.programme):
        assert selectors.results_of(selectors.trial_of("cold-brew")).left == MANY - 1
