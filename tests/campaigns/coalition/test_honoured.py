"""Stories of rewards bought with points in one place and handed over in another."""

from __future__ import annotations

import pytest

from campaigns.coalition.selectors import month_instants
from campaigns.coalition.services import follow_reward
from loyalty.commands.actor import member_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now
from loyalty.ledger.clearing import period_total
from loyalty.outbox.relay import relay_due
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from rewards.catalog.services import redeem_reward, use_voucher
from tests.campaigns.coalition.coalition_of import Coalition, make_coalition, on
from tests.rewards.catalog.rewards_of import redeem, reward
from tests.world import Shop


@pytest.fixture
def trio(shop: Shop) -> Coalition:
    found = make_coalition(shop)
    with on("2026-10-03"):
        found.sell(found.cafe, 400_000)
    return found


def _events() -> None:
    while relay_due():
        pass


def _on_the_phone(trio: Coalition, wanted: str) -> str:
    """Ana gets a reward on the members' pages: at no shop at all."""
    ana = trio.cafe.member.public_id
    me = Call(member_actor(trio.cafe.programme, ana), f"phone-{wanted}")
    return redeem_reward(me, member=ana, reward=wanted).code


def _latte_for(trio: Coalition, shop: Shop, code: str) -> str:
    lines = (LineInput(sku="latte", net_minor=45_000),)
    sale = SaleInput(lines=lines, use={"vouchers": [code]})
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale).purchase


def test_who_hands_over_a_reward_of_the_members_pages_is_paid(trio: Coalition) -> None:
    with on("2026-10-05"):
        code = _on_the_phone(trio, reward(trio.cafe))
    with on("2026-10-20"):
        use_voucher(trio.bakery.call(), code=code)
        _events()
    with on("2026-11-02"):
        assert trio.close("2026-10").sum_minor == 0
    assert trio.lines(trio.bakery, "2026-10") == [("honoured", -100, 900)]
    assert trio.lines(trio.cafe, "2026-10") == [("issued", 400, -4_000)]
    assert trio.positions("2026-10") == [-4_000, 900, 0, 3_100]
    assert trio.statement(trio.bakery, "2026-10").redeemed == 100
    every = [line for one in (*trio.shops, None) for line in trio.lines(one, "2026-10")]
    points = sum(units for _kind, units, _amount in every)
    with in_programme(trio.cafe.programme):
        since, until = month_instants("2026-10", trio.cafe.programme.timezone)
        assert points == period_total(asset="points", since=since, until=until)


def test_sold_at_one_and_handed_over_at_another(trio: Coalition) -> None:
    with on("2026-10-05"):
        code = redeem(trio.books, reward(trio.cafe)).code
    with on("2026-10-20"):
        _latte_for(trio, trio.bakery, code)
        _events()
    with on("2026-11-02"):
        trio.close("2026-10")
    assert trio.lines(trio.bakery, "2026-10") == [("honoured", -100, 900)]
    assert trio.lines(trio.books, "2026-10") == [("redeemed", -100, 900), ("elsewhere", 100, -900)]
    assert trio.statement(trio.books, "2026-10").redeemed == 0


def test_sold_and_handed_over_at_the_same_shop_changes_nothing(trio: Coalition) -> None:
    with on("2026-10-05"):
        code = redeem(trio.books, reward(trio.cafe)).code
        use_voucher(trio.books.call(), code=code)
        _events()
    with on("2026-11-02"):
        trio.close("2026-10")
    assert trio.lines(trio.books, "2026-10") == [("redeemed", -100, 900)]


def test_a_sale_refunded_after_the_month_gives_it_back(trio: Coalition) -> None:
    with on("2026-09-20"):
        trio.sell(trio.books, 200_000)
        code = redeem(trio.books, reward(trio.cafe))
    with on("2026-10-20"):
        bought = _latte_for(trio, trio.bakery, code.code)
        _events()
    with on("2026-11-02"):
        trio.close("2026-10")
    late = ("late_redemption", 100, -900)
    assert trio.lines(trio.books, "2026-10") == [late], "sold in September, a month that is closed"
    with on("2026-11-10"):
        refund_purchase(trio.bakery.call(), purchase=bought)
        _events()
    with on("2026-12-02"):
        trio.close("2026-11")
    assert trio.lines(trio.bakery, "2026-11") == [late]
    assert trio.lines(trio.books, "2026-11") == [("late_redemption", -100, 900)]


def test_news_of_a_voucher_in_any_order_and_twice(trio: Coalition) -> None:
    with on("2026-10-05"):
        sold = redeem(trio.books, reward(trio.cafe))
    call, bakery = trio.cafe.call, trio.bakery.merchant.pk
    with on("2026-10-20"):
        told = {"voucher": sold.voucher, "happened_at": now()}
        assert follow_reward(call(), event="evt_3", used_at=bakery, **told) == 100
        assert follow_reward(call(), event="evt_3", used_at=bakery, **told) == 0
        assert follow_reward(call(), event="evt_2", used_at=None, **told) == 0
        assert follow_reward(call(), event="evt_4", used_at=None, **told) == -100
        assert follow_reward(call(), event="evt_5", used_at=None, **told) == 0
