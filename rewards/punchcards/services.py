"""Stamps given at the counter without a sale, and taken back. Cards are written as rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.engine.activity import ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.models import Activity, AppliedEffect
from loyalty.engine.run import run
from loyalty.engine.undoing import undo_activity
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from rewards.punchcards.mechanic import GIVEN, TOGETHER
from rewards.punchcards.models import PunchCard
from rewards.punchcards.rules import picture
from rewards.punchcards.selectors import access_card


@dataclass(frozen=True, kw_only=True)
class StampsResult:
    """A member's card after stamps were given or taken.

    Args:
        given: id to take them back by.
        stamps: how many were put on (negative: taken off); limits may have made them fewer.
        rewards: public ids of the vouchers a full card or a place on the way gave.
    """

    given: str
    member: str
    card: str
    stamps: int
    rewards: tuple[str, ...]
    filled: int
    places: int
    debt: int
    happened_at: datetime


@command(
    "punchcards.give_stamps",
    label=_("Stamps given by hand"),
    permission=("punchcards:write", "purchases:write"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def give_stamps(
    ctx: Context, *, member: str, card: str, stamps: int = 1, text: str = ""
) -> StampsResult:
    """Put stamps on a member's card without a sale, at most one card full at a time.

    Raises ``NotFound`` (member, card), ``Invalid`` (stamps), ``Refused`` (``member_not_active``,
    ``no_stamp``: the card is not live for this member, or its limit is reached).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    wanted = access_card(card)
    check_minor(stamps, field="stamps", minimum=1, maximum=wanted.stamps_needed)
    data = {"card": wanted.family, "stamps": stamps, "text": text[:200]}
    activity = _new_activity(ctx, row, GIVEN, data)
    activity.save(force_insert=True)
    world = DatabaseWorld.within(ctx, row)
    world.row = activity
    outcome = run(world, _data_of(activity))
    mine = [one for one in outcome.effects if one.kind == "stamp_card"]
    if not mine:
        raise Refused(
            "no_stamp",
            _("“%(card)s” takes no stamp now: it is not live, or its limit is reached.")
            % {"card": wanted.name},
            field="card",
        )
    world.write(ctx)
    given = sum(one.amount for one in mine)
    _tell(ctx, activity, wanted, given)
    vouchers = [one.memo["voucher"] for one in outcome.effects if "voucher" in one.memo]
    return _result(activity, wanted, world, stamps=given, rewards=tuple(vouchers))


@command(
    "punchcards.fill_cards",
    label=_("Full cards exchanged"),
    permission="punchcards:write",
    lock=lambda *, member: member_to_lock(member),
)
def fill_cards(ctx: Context, *, member: str) -> tuple[str, ...]:
    """Exchange cards that stamps from another card have filled; answers the vouchers' public ids.

    Raises ``NotFound``. A member who is not active gets nothing.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        return ()
    activity = _new_activity(ctx, row, TOGETHER, {})
    activity.save(force_insert=True)
    world = DatabaseWorld.within(ctx, row)
    world.row = activity
    outcome = run(world, _data_of(activity))
    world.write(ctx)
    ctx.about(activity.public_id, member=member)
    return tuple(one.memo["voucher"] for one in outcome.effects if "voucher" in one.memo)


def _new_activity(ctx: Context, member: Member, type: str, data: dict[str, Any]) -> Activity:
    activity = Activity(
        programme=ctx.programme,
        member=member,
        type=type,
        happened_at=ctx.now,
        recorded_at=ctx.now,
        merchant_id=ctx.actor.merchant_id,
        location_id=ctx.actor.location_id,
        data=data,
    )
    activity.key = activity.public_id
    return activity


def _data_of(activity: Activity) -> ActivityData:
    return ActivityData(
        type=activity.type,
        key=activity.key,
        public_id=activity.public_id,
        happened_at=activity.happened_at,
        data=activity.data,
    )


def _giving(given: str) -> Lock:
    rows = Member.objects.select_related("holder").filter(
        activities__public_id=given, activities__type=GIVEN
    )
    return Lock(rows=rows, of=("self", "holder"))


@command(
    "punchcards.take_stamps_back",
    label=_("Stamps taken back"),
    permission=("punchcards:write", "purchases:write"),
    lock=lambda *, given: _giving(given),
)
def take_stamps_back(ctx: Context, *, given: str) -> StampsResult:
    """Undo stamps given at the counter, like a refund: an unused reward they filled is void again.

    Raises ``NotFound``, ``Refused`` (``already_taken_back``).
    """
    row = ctx.the_locked(Member, code="stamps_not_found", field="given")
    activity = Activity.objects.get(public_id=given)
    wanted = _card_of(activity)
    activity.member = row
    undone, world = undo_activity(ctx, activity, cause=activity.public_id, at=ctx.now)
    if not undone:
        raise Refused("already_taken_back", _("These stamps were taken back already."))
    world.write(ctx)
    AppliedEffect.objects.bulk_update(
        [AppliedEffect(pk=one.applied.id, undone=one.applied.undone) for one in undone],
        ["undone"],
    )
    taken = sum(one.amount for one in undone if one.applied.kind == "stamp_card")
    _tell(ctx, activity, wanted, -taken)
    return _result(activity, wanted, world, stamps=-taken, rewards=())


def _card_of(activity: Activity) -> PunchCard:
    card: PunchCard | None = PunchCard.objects.filter(public_id=activity.data["card"]).first()
    if card is None:
        raise NotFound("card_not_found", _("There is no such punch card."), field="card")
    return card


def _tell(ctx: Context, activity: Activity, card: PunchCard, stamps: int) -> None:
    member = activity.member.public_id
    publish(
        ctx,
        "stamps.given" if stamps > 0 else "stamps.taken_back",
        subject=member,
        data={"given": activity.public_id, "card": card.family, "stamps": stamps, "member": member},
    )
    ctx.about(activity.public_id, card=card.family, stamps=stamps, member=member)


def _result(
    activity: Activity,
    card: PunchCard,
    world: DatabaseWorld,
    *,
    stamps: int,
    rewards: tuple[str, ...],
) -> StampsResult:
    terms = card.terms()
    account = world.book.account(terms.asset)
    seen = picture(terms, balance=account.balance, spent=account.spent)
    return StampsResult(
        given=activity.public_id,
        member=world.member.public_id,
        card=card.public_id,
        stamps=stamps,
        rewards=rewards,
        filled=seen.filled,
        places=seen.places,
        debt=seen.debt,
        happened_at=activity.happened_at,
    )
