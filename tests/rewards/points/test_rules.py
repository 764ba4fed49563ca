"""The arithmetic of points, over any numbers: nothing is lost to rounding, nothing gained by refunds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from loyalty.engine.activity import ActivityData, Sale, SaleLine
from loyalty.engine.paying import payable, worth_minor
from loyalty.engine.plug import Multiplier
from loyalty.engine.rules import share_of
from loyalty.engine.validity import Expiry, add, round_up
from rewards.points.rules import (
    Award,
    EarningTerms,
    SettingsTerms,
    base_award,
    multiplied,
)

MONEY = st.integers(0, 10**12)
LINES = st.lists(MONEY, min_size=1, max_size=6)
FACTORS = st.lists(st.integers(10_000, 50_000), max_size=4)
STACKING = st.sampled_from(["best", "sum", "product"])
ROUNDING = st.sampled_from(["floor", "half_up", "ceil"])


def _sale(amounts: list[int]) -> ActivityData:
    lines = tuple(
        SaleLine(number=number, net_minor=net, earning_minor=net)
        for number, net in enumerate(amounts, start=1)
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    sale = Sale(currency="VND", lines=lines)
    return ActivityData(type="purchase", key="k", happened_at=at, sale=sale)


def _rule(**values: object) -> EarningTerms:
    return EarningTerms(public_id="rul_1", name="x", **values)  # type: ignore[arg-type]


@given(amounts=LINES, per=st.integers(1, 10**6), points=st.integers(1, 1000))
def test_whole_steps_are_counted_over_the_whole_bill(
    amounts: list[int], per: int, points: int
) -> None:
    award = base_award(_rule(per_minor=per, points=points), _sale(amounts))
    assert (award.points if award else 0) == sum(amounts) // per * points


@given(amounts=LINES, parts=st.lists(st.integers(0, 100), min_size=6, max_size=6))
def test_refunds_take_back_no_more_and_in_the_end_everything(
    amounts: list[int], parts: list[int]
) -> None:
    activity = _sale(amounts)
    award = base_award(_rule(per_minor=1_000, points=7, proportional=True), activity)
    if award is None:
        return
    assert activity.sale is not None
    taken = 0
    for step in [*sorted(parts), 100]:
        portions = {line.number: Fraction(step, 100) for line in activity.sale.lines}
        due = int(award.points * share_of(award.basis, activity.sale, portions)) - taken
        assert due >= 0
        taken += due
    assert taken == award.points


@given(points=LINES, factors=FACTORS, stacking=STACKING, rounding=ROUNDING)
def test_multiplied_points_are_the_exact_sum_rounded_once(
    points: list[int], factors: list[int], stacking: str, rounding: str
) -> None:
    awards = [Award(rule=_rule(), points=n + 1, basis=((1, 3), (2, 5))) for n in points]
    multipliers = [
        Multiplier(asset="points", factor_bp=one, rule=f"r{i}", rule_name="x")
        for i, one in enumerate(factors)
    ]
    kept, bonuses = multiplied(awards, multipliers, stacking=stacking, rounding=rounding)
    exact = {
        "best": Fraction(max(factors, default=10_000), 10_000),
        "sum": 1 + sum((Fraction(one - 10_000, 10_000) for one in factors), Fraction(0)),
        "product": Fraction(1),
    }
    for one in factors:
        exact["product"] *= Fraction(one, 10_000)
    total = sum(one.points for one in kept) + sum(one.points for one in bonuses)
    wanted = sum(one.points for one in awards) * exact[stacking]
    assert abs(total - wanted) < 1
    assert rounding != "floor" or total <= wanted
    assert rounding != "ceil" or total >= wanted


@given(
    asked=st.integers(1, 10**6),
    available=st.integers(0, 10**6),
    bill=MONEY,
    value=st.integers(1, 5_000),
    units=st.integers(1, 300),
    step=st.integers(1, 500),
    cap=st.integers(1, 10_000),
)
def test_paying_never_exceeds_what_was_asked_held_or_owed(
    asked: int, available: int, bill: int, value: int, units: int, step: int, cap: int
) -> None:
    settings = SettingsTerms(
        pay_enabled=True, value_minor=value, value_units=units, pay_step=step, pay_cap_bp=cap
    )
    points = payable(settings, asked=asked, available=available, bill_minor=bill)
    worth = worth_minor(points, value_minor=value, value_units=units)
    assert points <= min(asked, available) and points % step == 0
    assert worth * units == points * value, "no fraction of a dong is lost"
    assert worth <= bill * cap // 10_000


@given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)), months=st.integers(1, 60))
def test_months_clamp_and_never_skip_one(day: date, months: int) -> None:
    later = add(day, months, "month")
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1
    for period in ("month", "quarter", "half_year", "year"):
        end = round_up(later, period)
        assert end >= later and (end + timedelta(days=1)).day == 1


@given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_fixed_dates_always_leave_at_least_a_day(day: date) -> None:
    start = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    end = Expiry(kind="dates", dates=("02-29", "12-31")).instant(start, "Asia/Ho_Chi_Minh")
    assert end is not None and end > start + timedelta(hours=24)
