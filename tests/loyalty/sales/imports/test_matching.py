"""Cancellations find the purchases they undo, and never more than was bought."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loyalty.sales.imports.matching import OpenLine, Wanted, match_cancellation


def bought(key: str, quantity: int, at: int, *, price: int = 255, code: str = "mug") -> OpenLine:
    return OpenLine(
        key=key, product_code=code, unit_price_minor=price, open_milli=quantity * 1000, at=at
    )


def back(quantity: int, at: int, *, price: int = 255, code: str = "mug", row: int = 9) -> Wanted:
    return Wanted(
        row=row, product_code=code, unit_price_minor=price, quantity_milli=quantity * 1000, at=at
    )


def taken(wanted: Wanted, *lines: OpenLine) -> tuple[str, list[tuple[str, int]]]:
    [match] = match_cancellation([wanted], lines)
    return match.reason, [(part.key, part.quantity_milli // 1000) for part in match.taken]


def test_the_newest_line_of_the_very_quantity_is_undone_first() -> None:
    assert taken(back(6, 9), bought("a", 6, 1), bought("b", 6, 2), bought("c", 12, 3)) == (
        "matched",
        [("b", 6)],
    )


def test_otherwise_the_newest_lines_one_after_the_other() -> None:
    assert taken(back(20, 9), bought("a", 12, 1), bought("b", 6, 2), bought("c", 4, 3)) == (
        "matched",
        [("c", 4), ("b", 6), ("a", 10)],
    )


def test_what_exceeds_the_purchases_stays_unmatched() -> None:
    [match] = match_cancellation([back(20, 9)], [bought("a", 12, 1)])
    assert (match.reason, match.matched_milli, match.unmatched_milli) == (
        "partly_matched",
        12_000,
        8_000,
    )


def test_the_reason_says_why_nothing_was_found() -> None:
    assert taken(back(1, 9)) == ("never_bought", [])
    assert taken(back(1, 9), bought("a", 1, 1, code="cup")) == ("never_bought", [])
    assert taken(back(1, 9), bought("a", 1, 10)) == ("never_bought", [])
    assert taken(back(1, 9), bought("a", 1, 1, price=260)) == ("other_price_only", [])
    assert taken(back(1, 9), bought("a", 0, 1)) == ("nothing_left", [])
    assert taken(back(1, 9), bought("a", 1, 9)) == ("matched", [("a", 1)])


def test_two_lines_of_one_cancellation_share_what_is_open() -> None:
    first, second = match_cancellation([back(4, 9, row=1), back(4, 9, row=2)], [bought("a", 6, 1)])
    assert (first.reason, second.reason, second.unmatched_milli) == (
        "matched",
        "partly_matched",
        2_000,
    )


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20)), max_size=8),
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20)), max_size=8),
)
def test_never_more_than_was_bought_before(
    purchases: list[tuple[int, int]], cancellations: list[tuple[int, int]]
) -> None:
    lines = [bought(f"p{n}", quantity, at) for n, (quantity, at) in enumerate(purchases)]
    wanted = [back(quantity, at, row=n) for n, (quantity, at) in enumerate(cancellations)]
    matches = match_cancellation(wanted, lines)
    used: dict[str, int] = {}
    for want, match in zip(wanted, matches, strict=True):
        assert match.matched_milli + match.unmatched_milli == want.quantity_milli
        assert sum(part.quantity_milli for part in match.taken) == match.matched_milli
        for part in match.taken:
            used[part.key] = used.get(part.key, 0) + part.quantity_milli
            assert lines[int(part.key[1:])].at <= want.at
    assert all(used.get(line.key, 0) <= line.open_milli for line in lines)
