"""Vouchers at the till outside a purchase, and what staff do with them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Context, command
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound, Refused
from loyalty.engine.database import DatabaseWorld
from loyalty.outbox.services import publish
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from rewards.catalog import selectors
from rewards.catalog.models import Voucher
from rewards.catalog.rules import normal_code
from rewards.catalog.services.attempts import count_miss, slow_down
from rewards.catalog.services.redemptions import (
    RedemptionResult,
    cancel,
    change,
    redemption_result,
    voucher_to_lock,
)

_UNUSED = (Voucher.State.ISSUED, Voucher.State.RESERVED)


def check_voucher(*, actor: Actor, code: str) -> Voucher:
    """The voucher of a code, for a till that asks before it uses it.

    Raises ``NotFound``, and ``Refused`` with the reason where it cannot be used (and after too many
    unknown codes).
    """
    actor.require("redemptions:read")
    slow_down(actor.id)
    with in_programme(actor.programme):
        try:
            voucher = selectors.access_voucher(code=code)
        except NotFound:
            _count(actor, code)
            raise
        selectors.check_usable(voucher, at=clock_now())
        return voucher


@command(
    "catalog.use_voucher",
    label=_("Voucher used"),
    permission="redemptions:write",
    lock=lambda *, code, **_rest: voucher_to_lock(code=normal_code(code)),
)
def use_voucher(ctx: Context, *, code: str, member: str = "") -> RedemptionResult:
    """Hand over what a voucher promises, outside a purchase: exactly once.

    Args:
        member: where given, the voucher must be this member's.

    Raises ``NotFound`` and ``Refused`` (``voucher_used``, ``voucher_expired``, ``voucher_void``,
    ``voucher_reserved``, ``too_many_attempts``).
    """
    slow_down(ctx.actor.id)
    if not ctx.locked:
        _count(ctx.actor, code)
    owner = ctx.the_locked(Member, code="voucher_not_found", field="code")
    row = selectors.access_voucher(code=code)
    if member and member != owner.public_id:
        raise NotFound(
            "voucher_of_another_member",
            _("This voucher belongs to another card. Choose that member first."),
            field="code",
        )
    selectors.check_usable(row, at=ctx.now)
    change(
        row,
        to=Voucher.State.USED,
        used_at=ctx.now,
        used_cause=ctx.command.public_id,
        used_by=ctx.actor.label[:200],
        merchant_id=ctx.actor.merchant_id,
        ended_at=ctx.now,
    )
    _tell(ctx, row)
    return redemption_result(row, DatabaseWorld.within(ctx, owner))


@command(
    "catalog.void_voucher",
    label=_("Voucher cancelled"),
    permission="redemptions:write",
    lock=lambda *, voucher, **_rest: voucher_to_lock(voucher=voucher),
)
def void_voucher(ctx: Context, *, voucher: str, reason: str = "") -> RedemptionResult:
    """Cancel an unused voucher; points it cost return to their lots with their dates.

    Raises ``Refused`` where it is used, void or expired already.
    """
    owner = ctx.the_locked(Member, code="voucher_not_found", field="voucher")
    row = selectors.access_voucher(public_id=voucher)
    if row.state not in (Voucher.State.ISSUED, Voucher.State.RESERVED):
        selectors.check_usable(row, at=ctx.now, field="voucher")
        raise Refused("voucher_changed", _("This voucher cannot be cancelled."), field="voucher")
    world = DatabaseWorld.within(ctx, owner)
    cancel(ctx, world, row, reason="voucher_voided")
    _tell(ctx, row, reason=reason)
    ctx.about(row.public_id, reason=reason)
    return redemption_result(row, world)


@command(
    "catalog.void_vouchers_of",
    label=_("Vouchers of an erased card cancelled"),
    permission="redemptions:write",
    lock=lambda *, member: member_to_lock(member),
)
def void_vouchers_of(ctx: Context, *, member: str) -> int:
    """Cancel all unused vouchers of an erased member; answers how many. What they cost is forfeited.

    Raises ``NotFound``. A card that is not erased keeps them.
    """
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    if owner.state != Member.State.ERASED:
        return 0
    rows = list(selectors.vouchers_of(owner).filter(member=owner, state__in=_UNUSED))
    for row in rows:
        change(row, to=Voucher.State.VOID, void_reason="erased", ended_at=ctx.now)
        _tell(ctx, row)
    ctx.about(owner.public_id, vouchers=len(rows))
    return len(rows)


@command(
    "catalog.expire_voucher",
    label=_("Voucher expired"),
    permission="redemptions:write",
    lock=lambda *, voucher: voucher_to_lock(voucher=voucher),
)
def expire_voucher(ctx: Context, *, voucher: str) -> bool:
    """Mark a voucher whose last day is over; answers whether it was still waiting."""
    ctx.the_locked(Member, code="voucher_not_found", field="voucher")
    row = selectors.access_voucher(public_id=voucher)
    if row.state != Voucher.State.ISSUED or row.expires_at is None or row.expires_at > ctx.now:
        return False
    change(row, to=Voucher.State.EXPIRED, ended_at=ctx.now)
    _tell(ctx, row)
    return True


def _count(actor: Actor, code: str) -> None:
    # A typing mistake shows in the check sign and is no guess.
    if normal_code(code):
        count_miss(actor.id)


def _tell(ctx: Context, row: Voucher, **more: object) -> None:
    publish(
        ctx,
        f"voucher.{row.state}",
        subject=row.member.public_id,
        data={
            "voucher": row.public_id,
            "reward": row.reward.public_id,
            "member": row.member.public_id,
            **more,
        },
    )
    ctx.about(row.public_id, state=str(row.state))
