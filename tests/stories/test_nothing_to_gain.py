"""What a clever customer, a careless owner or a thief with half a key might try, and gains nothing."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from loyalty.common.clock import now
from loyalty.engine.publishing import create_rule, end_rule, publish_rule
from loyalty.ledger.verification import verify
from loyalty.outbox.relay import relay_due
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.services.personal import erase_member
from rewards.catalog.models import Voucher
from rewards.catalog.services import void_voucher
from rewards.points.services import adjust_points, change_settings
from tests.api import Api, make_key
from tests.rewards.catalog.rewards_of import give, redeem, reward
from tests.rewards.punchcards.cards_of import buy, card, coffees, stamps
from tests.world import Shop


def test_points_that_paid_come_back_as_points_never_as_cash(shop: Shop) -> None:
    shop.programme.adjust_limit = 10_000
    shop.programme.save()
    adjust_points(shop.call(), member=shop.member.public_id, amount=997, text="A start")
    values = {"pay_enabled": True, "value_minor": 45_000, "value_units": 25, "pay_cap_bp": 5_000}
    change_settings(shop.call(), values=values)
    basket = (
        LineInput(sku="beans", net_minor=90_000, quantity_milli=3_000),
        LineInput(sku="cake", net_minor=30_000),
    )
    for order in permutations((LineRefund(number=1, quantity_milli=1_000), LineRefund(number=2))):
        sale = SaleInput(lines=basket, use={"points": 997})
        sold = record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
        assert 0 < sold.to_pay_minor < 120_000
        parts = [refund_purchase(shop.call(), purchase=sold.purchase, lines=(o,)) for o in order]
        parts.append(refund_purchase(shop.call(), purchase=sold.purchase))
        assert sum(part.amount_minor for part in parts) == 120_000
        assert sum(part.cash_minor for part in parts) == sold.to_pay_minor
        assert [one.available for one in parts[-1].balances if one.asset == "points"] == [997]


def test_a_free_coffee_given_back_brings_no_money(shop: Shop) -> None:
    give(shop, 100)
    free = redeem(shop, reward(shop, skus=("coffee",)))
    sold = buy(shop, coffees(1), use={"vouchers": [free.code]})
    assert sold.to_pay_minor == 0
    back = refund_purchase(shop.call(), purchase=sold.purchase)
    assert (back.amount_minor, back.cash_minor) == (45_000, 0)


@pytest.mark.parametrize("first", ["amount", "quantity"])
def test_an_amount_and_a_unit_add_up_in_any_order(shop: Shop, first: str) -> None:
    sold = buy(shop, LineInput(sku="mug", net_minor=100_000, quantity_milli=2_000))
    amount, unit = (
        LineRefund(number=1, amount_minor=50_000),
        LineRefund(number=1, quantity_milli=1_000),
    )
    order = (amount, unit) if first == "amount" else (unit, amount)
    given = [refund_purchase(shop.call(), purchase=sold.purchase, lines=(one,)) for one in order]
    assert [one.amount_minor for one in given] == [50_000, 50_000]


@pytest.mark.parametrize(
    "type", ["member.opening", "member.joined", "member.birthday", "stamps.given"]
)
def test_a_key_that_reports_visits_cannot_mint_points(shop: Shop, type: str) -> None:
    api = Api(make_key(shop, scopes=("activities:write", "members:read")))
    body = {
        "member": shop.member.public_id,
        "type": type,
        "key": "op",
        "data": {"points": 1_000_000, "expires_at": "junk"},
    }
    refused = api.post("activities/", body)
    assert (refused.status_code, refused.data["code"]) == (400, "reserved_activity")


def test_a_rule_that_was_live_by_mistake_does_not_price_last_year(shop: Shop) -> None:
    values = {"name": "Oops", "basis": "money", "points": 1, "per_minor": 10}
    draft = create_rule(shop.call(), kind="points.earning_rule", values=values)
    publish_rule(shop.call(), rule=draft.rule)
    end_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    sale = SaleInput(total_minor=45_000, happened_at=now() - timedelta(days=300))
    sold = record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    assert sold.effects == ()


def test_an_erased_card_opens_no_reward(shop: Shop) -> None:
    give(shop, 100)
    free = redeem(shop, reward(shop))
    erase_member(shop.call(), member=shop.member.public_id)
    while relay_due():
        pass
    refused = Api(make_key(shop)).post(f"vouchers/{free.code}/use/", {})
    assert (refused.status_code, refused.data["code"]) == (422, "voucher_void")


def test_a_card_whose_voucher_was_cancelled_owes_nothing_after_the_refund(shop: Shop) -> None:
    nine = card(shop)
    sold = buy(shop, coffees(9))
    with in_programme(shop.programme):
        voucher = Voucher.objects.get().public_id
    void_voucher(shop.call(), voucher=voucher, reason="Printed twice")
    refund_purchase(shop.call(), purchase=sold.purchase)
    assert stamps(shop, nine) == 0
    with in_programme(shop.programme):
        assert verify().findings == []
