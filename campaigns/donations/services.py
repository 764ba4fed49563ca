"""What is written about donations besides sales: a member's wish, points given, payouts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.donations import selectors
from campaigns.donations.models import Cause, Payout
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.engine.activity import ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.models import Activity
from loyalty.engine.run import run
from loyalty.engine.status import Status
from loyalty.ledger.assets import asset_view_of
from loyalty.ledger.errors import insufficient
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

STATUS, POINTS_GIVEN = "donations", "points.donated"
_BY_BOTH = ("donations:write", "self:donations")


@dataclass(frozen=True, kw_only=True)
class WishView:
    """What a member wishes: the cause by id (empty: the shop's choice), and bills rounded up."""

    member: str
    cause: str
    round_up: bool


@dataclass(frozen=True, kw_only=True)
class PointsGiven:
    """Points that left a card for a cause, and what the cause gets for them."""

    member: str
    cause: str
    points: int
    worth_minor: int
    points_left: int


@dataclass(frozen=True, kw_only=True)
class PayoutView:
    """What was handed over to a cause, and what it is owed after it."""

    id: str
    cause: str
    kind: str
    amount_minor: int
    items: int
    paid_on: date
    reference: str
    recorded_by: str
    recorded_at: datetime


def view_of(row: Payout) -> PayoutView:
    """A payout as a value."""
    return PayoutView(
        id=row.public_id,
        cause=row.family,
        kind=str(row.kind),
        amount_minor=row.amount_minor,
        items=row.items,
        paid_on=row.paid_on,
        reference=row.reference,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )


@command(
    "donations.choose",
    label=_("Good cause chosen"),
    permission=(*_BY_BOTH, "purchases:write"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def choose(
    ctx: Context, *, member: str, cause: str | None = None, round_up: bool | None = None
) -> WishView:
    """Keep what a member wishes; ``None`` leaves a part as it is, an empty cause is the shop's choice.

    Raises ``NotFound`` (member, cause), ``Refused`` (``cause_closed``).
    """
    row = _active(ctx)
    world = DatabaseWorld.within(ctx, row)
    before = world.status(STATUS)
    value = before.value if before else ""
    wants = bool(before and before.data.get("round_up"))
    if cause is not None:
        value = _open_cause(cause).family if cause else ""
    if round_up is not None:
        wants = round_up
    world.set_status(STATUS, Status(value=value, since=ctx.now, data={"round_up": wants}))
    world.write(ctx)
    ctx.about(row.public_id, cause=value, round_up=wants)
    return WishView(member=row.public_id, cause=value, round_up=wants)


@command(
    "donations.give_points",
    label=_("Points given to a good cause"),
    permission=_BY_BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def give_points(ctx: Context, *, member: str, cause: str, points: int) -> PointsGiven:
    """Give a member's points to a cause, at what they are worth, rounded down. Cannot be undone.

    Raises ``NotFound``, ``Invalid`` (points), ``Refused`` (``insufficient_balance``,
    ``points_worth_nothing``, ``cause_closed``).
    """
    row = _active(ctx)
    wanted = _open_cause(cause)
    check_minor(points, field="points", minimum=1)
    asset = asset_view_of("points")
    worth = points * asset.value_minor // asset.value_units
    if worth == 0:
        raise Refused("points_worth_nothing", _("So few points are worth nothing."), field="points")
    activity = Activity(
        programme=ctx.programme,
        member=row,
        type=POINTS_GIVEN,
        happened_at=ctx.now,
        recorded_at=ctx.now,
        merchant_id=ctx.actor.merchant_id,
        location_id=ctx.actor.location_id,
        data={"cause": wanted.family, "points": points, "worth_minor": worth},
    )
    activity.key = activity.public_id
    activity.save(force_insert=True)
    world = DatabaseWorld.within(ctx, row)
    world.row = activity
    available = world.book.available("points")
    if available < points:
        raise insufficient("points", points, available, field="points")
    outcome = run(
        world,
        ActivityData(
            type=activity.type,
            key=activity.key,
            public_id=activity.public_id,
            happened_at=activity.happened_at,
            data=activity.data,
        ),
    )
    if not any(one.kind == "give_points" for one in outcome.effects):
        raise _closed()
    left = world.book.available("points")
    world.write(ctx)
    told = {"member": row.public_id, "cause": wanted.family, "points": points, "worth_minor": worth}
    publish(ctx, "points.donated", subject=row.public_id, data=told)
    ctx.about(row.public_id, **told)
    return PointsGiven(
        member=row.public_id,
        cause=wanted.family,
        points=points,
        worth_minor=worth,
        points_left=left,
    )


def _cause_to_lock(cause: str) -> Lock:
    """All payouts of a cause wait for each other at its first version, which never changes."""
    named = Cause.objects.filter(public_id=cause).first()
    return Lock(rows=Cause.objects.filter(public_id=named.family if named else ""))


def _same_payout(
    call: Call,
    error: IntegrityError,
    *,
    cause: str,
    reference: str,
    amount_minor: int | None = None,
    items: int = 0,
    **_rest: Any,
) -> PayoutView:
    """The same payout again is the same payout; another one needs its own reference."""
    family = selectors.access_cause(cause).family
    row = Payout.objects.filter(family=family, reference=reference.strip()).first()
    if row is None:
        raise error
    if amount_minor not in (None, row.amount_minor) or items != row.items:
        raise Conflict(
            "reference_used",
            _("A payout with this reference is recorded already, with another amount."),
            field="reference",
            params={"payout": row.public_id},
        )
    return view_of(row)


@command(
    "donations.pay_out",
    label=_("Donations paid out"),
    permission="donations:transfer",
    lock=lambda *, cause, **_rest: _cause_to_lock(cause),
    recover=_same_payout,
)
def pay_out(
    ctx: Context,
    *,
    cause: str,
    reference: str,
    amount_minor: int | None = None,
    items: int = 0,
    paid_on: date | None = None,
    although_closed: bool = False,
) -> PayoutView:
    """Record what was handed over to a cause.

    Args:
        reference: of the transfer, once for each cause: the same one again pays nothing twice.
        amount_minor: money; ``None`` for all that is owed (none where only ``items`` are given).
        items: things given one for one. ``paid_on``: the day, today unless told.
        although_closed: a cause that is paused or over takes nothing more; what it was given before
            is its own, and is paid out where the caller says that they know it is closed.

    Raises ``NotFound``, ``Invalid``, ``Conflict`` (``reference_used``), ``Refused`` (``cause_closed``
    and ``more_than_owed``, with what is ``owed_minor`` and ``owed_items``).
    """
    the_cause = _the_cause(ctx, cause)
    text = reference.strip()
    _check_reference(text)
    # A twin under another key finds what the first one kept, before anything is judged.
    if Payout.objects.filter(family=the_cause.family, reference=text).exists():
        raise IntegrityError("payout_once")
    owed = selectors.figures_of(the_cause)
    if not although_closed and not selectors.is_open(the_cause):
        raise _closed_payout(owed)
    amount = amount_minor
    if amount is None:
        amount = 0 if items else max(owed.owed_minor, 0)
    check_minor(amount, field="amount_minor")
    check_minor(items, field="items")
    if amount > max(owed.owed_minor, 0) or items > max(owed.owed_items, 0) or not amount + items:
        field = "items" if items > max(owed.owed_items, 0) else "amount_minor"
        raise Refused(
            "more_than_owed",
            _("So much is not owed to this cause."),
            field=field,
            params={"owed_minor": owed.owed_minor, "owed_items": owed.owed_items},
        )
    today = local_day(ctx.now, ctx.programme.timezone)
    day = paid_on or today
    _check_day(day, today=today, begun=selectors.begun_on(the_cause))
    return _keep(ctx, the_cause, Payout.Kind.PAID, amount, items, day, text)


@command(
    "donations.forgive",
    label=_("Debt of a good cause forgiven"),
    permission="donations:transfer",
    lock=lambda *, cause, **_rest: _cause_to_lock(cause),
)
def forgive(ctx: Context, *, cause: str, reason: str) -> PayoutView:
    """Leave to a cause what refunds took back after it was paid out.

    Raises ``NotFound``, ``Invalid`` (reason), ``Refused`` (``nothing_to_forgive``).
    """
    the_cause = _the_cause(ctx, cause)
    owed = selectors.figures_of(the_cause)
    amount, items = max(-owed.owed_minor, 0), max(-owed.owed_items, 0)
    if not amount + items:
        raise Refused("nothing_to_forgive", _("This cause owes nothing."), field="cause")
    text = reason.strip()
    _check_reference(text, field="reason")
    today = local_day(ctx.now, ctx.programme.timezone)
    # A reason is no reference: it may come again.
    unique = f"{text[:50]} {ctx.command.pk}"
    return _keep(ctx, the_cause, Payout.Kind.FORGIVEN, amount, items, today, unique)


def _keep(
    ctx: Context, cause: Cause, kind: str, amount: int, items: int, day: date, reference: str
) -> PayoutView:
    row = Payout.objects.create(
        programme=ctx.programme,
        family=cause.family,
        kind=kind,
        amount_minor=amount,
        items=items,
        paid_on=day,
        reference=reference,
        recorded_by=ctx.actor.label[:200],
        recorded_at=ctx.now,
    )
    told = {"payout": row.public_id, "cause": cause.family, "amount_minor": amount, "items": items}
    publish(ctx, f"donations.{kind}", subject=row.public_id, data=told)
    ctx.about(row.public_id, **told)
    return view_of(row)


def _the_cause(ctx: Context, cause: str) -> Cause:
    if not ctx.locked:
        raise NotFound("cause_not_found", _("There is no such cause."), field="cause")
    return selectors.access_cause(cause)


def _open_cause(cause: str) -> Cause:
    found = selectors.access_cause(cause)
    if not selectors.is_open(found):
        raise _closed()
    return found


def _closed() -> Refused:
    return Refused("cause_closed", _("This cause is closed and takes nothing."), field="cause")


def _closed_payout(owed: selectors.CauseFigures) -> Refused:
    return Refused(
        "cause_closed",
        _("This cause is closed. Say that you know it to pay out what it was given before."),
        field="although_closed",
        params={"owed_minor": owed.owed_minor, "owed_items": owed.owed_items},
    )


def _check_day(day: date, *, today: date, begun: date) -> None:
    if day > today:
        raise Invalid("in_the_future", _("This day lies in the future."), field="paid_on")
    if day < begun:
        text = _("On this day there was no such cause yet.")
        raise Invalid("before_the_cause", text, field="paid_on", params={"begun": str(begun)})


def _active(ctx: Context) -> Member:
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    return row


def _check_reference(text: str, *, field: str = "reference") -> None:
    if not 1 <= len(text) <= 80 or not text.isprintable():
        raise Invalid("required", _("Give 1 to 80 printable characters."), field=field)
