"""A voucher pays at the till: never more than the goods, exactly once, back after a full refund."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.sales.quotes import quote
from loyalty.sales.results import PurchaseResult
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from rewards.catalog.models import Voucher
from rewards.catalog.rules import shown_code
from rewards.catalog.services import check_voucher, use_voucher, void_voucher
from tests.rewards.catalog.rewards_of import give, redeem, reward, the_voucher
from tests.rewards.points.rules_of import earning
from tests.world import Shop

LATTE = LineInput(sku="latte", net_minor=45_000)
CAKE = LineInput(sku="cake", net_minor=30_000)


def code_for(shop: Shop, **terms: Any) -> str:
    """A voucher of Ana's for such a reward."""
    give(shop, 100)
    return redeem(shop, reward(shop, **terms)).code


def buy(shop: Shop, *lines: LineInput, codes: list[str], **more: Any) -> PurchaseResult:
    sale = SaleInput(lines=lines, use={"vouchers": codes}, **more)
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale)


def test_a_free_latte_and_the_points_on_the_rest(shop: Shop) -> None:
    earning(shop)
    code = code_for(shop)
    sold = buy(shop, LATTE, CAKE, codes=[code])
    assert (sold.vouchers_paid_minor, sold.to_pay_minor) == (45_000, 30_000)
    earned = [one.amount for one in sold.effects if one.asset == "points"]
    assert earned == [3], "what a voucher paid earns nothing"
    with pytest.raises(Refused, match="voucher_used"):
        buy(shop, LATTE, codes=[code])


@pytest.mark.parametrize(
    ("terms", "lines", "paid"),
    [
        ({"kind": "amount_off", "value_minor": 20_000}, [LATTE, CAKE], 20_000),
        ({"kind": "amount_off", "value_minor": 200_000}, [LATTE, CAKE], 75_000),
        ({"kind": "percent_off", "value_bp": 1_000}, [LATTE, CAKE], 7_500),
        ({"kind": "percent_off", "value_bp": 5_000, "value_minor": 9_000}, [LATTE, CAKE], 9_000),
        ({"kind": "free_product", "value_minor": 40_000}, [LATTE, CAKE], 40_000),
        (
            {"kind": "free_product", "skus": (), "categories": ("sweet",)},
            [LATTE, LineInput(sku="bun", category="sweet", net_minor=60_001, quantity_milli=3000)],
            20_000,
        ),
        ({"kind": "gift", "skus": ()}, [LATTE], 0),
        (
            {"kind": "amount_off", "value_minor": 9_000},
            [LATTE, LineInput(kind="shipping", net_minor=15_000)],
            9_000,
        ),
    ],
)
def test_what_a_voucher_takes_off(
    shop: Shop, terms: dict[str, Any], lines: list[LineInput], paid: int
) -> None:
    sold = buy(shop, *lines, codes=[code_for(shop, **terms)])
    assert sold.vouchers_paid_minor == paid
    assert sold.to_pay_minor == sold.total_minor - paid


def test_two_vouchers_on_one_bill_never_pay_more_than_the_goods(shop: Shop) -> None:
    first = code_for(shop)
    second = code_for(shop, kind="amount_off", value_minor=500_000)
    sold = buy(shop, LATTE, CAKE, codes=[first, second])
    assert (sold.vouchers_paid_minor, sold.to_pay_minor) == (75_000, 0)
    third = code_for(shop, kind="amount_off", value_minor=1_000)
    fourth = code_for(shop, kind="amount_off", value_minor=500_000)
    with pytest.raises(Refused, match="voucher_nothing_left"):
        buy(shop, LATTE, codes=[fourth, third])


def test_a_total_without_a_basket_is_lowered_by_the_stated_worth(shop: Shop) -> None:
    code = code_for(shop, value_minor=45_000)
    sale = SaleInput(total_minor=120_000, use={"vouchers": [code]})
    sold = record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    assert sold.vouchers_paid_minor == 45_000
    bare = code_for(shop)
    with pytest.raises(Refused, match="voucher_product_missing"):
        record_purchase(
            shop.call(),
            member=shop.member.public_id,
            sale=SaleInput(total_minor=1_000, use={"vouchers": [bare]}),
        )


def test_a_minimum_bill(shop: Shop) -> None:
    code = code_for(shop, kind="amount_off", value_minor=5_000, minimum_minor=50_000)
    with pytest.raises(Refused, match="voucher_minimum") as refused:
        buy(shop, LATTE, codes=[code])
    assert refused.value.params["missing"] == 5_000
    assert buy(shop, LATTE, CAKE, codes=[code]).vouchers_paid_minor == 5_000


def test_a_quote_leaves_no_trace(shop: Shop) -> None:
    code = code_for(shop)
    sale = SaleInput(lines=(LATTE,), use={"vouchers": [code]})
    for _ in range(2):
        offered = quote(actor=shop.actor, member=shop.member.public_id, sale=sale)
        assert offered.to_pay_minor == 0
    assert the_voucher(shop).state == "issued"


def test_a_full_refund_restores_the_voucher_and_half_a_refund_does_not(shop: Shop) -> None:
    code = code_for(shop)
    double = LineInput(sku="latte", net_minor=90_000, quantity_milli=2000)
    sold = buy(shop, double, CAKE, codes=[code])
    refund_purchase(
        shop.call(), purchase=sold.purchase, lines=(LineRefund(number=1, quantity_milli=1000),)
    )
    assert the_voucher(shop).state == "used"
    refund_purchase(shop.call(), purchase=sold.purchase)
    voucher = the_voucher(shop)
    assert (voucher.state, voucher.used_cause, voucher.used_at) == ("issued", "", None)
    assert buy(shop, LATTE, codes=[code]).to_pay_minor == 0


def test_a_refund_after_the_last_day_leaves_an_expired_voucher(shop: Shop) -> None:
    start = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        sold = buy(shop, LATTE, codes=[code_for(shop, valid_days=1)])
    with time_machine.travel(start + timedelta(days=5), tick=False):
        refund_purchase(shop.call(), purchase=sold.purchase)
    assert the_voucher(shop).state == "expired"


@pytest.mark.parametrize("lower", [False, True])
def test_a_code_is_taken_however_it_is_typed(shop: Shop, lower: bool) -> None:
    code = code_for(shop).replace("-", " ")
    assert buy(shop, LATTE, codes=[code.lower() if lower else code]).to_pay_minor == 0


def test_what_cannot_be_used_says_why(shop: Shop, other_shop: Shop) -> None:
    code = code_for(shop)
    typo = ("3" if code[0] == "2" else "2") + code[1:]
    with pytest.raises(NotFound, match="voucher_not_found"):
        buy(shop, LATTE, codes=[typo])
    with pytest.raises(NotFound, match="voucher_not_found"):
        buy(other_shop, LATTE, codes=[code])
    with pytest.raises(Invalid, match="bad_vouchers"):
        record_purchase(
            shop.call(),
            member=shop.member.public_id,
            sale=SaleInput(lines=(LATTE,), use={"vouchers": {"a": 1}}),
        )
    with pytest.raises(Invalid, match="voucher_twice"):
        buy(shop, LATTE, LATTE, codes=[code, code.lower()])
    with pytest.raises(Invalid, match="too_many_vouchers"):
        buy(shop, LATTE, codes=[code] * 11)
    void_voucher(shop.call(), voucher=the_voucher(shop).public_id)
    with pytest.raises(Refused, match="voucher_void"):
        buy(shop, LATTE, codes=[code])


def test_an_expired_voucher_and_a_reserved_one(shop: Shop) -> None:
    start = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        code = code_for(shop, valid_days=1)
        held = redeem(shop, reward(shop, cost=1), reserve=True) if give(shop, 1) else None
    assert held is not None
    with pytest.raises(Refused, match="voucher_reserved"):
        buy(shop, LATTE, codes=[held.code])
    with time_machine.travel(start + timedelta(days=3), tick=False):
        with pytest.raises(Refused, match="voucher_expired"):
            buy(shop, LATTE, codes=[code])
        with pytest.raises(Refused, match="voucher_expired"):
            use_voucher(shop.call(), code=code)


def test_a_voucher_of_another_member_is_not_found(shop: Shop) -> None:
    from members.profiles.models import Holder
    from tests.rewards.catalog.rewards_of import Member

    code = code_for(shop)
    with in_programme(shop.programme):
        other = Member.objects.create(
            holder=Holder.objects.create(), name="Eve", joined_at=datetime.now(UTC)
        )
    with pytest.raises(NotFound, match="voucher_of_another_member"):
        record_purchase(
            shop.call(),
            member=other.public_id,
            sale=SaleInput(lines=(LATTE,), use={"vouchers": [code]}),
        )
    with pytest.raises(NotFound, match="voucher_of_another_member"):
        use_voucher(shop.call(), code=code, member=other.public_id)
    with in_programme(shop.programme):
        Member.objects.filter(pk=other.pk).update(holder=shop.member.holder_id)
    sold = record_purchase(
        shop.call(),
        member=other.public_id,
        sale=SaleInput(lines=(LATTE,), use={"vouchers": [code]}),
    )
    assert sold.to_pay_minor == 0, "a household shares its vouchers"


def test_a_gift_is_handed_over_once(shop: Shop) -> None:
    code = code_for(shop, kind="gift", skus=())
    assert check_voucher(actor=shop.actor, code=code).terms.name_vi == "Cà phê sữa"
    assert use_voucher(shop.call(), code=code).state == "used"
    with pytest.raises(Refused, match="voucher_used") as refused:
        use_voucher(shop.call(), code=code)
    assert refused.value.params["used_at"]
    with pytest.raises(Refused, match="voucher_used"):
        check_voucher(actor=shop.actor, code=code)


def test_guessing_codes_is_slowed_down(shop: Shop) -> None:
    from rewards.catalog.rules import new_code

    for _ in range(10):
        with pytest.raises(NotFound):
            use_voucher(shop.call(), code=new_code())
    with pytest.raises(Refused, match="too_many_attempts"):
        use_voucher(shop.call(), code=new_code())
    with pytest.raises(Refused, match="too_many_attempts"):
        check_voucher(actor=shop.actor, code=shown_code(new_code()))


def test_codes_are_unique_in_the_programme(shop: Shop) -> None:
    code_for(shop)
    with in_programme(shop.programme):
        assert Voucher.objects.values("code").distinct().count() == Voucher.objects.count()
