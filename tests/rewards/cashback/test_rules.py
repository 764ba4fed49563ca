"""The arithmetic of cashback, over any numbers: no dong earns twice, no cap is passed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loyalty.engine.activity import Sale, SaleLine
from loyalty.engine.restrictions import earning
from rewards.cashback.rules import CashbackTerms, back, full_minor, in_turn, uncounted

NETS = st.lists(st.integers(1, 10**9), min_size=1, max_size=6)


@st.composite
def terms(draw: st.DrawFn) -> list[CashbackTerms]:
    return [
        CashbackTerms(
            public_id=f"rul_{number}",
            name=f"Rule {number}",
            priority=draw(st.integers(-2, 2)),
            rate_bp=draw(st.integers(1, 10_000)),
            rounding=draw(st.sampled_from(["floor", "half_up", "ceil"])),
            cap_minor=draw(st.none() | st.integers(1, 10**8)),
        )
        for number in range(draw(st.integers(1, 4)))
    ]


def _sale(nets: list[int]) -> Sale:
    lines = (SaleLine(number=n, net_minor=net, earning_minor=net) for n, net in enumerate(nets, 1))
    return Sale(currency="VND", lines=tuple(lines))


@given(nets=NETS, rules=terms())
def test_what_one_rule_counted_no_other_counts(nets: list[int], rules: list[CashbackTerms]) -> None:
    sale = _sale(nets)
    goods, counted = sale.worth(earning), dict[int, int]()
    given_in_all = 0
    for rule in in_turn(rules):
        left = uncounted(goods, counted)
        amount = full_minor(rule, left)
        if amount == 0:
            continue
        one = back(rule, left, amount=amount, whole_minor=goods.total)
        assert rule.cap_minor is None or one.amount <= rule.cap_minor
        for number, spent in one.spend:
            counted[number] = counted.get(number, 0) + spent
        assert all(rest >= 0 for _line, rest in uncounted(goods, counted).parts)
        # Rounding alone may add to what the spend it used up deserves: less than one unit.
        assert one.amount * 10_000 - one.spend_minor * rule.rate_bp < 10_000
        given_in_all += one.amount
    dearest = max(rule.rate_bp for rule in rules)
    assert given_in_all <= sum(nets) * dearest // 10_000 + len(rules)


@given(nets=NETS, rate=st.integers(1, 10_000), cut=st.integers(1, 10**8))
def test_a_cap_leaves_the_next_rule_just_what_it_did_not_use(
    nets: list[int], rate: int, cut: int
) -> None:
    sale = _sale(nets)
    rule = CashbackTerms(public_id="r", name="R", rate_bp=rate)
    goods = sale.worth(earning)
    full = full_minor(rule, goods)
    if not 0 < cut < full:
        return
    used = back(rule, goods, amount=cut, whole_minor=goods.total).spend_minor
    assert (used - 1) * rate < cut * 10_000 <= used * rate


def test_the_order_is_priority_then_the_dearer() -> None:
    rules = [
        CashbackTerms(public_id=name, name=name, priority=priority, rate_bp=rate)
        for name, priority, rate in (("a", 0, 100), ("b", 0, 300), ("c", 5, 50))
    ]
    assert [one.name for one in in_turn(rules)] == ["c", "b", "a"]
