"""What is given for a mission or a step, and how it falls again when its cause is refunded.

A prize is given by an achievement (a done mission, a reached step) and carries its key ``of``. It never
falls by itself: the achievement falls when what it stands on does, and takes its prizes along. It
stands where its reward was used, for that cannot be taken back.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from campaigns.challenges.rules.prizes import POINTS, Prize
from loyalty.common.public_ids import new_id
from loyalty.common.values import value
from loyalty.engine.effects import EFFECTS, Applied, Effect
from loyalty.engine.status import Status
from loyalty.engine.world import World
from loyalty.ledger.book import NOW
from loyalty.ledger.states import LotTerms

BADGE_PREFIX = "badge:"
ACHIEVEMENTS = ("complete_mission", "streak_step")


def promised(world: World, of: str, prize: Prize) -> dict[str, Any]:
    """What the record of an achievement keeps, for :func:`fall`."""
    return {
        "of": of,
        "member": world.member.public_id,
        "points": POINTS if prize.points else "",
        "reward": prize.reward,
        "badge": prize.badge,
    }


@value
class _Prize(Effect):
    """Given by the achievement of a key, recorded under its asset."""

    kind: ClassVar[str] = "challenge_prize"
    counts: ClassVar[bool] = False
    of: str
    asset: str

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Falls only with its achievement: see :func:`fall`."""
        return 0

    @classmethod
    def withdraw(cls, world: World, applied: Applied) -> None:
        """Take it back with its achievement."""
        raise NotImplementedError


@value
class GivePoints(_Prize):
    """Points for an achievement. Taken back they may leave a debt, by the programme's policy."""

    kind: ClassVar[str] = "challenge_points"
    amount: int
    terms: LotTerms = NOW

    def apply(self, world: World) -> Applied:
        entry = world.book.credit(
            world.transaction("accrual"),
            POINTS,
            self.amount,
            reason=self.reason,
            details=self.details,
            terms=self.terms,
        )
        return self.record(amount=self.amount, asset=POINTS, entry=entry, memo={"of": self.of})

    @classmethod
    def withdraw(cls, world: World, applied: Applied) -> None:
        assert applied.entry is not None
        world.book.take_back(
            world.transaction("refund"),
            applied.entry,
            applied.amount - applied.undone,
            reason="refund",
            details={"rule": applied.rule_name},
            write_off=world.terms.refund_policy == "write_off",
        )


@value
class GiveReward(_Prize):
    """A reward of the catalogue, as a voucher."""

    kind: ClassVar[str] = "challenge_reward"
    reward: str
    source: str

    def apply(self, world: World) -> Applied:
        voucher = world.grants.issue(
            reward=self.reward, rule=self.source, reason=self.reason, details=self.details
        )
        return self.record(amount=1, asset=self.asset, memo={"of": self.of, "voucher": voucher})

    @classmethod
    def withdraw(cls, world: World, applied: Applied) -> None:
        """Void already: :func:`fall` asks for that first."""

    @classmethod
    def returned(cls, world: World, applied: Applied) -> None:
        """What it was used for came back: its achievement decides anew whether it stands."""
        if applied.undone:
            return
        for kind in ACHIEVEMENTS:
            for one in world.standing(kind=kind, asset=applied.asset):
                if one.memo["of"] == applied.memo["of"]:
                    EFFECTS[kind].returned(world, one)


@value
class AwardBadge(_Prize):
    """A badge, once: whoever holds it already keeps the first one. ``award`` is its public page."""

    kind: ClassVar[str] = "award_badge"
    badge: str

    def apply(self, world: World) -> Applied:
        name = BADGE_PREFIX + self.badge
        held = world.status(name)
        award = held.value if held and held.value else ""
        memo = {"of": self.of, "badge": self.badge, "award": award, "fresh": not award}
        if not award:
            memo["award"] = award = new_id("awd")
            data = {"of": self.of, "at": world.happened_at.isoformat()}
            world.set_status(name, Status.made(value=award, since=world.happened_at, data=data))
            world.tell("badge.awarded", badge=self.badge, award=award)
        return self.record(amount=1, asset=self.asset, memo=memo)

    @classmethod
    def withdraw(cls, world: World, applied: Applied) -> None:
        name = BADGE_PREFIX + applied.memo["badge"]
        held = world.status(name)
        if applied.memo["fresh"] and held and held.value == applied.memo["award"]:
            world.set_status(name, Status.made(value="", since=world.now))
            world.tell("badge.withdrawn", badge=applied.memo["badge"])


def fall(world: World, achievement: Applied) -> bool:
    """Take an achievement's prizes back; answers whether they could be: a used reward stands."""
    asset, of = achievement.asset, achievement.memo["of"]
    if achievement.memo["member"] not in world.cards:
        return False  # another of the household reached it: their card is not the one locked here
    mine: list[Applied] = []
    if achievement.memo["reward"]:
        mine += _given(world, GiveReward, asset, of)
        if not all(world.grants.revoke(one.memo["voucher"]) for one in mine):
            return False
    if achievement.memo["points"]:
        mine += _given(world, GivePoints, achievement.memo["points"], of)
    if achievement.memo["badge"]:
        mine += _given(world, AwardBadge, asset, of)
    for one in mine:
        _KINDS[one.kind].withdraw(world, one)
        world.undo_besides(one, one.amount - one.undone)
    return True


def _given(world: World, kind: type[_Prize], asset: str, of: str) -> list[Applied]:
    return [one for one in world.standing(kind=kind.kind, asset=asset) if one.memo["of"] == of]


_KINDS: dict[str, type[_Prize]] = {one.kind: one for one in (GivePoints, GiveReward, AwardBadge)}
