"""Points given or taken by hand: with a text the member sees, and a second person above a limit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, Refused
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.results import BalanceView, balance_views
from loyalty.engine.validity import NO_WAIT, lot_terms
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from rewards.points.models import Adjustment
from rewards.points.results import AdjustmentResult
from rewards.points.rules import MAX_POINTS
from rewards.points.selectors import adjustment_view, settings_of

State = Adjustment.State


@command(
    "points.adjust",
    label=_("Points adjusted by hand"),
    permission="points:adjust",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def adjust_points(
    ctx: Context, *, member: str, amount: int, text: str, note: str = "", asset: str = "points"
) -> AdjustmentResult:
    """Give (or, negative, take) points. Above the programme's limit a second person must agree.

    Args:
        text: why, as the member reads it; ``note`` is for staff alone.

    Raises ``NotFound`` (member, asset), ``Invalid`` by field, ``Refused`` (too few points).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state in (Member.State.ERASED, Member.State.MERGED):
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    settings_of(asset)
    _check(amount, text, note)
    adjustment = Adjustment(
        programme=ctx.programme,
        member=row,
        asset=asset,
        amount=amount,
        text=text.strip(),
        note=note.strip(),
        state=State.WAITING,
        asked_by_id=ctx.actor.id,
        asked_by=ctx.actor.label[:200],
        asked_at=ctx.now,
    )
    balances: tuple[BalanceView, ...] = ()
    if abs(amount) <= ctx.programme.adjust_limit:
        adjustment.state = State.APPLIED
        adjustment.decided_by_id, adjustment.decided_by = ctx.actor.id, ctx.actor.label[:200]
        adjustment.decided_at = ctx.now
        balances = _apply(ctx, adjustment, row)
    adjustment.save(force_insert=True)
    _tell(ctx, adjustment, row)
    return adjustment_view(adjustment, balances)


def _adjustment_to_lock(*, adjustment: str, **_rest: Any) -> Lock:
    rows = Adjustment.objects.select_related("member__holder").filter(public_id=adjustment)
    return Lock(rows=rows, of=("self", "member", "member__holder"))


@command(
    "points.approve_adjustment",
    label=_("Adjustment of points approved"),
    permission="points:approve",
    lock=_adjustment_to_lock,
)
def approve_adjustment(ctx: Context, *, adjustment: str, note: str = "") -> AdjustmentResult:
    """Agree to an adjustment another person asked for; it is applied now.

    Raises ``NotFound``, ``Refused`` (``not_waiting``, ``own_adjustment``, too few points).
    """
    row = _to_decide(ctx, note)
    row.state = State.APPLIED
    balances = _apply(ctx, row, row.member)
    return _decided(ctx, row, note, balances)


@command(
    "points.reject_adjustment",
    label=_("Adjustment of points refused"),
    permission="points:approve",
    lock=_adjustment_to_lock,
)
def reject_adjustment(ctx: Context, *, adjustment: str, note: str = "") -> AdjustmentResult:
    """Turn an adjustment down; whoever asked for it may also take it back.

    Raises ``NotFound``, ``Refused`` (``not_waiting``).
    """
    row = _to_decide(ctx, note, by_another=False)
    row.state = State.REJECTED
    return _decided(ctx, row, note, ())


def _check(amount: int, text: str, note: str) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise Invalid("not_an_integer", _("Give a whole number of points."), field="amount")
    if amount == 0 or abs(amount) > MAX_POINTS:
        raise Invalid(
            "out_of_range",
            _("Give a number of points other than 0, at most %(n)s.") % {"n": MAX_POINTS},
            field="amount",
        )
    if not text.strip() or len(text) > 200:
        raise Invalid(
            "required", _("Say why, in 1 to 200 characters: the member reads it."), field="text"
        )
    if len(note) > 4_000:
        raise Invalid("too_long", _("At most 4,000 characters."), field="note")


def _apply(ctx: Context, row: Adjustment, member: Member) -> tuple[BalanceView, ...]:
    world = DatabaseWorld.within(ctx, member)
    world.about(row.public_id, ctx.now)
    transaction = world.transaction("adjustment")
    details = {"text": row.text, "adjustment": row.public_id}
    if row.amount > 0:
        expiry = settings_of(row.asset).expiry
        world.book.credit(
            transaction,
            row.asset,
            row.amount,
            pot="adjusted",
            reason="points_adjusted",
            details=details,
            terms=lot_terms(wait=NO_WAIT, expiry=expiry, at=ctx.now, zone=ctx.programme.timezone),
        )
    else:
        world.book.debit(
            transaction,
            row.asset,
            -row.amount,
            pot="adjusted",
            reason="points_adjusted",
            details=details,
            field="amount",
        )
    result = balance_views(world.book)
    world.write(ctx)
    return result


def _to_decide(ctx: Context, note: str, *, by_another: bool = True) -> Adjustment:
    row = ctx.the_locked(Adjustment, code="adjustment_not_found", field="adjustment")
    if row.state != State.WAITING:
        raise Refused(
            "not_waiting",
            _("This adjustment is decided already: %(state)s.")
            % {"state": row.get_state_display()},
            field="adjustment",
        )
    if by_another and row.asked_by_id == ctx.actor.id:
        raise Refused(
            "own_adjustment",
            _("Somebody else has to approve what you asked for."),
            field="adjustment",
        )
    if len(note) > 4_000:
        raise Invalid("too_long", _("At most 4,000 characters."), field="note")
    return row


def _decided(
    ctx: Context, row: Adjustment, note: str, balances: tuple[BalanceView, ...]
) -> AdjustmentResult:
    row.decided_by_id, row.decided_by = ctx.actor.id, ctx.actor.label[:200]
    row.decided_at, row.decision_note = ctx.now, note.strip()
    row.save()
    _tell(ctx, row, row.member)
    return adjustment_view(row, balances)


def _tell(ctx: Context, row: Adjustment, member: Member) -> None:
    data = {
        "adjustment": row.public_id,
        "member": member.public_id,
        "asset": row.asset,
        "amount": row.amount,
        "state": str(row.state),
    }
    publish(ctx, f"points.adjustment_{row.state}", subject=member.public_id, data=data)
    ctx.about(member.public_id, **data)
