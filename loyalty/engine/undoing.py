"""Undoing what an activity gave, live: in the world of the person it was given to, wherever that is now.

Where the card was merged since, and what both stood for joined, the survivor's statuses are corrected:
the balances are there already. What the merged card keeps of its own for the day they are taken apart
is corrected beside it, as if this had come before the merge.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from loyalty.commands.decorator import Context
from loyalty.engine.activity import Sale
from loyalty.engine.cards import JOINED, cards_of, moved_on
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.effects import Undone
from loyalty.engine.models import Activity, AppliedEffect
from loyalty.engine.run import undo
from loyalty.engine.status import Status
from loyalty.engine.statuses import load_statuses, write_statuses
from members.profiles.models import Member


def undo_activity(
    ctx: Context,
    activity: Activity,
    *,
    cause: str,
    at: datetime,
    sale: Sale | None = None,
    portions: dict[int, Fraction] | None = None,
    undo_reason: str = "refund",
    location_id: int | None = None,
    merchant_id: int | None = None,
) -> tuple[list[Undone], DatabaseWorld]:
    """Undo what an activity gave, by what of it is gone; its member's holder is locked.

    Args:
        cause: public id of what undoes it, and when that happened.
        portions: per line of the sale, the cumulative portion that is gone, 0 to 1; ``None``: all of it.

    The world is to be written by the caller, and then what was undone (``save_undone``).
    """
    cards = cards_of(activity.member)

    def undone_as(*cards: Member) -> tuple[list[Undone], DatabaseWorld]:
        world = DatabaseWorld.within(
            ctx, activity.member, location_id=location_id, merchant_id=merchant_id, cards=cards
        )
        world.row, world.undo_reason = activity, undo_reason
        world.about(cause, at)
        given = world.records(AppliedEffect.objects.filter(activity=activity).order_by("id"))
        gone = portions
        if gone is None:
            gone = {line: Fraction(1) for one in given for line, _weight in one.basis}
        bought = sale or Sale(currency=ctx.programme.currency, lines=())
        return undo(world, given, bought, gone), world

    undone, world = undone_as(*cards)
    if len(cards) > 1:
        apart = [undone_as(*cards[:number])[1] for number in range(1, len(cards))]
        _keep(ctx, cards, [*apart, world])
    return undone, world


def _keep(ctx: Context, cards: list[Member], worlds: list[DatabaseWorld]) -> None:
    """Write where each card stands; of the worlds of merged cards nothing else is ever written."""
    before = load_statuses([card.pk for card in cards])
    after = {
        card.pk: world.take_changed_statuses() for card, world in zip(cards, worlds, strict=True)
    }
    for card, onto in pairwise(cards):
        note: Status = before[card.pk][JOINED]
        for name, status in after[onto.pk].items():
            note = moved_on(note, name, before=before[onto.pk].get(name), after=status)
        if note is not before[card.pk][JOINED]:
            after[card.pk][JOINED] = note
    write_statuses([(card, after[card.pk]) for card in cards], at=ctx.now)
