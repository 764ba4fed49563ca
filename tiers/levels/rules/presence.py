"""Where a member stands as of now, in either world: their ladder, what is due, what counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache

from loyalty.common.clock import local_day, start_of_day
from loyalty.common.values import Value, value
from loyalty.engine.facts import Facts, known_facts
from loyalty.engine.plug import Mechanic, live_rules, mechanics
from loyalty.engine.rules import held_out
from loyalty.engine.world import MemberView, World
from loyalty.ledger.states import LotState
from tiers.levels.rules.counting import credits_of
from tiers.levels.rules.keeping import STATUS, read_standing
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.standing import Credit, Standing, Tally, advanced

# Offered by paid memberships: a plan that keeps the level from falling.
PROTECTION = "membership.protects_tier"
Alive = Callable[..., list[LotState]]
Held = tuple[LadderTerms, int]


@value
class Present(Value):
    """A member on a ladder as of now, what is due included."""

    ladder: LadderTerms
    standing: Standing
    rank: int


def rules_of(world: World) -> Sequence[LadderTerms]:
    """Every version of every ladder that counts, as the engine keeps them."""
    return live_rules(_mechanic(), world.terms.programme_id, world.terms.rules_version)


@cache
def _mechanic() -> Mechanic:
    return next(one for one in mechanics() if one.name == "levels")


def code_held(world: World) -> str:
    """The code of the level a member holds now; empty for none. A fact."""
    held = held_by(rules_of(world), Facts(world))
    return held[0].code(held[1]) if held else ""


def rank_held(world: World) -> int:
    """The place of the level they hold now, from 1; 0 for none. A fact."""
    held = held_by(rules_of(world), Facts(world))
    return held[1] if held else 0


def is_early(world: World) -> bool:
    """Does the level they hold now give early access? A fact."""
    held = held_by(rules_of(world), Facts(world))
    level = held[0].level(held[1]) if held else None
    return level is not None and level.early_access


def held_by(rules: Iterable[LadderTerms], facts: Facts) -> Held | None:
    """The ladder and the rank a member holds now, by given rules."""
    ladder = ladder_for(rules, facts)
    return None if ladder is None else (ladder, standing_by(ladder, facts).rank(ladder, facts.now))


def present(world: World) -> Present | None:
    """Where the member stands now; ``None`` where no ladder is for them."""
    return present_by(rules_of(world), Facts(world))


def present_by(rules: Iterable[LadderTerms], facts: Facts) -> Present | None:
    """The same by given rules: a draft's, where it is tried.

    Reads the book only where a review is due that no job has got to yet.
    """
    ladder = ladder_for(rules, facts)
    if ladder is None:
        return None
    standing = standing_by(ladder, facts)
    return Present.made(ladder=ladder, standing=standing, rank=standing.rank(ladder, facts.now))


def standing_by(ladder: LadderTerms, facts: Facts) -> Standing:
    """Where they stand on their ladder as of now, what is due included."""
    standing = read_standing(facts.status(STATUS), ladder)
    due = standing.due_at
    if due is None or due > facts.now:
        return standing
    # What a sale counts for comes last of all, so a review before it is held once for all who ask.
    return facts.lasting(
        ("standing", id(ladder), facts.now), lambda: _advanced(ladder, standing, due, facts)
    )


def _advanced(ladder: LadderTerms, standing: Standing, due: datetime, facts: Facts) -> Standing:
    member, zone = facts.member, facts.terms.timezone
    tally = tally_of(ladder, alive=facts.alive, since=due, member=member, zone=zone)
    return advanced(ladder, standing, tally, now=facts.now, shielded=shielded(facts))


def is_later(at: datetime, facts: Facts) -> bool:
    """Does what happened at an instant have no part in anything that is due by now? What is due by
    what counted is due with the first instant of a day.
    """
    zone = facts.terms.timezone
    return at >= facts.now and at != start_of_day(local_day(at, zone), zone)


def ladder_for(rules: Iterable[LadderTerms], facts: Facts) -> LadderTerms | None:
    """The ladder a member is on now: of those in force for them the one of highest priority."""
    now = facts.now
    for one in rules:
        if in_force(one, now) and (one.is_for_all or _is_for(one, facts)):
            return one
    return None


def in_force(ladder: LadderTerms, at: datetime) -> bool:
    """Does this version hold at an instant?"""
    return (ladder.starts_at is None or ladder.starts_at <= at) and (
        ladder.ends_at is None or at < ladder.ends_at
    )


def _is_for(ladder: LadderTerms, facts: Facts) -> bool:
    if ladder.holdout_bp and held_out(ladder.family, facts.member.public_id, ladder.holdout_bp):
        return False
    asked = (*ladder.audience, *(ladder.pilot_audience if ladder.pilot else ()))
    return all(one.fact in known_facts() and one.holds(facts.__getitem__) for one in asked)


def shielded(facts: Facts) -> bool:
    """Does something keep the level from falling?"""
    return PROTECTION in known_facts() and bool(facts[PROTECTION])


def tally_of(
    ladder: LadderTerms,
    *,
    alive: Alive,
    since: datetime,
    member: MemberView,
    zone: str,
    fresh: Sequence[Credit] = (),
) -> Tally:
    """What counted and was alive at or after an instant. A query for each thing counted.

    Args:
        fresh: what is about to be credited.
    """
    found = list(fresh)
    for basis, asset in ladder.assets.items():
        found += credits_of(basis, alive(asset, since=since))
    return Tally.made(credits=found, joined_on=local_day(member.joined_at, zone), zone=zone)
