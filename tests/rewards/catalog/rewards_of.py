"""Rewards for the stories, written and published through the doors."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call, Context, command
from loyalty.engine.database import DatabaseWorld
from loyalty.ledger.states import LotTerms
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from rewards.catalog.models import Voucher
from rewards.catalog.rules import Cost, TermsInput
from rewards.catalog.selectors import vouchers_of
from rewards.catalog.services import RedemptionResult, create_reward, publish_reward, redeem_reward
from tests.world import Shop


def reward(shop: Shop, *, cost: int | None = 100, stock: int | None = None, **terms: Any) -> str:
    """A live reward: a free latte for 100 points unless told otherwise."""
    values: dict[str, Any] = {
        "name_vi": "Cà phê sữa",
        "name_en": "Free latte",
        "kind": "free_product",
        "skus": ("latte",),
        "costs": (Cost(asset="points", amount=cost),) if cost else (),
        **terms,
    }
    draft = create_reward(shop.call(), terms=TermsInput(**values), stock=stock)
    publish_reward(shop.call(), reward=draft.reward)
    shop.programme.refresh_from_db()
    return draft.reward


def redeem(shop: Shop, wanted: str, **more: Any) -> RedemptionResult:
    """Ana redeems at Ben's till."""
    return redeem_reward(shop.call(), member=shop.member.public_id, reward=wanted, **more)


@command(
    "tests.give",
    permission="points:adjust",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def _give(ctx: Context, *, member: str, asset: str, amount: int, terms: LotTerms) -> int:
    world = DatabaseWorld.within(ctx, ctx.the_locked(Member, code="x", field="member"))
    world.book.credit(world.transaction("adjustment"), asset, amount, reason="gift", terms=terms)
    world.write(ctx)
    return world.book.available(asset)


def give(shop: Shop, amount: int, *, asset: str = "points", **terms: Any) -> int:
    """Points (or another asset) out of the blue; ``terms`` are those of their lot."""
    number = len(_given)
    _given.append(amount)
    call = Call(job_actor(shop.programme, "gift"), f"give-{number}")
    return _give(
        call, member=shop.member.public_id, asset=asset, amount=amount, terms=LotTerms(**terms)
    )


_given: list[int] = []


def the_voucher(shop: Shop) -> Voucher:
    """Ana's newest voucher."""
    with in_programme(shop.programme):
        found = vouchers_of(shop.member).first()
        assert found is not None
        return found


def points(result: Any, asset: str = "points") -> int:
    """The balance after something."""
    return next((one.balance for one in result.balances if one.asset == asset), 0)
