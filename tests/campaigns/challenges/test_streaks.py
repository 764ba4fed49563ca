"""Streaks: days in a row through leap days, zones, gaps, freezes and refunds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.challenges.rules.periods import first_day, unit_number
from campaigns.challenges.rules.prizes import Prize
from campaigns.challenges.rules.streaks import (
    Step,
    StreakState,
    StreakTerms,
    count,
    joined,
    state_of,
    take_off,
)
from loyalty.common.errors import DomainError
from loyalty.engine.publishing import RuleView, create_rule
from loyalty.engine.status import Status
from loyalty.sales.services import refund_purchase
from tests.campaigns.challenges.challenges_of import balance, buy, changed, on, status, streak
from tests.world import Shop

HOME = "Asia/Ho_Chi_Minh"
AT = datetime(2026, 1, 1, tzinfo=ZoneInfo(HOME))


def _played(*visits: tuple[str, str], **terms: Any) -> list[int]:
    """The lengths reached by visits, each an instant in a zone."""
    rule = StreakTerms(public_id="rul_1", name="Daily", activities=("visit",), **terms)
    state, reached = StreakState(freezes=rule.freezes_first), list[int]()
    for instant, zone in visits:
        at = datetime.fromisoformat(instant).replace(tzinfo=ZoneInfo(zone))
        counted = count(rule, state, at=at, zone=zone)
        state, reached = counted.state, reached + list(counted.reached)
    return reached


def test_a_leap_day_is_a_day_like_others() -> None:
    days = ("2028-02-27", "2028-02-28", "2028-02-29", "2028-03-01")
    assert _played(*((f"{day}T09:00", HOME) for day in days)) == [1, 2, 3, 4]
    skipped = ("2028-02-28", "2028-03-01")
    assert _played(*((f"{day}T09:00", HOME) for day in skipped)) == [1, 1]
    plain = ("2027-02-28", "2027-03-01")
    assert _played(*((f"{day}T09:00", HOME) for day in plain)) == [1, 2]


def test_weeks_have_no_gap_at_the_turn_of_the_year() -> None:
    weeks = ("2026-12-23", "2027-01-03", "2027-01-04")
    assert _played(*((f"{day}T09:00", HOME) for day in weeks), unit="week") == [1, 2, 3]
    assert first_day("week", unit_number("week", date(2026, 12, 31))) == date(2026, 12, 28)


def test_flying_east_over_midnight_breaks_nothing() -> None:
    assert _played(
        ("2026-11-26T20:00", "America/Los_Angeles"),
        # 28 November in the new zone is the 27th in the old: the skipped day is no gap.
        ("2026-11-28T12:00", HOME),
        ("2026-11-29T12:00", HOME),
    ) == [1, 2, 3]


def test_changing_the_zone_back_and_forth_wins_no_day() -> None:
    assert _played(
        ("2026-11-26T10:00", "America/Los_Angeles"),
        ("2026-11-27T01:10", HOME),  # ten minutes later
        ("2026-11-26T10:20", "America/Los_Angeles"),
        ("2026-11-27T10:00", "America/Los_Angeles"),
    ) == [1, 2]


def test_flying_west_lives_a_day_twice_and_counts_it_once() -> None:
    assert _played(
        ("2026-11-27T09:00", HOME),
        ("2026-11-27T09:00", "America/Los_Angeles"),
        ("2026-11-28T09:00", "America/Los_Angeles"),
        ("2026-11-29T09:00", "America/Los_Angeles"),
    ) == [1, 2, 3]


def test_a_freeze_covers_a_gap_and_is_used_up() -> None:
    days = ("2026-11-01", "2026-11-02", "2026-11-04", "2026-11-06")
    visits = [(f"{day}T09:00", HOME) for day in days]
    assert _played(*visits, freezes_first=1, freezes_most=1) == [1, 2, 3, 1]
    assert _played(*visits, freezes_first=2, freezes_most=2) == [1, 2, 3, 4]


def test_freezes_are_won_by_keeping_on() -> None:
    days = ("2026-11-01", "2026-11-02", "2026-11-04")
    visits = [(f"{day}T09:00", HOME) for day in days]
    assert _played(*visits, freeze_every=2, freezes_most=1) == [1, 2, 3]


def test_a_late_report_joins_two_rows() -> None:
    days = ("2026-11-01", "2026-11-02", "2026-11-04", "2026-11-05", "2026-11-03")
    assert _played(*((f"{day}T09:00", HOME) for day in days)) == [1, 2, 1, 2, 3, 4, 5]


def test_a_day_that_was_not_missed_after_all_gives_its_freeze_back() -> None:
    rule = StreakTerms(
        public_id="rul_1", name="Daily", activities=("visit",), freezes_first=2, freezes_most=2
    )

    def kept(*days: int) -> StreakState:
        state = StreakState(freezes=2)
        for day in days:
            at = datetime(2026, 11, day, 9, tzinfo=ZoneInfo(HOME))
            state = count(rule, state, at=at, zone=HOME).state
        return state

    def without(state: StreakState, day: int) -> StreakState:
        return take_off(state, unit_number("day", date(2026, 11, day)))

    # Freezes cover the second and the third; then one of the two is told late.
    assert [(one.length, one.freezes) for one in (kept(1, 4), kept(1, 4, 2), kept(1, 4, 3))] == [
        (2, 0),
        (3, 1),
        (3, 1),
    ]
    assert (kept(1, 4, 2, 3).length, kept(1, 4, 2, 3).freezes) == (4, 2)
    assert (kept(1, 4, 2, 6).length, kept(1, 4, 2, 6).freezes) == (4, 0)
    # What is given back later gives back the freezes that stand before it, and no others.
    assert [without(kept(1, 4, 2), day).freezes for day in (4, 2)] == [2, 1]
    assert [without(kept(1, 4, 3), day).freezes for day in (4, 3)] == [1, 2]


def test_a_streak_of_years_stays_small() -> None:
    start = date(2024, 1, 1).toordinal()
    rule = StreakTerms(public_id="rul_1", name="Daily", activities=("visit",))
    state = StreakState()
    for number in range(800):
        day = date.fromordinal(start + number)
        at = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(HOME))
        state = count(rule, state, at=at, zone=HOME).state
    assert state.length == 800
    assert len(state.units) <= 121


def _daily(shop: Shop, **values: object) -> RuleView:
    with on(2026, 11, 1, hour=0):
        return streak(shop, **values)


def test_a_day_counts_once_and_the_third_gives_the_prize(shop: Shop) -> None:
    of = _daily(shop, points_each=1, steps=[{"at": 3, "points": 10}])
    for day in (2, 3, 4):
        with on(2026, 11, day):
            buy(shop)
            buy(shop)
    assert balance(shop) == 3 + 10
    assert status(shop, f"streak:{of.rule}")["best"] == 3


def test_a_refunded_day_falls_with_the_step_it_had_reached(shop: Shop) -> None:
    _daily(shop, points_each=1, steps=[{"at": 3, "points": 10}])
    bought = {}
    for day in (2, 3, 4):
        with on(2026, 11, day):
            bought[day] = buy(shop)
    with on(2026, 11, 4, hour=12):
        twin = buy(shop)
        refund_purchase(shop.call(), purchase=twin.purchase)
        assert balance(shop) == 13, "the first sale of the day still stands for it"
        refund_purchase(shop.call(), purchase=bought[3].purchase)
        assert balance(shop) == 2
    with on(2026, 11, 5):
        buy(shop)
        assert balance(shop) == 3, "the row is two long: the 4th and the 5th"


def test_a_refunded_day_gives_back_the_freeze_it_used_and_takes_the_record_along(
    shop: Shop,
) -> None:
    of = _daily(shop, freezes_first=1, freezes_most=1)
    name = f"streak:{of.rule}"
    with on(2026, 11, 2):
        buy(shop)
        before = status(shop, name)
    with on(2026, 11, 4):
        first, second = buy(shop), buy(shop)
        assert (status(shop, name)["freezes"], status(shop, name)["best"]) == (0, 2)
        refund_purchase(shop.call(), purchase=first.purchase)
        assert status(shop, name)["freezes"] == 0, "the other sale of the day needs it still"
        refund_purchase(shop.call(), purchase=second.purchase)
        assert status(shop, name) == before
    with on(2026, 11, 4, hour=20):
        buy(shop)
    assert (status(shop, name)["freezes"], status(shop, name)["best"]) == (0, 2)


def test_buying_and_returning_wins_no_freezes(shop: Shop) -> None:
    of = _daily(shop, freeze_every=1, freezes_most=5)
    with on(2026, 11, 2):
        for _turn in range(3):
            refund_purchase(shop.call(), purchase=buy(shop).purchase)
    assert status(shop, f"streak:{of.rule}")["freezes"] == 0


def _row(*days: int, freezes: int, **terms: Any) -> StreakState:
    """The row of a card that was there on these days, and began with so many freezes."""
    rule = StreakTerms(public_id="rul_1", name="Daily", freezes_most=2, **terms)
    state = StreakState(freezes=freezes)
    for day in days:
        at = datetime(2026, 1, day, 9, tzinfo=ZoneInfo(HOME))
        state = count(rule, state, at=at, zone=HOME).state
    return state


def _unit(day: int) -> int:
    return unit_number("day", date(2026, 1, day))


@pytest.mark.parametrize("swapped", [False, True])
def test_a_day_refunded_after_a_merge_gives_back_what_it_would_have_before(swapped: bool) -> None:
    bridged = _row(2, 4, freezes=1)
    for other, left in ((_row(freezes=1), 1), (_row(10, freezes=2), 2), (_row(freezes=0), 1)):
        pair = (other, bridged) if swapped else (bridged, other)
        merged = joined(*pair)
        kept = state_of(Status(value="running", since=AT, data=merged.plain()))
        after = take_off(kept, _unit(4))
        assert after.freezes == left, "as many as the card with the most has without that day"
        apart = [take_off(one, _unit(4)) for one in pair]
        assert after.freezes == joined(*apart).freezes
        assert after.bridges == frozenset()
    used_later = count(
        StreakTerms(public_id="rul_1", name="Daily"),
        joined(bridged, _row(freezes=1)),
        at=datetime(2026, 1, 6, 9, tzinfo=ZoneInfo(HOME)),
        zone=HOME,
    ).state
    assert used_later.freezes == 0
    assert take_off(used_later, _unit(6)).freezes == 1, "what was used since comes back as ever"


def test_a_day_of_a_card_merged_twice_gives_back_what_it_would_have_before() -> None:
    bridged, rich, third = _row(2, 4, freezes=1), _row(freezes=2), _row(freezes=0)
    merged = joined(joined(bridged, rich), third)
    kept = state_of(Status(value="running", since=AT, data=merged.plain()))
    after = take_off(kept, _unit(4))
    assert after.freezes == joined(joined(take_off(bridged, _unit(4)), rich), third).freezes == 2
    assert after.bridges == frozenset()


def test_freezes_won_on_one_card_fall_with_its_day_alone() -> None:
    winner, other = _row(2, 3, freezes=0, freeze_every=2), _row(3, freezes=0)
    merged = joined(winner, other)
    assert merged.freezes == 1
    without_one = take_off(merged, _unit(3))
    assert without_one.freezes == 1, "the day stands by the other card's visit"
    assert take_off(without_one, _unit(3)).freezes == 0


def test_a_record_of_long_ago_outlives_a_refund() -> None:
    rule = StreakTerms(public_id="rul_1", name="Daily", activities=("visit",))
    state = StreakState(freezes=0)
    for day in [*range(1, 200), *range(400, 403)]:
        state = count(rule, state, at=AT, zone=HOME, unit=day).state
    assert state.best == 199
    assert take_off(state, 402).best == 199
    told_before = {
        name: value
        for name, value in state.plain().items()
        if name not in ("older", "moved", "purses")
    }
    assert take_off(state_of(Status(value="running", since=AT, data=told_before)), 402).best == 199


def test_steps_begin_anew_with_each_cycle(shop: Shop) -> None:
    _daily(shop, cycle=3, steps=[{"at": 3, "points": 10}])
    for day in range(2, 8):
        with on(2026, 11, day):
            buy(shop)
    assert balance(shop) == 20


def test_an_edit_keeps_the_row(shop: Shop) -> None:
    of = _daily(shop, steps=[{"at": 3, "points": 10}])
    for day in (2, 3):
        with on(2026, 11, day):
            buy(shop)
    with on(2026, 11, 3, hour=20):
        changed(shop, of, steps=[{"at": 4, "points": 40}])
    for day in (4, 5):
        with on(2026, 11, day):
            buy(shop)
    assert balance(shop) == 40


def test_steps_are_those_of_the_day() -> None:
    terms = StreakTerms(
        public_id="rul_1", name="x", activities=("visit",), steps=(Step(at=3, prize=Prize()),)
    )
    assert [fault.field for fault in terms.problems()] == ["steps.0"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"steps": [{"at": 0, "points": 1}]}, "steps.0"),
        ({"steps": [{"at": 2}]}, "steps.0"),
        ({"steps": [{"at": 2, "points": 1}, {"at": 2, "points": 1}]}, "steps.1"),
        ({"steps": [{"at": 2, "badge": "bdg_nothing"}]}, "steps.0"),
        ({"steps": "often"}, "steps"),
        ({"activity_types": []}, "activity_types"),
        ({"freezes_first": 3, "freezes_most": 1}, "freezes_first"),
        ({"cycle": 3, "steps": [{"at": 4, "points": 1}]}, "steps.0"),
    ],
)
def test_mistakes_in_a_streak_are_told_by_field(
    shop: Shop, values: dict[str, object], field: str
) -> None:
    given = {"name": "Bad", "activity_types": ["purchase"], **values}
    with pytest.raises(DomainError) as refused:
        create_rule(shop.call(), kind="challenges.streak", values=given)
    assert refused.value.field == field
