"""A bill's money: paid, short, over, late, given back; references and card numbers by their form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.payments.rules.cards import has_card_number, without_card_data
from loyalty.payments.rules.money import CLOSED, SETTLED, Standing, give_back, pay
from loyalty.payments.rules.references import (
    ALPHABET,
    RANDOM_SIGNS,
    find_references,
    is_reference,
    make_reference,
)

AMOUNT = st.integers(1, 10**9)
NUMBERS = st.lists(st.integers(0, 30), min_size=RANDOM_SIGNS, max_size=RANDOM_SIGNS)


@given(AMOUNT, st.lists(AMOUNT, max_size=6), st.sampled_from(["open", "cancelled", "expired"]))
def test_no_money_is_lost_and_what_is_kept_decides(
    bill: int, payments: list[int], start: str
) -> None:
    standing = Standing(state=start, amount_minor=bill)
    for amount in payments:
        standing, outcome = pay(standing, amount_minor=amount)
        assert outcome in ("paid", "short", "over", "late")
    assert standing.paid_minor == sum(payments)
    assert (standing.state == "paid") == (sum(payments) >= bill)
    if standing.kept_minor:
        assert standing.excess_minor == max(sum(payments) - bill, 0)
    back = standing.kept_minor
    while standing.kept_minor:
        standing = give_back(standing, amount_minor=(standing.kept_minor + 1) // 2)
    assert standing.refunded_minor == back
    if back >= bill:
        assert standing.state == "refunded"
    elif start in CLOSED:
        assert standing.state == start
    assert standing.attention != "over"
    assert not (standing.state in SETTLED and standing.missing_minor)


def test_giving_back_what_was_too_much_leaves_the_bill_paid() -> None:
    standing, outcome = pay(Standing(state="open", amount_minor=100), amount_minor=120)
    assert (outcome, standing.state, standing.attention) == ("over", "paid", "over")
    after = give_back(standing, amount_minor=20)
    assert (after.state, after.attention, after.kept_minor) == ("paid", "", 100)
    assert give_back(after, amount_minor=30).state == "partly_refunded"


@given(NUMBERS, st.integers(0, RANDOM_SIGNS), st.integers(1, 30))
def test_a_slip_in_a_reference_never_names_another_bill(
    numbers: list[int], place: int, shift: int
) -> None:
    reference = make_reference(numbers)
    assert is_reference(reference)
    signs = list(reference)
    at = 2 + place
    signs[at] = ALPHABET[(ALPHABET.index(signs[at]) + shift) % 31]
    assert not is_reference("".join(signs))
    if place < RANDOM_SIGNS:
        swapped = list(reference)
        swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
        assert swapped == list(reference) or not is_reference("".join(swapped))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "MBVCB.5512345.071234.{}.CT tu 0071000 toi 1133 QUAN CA PHE",
        "thanh toan {} cam on",
        "TH{}GD 123456",
    ],
)
def test_banks_write_around_the_reference(text: str) -> None:
    reference = make_reference([3, 1, 4, 1, 5, 9, 2])
    assert find_references(text.format(reference)) == [reference]
    assert find_references(text.format(reference.lower())) == [reference]
    spaced = f"{reference[:2]} {reference[2:6]}-{reference[6:]}"
    assert find_references(text.format(spaced)) == [reference]


def test_card_numbers_are_known_by_their_check_digit() -> None:
    assert has_card_number("trả bằng thẻ 4242 4242 4242 4242 nhé")
    assert has_card_number("9704-0000-0000-0018")
    assert not has_card_number("chuyển khoản 1721720663942, 4242424242424241")
    kept = without_card_data(
        {"cvv": "123", "note": ["x 4242424242424242 y"], "a": {"cardNumber": 1}, "amount": 5}
    )
    assert "4242" not in str(kept)
    assert "123" not in str(kept)
    assert kept["amount"] == 5
