"""A sale is recorded once, whatever the network does; a refund takes back what it should."""

from __future__ import annotations

import pytest

from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from tests.world import Shop


def test_a_retry_is_answered_with_the_first_answer(shop: Shop) -> None:
    sale = SaleInput(total_minor=125_000, receipt="R-1")
    call = shop.call(key="till-1")
    first = record_purchase(call, member=shop.member.public_id, sale=sale)
    again = shop.call(key="till-1")
    assert record_purchase(again, member=shop.member.public_id, sale=sale) == first
    assert again.replayed and not call.replayed


def test_the_same_receipt_under_another_key_is_the_same_sale(shop: Shop) -> None:
    sale = SaleInput(total_minor=125_000, receipt="R-1")
    first = record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    second = record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    assert second.duplicate and second.purchase == first.purchase
    with pytest.raises(Conflict, match="receipt_already_recorded"):
        record_purchase(
            shop.call(),
            member=shop.member.public_id,
            sale=SaleInput(total_minor=99_000, receipt="R-1"),
        )


def test_a_key_reused_for_another_sale_is_refused(shop: Shop) -> None:
    record_purchase(shop.call(key="k"), member=shop.member.public_id, sale=SaleInput(total_minor=1))
    with pytest.raises(Conflict, match="idempotency_key_reused"):
        record_purchase(
            shop.call(key="k"), member=shop.member.public_id, sale=SaleInput(total_minor=2)
        )


def test_a_member_of_another_programme_is_not_found(shop: Shop, other_shop: Shop) -> None:
    with pytest.raises(NotFound):
        record_purchase(
            shop.call(), member=other_shop.member.public_id, sale=SaleInput(total_minor=1)
        )


def test_partial_refunds_add_up_and_never_exceed_the_purchase(shop: Shop) -> None:
    basket = (
        LineInput(sku="latte", net_minor=100_000, quantity_milli=3000),
        LineInput(sku="cake", net_minor=45_000),
    )
    bought = record_purchase(
        shop.call(), member=shop.member.public_id, sale=SaleInput(lines=basket)
    ).purchase
    first = refund_purchase(
        shop.call(), purchase=bought, lines=(LineRefund(number=1, quantity_milli=1000),)
    )
    assert first.amount_minor == 33_333
    with pytest.raises(Refused, match="refund_exceeds_purchase"):
        refund_purchase(shop.call(), purchase=bought, amount_minor=111_668)
    with pytest.raises(NotFound, match="refund_of_refund"):
        refund_purchase(shop.call(), purchase=first.refund)
    rest = refund_purchase(shop.call(), purchase=bought)
    assert first.amount_minor + rest.amount_minor == 145_000
    with pytest.raises(Refused, match="already_refunded"):
        refund_purchase(shop.call(), purchase=bought)


@pytest.mark.parametrize("total", [-1, 0, 2**63, 1.5, float("nan"), True])
def test_absurd_amounts_are_refused_by_name(shop: Shop, total: object) -> None:
    with pytest.raises(Invalid) as caught:
        record_purchase(
            shop.call(),
            member=shop.member.public_id,
            sale=SaleInput(total_minor=total),  # type: ignore[arg-type]
        )
    assert caught.value.field == "total_minor"


def test_a_dry_run_leaves_no_trace(shop: Shop) -> None:
    from loyalty.sales.models import Purchase

    record_purchase(
        shop.call(dry_run=True), member=shop.member.public_id, sale=SaleInput(total_minor=1)
    )
    with in_programme(shop.programme):
        assert not Purchase.objects.exists()
