"""Whatever is bought, used and refunded in whatever order: the figures end where they should."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty.engine.activity import PURCHASE, ActivityData, Sale, SaleLine
from loyalty.engine.effects import Applied
from loyalty.engine.memory import MemoryGrants, MemoryWorld
from loyalty.engine.run import run, undo
from loyalty.engine.validity import Expiry
from loyalty.engine.world import MemberView, Terms
from rewards.punchcards.mechanic import PunchCards
from rewards.punchcards.rules import CardTerms, Interim

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NEEDED = 4


def make_world() -> MemoryWorld:
    terms = Terms(
        programme_id=1,
        currency="VND",
        timezone="Asia/Ho_Chi_Minh",
        language="vi",
        refund_policy="debt",
        spent_points_policy="proportional",
        partial_refund_policy="share",
        multiplier_stacking="best",
        earn_on_tax=True,
        rules_version=1,
    )
    member = MemberView(public_id="mem_1", joined_at=NOW)
    return MemoryWorld(terms=terms, member=member, now=NOW)


def make_card(*, head_start: int = 0, expires: bool = False, interim: bool = True) -> CardTerms:
    return CardTerms(
        public_id="rul_1",
        name="Card",
        family="rul_1",
        stamp_per="item",
        needed=NEEDED + head_start,
        reward="rwd_1",
        head_start=head_start,
        interims=(Interim(position=2 + head_start, reward="rwd_2"),) if interim else (),
        expiry=Expiry(kind="rolling", count=5, unit="day") if expires else Expiry(),
    )


@dataclass
class Bought:
    sale: Sale
    effects: list[Applied]
    items: int
    gone: int = 0


@dataclass
class Life:
    """One member's purchases of one card, in memory."""

    card: CardTerms
    world: MemoryWorld = field(default_factory=make_world)
    bought: list[Bought] = field(default_factory=list)

    def buy(self, items: int) -> None:
        line = SaleLine(
            number=1, quantity_milli=items * 1000, net_minor=items * 10, earning_minor=items * 10
        )
        sale = Sale(currency="VND", lines=(line,))
        key = f"pur_{len(self.bought)}"
        activity = ActivityData(
            type=PURCHASE, key=key, public_id=key, happened_at=self.world.now, sale=sale
        )
        outcome = run(self.world, activity, [(PunchCards(), [self.card])])
        self.bought.append(Bought(sale, list(outcome.effects), items))

    def refund(self, which: int, items: int) -> None:
        one = self.bought[which % len(self.bought)]
        items = min(items, one.items - one.gone)
        if items == 0:
            return
        one.gone += items
        self.world.about(f"ref_{which}", self.world.now)
        undo(self.world, one.effects, one.sale, {1: Fraction(one.gone, one.items)})

    def use(self, which: int) -> None:
        grants = self.world.grants
        assert isinstance(grants, MemoryGrants)
        unused = [v for v, row in grants.issued.items() if row["state"] == "issued"]
        if unused:
            grants.issued[unused[which % len(unused)]]["state"] = "used"

    def states(self, reward: str) -> list[str]:
        grants: Any = self.world.grants
        return [row["state"] for row in grants.issued.values() if row["reward"] == reward]

    @property
    def balance(self) -> int:
        self.world.book.settle(self.card.asset)
        return self.world.book.account(self.card.asset).balance

    @property
    def kept(self) -> int:
        return sum(one.items - one.gone for one in self.bought)


steps = st.lists(
    st.tuples(
        st.sampled_from(["buy", "buy", "refund", "refund", "use"]),
        st.integers(min_value=0, max_value=9),
        st.integers(min_value=1, max_value=9),
    ),
    max_size=25,
)


def live(steps: list[tuple[str, int, int]], card: CardTerms) -> Life:
    life = Life(card)
    for what, which, number in steps:
        if what == "buy":
            life.buy(number)
        elif what == "use":
            life.use(which)
        elif life.bought:
            life.refund(which, number)
    return life


@given(steps, st.booleans())
def test_stamps_are_what_was_kept_less_what_cards_took(steps, head_start: bool) -> None:
    life = live(steps, make_card(head_start=3 if head_start else 0))
    standing = [state for state in life.states("rwd_1") if state != "void"]
    assert life.balance == life.kept - NEEDED * len(standing)
    assert life.balance < NEEDED
    if life.balance < 0:
        assert set(standing) == {"used"}, "a debt stands only where every reward is used"


@given(steps, st.booleans())
def test_full_refunds_end_at_zero_with_every_unused_reward_void(steps, expires: bool) -> None:
    life = live([one for one in steps if one[0] != "use"], make_card(expires=expires))
    for which, one in enumerate(life.bought):
        life.refund(which, one.items)
    assert life.balance == 0
    assert "issued" not in life.states("rwd_1") + life.states("rwd_2")


@given(st.integers(min_value=1, max_value=20), st.permutations(range(6)))
def test_many_small_refunds_are_one_big_refund(items: int, order: list[int]) -> None:
    at_once, in_parts = Life(make_card(interim=False)), Life(make_card(interim=False))
    for life in (at_once, in_parts):
        life.buy(items)
        life.buy(3)
    at_once.refund(0, items)
    for part in order:
        in_parts.refund(0, part + 1 if part < 5 else items)
    assert in_parts.kept == at_once.kept == 3
    assert in_parts.balance == at_once.balance == 3


@given(steps)
def test_buying_and_refunding_for_ever_gains_nothing(steps) -> None:
    """Every reward in hand is paid for with stamps that were kept, or stands as a debt."""
    life = live(steps, make_card(interim=False))
    rewards = [state for state in life.states("rwd_1") if state != "void"]
    assert NEEDED * len(rewards) <= life.kept + max(-life.balance, 0)


def test_a_dead_card_takes_no_reward_with_it() -> None:
    life = Life(make_card(expires=True))
    life.buy(5)
    life.world.advance(NOW + timedelta(days=10))
    assert life.balance == 0
    life.refund(0, 1)
    assert (life.balance, life.states("rwd_1")) == (0, ["issued"])
