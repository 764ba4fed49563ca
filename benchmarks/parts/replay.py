"""Past sales played through memory worlds: purchases a second on one core, on nothing but plain values.

What a back-test, a quote and the property tests do: one world for each member, who comes by every nine
days for a year, over the end of a calendar year and so through a review of levels. Rules come from a
programme that was set up through the doors; from then on no statement is sent.

Time is that of this process alone, member by member, and the sets take turns. Whatever else the machine
does only slows it down, so the quickest twentieth of the members counts. Seconds say something about
this machine alone: each set is told in turns of a fixed loop of plain Python as well.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median, quantiles

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
from loyalty.engine.plug import rulebook
from loyalty.engine.run import Loaded, run
from loyalty.engine.status import Status
from loyalty.engine.statuses import load_statuses
from loyalty.engine.world import MemberView, Terms
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member

MEMBERS, SALES = 20, 40
ROUNDS = 5 if QUICK else 40
EVERY = timedelta(days=9, hours=1)
FROM = datetime(2025, 2, 3, 5, tzinfo=UTC)
MINOR = 150_000
LEAST = {LEVELS: 20_000, EVERYTHING: 10_000}
# The same in turns of the loop below, of which one takes 205 ns where this was promised.
MOST_TURNS = {LEVELS: 245.0, EVERYTHING: 490.0}
TURNS = 2_000
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
            self.loaded = rulebook(programme.pk, programme.rules_version)
            with CaptureQueriesContext(connection) as queries:
                told = self._play(0)
            assert not queries.captured_queries, queries.captured_queries
            assert told == ANSWERING[name], told
        self.programme = programme

    def seconds(self, number: int) -> float:
        """Of this process, for each sale of a member."""
        with in_programme(self.programme):
            started = time.process_time()
            self._play(number)
            return (time.process_time() - started) / SALES

    def _play(self, number: int) -> set[str]:
        """A member's year; answers which mechanics had something to say on its last day."""
        world = MemoryWorld(
            terms=self.terms,
            member=MemberView(public_id=f"mem_{number}", joined_at=FROM),
            now=FROM,
            statuses=self.plans,
        )
        for activity in SALES_OF[number]:
            world.advance(activity.happened_at)
            outcome = run(world, activity, self.loaded)
            world.remember(outcome.activity)
        return {one.mechanic for one in outcome.effects}


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
    """Print the figures."""
    sets = [Played(name) for name in TITLES]
    times: dict[str, list[float]] = {one.name: [] for one in sets}
    turns: list[float] = []
    gc.collect()
    gc.freeze()
    for _round in range(ROUNDS):
        # Each for a while, so that it finds the processor as it left it.
        turns += [_turn() for _member in range(MEMBERS)]
        for one in sets:
            times[one.name] += [one.seconds(member) for member in range(MEMBERS)]
    turn = _quick(turns)
    for name, taken in times.items():
        each = _quick(taken)
        report(
            Figure(
                name=f"purchases replayed in memory, {TITLES[name]}",
                value=1 / each,
                unit="per second",
                at_least=LEAST.get(name),
                note=f"{each * 1e6:.0f} µs each, {median(taken) * 1e6:.0f} by the median",
            )
        )
        report(
            Figure(
                name=f"one of them in turns of plain Python, {TITLES[name]}",
                value=each / turn,
                at_most=MOST_TURNS.get(name),
                note=f"a turn takes {turn * 1e9:.0f} ns",
            )
        )


def _quick(times: list[float]) -> float:
    """What the quickest twentieth stays below."""
    return quantiles(times, n=20)[0]


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
    pot = _Pot()
    started = time.process_time()
    for one in range(TURNS):
        pot.put(one)
    return (time.process_time() - started) / TURNS
