"""What missions do to a world: progress is made, missions are done, refunds take progress back.

The refund law is that of punch cards: taking progress back may leave less than a done mission took.
Then its prizes fall, and what it took returns; where its reward was used the mission stays done, and
the missing progress stays as a debt that the next progress fills.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from campaigns.challenges.effects.prizes import fall, promised
from campaigns.challenges.rules.missions import as_status, mission_state, status_name
from campaigns.challenges.rules.prizes import Prize
from loyalty.common.values import changed, value
from loyalty.engine.effects import Applied, Effect
from loyalty.engine.world import World
from loyalty.ledger.book import NOW
from loyalty.ledger.states import LotTerms


@value
class MakeProgress(Effect):
    """Add to what a mission counts; it dies with the mission's day, week or month."""

    kind: ClassVar[str] = "mission_progress"
    asset: str
    amount: int
    span: str
    terms: LotTerms = NOW

    def apply(self, world: World) -> Applied:
        entry = world.book.credit(
            world.transaction("accrual"),
            self.asset,
            self.amount,
            reason=self.reason,
            details=self.details,
            terms=self.terms,
        )
        return self.record(
            amount=self.amount, asset=self.asset, entry=entry, memo={"span": self.span}
        )

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Takes back ``floor(amount x share) - already taken``; missions may be open again."""
        due = int(applied.amount * share) - applied.undone
        if due <= 0:
            return 0
        assert applied.entry is not None
        if not _reopen_for(world, applied, due):
            return due
        world.book.take_back(
            world.transaction("refund"),
            applied.entry,
            due,
            reason="progress_fell",
            details={"mission": applied.rule_name},
            write_off=world.terms.refund_policy == "write_off",
        )
        return due


@value
class CountThing(Effect):
    """One more sale or activity stands for a distinct thing (a product, a place, a lesson)."""

    kind: ClassVar[str] = "mission_thing"
    asset: str
    family: str
    thing: str
    span: str

    def apply(self, world: World) -> Applied:
        name = status_name(self.family)
        state = mission_state(world.status(name)).at(self.span)
        things = {**state.things, self.thing: state.things.get(self.thing, 0) + 1}
        world.set_status(name, as_status(changed(state, things=things), now=world.now))
        memo = {"family": self.family, "thing": self.thing, "span": self.span}
        return self.record(amount=1, asset=self.asset, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """The thing falls when nothing stands for it any more; then its mission may be open again."""
        if share < 1 or applied.undone:
            return 0
        memo, name = applied.memo, status_name(applied.memo["family"])
        state = mission_state(world.status(name))
        if state.span != memo["span"] or memo["thing"] not in state.things:
            return 1
        things = {**state.things, memo["thing"]: state.things[memo["thing"]] - 1}
        if not things[memo["thing"]]:
            del things[memo["thing"]]
        state = changed(state, things=things)
        world.set_status(name, as_status(state, now=world.now))
        if state.is_done(memo["span"]) and len(things) < state.needed:
            for done in world.standing(kind=CompleteMission.kind, asset=applied.asset):
                if done.memo["span"] == memo["span"]:
                    _reopen(world, done)
        return 1


@value
class CompleteMission(Effect):
    """The target is reached. Its prizes follow as effects of their own, under the key ``of``.

    Args:
        takes: progress it is exchanged for; 0 where distinct things were counted.
        needed: how many things it took.
    """

    kind: ClassVar[str] = "complete_mission"
    counts: ClassVar[bool] = False
    asset: str
    family: str
    span: str
    of: str
    takes: int
    needed: int
    prize: Prize = Prize()

    def apply(self, world: World) -> Applied:
        entry = None
        if self.takes:
            entry = world.book.debit(
                world.transaction("redemption"),
                self.asset,
                self.takes,
                reason=self.reason,
                details=self.details,
            )
        name = status_name(self.family)
        state = mission_state(world.status(name)).at(self.span)
        done = changed(state, times=state.times + 1, done_in=self.span, needed=self.needed, owed=0)
        world.set_status(name, as_status(done, now=world.now))
        world.tell("mission.completed", mission=self.family, name=self.rule_name, span=self.span)
        memo = {
            "family": self.family,
            "span": self.span,
            **promised(world, self.of, self.prize),
        }
        return self.record(amount=max(self.takes, 1), asset=self.asset, entry=entry, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Falls only when its progress does: see :class:`MakeProgress` and :class:`CountThing`."""
        return 0

    @classmethod
    def returned(cls, world: World, applied: Applied) -> None:
        """Its used reward is unused again: where progress is owed for it, it falls now."""
        if applied.undone:
            return
        if applied.entry is not None:
            is_short = world.book.available(applied.asset) < 0
        else:
            state = mission_state(world.status(status_name(applied.memo["family"])))
            is_short = state.is_done(applied.memo["span"]) and len(state.things) < state.needed
        if is_short:
            _reopen(world, applied)


def _reopen_for(world: World, progress: Applied, due: int) -> bool:
    """Let done missions fall, newest first, until the progress that falls is there again; answers
    whether there is anything to take from the balance then.
    """
    assert progress.entry is not None and progress.entry.lot is not None
    asset, lot = progress.asset, progress.entry.lot
    if lot.expires_at is not None and lot.expires_at <= world.now:
        return _reopen_past(world, progress, due)
    if world.book.available(asset) >= due:
        return True
    for done in world.standing(kind=CompleteMission.kind, asset=asset):
        if world.book.available(asset) >= due:
            break
        _reopen(world, done)
    return True


def _reopen_past(world: World, progress: Applied, due: int) -> bool:
    """The same for a day, week or month that is over: it is judged by its own progress, so that the
    present one pays for it only where a used reward leaves a debt.
    """
    asset, span = progress.asset, progress.memo["span"]
    had = world.standing(kind=MakeProgress.kind, asset=asset)
    left = sum(one.amount - one.undone for one in had if one.memo["span"] == span) - due
    dones = world.standing(kind=CompleteMission.kind, asset=asset)
    of_span = [one for one in dones if one.memo["span"] == span]
    short = [one for one in of_span if left < one.amount]
    for done in short:
        _reopen(world, done)
    return bool(short) or not of_span


def _reopen(world: World, done: Applied) -> None:
    if not fall(world, done):
        return
    if done.entry is not None:
        world.book.give_back(
            world.transaction("restore"),
            done.entry,
            done.amount,
            reason="mission_reopened",
            details={"mission": done.rule_name},
        )
    name = status_name(done.memo["family"])
    state = mission_state(world.status(name))
    open_again = changed(
        state,
        times=max(state.times - 1, 0),
        done_in=None if state.done_in == done.memo["span"] else state.done_in,
    )
    world.set_status(name, as_status(open_again, now=world.now))
    world.tell("mission.reopened", mission=done.memo["family"], name=done.rule_name)
    world.undo_besides(done, done.amount)
