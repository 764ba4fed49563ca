"""Amounts, quantities and dates as people write them: read exactly, or refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.sales.imports.values import (
    ValueProblem,
    detect_date_order,
    detect_decimal_mark,
    exact_minor,
    line_minor,
    parse_instant,
    parse_number,
    parse_quantity,
)

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("text", "mark", "exponent", "number"),
    [
        ("125.000", "", 0, "125000"),
        ("125,000 ₫", "", 0, "125000"),
        ("₫125.000", "", 0, "125000"),
        ("125.000đ", "", 0, "125000"),
        ("1.250.000 VND", "", 0, "1250000"),
        ("125000.00", "", 0, "125000.00"),
        ("1.234,56", "", 2, "1234.56"),
        ("1,234.56", "", 2, "1234.56"),
        ("1 234,56", "", 2, "1234.56"),
        ("1'234.56", "", 2, "1234.56"),
        ("1.234", ",", 2, "1234"),
        ("1.234", ".", 2, "1.234"),
        ("£2.55", ".", 2, "2.55"),
        ("-£2.55", ".", 2, "-2.55"),
        ("(2.55)", ".", 2, "-2.55"),
        ("2.55-", ".", 2, "-2.55"),
        ("\u22122.55", ".", 2, "-2.55"),
        ("0.001", ".", 2, "0.001"),
    ],
)
def test_amounts_are_read_as_they_are_meant(
    text: str, mark: str, exponent: int, number: str
) -> None:
    assert parse_number(text, decimal_mark=mark, exponent=exponent) == Decimal(number)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "NaN",
        "inf",
        "1e5",
        "1.25E+05",
        "12²",
        "１２",
        "1,2,3",
        "12d3",
        "1 2",
        "--5",
        "(5",
    ],
)
@pytest.mark.parametrize("exponent", [0, 2])
def test_what_is_no_amount_is_refused(text: str, exponent: int) -> None:
    with pytest.raises(ValueProblem) as problem:
        parse_number(text, decimal_mark="", exponent=exponent)
    assert problem.value.reason == "bad_amount"


def test_an_amount_that_can_mean_two_things_is_refused_until_the_file_tells() -> None:
    with pytest.raises(ValueProblem) as problem:
        parse_number("1.234", decimal_mark="", exponent=2)
    assert problem.value.reason == "ambiguous_amount"
    assert detect_decimal_mark(["1.234", "7,50", "1.000"], exponent=2) == ","
    assert detect_decimal_mark(["1.234", "7.50"], exponent=2) == "."
    assert detect_decimal_mark(["125.000", "1.000"], exponent=0) == ","
    assert detect_decimal_mark(["7,50", "7.50"], exponent=2) == ""


def test_minor_units_are_exact_and_bounded() -> None:
    assert exact_minor(Decimal("2.55"), exponent=2) == 255
    assert exact_minor(Decimal("125000.00"), exponent=0) == 125_000
    for amount, exponent, reason in [
        (Decimal("125000.5"), 0, "too_many_decimals"),
        (Decimal("0.001"), 2, "too_many_decimals"),
        (Decimal(2**63), 2, "amount_too_large"),
    ]:
        with pytest.raises(ValueProblem) as problem:
            exact_minor(amount, exponent=exponent)
        assert problem.value.reason == reason


def test_a_price_finer_than_the_currency_is_rounded_once_per_line() -> None:
    assert line_minor(quantity=Decimal(1), unit_price=Decimal("0.001"), exponent=2) == 0
    assert line_minor(quantity=Decimal(1000), unit_price=Decimal("0.001"), exponent=2) == 100
    assert line_minor(quantity=Decimal("0.35"), unit_price=Decimal(129_000), exponent=0) == 45_150
    assert line_minor(quantity=Decimal(-3), unit_price=Decimal("0.005"), exponent=2) == -2


@given(st.integers(min_value=-(10**12), max_value=10**12), st.sampled_from([".", ","]))
def test_grouped_amounts_come_back_to_the_unit(minor: int, mark: str) -> None:
    text = f"{minor // 100 if minor >= 0 else -(-minor // 100):,}.{abs(minor) % 100:02}"
    text = ("-" if minor < 0 and not text.startswith("-") else "") + text
    if mark == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    number = parse_number(text, decimal_mark=mark, exponent=2)  # type: ignore[arg-type]
    assert exact_minor(number, exponent=2) == minor


def test_quantities_may_be_weighed_but_not_be_words() -> None:
    assert parse_quantity("-12", decimal_mark="") == -12
    assert parse_quantity("0,350", decimal_mark=",") == Decimal("0.35")
    for text in ["many", "1e3", "99999999999", "1.2.3"]:
        with pytest.raises(ValueProblem) as problem:
            parse_quantity(text, decimal_mark=".")
        assert problem.value.reason == "bad_quantity"


@pytest.mark.parametrize(
    ("text", "order", "local"),
    [
        ("2010-12-01 08:26:00", "", "2010-12-01 08:26"),
        ("2010-12-01T01:26Z", "", "2010-12-01 08:26"),
        ("01/12/2010 08:26", "dmy", "2010-12-01 08:26"),
        ("12/1/2010 8:26", "mdy", "2010-12-01 08:26"),
        ("1-12-10 8:26 PM", "dmy", "2010-12-01 20:26"),
        ("1/12/2010 8:26 CH", "dmy", "2010-12-01 20:26"),
        ("1/12/2010 12:05 SA", "dmy", "2010-12-01 00:05"),
        ("2010/12/01", "", "2010-12-01 12:00"),
        ("01.12.2010", "", "2010-12-01 12:00"),
    ],
)
def test_dates_are_local_to_the_shop(text: str, order: str, local: str) -> None:
    at = parse_instant(text, order=order, zone=SAIGON)  # type: ignore[arg-type]
    assert at.utcoffset() == dt.timedelta(0)
    assert at.astimezone(SAIGON).strftime("%Y-%m-%d %H:%M") == local


@pytest.mark.parametrize("text", ["", "yesterday", "31/02/2011", "1/1/2011 25:00", "40513.35", "0"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem) as problem:
        parse_instant(text, order="dmy", zone=SAIGON)
    assert problem.value.reason == "bad_date"


def test_the_file_tells_whether_day_or_month_comes_first() -> None:
    assert detect_date_order(["1/2/2011", "13/2/2011"]) == "dmy"
    assert detect_date_order(["1/2/2011", "2/13/2011"]) == "mdy"
    assert detect_date_order(["13/2/2011", "2/13/2011"]) == ""
    assert detect_date_order(["1/2/2011"]) == ""
    assert detect_date_order(["2011-02-13"]) == "ymd"
