"""Check-ins, and what staff do for streaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from campaigns.challenges import selectors
from campaigns.challenges.rules.codes import is_code
from campaigns.challenges.rules.periods import unit_number
from campaigns.challenges.rules.prizes import POINTS
from campaigns.challenges.rules.streaks import KEPT, as_status, streak_state
from loyalty.commands.decorator import Context, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Invalid, Refused
from loyalty.common.values import changed
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity
from members.profiles.models import Member
from members.profiles.rules.names import clean_name
from members.profiles.selectors import member_to_lock

CHECK_IN, REPAIRED = "check_in", "streak.repaired"


@dataclass(frozen=True, kw_only=True)
class CheckedIn:
    """A check-in: ``is_new`` is false for the second one of a local day, which gives nothing."""

    member: str
    day: date
    is_new: bool
    points: int
    happened_at: datetime


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """A streak after a day was counted as kept."""

    member: str
    streak: str
    length: int


@command(
    "challenges.check_in",
    label=_("Checked in"),
    permission=("challenges:write", "purchases:write", "self:check_in"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def check_in(ctx: Context, *, member: str, location: str = "", code: str = "") -> CheckedIn:
    """Count a member's day, once for each local day of theirs, by our clock alone.

    Args:
        location: the place they say they are at; then ``code`` must be the one its till shows.

    Raises ``NotFound`` (member, location), ``Refused`` (``wrong_code``, ``scan_at_shop``,
    ``member_not_active``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if (location or code) and not is_code(location, code, ctx.now):
        raise Refused(
            "wrong_code",
            _("This is not the code the till shows now. Look again, it changes every minute."),
            field="code",
        )
    if not location and selectors.checks_in_at_shops_alone():
        raise Refused(
            "scan_at_shop",
            _("Check-ins count in the shop: scan the code at the counter."),
            field="code",
        )
    day = local_day(ctx.now, row.timezone or ctx.programme.timezone)
    key = f"{row.public_id}:{day.isoformat()}"
    if Activity.objects.filter(type=CHECK_IN, key=key).exists():
        return CheckedIn(member=row.public_id, day=day, is_new=False, points=0, happened_at=ctx.now)
    done = record_activity.within(ctx, member=member, type=CHECK_IN, key=key, location=location)
    points = sum(one.amount for one in done.effects if one.asset == POINTS)
    return CheckedIn(member=row.public_id, day=day, is_new=True, points=points, happened_at=ctx.now)


@command(
    "challenges.repair_streak",
    label=_("Streak repaired"),
    permission="challenges:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def repair_streak(ctx: Context, *, member: str, streak: str, day: date, reason: str) -> Repaired:
    """Count a missed day (or its week) as kept, with the reason; what the row reaches is given.

    Raises ``NotFound`` (member, streak), ``Invalid`` (``day``, ``reason``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    terms = selectors.running_streak(streak).terms()
    text = clean_name(reason, field="reason", longest=200)
    if not text:
        raise Invalid("required", _("Say why it is repaired."), field="reason")
    today = unit_number(terms.unit, local_day(ctx.now, row.timezone or ctx.programme.timezone))
    unit = unit_number(terms.unit, day)
    if not today - KEPT < unit <= today:
        raise Invalid("out_of_range", _("Choose a day of the last months."), field="day")
    record_activity.within(
        ctx,
        member=member,
        type=REPAIRED,
        key=f"{row.public_id}:{terms.family}:{unit}",
        data={"streak": terms.family, "unit": unit, "text": text},
    )
    shown = selectors.streak_progress(row, at=ctx.now)
    length = next(one.length for one in shown if one.streak == terms.public_id)
    ctx.about(row.public_id, streak=terms.family, day=day.isoformat(), reason=text)
    return Repaired(member=row.public_id, streak=terms.family, length=length)


@dataclass(frozen=True, kw_only=True)
class FreezesGiven:
    """A streak after staff gave freezes: how many the member has now."""

    member: str
    streak: str
    freezes: int


@command(
    "challenges.give_freezes",
    label=_("Freezes given"),
    permission="challenges:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def give_freezes(
    ctx: Context, *, member: str, streak: str, freezes: int, reason: str
) -> FreezesGiven:
    """Give a member freezes of a streak, with the reason; never more than the streak lets one have.

    Raises ``NotFound`` (member, streak), ``Invalid`` (``freezes``, ``reason``), ``Refused``
    (``freezes_full``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    terms = selectors.running_streak(streak).terms()
    text = clean_name(reason, field="reason", longest=200)
    if not text:
        raise Invalid("required", _("Say why they are given."), field="reason")
    world = DatabaseWorld.within(ctx, row)
    state = streak_state(world.status(terms.status), terms)
    most = max(terms.freezes_most - (state.freezes or 0), 0)
    if not most:
        raise Refused(
            "freezes_full",
            _("This member has %(n)s freezes already, as many as the streak lets one have.")
            % {"n": state.freezes or 0},
            field="freezes",
            params={"maximum": terms.freezes_most},
        )
    if not 1 <= freezes <= most:
        raise Invalid(
            "out_of_range",
            _("Give a number from %(minimum)s to %(maximum)s.") % {"minimum": 1, "maximum": most},
            field="freezes",
            params={"minimum": 1, "maximum": most},
        )
    after = changed(state, freezes=(state.freezes or 0) + freezes)
    world.set_status(terms.status, as_status(after, now=ctx.now))
    world.write(ctx)
    ctx.about(row.public_id, streak=terms.family, freezes=freezes, reason=text)
    return FreezesGiven(
        member=row.public_id, streak=terms.family, freezes=(state.freezes or 0) + freezes
    )
