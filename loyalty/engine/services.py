"""Activities other than sales: a birthday, a profile completed, a check-in, a balance brought along.

Whatever a member does goes through the engine once: the type and the key say what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.common.public_ids import new_id
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.database import DatabaseWorld, save_undone
from loyalty.engine.effects import Undone
from loyalty.engine.models import Activity, AppliedEffect
from loyalty.engine.plug import mechanics
from loyalty.engine.results import (
    ActivityResult,
    ActivityTakenBack,
    BalanceView,
    balance_views,
    effect_views,
    stored_effect_view,
)
from loyalty.engine.run import run
from loyalty.engine.undoing import undo_activity
from loyalty.ledger.selectors import balances
from loyalty.outbox.services import publish
from loyalty.tenancy.inserts import Insert
from loyalty.tenancy.models import Location
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

CLOCK_SKEW = timedelta(minutes=5)
# Nothing a shop remembers lies before it; an instant that does is a mistake of whoever sends it.
_FIRST_YEAR = 1990
_MAX_TYPE, _MAX_KEY, _MAX_REASON = 60, 120, 200
_ACTIVITIES = Insert(Activity)


def _happened_already(
    call: Call,
    error: IntegrityError,
    *,
    member: str,
    type: str,
    key: str,
    data: Mapping[str, Any] | None = None,
    **_rest: Any,
) -> ActivityResult:
    """The same thing again is the same thing: it is answered, and counts once. Other data under its key
    is not: it would be lost in silence.
    """
    earlier = Activity.objects.select_related("member").filter(type=type, key=key).first()
    if earlier is None:
        raise error
    if earlier.member.public_id != member:
        raise Conflict(
            "activity_of_another",
            _("This is recorded already, for another member."),
            field="key",
        )
    # What the house itself records is told by its key alone (a review written anew, say).
    if call.actor.kind in ("api_key", "staff") and dict(data or {}) != earlier.data:
        raise Conflict(
            "activity_already_recorded",
            _(
                "This is recorded already, with other data. To correct it, take it back and send "
                "the right one under a new key."
            ),
            field="key",
            params={"activity": earlier.public_id},
        )
    return _recorded(earlier)


@command(
    "engine.record_activity",
    label=_("Activity recorded"),
    permission="activities:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
    recover=_happened_already,
)
def record_activity(
    ctx: Context,
    *,
    member: str,
    type: str,
    key: str,
    happened_at: datetime | None = None,
    location: str = "",
    data: Mapping[str, Any] | None = None,
) -> ActivityResult:
    """Record something a member did, other than a sale, and everything it has for effects.

    Args:
        type: dotted, such as ``member.birthday`` or ``visit``.
        key: identifies it for ever within its type: the same one never counts twice.

    Raises ``NotFound`` (member, location), ``Invalid`` by field, ``Refused`` (member not active).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    _check(type, key)
    place = _place(location)
    activity = ActivityData(
        type=type,
        key=key,
        public_id=new_id("act"),
        happened_at=check_happened_at(happened_at, now=ctx.now),
        location=location,
        data=dict(data or {}),
    )
    stored = Activity(
        programme=ctx.programme,
        public_id=activity.public_id,
        member=row,
        type=type,
        key=key,
        happened_at=activity.happened_at,
        recorded_at=ctx.now,
        merchant_id=ctx.actor.merchant_id,
        location_id=place or ctx.actor.location_id,
        data=dict(activity.data),
    )
    _ACTIVITIES.keep([stored])
    world = DatabaseWorld.within(ctx, row, location_id=place)
    world.row = stored
    outcome = run(world, activity)
    result = ActivityResult(
        activity=stored.public_id,
        member=row.public_id,
        type=type,
        happened_at=activity.happened_at,
        effects=effect_views(outcome.effects),
        balances=balance_views(world.book),
    )
    world.write(ctx)
    told = {"member": row.public_id, "activity": stored.public_id, "type": type}
    publish(ctx, "activity.recorded", subject=row.public_id, data=told)
    ctx.about(row.public_id, type=type, key=key)
    return result


def take_back_activity(ctx: Context, activity: Activity) -> tuple[Undone, ...]:
    """Undo all that an activity other than a sale gave, by the rule of that day; a second time nothing.

    Works within a command that has locked the member's holder: what an activity stands for is gone
    (a review that was removed). Answers what was undone now.
    """
    undone, world = undo_activity(
        ctx, activity, cause=activity.public_id, at=ctx.now, undo_reason="taken_back"
    )
    world.write(ctx)
    save_undone(undone)
    told = {"member": activity.member.public_id, "activity": activity.public_id}
    publish(
        ctx,
        "activity.taken_back",
        subject=activity.member.public_id,
        data={**told, "type": activity.type},
    )
    return tuple(undone)


@command(
    "engine.take_back_activity",
    label=_("Activity taken back"),
    permission="activities:write",
    lock=lambda *, activity, **_rest: member_to_lock(_whose(activity)),
)
def correct_activity(ctx: Context, *, activity: str, reason: str) -> ActivityTakenBack:
    """Take back an activity that was told by mistake: all it gave falls by the rule of that day, points
    already spent leave the debt of the programme's policy. A second time nothing more falls.

    Raises ``NotFound``, ``Invalid`` (reason; a purchase, or what the house records by itself).
    """
    member = ctx.the_locked(Member, code="activity_not_found", field="activity")
    row = Activity.objects.select_related("member").get(public_id=activity, member=member)
    elsewhere = ctx.actor.confined_to is not None and row.merchant_id != ctx.actor.confined_to
    if elsewhere:
        raise NotFound("activity_not_found", _("There is no such activity."), field="activity")
    if row.type == PURCHASE:
        raise Invalid("is_a_purchase", _("Refund a purchase instead."), field="activity")
    refuse_own_activities(row.type, field="activity")
    text = reason.strip()
    if not 1 <= len(text) <= _MAX_REASON or not text.isprintable():
        raise Invalid("required", _("Say why it is taken back."), field="reason")
    undone = take_back_activity(ctx, row)
    ctx.about(member.public_id, activity=activity, type=row.type, reason=text)
    return ActivityTakenBack(
        activity=activity,
        member=member.public_id,
        type=row.type,
        undone=len(undone),
        points=sum(one.amount for one in undone if one.applied.asset == "points"),
    )


def _whose(activity: str) -> str:
    rows = Activity.objects.filter(public_id=activity)
    return rows.values_list("member__public_id", flat=True).first() or ""


def refuse_own_activities(type: str, *, field: str = "type") -> None:
    """Raise ``Invalid`` for an activity nobody outside may report: it would give what it claims.

    Joining, birthdays and all of ``member.*`` and ``club.*`` are recorded by the house, as are those that
    mechanics name as their own (stamps given by hand, balances brought along).
    """
    own = {name for mechanic in mechanics() for name in mechanic.own_activities}
    if type.startswith(("member.", "club.")) or type in own:
        raise Invalid(
            "reserved_activity",
            _("“%(type)s” is recorded by the programme itself. Choose another name.")
            % {"type": type[:_MAX_TYPE]},
            field=field,
        )


def _check(type: str, key: str) -> None:
    words = type.replace(".", "_")
    if not words.isidentifier() or not words.isascii() or len(type) > _MAX_TYPE:
        raise Invalid(
            "bad_activity_type",
            _("An activity is named by words and dots, such as “visit” or “review.published”."),
            field="type",
        )
    if type == PURCHASE:
        raise Invalid("bad_activity_type", _("Record a purchase as a purchase."), field="type")
    if not 1 <= len(key) <= _MAX_KEY or not key.isprintable():
        raise Invalid("bad_key", _("Give a key of 1 to 120 printable characters."), field="key")


def check_happened_at(
    value: datetime | None, *, now: datetime, field: str = "happened_at"
) -> datetime:
    """When something happened: now, unless an earlier instant was given. Raises ``Invalid``."""
    if value is None:
        return now
    if value.tzinfo is None:
        raise Invalid("no_time_zone", _("Give the time with its time zone."), field=field)
    if value > now + CLOCK_SKEW:
        raise Invalid("in_the_future", _("This lies in the future. Check the clock."), field=field)
    if value.year < _FIRST_YEAR:
        raise Invalid("too_long_ago", _("This lies too far in the past."), field=field)
    return min(value, now)


def _place(location: str) -> int | None:
    if not location:
        return None
    row = Location.objects.filter(public_id=location, is_active=True).first()
    if row is None:
        raise NotFound("location_not_found", _("There is no such location."), field="location")
    return row.pk


def _recorded(activity: Activity) -> ActivityResult:
    effects = AppliedEffect.objects.select_related("entry").filter(activity=activity)
    return ActivityResult(
        activity=activity.public_id,
        member=activity.member.public_id,
        type=activity.type,
        happened_at=activity.happened_at,
        effects=tuple(stored_effect_view(row) for row in effects.order_by("id")),
        balances=tuple(
            BalanceView(
                asset=one.asset,
                balance=one.balance,
                available=one.available,
                pending=one.pending,
                debt=one.debt,
            )
            for one in balances(holder_id=activity.member.holder_id)
        ),
        duplicate=True,
    )
