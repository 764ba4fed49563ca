"""The maths of clearing alone: rounding, blocks, and positions that always sum to zero."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaigns.coalition.rules import (
    ISSUER,
    OPERATOR,
    Block,
    Moved,
    Terms,
    in_force,
    left_in_blocks,
    month_bounds,
    price,
    sheets,
    worth_of_rest,
)

DAY = date(2026, 10, 1)


def terms(merchant_id: int, **values: Any) -> Terms:
    base: dict[str, Any] = {
        "public_id": f"cot_{merchant_id}_{values.get('starts_on', DAY)}",
        "merchant_id": merchant_id,
        "merchant": f"mrc_{merchant_id}",
        "merchant_name": f"Shop {merchant_id}",
        "starts_on": DAY,
        "billing": "postpaid",
        "issue_price_minor": 333,
        "redeem_price_minor": 297,
    }
    return Terms(**(base | values))


def test_a_price_is_rounded_half_to_even() -> None:
    assert [price(n, 500) for n in (1, 2, 3, 4, 5)] == [0, 1, 2, 2, 2]
    assert price(-3, 500) == -2
    assert price(1_000, 333) == 333


def test_terms_are_in_force_from_their_day_to_the_next() -> None:
    old, new = terms(1), terms(1, starts_on=date(2026, 10, 15))
    assert in_force([new, old], 1, date(2026, 10, 14)) == old
    assert in_force([new, old], 1, date(2026, 10, 15)) == new
    assert in_force([old], 1, date(2026, 9, 30)) is None
    assert in_force([old], 2, DAY) is None


def test_months() -> None:
    assert month_bounds("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))
    for wrong in ("2026-13", "2026-1", "26-01", "2026/10", "2026-10-01", ""):
        try:
            month_bounds(wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)


def test_blocks_are_used_earliest_first_and_the_rest_is_worth_what_it_cost() -> None:
    assert left_in_blocks([("a", 100), ("b", 50)], 120) == {"a": 0, "b": 30}
    blocks = [Block(points=100, price_minor=1_000), Block(points=3, price_minor=100)]
    assert worth_of_rest(blocks, 3) == 100
    assert worth_of_rest(blocks, 1) == 33
    assert worth_of_rest(blocks, 53) == 600
    assert worth_of_rest(blocks, 0) == 0


_MOVES = st.lists(
    st.builds(
        Moved,
        merchant_id=st.sampled_from([1, 2, 3, None, 9]),
        pot=st.sampled_from(
            ["issued", "redeemed", "expired", "lapsed", "adjusted", "donated", "written_off"]
        ),
        origin=st.dates(date(2026, 9, 1), date(2026, 10, 31)),
        units=st.integers(-(10**9), 10**9),
        reverses=st.booleans(),
        cause=st.sampled_from(["", "pur_old"]),
    ),
    max_size=30,
)
_PRICES = st.integers(0, 10**9)
_TERMS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3]),
        st.dates(date(2026, 9, 1), date(2026, 10, 31)),
        _PRICES,
        _PRICES,
        st.sampled_from(["postpaid", "prepaid", "left"]),
    ),
    max_size=8,
    unique_by=lambda one: one[:2],
)


@given(
    moves=_MOVES,
    agreed=_TERMS,
    breakage_to=st.sampled_from([OPERATOR, ISSUER]),
    available=st.integers(-(10**6), 10**9),
    before=st.integers(0, 10**9),
)
def test_positions_sum_to_zero_and_no_point_is_lost(
    moves: list[Moved],
    agreed: list[tuple[int, date, int, int, str]],
    breakage_to: str,
    available: int,
    before: int,
) -> None:
    rules = [
        terms(
            merchant,
            starts_on=day,
            issue_price_minor=issue,
            redeem_price_minor=redeem,
            billing=billing,
        )
        for merchant, day, issue, redeem, billing in agreed
    ]
    found = sheets(
        moves,
        rules,
        breakage_to=breakage_to,
        available=dict.fromkeys((1, 2, 3), available),
        covered_before=dict.fromkeys((1, 2, 3), before),
    )
    assert sum(sheet.position_minor for sheet in found) == 0
    lines = [line for sheet in found for line in sheet.lines if line.kind != "prepaid"]
    assert sum(line.units for line in lines) == sum(move.units for move in moves)
    for sheet in found:
        assert sheet.covered <= max(available, 0)
        assert sheet.covered >= -before
