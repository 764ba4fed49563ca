"""Codes: what people mistype is found, what a machine reads back is the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loyalty.engine.activity import Sale, SaleLine
from loyalty.engine.world import VoucherView
from rewards.catalog.rules import ALPHABET, deductions, new_code, normal_code, shown_code

places = st.integers(min_value=0, max_value=11)


@given(st.builds(new_code), places, st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_found(code: str, place: int, sign: str) -> None:
    wrong = code[:place] + sign + code[place + 1 :]
    assert (normal_code(wrong) == "") == (wrong != code)


@given(st.builds(new_code), places, places)
def test_two_swapped_signs_are_found(code: str, one: int, other: int) -> None:
    signs = list(code)
    signs[one], signs[other] = signs[other], signs[one]
    swapped = "".join(signs)
    # A swap with the check sign itself may by chance be another valid code.
    if swapped != code and 11 not in (one, other):
        assert normal_code(swapped) == ""


@given(st.builds(new_code))
def test_a_code_reads_back_however_it_is_written(code: str) -> None:
    assert normal_code(f" {shown_code(code).lower()} ") == code


@given(st.text(max_size=40))
def test_any_text_is_taken_without_harm(text: str) -> None:
    assert len(normal_code(text)) in (0, 12)


lines = st.lists(
    st.builds(
        SaleLine,
        number=st.just(0),
        sku=st.sampled_from(["a", "b", ""]),
        net_minor=st.integers(min_value=0, max_value=10**9),
        quantity_milli=st.integers(min_value=1, max_value=20_000),
        kind=st.sampled_from(["goods", "shipping"]),
    ),
    min_size=1,
    max_size=5,
)
views = st.builds(
    VoucherView,
    public_id=st.just("vou_1"),
    reward=st.just("rwd_1"),
    name=st.just("x"),
    kind=st.sampled_from(["amount", "percent", "gift"]),
    value_minor=st.integers(min_value=1, max_value=10**10),
    value_bp=st.integers(min_value=1, max_value=10_000),
    cap_minor=st.none() | st.integers(min_value=1, max_value=10**9),
)


@given(lines, views)
def test_a_voucher_never_takes_more_than_a_line_costs(
    given_lines: list[SaleLine], view: VoucherView
) -> None:
    from dataclasses import replace

    numbered = tuple(replace(line, number=i) for i, line in enumerate(given_lines, start=1))
    sale = Sale(currency="VND", lines=numbered)
    if sale.net_minor == 0:
        return
    left = {line.number: line.net_minor for line in numbered}
    off = deductions(view, sale, left=left, field="x")
    worth = {line.number: line.net_minor for line in sale.goods}
    assert all(0 < one.amount_minor <= worth[one.line] for one in off)
    if view.kind == "amount":
        assert sum(one.amount_minor for one in off) == min(view.value_minor, sale.net_minor)
