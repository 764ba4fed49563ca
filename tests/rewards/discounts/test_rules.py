"""The arithmetic of better prices, over any numbers: to the last dong, never below nothing."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from loyalty.common.money import rounded
from loyalty.engine.activity import SaleLine
from loyalty.engine.plug import PriceOffer
from rewards.discounts.rules import best, take

LINES = st.lists(st.integers(0, 10**9), min_size=1, max_size=6).map(
    lambda nets: [
        SaleLine(number=number, net_minor=net, earning_minor=net)
        for number, net in enumerate(nets, start=1)
    ]
)


@st.composite
def offers(draw: st.DrawFn) -> list[PriceOffer]:
    return [
        PriceOffer(
            kind=draw(st.sampled_from(["percent", "amount", "fixed_price"])),
            mechanic="discounts",
            rule=f"rul_{number}",
            rule_name=f"Rule {number}",
            reason="price_lowered",
            value_bp=draw(st.integers(1, 10_000)),
            value_minor=draw(st.integers(0, 10**9)),
            lines=draw(st.none() | st.frozensets(st.integers(1, 6))),
            rounding=draw(st.sampled_from(["floor", "half_up", "ceil"])),
            cap_minor=draw(st.none() | st.integers(1, 10**9)),
            stacks=draw(st.booleans()),
            order=draw(st.integers(-2, 2)),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@given(lines=LINES, found=offers())
def test_no_line_falls_below_nothing_and_no_cap_is_passed(
    lines: list[SaleLine], found: list[PriceOffer]
) -> None:
    taken = best(found, lines)
    left = {line.number: line.net_minor for line in lines}
    for one in taken:
        assert one.was_minor == sum(left[number] for number in one.off)
        assert one.total_minor > 0 and all(off > 0 for off in one.off.values())
        assert one.offer.cap_minor is None or one.total_minor <= one.offer.cap_minor
        for number, off in one.off.items():
            left[number] -= off
    assert all(amount >= 0 for amount in left.values())
    assert [one.offer.order for one in taken] == sorted(one.offer.order for one in taken)


@given(lines=LINES, found=offers())
def test_of_those_that_do_not_add_up_a_line_takes_one(
    lines: list[SaleLine], found: list[PriceOffer]
) -> None:
    taken = [one for one in best(found, lines) if not one.offer.stacks]
    numbers = [number for one in taken for number in one.off]
    assert len(numbers) == len(set(numbers))


@given(lines=LINES, found=offers())
def test_nobody_gets_less_than_the_best_one_alone(
    lines: list[SaleLine], found: list[PriceOffer]
) -> None:
    single = [one for one in found if not one.stacks]
    together = sum(one.total_minor for one in best(single, lines))
    left = {line.number: line.net_minor for line in lines}
    assert all(together >= sum(take(one, lines, left).values()) for one in single)


@given(lines=LINES, bp=st.integers(1, 10_000), rounding=st.sampled_from(["floor", "half_up"]))
def test_a_percentage_is_rounded_once_over_all_lines(
    lines: list[SaleLine], bp: int, rounding: str
) -> None:
    offer = PriceOffer(
        kind="percent", mechanic="x", rule="r", rule_name="R", reason="x",
        value_bp=bp, rounding=rounding,
    )  # fmt: skip
    left = {line.number: line.net_minor for line in lines}
    off = take(offer, lines, left)
    assert sum(off.values()) == rounded(Fraction(sum(left.values()) * bp, 10_000), rounding)
    for number, amount in off.items():
        exact = Fraction(sum(off.values()) * left[number], sum(left.values()))
        assert abs(amount - exact) < 1, "largest remainder: never a whole unit away"


@given(
    net=st.integers(0, 10**9),
    tax=st.integers(0, 10**9),
    off=st.integers(0, 10**9),
    earns_on_tax=st.booleans(),
)
def test_a_cheaper_line_keeps_its_parts_together(
    net: int, tax: int, off: int, earns_on_tax: bool
) -> None:
    tax, off = min(tax, net), min(off, net)
    line = SaleLine(
        number=1, net_minor=net, tax_minor=tax, earning_minor=net if earns_on_tax else net - tax
    )
    lower = line.cheaper(off)
    assert (lower.net_minor, lower.discount_minor) == (net - off, off)
    assert 0 <= lower.tax_minor <= min(tax, lower.net_minor)
    assert 0 <= lower.earning_minor <= lower.net_minor
    if line.earning_minor and net > tax > 0:
        wanted = lower.net_minor if earns_on_tax else lower.net_minor - lower.tax_minor
        assert lower.earning_minor == wanted


@given(LINES, offers(), offers())
def test_one_more_offer_never_makes_a_bill_dearer(
    lines: list[SaleLine], some: list[PriceOffer], more: list[PriceOffer]
) -> None:
    alone = [one for one in (*some, *more) if not one.stacks][:4]
    totals = [
        sum(one.total_minor for one in best(alone[:count], lines))
        for count in range(len(alone) + 1)
    ]
    assert totals == sorted(totals)


def test_a_plan_beside_a_fixed_price_and_an_amount_off() -> None:
    """Black coffee at 20,000, 10,001 off drinks and bread: a plan of 10% must not take that away."""
    nets = {1: 29_000, 2: 55_000, 3: 25_000}
    lines = [
        SaleLine(number=number, net_minor=net, earning_minor=net) for number, net in nets.items()
    ]
    common = {"mechanic": "discounts", "rule_name": "", "reason": "price_lowered"}
    fixed = PriceOffer(
        kind="fixed_price", rule="a", value_minor=20_000, lines=frozenset({1}), **common
    )
    amount = PriceOffer(kind="amount", rule="b", value_minor=10_001, **common)
    plan = PriceOffer(kind="percent", rule="c", value_bp=1_000, **common)
    for given_offers in ([fixed, amount], [fixed, amount, plan]):
        taken = best(given_offers, lines)
        assert sum(one.total_minor for one in taken) == 19_001
