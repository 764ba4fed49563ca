"""Past sales played through memory worlds: purchases a second on one core, on nothing but plain values.

What a back-test, a quote and the property tests do: one world for each member, who comes by every nine
days for a year, over the end of a calendar year and so through a review of levels. Rules come from a
programme that was set up through the doors; from then on no statement is sent. Time is that of this
process alone, as the machine may be busy, and the best of some rounds counts: nothing makes a round
faster than the code is. Seconds say something about this machine only, so each set is told beside a
fixed loop of plain Python as well.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.figures import Figure, report
from benchmarks.parts.everything import belongs, merchant_actor
from benchmarks.rules import ANSWERING, EVERYTHING, LEVELS, POINTS, STATUS_AND_MONEY
from benchmarks.shop import QUICK, open_shop
from loyalty.common.clock import played_at
from loyalty.engine.activity import PURCHASE, ActivityData, Sale, SaleLine
from loyalty.engine.database import terms_of
from loyalty.engine.memory import MemoryWorld
from loyalty.engine.run import Loaded, load, run
from loyalty.engine.status import Status
from loyalty.engine.statuses import load_statuses
from loyalty.engine.world import MemberView, Terms
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member

MEMBERS, SALES = (20, 40) if QUICK else (100, 40)
ROUNDS = 3 if QUICK else 9
EVERY = timedelta(days=9, hours=1)
FROM = datetime(2025, 2, 3, 5, tzinfo=UTC)
MINOR = 150_000
LEAST = {LEVELS: 20_000, EVERYTHING: 10_000}
# How many turns of the loop below one purchase may take.
MOST_TURNS = {LEVELS: 500.0, EVERYTHING: 1_000.0}
TITLES = {
    POINTS: "points",
    LEVELS: "points, card, levels",
    STATUS_AND_MONEY: "status and money",
    EVERYTHING: "everything",
}


class Played:
    """A set of rules as it is replayed: all that came from the database, once."""

    def __init__(self, name: str) -> None:
        with played_at(FROM - timedelta(days=1)):
            shop = open_shop(f"replay-{name.replace('_', '-')}", members=1, rules=name)
            actor = merchant_actor(shop)
            plans: Mapping[str, Status] = {}
            if name in (STATUS_AND_MONEY, EVERYTHING):
                belongs(actor, shop.members[0])
                with in_programme(actor.programme):
                    key = Member.objects.get().pk
                    plans = {"memberships": load_statuses([key])[key]["memberships"]}
        programme = Programme.objects.get(slug=shop.slug)
        self.name, self.plans = name, plans
        self.terms: Terms = terms_of(programme)
        self.loaded: Loaded = ()
        with in_programme(programme):
            worlds = self._worlds()
            self.loaded = load(worlds[0])
            with CaptureQueriesContext(connection) as queries:
                told = self._play(worlds)
            assert not queries.captured_queries, queries.captured_queries
            assert told == ANSWERING[name], told
        self.programme = programme

    def seconds(self) -> float:
        """Of this process, for all sales of all members."""
        with in_programme(self.programme):
            gc.collect()
            started = time.process_time()
            self._play(self._worlds())
            return time.process_time() - started

    def _worlds(self) -> list[MemoryWorld]:
        return [
            MemoryWorld(
                terms=self.terms,
                member=MemberView(public_id=f"mem_{number}", joined_at=FROM),
                now=FROM,
                statuses=self.plans,
            )
            for number in range(MEMBERS)
        ]

    def _play(self, worlds: list[MemoryWorld]) -> set[str]:
        answered: set[str] = set()
        for number, world in enumerate(worlds):
            for activity in SALES_OF[number]:
                world.advance(activity.happened_at)
                outcome = run(world, activity, self.loaded)
                world.remember(outcome.activity)
            answered |= {one.mechanic for one in outcome.effects}
        return answered


def _sales(member: int) -> list[ActivityData]:
    keys = count()
    return [
        ActivityData(
            type=PURCHASE,
            key=(key := f"pur_{member}_{next(keys)}"),
            public_id=key,
            happened_at=FROM + n * EVERY + timedelta(minutes=member),
            sale=Sale(
                currency="VND",
                lines=(SaleLine(number=1, net_minor=MINOR, earning_minor=MINOR),),
            ),
        )
        for n in range(SALES)
    ]


SALES_OF = [_sales(number) for number in range(MEMBERS)]


def main() -> None:
    """Print the figures. The sets take turns with the loop."""
    sets = [Played(name) for name in TITLES]
    times: dict[str, list[float]] = {one.name: [] for one in sets}
    turns: list[float] = []
    gc.freeze()
    for _round in range(ROUNDS):
        turns.append(_turn())
        for one in sets:
            times[one.name].append(one.seconds())
    for name, taken in times.items():
        each = min(taken) / (MEMBERS * SALES)
        report(
            Figure(
                name=f"purchases replayed in memory, {TITLES[name]}",
                value=1 / each,
                unit="per second",
                at_least=LEAST.get(name),
                note=f"{each * 1e6:.0f} µs each",
            )
        )
        report(
            Figure(
                name=f"time of one in turns of plain Python, {TITLES[name]}",
                value=each / min(turns),
                at_most=MOST_TURNS.get(name),
                note=f"a turn takes {min(turns) * 1e9:.0f} ns",
            )
        )


class _Kept:
    __slots__ = ("number", "why")

    def __init__(self, number: int, why: dict[str, int]) -> None:
        self.number, self.why = number, why


class _Pot:
    """A little of what all of this code does: it is called, counts, makes values and keeps them."""

    def __init__(self) -> None:
        self.sum = 0
        self.kept: list[_Kept] = []

    def put(self, number: int) -> int:
        self.sum += number
        self.kept.append(_Kept(number, {"sum": self.sum}))
        return self.sum


def _turn() -> float:
    """How long one turn of a fixed loop takes, as a measure of the machine at this moment."""
    pot, number = _Pot(), 60_000
    started = time.process_time()
    for one in range(number):
        pot.put(one)
    return (time.process_time() - started) / number
