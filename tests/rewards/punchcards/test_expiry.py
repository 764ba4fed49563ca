"""All stamps of a card die together, counted from the first one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine

from loyalty.ledger.models import Lot
from loyalty.sales.rules import LineRefund
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from rewards.punchcards.selectors import card_progress
from tests.rewards.catalog.rewards_of import reward
from tests.rewards.punchcards.cards_of import (
    buy,
    card,
    coffees,
    is_sound,
    stamps,
    vouchers,
)
from tests.world import Shop

START = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
ONE_MONTH = {"expiry_kind": "rolling", "expiry_count": 1, "expiry_unit": "month"}


@contextmanager
def day(number: int) -> Iterator[None]:
    """So many days behind the start."""
    with time_machine.travel(START + timedelta(days=number), tick=False):
        yield


def dates(shop: Shop) -> list[tuple[int, datetime]]:
    with in_programme(shop.programme):
        rows = Lot.objects.order_by("id").values_list("amount", "expires_at")
        return list(rows)


def test_later_stamps_die_with_the_first(shop: Shop) -> None:
    coffee_card = card(shop, **ONE_MONTH)
    # One month after the 31st of January ends with the 28th of February, local time.
    last = datetime(2026, 2, 28, 17, 0, tzinfo=UTC)
    with day(0):
        buy(shop, coffees(3))
    with day(20):
        buy(shop, coffees(2))
        assert dates(shop) == [(3, last), (2, last)]
        with in_programme(shop.programme):
            assert card_progress(shop.member)[0].expires_at == last
    with time_machine.travel(last, tick=False):
        assert stamps(shop, coffee_card) == 0
        buy(shop, coffees(1))
        assert stamps(shop, coffee_card) == 1
    assert dates(shop)[-1] == (1, datetime(2026, 4, 1, 17, 0, tzinfo=UTC))
    assert is_sound(shop)


def test_stamps_carried_over_begin_a_new_card(shop: Shop) -> None:
    card(shop, **ONE_MONTH)
    with day(0):
        buy(shop, coffees(8))
    with day(10):
        buy(shop, coffees(4))
    assert [(n, at.day) for n, at in dates(shop)] == [(8, 28), (1, 28), (3, 10)]
    assert vouchers(shop) == ["issued"]


def test_a_refund_takes_from_the_newer_card_first(shop: Shop) -> None:
    coffee_card = card(shop, **ONE_MONTH)
    with day(0):
        buy(shop, coffees(8))
    with day(10):
        sold = buy(shop, coffees(4)).purchase
        refund_purchase(
            shop.call(), purchase=sold, lines=(LineRefund(number=1, quantity_milli=3000),)
        )
        assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["issued"])
        refund_purchase(shop.call(), purchase=sold)
        assert (stamps(shop, coffee_card), vouchers(shop)) == (8, ["void"])
    assert is_sound(shop)


def test_a_refund_after_the_stamps_died_charges_nothing(shop: Shop) -> None:
    cookie = reward(shop, cost=None, kind="gift", skus=(), name_en="Cookie", valid_days=300)
    coffee_card = card(shop, interims=[{"position": 2, "reward": cookie}], **ONE_MONTH)
    with day(0):
        sold = buy(shop, coffees(3)).purchase
    with day(60):
        buy(shop, coffees(1))
        refund_purchase(shop.call(), purchase=sold)
        assert (stamps(shop, coffee_card), vouchers(shop)) == (1, ["issued"])
        buy(shop, coffees(1))
        assert vouchers(shop) == ["issued", "issued"], "the new card has its own way"
    assert is_sound(shop)


def test_an_old_receipt_on_a_dead_card_stamps_nothing_that_lives(shop: Shop) -> None:
    coffee_card = card(shop, starts_at="2020-01-01T00:00:00+07:00", **ONE_MONTH)
    buy(shop, coffees(9), happened_at=datetime(2021, 1, 1, tzinfo=UTC))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, [])
    assert is_sound(shop)
