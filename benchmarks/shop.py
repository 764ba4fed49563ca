"""The shop a part measures in: some of :mod:`benchmarks.rules`, a reward, members and an API key.

It is opened through the product's own doors.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import count

from benchmarks.rules import USUAL, Values, publish_set
from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call, Context, command
from loyalty.common.clock import now
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.ledger.models import Asset
from loyalty.ledger.states import LotTerms
from loyalty.tenancy.models import Location, Merchant, Programme
from loyalty.tenancy.scope import in_programme
from loyalty.tenancy.services import create_api_key
from members.profiles.models import Holder, Member
from members.profiles.selectors import member_to_lock
from rewards.catalog.rules import Cost, TermsInput
from rewards.catalog.services import create_reward, publish_reward

QUICK = bool(os.environ.get("BENCH_QUICK"))
_KEYS = count(1)


@dataclass(frozen=True, kw_only=True)
class BenchShop:
    """What the parts need to know of the shop; ids as the API speaks of them."""

    slug: str
    members: tuple[str, ...]
    reward: str
    key: str


def open_shop(slug: str, *, members: int, currency: str = "VND", rules: str = USUAL) -> BenchShop:
    """A reward for 100 points, and a set of rules: by default points and a punch card."""
    programme = Programme.objects.create(slug=slug, name=slug, currency=currency)
    with in_programme(programme):
        merchant = Merchant.objects.create(name=slug)
        Location.objects.create(merchant=merchant, name="Main street")
        Asset.objects.create(code="points", kind="points", name_vi="điểm", name_en="points")
        holders = Holder.objects.bulk_create(Holder() for _ in range(members))
        rows = Member.objects.bulk_create(
            Member(holder=holder, name=f"Member {number}", joined_at=now())
            for number, holder in enumerate(holders)
        )
    furnish = Furnish(job_actor(programme, "bench", merchant_id=merchant.pk))
    publish_set(furnish, rules)
    made = create_api_key(call(furnish.actor), name="Bench", scopes=("*:*",))
    return BenchShop(
        slug=slug,
        members=tuple(row.public_id for row in rows),
        reward=furnish.reward("Coffee for points", points=100),
        key=made.secret,
    )


def call(actor: Actor) -> Call:
    """A call under a fresh key."""
    return Call(actor, f"bench-{next(_KEYS)}")


@command(
    "bench.credit",
    permission="points:adjust",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def credit(ctx: Context, *, member: str, times: int, amount: int) -> int:
    """Credit points many times over, each a transaction, a ledger line and a lot of its own."""
    world = DatabaseWorld.within(ctx, ctx.the_locked(Member, code="no_member", field="member"))
    for number in range(times):
        world.about(f"bench-{number}", ctx.now)
        world.book.credit(
            world.transaction("adjustment"), "points", amount, reason="gift", terms=LotTerms()
        )
    world.write(ctx)
    return world.book.available("points")


def give(slug: str, member: str, *, times: int, amount: int) -> None:
    """Credit a member of a shop."""
    actor = job_actor(Programme.objects.get(slug=slug), "bench")
    while times > 0:
        some = min(times, 2_000)
        credit(call(actor), member=member, times=some, amount=amount)
        times -= some


@dataclass(frozen=True)
class Furnish:
    """Publishes rules and rewards, each with a call of its own."""

    actor: Actor

    def rule(self, kind: str, values: Values) -> str:
        """A live rule; answers its public id."""
        draft = create_rule(call(self.actor), kind=kind, values=dict(values))
        publish_rule(call(self.actor), rule=draft.rule)
        return draft.rule

    def reward(self, name: str, *, points: int) -> str:
        """A live reward; answers its public id."""
        costs = (Cost(asset="points", amount=points),) if points else ()
        terms = TermsInput(name_vi=name, name_en=name, kind="gift", costs=costs)
        draft = create_reward(call(self.actor), terms=terms, stock=None)
        publish_reward(call(self.actor), reward=draft.reward)
        return draft.reward
