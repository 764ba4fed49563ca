"""The engine: an activity goes in, effects are applied phase by phase, their records come out.

The same function runs live and in memory. Undoing walks the records of what was applied, newest
first, by the cumulative share of their cause that is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from loyalty.common.values import changed
from loyalty.engine.activity import ActivityData, Sale
from loyalty.engine.effects import EFFECTS, Applied, Deduction, Undone
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Multiplier, PriceOffer, Rulebook, rulebook
from loyalty.engine.rules import share_of
from loyalty.engine.world import World


class Outcome(NamedTuple):
    """The activity as it stood in the end, and the records of all effects."""

    activity: ActivityData
    effects: tuple[Applied, ...]


Loaded = Sequence[tuple[Mechanic, Sequence[Any]]]


def load(world: World) -> Loaded:
    """All mechanics with their live rules, those without rules left out."""
    return rulebook(world.terms.programme_id, world.terms.rules_version)


def run(world: World, activity: ActivityData, loaded: Loaded | None = None) -> Outcome:
    """Apply everything this activity has for effects; answers what was done, in order.

    What prices or pays the sale changes the activity that later mechanics see.

    Args:
        loaded: rules to run by, for previews of drafts; the live ones otherwise.
    """
    loaded = load(world) if loaded is None else loaded
    book = loaded if isinstance(loaded, Rulebook) else Rulebook(loaded)
    answering = book.answering(activity)
    at = activity.happened_at
    world.about(activity.public_id or activity.key, at)
    world.activity = activity
    factors: list[Multiplier] = []
    offers: list[PriceOffer] = []
    done: list[Applied] = []
    facts = Facts(world, factors, offers, done)
    for mechanic, rules in answering.multiplying:
        factors += mechanic.multipliers(activity, rules, facts)
    for mechanic, rules in answering.offering:
        offers += mechanic.price_offers(activity, rules, facts)
    for members in answering.phases:
        facts.forget()
        for mechanic, rules in members:
            for effect in mechanic.evaluate(activity, rules, facts):
                applied = effect.apply(world)
                world.note(applied, at=at)
                done.append(applied)
                if applied.deductions:
                    activity = world.activity = deduct(activity, applied.deductions)
    return Outcome(activity, tuple(done))


def deduct(activity: ActivityData, deductions: Iterable[Deduction]) -> ActivityData:
    """The activity with lines lowered by discounts, and paid in part by points or vouchers."""
    assert activity.sale is not None
    lines = {line.number: line for line in activity.sale.lines}
    paid = {"points": 0, "voucher": 0, "credit": 0}
    for one in deductions:
        line = lines[one.line]
        assert 0 <= one.amount_minor <= line.left_minor, one
        if one.means == "discount":
            lines[one.line] = line.cheaper(one.amount_minor)
            continue
        paid[one.means] += one.amount_minor
        lines[one.line] = changed(
            line,
            paid_minor=line.paid_minor + one.amount_minor,
            free_milli=line.free_milli + one.free_milli,
            earning_minor=max(line.earning_minor - one.amount_minor, 0),
        )
    sale = changed(
        activity.sale,
        lines=tuple(lines.values()),
        paid_with_points_minor=activity.sale.paid_with_points_minor + paid["points"],
        paid_with_vouchers_minor=activity.sale.paid_with_vouchers_minor + paid["voucher"],
        paid_with_credit_minor=activity.sale.paid_with_credit_minor + paid["credit"],
    )
    return changed(activity, sale=sale)


def undo(
    world: World, effects: Sequence[Applied], sale: Sale, portions: dict[int, Fraction]
) -> list[Undone]:
    """Undo applied effects, newest first, by what is refunded so far.

    Args:
        effects: the records of the activity, oldest first.
        portions: per line, the cumulative portion that has been refunded, 0 to 1.

    The answer holds effects of other activities too, where undoing these made them fall.
    """
    undone: list[Undone] = []
    for applied in reversed(effects):
        share = share_of(applied.basis, sale, portions)
        amount = EFFECTS[applied.kind].undo(world, applied, share)
        if amount:
            world.note_undone(applied, amount)
            undone.append(Undone(applied, amount))
    return undone + world.take_besides()
