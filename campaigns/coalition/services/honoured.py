"""Rewards that one merchant sells and another hands over: what was paid goes to who hands over.

Events of one voucher may come twice and in any order; their ids sort by time, so that what is older
than what is known changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns.coalition.models import HonouredReward
from loyalty.commands.decorator import Context, Lock, command
from loyalty.ledger.clearing import paid_for
from members.profiles.models import Holder


def _holder_to_lock(*, voucher: str, **_rest: object) -> Lock:
    paid = paid_for(voucher)
    return Lock(rows=Holder.objects.filter(pk=paid.holder_id if paid else None))


@command(
    "coalition.follow_reward",
    label=_("Reward of one merchant used at another"),
    permission="coalition:settle",
    lock=_holder_to_lock,
)
def follow_reward(
    ctx: Context, *, voucher: str, event: str, happened_at: datetime, used_at: int | None
) -> int:
    """Take over where a voucher was used, or that it no longer is; answers the points it moves.

    Args:
        used_at: key of the merchant that handed it over; ``None`` where it is not used (any more).
    """
    paid = paid_for(voucher)
    if paid is None:
        return 0
    rows = HonouredReward.objects.filter(voucher=voucher)
    last = rows.order_by("-event").first()
    if last is not None and last.event >= event:
        return 0
    stands = last is not None and last.units > 0
    units, whose, at = 0, used_at, happened_at
    if stands and used_at is None:
        assert last is not None
        units, whose, at = -last.units, last.merchant_id, last.used_at
    elif not stands and used_at is not None and used_at != paid.merchant_id:
        units = paid.units
    HonouredReward.objects.create(
        programme=ctx.programme,
        voucher=voucher,
        event=event,
        merchant_id=whose,
        seller_id=paid.merchant_id,
        asset=paid.asset,
        units=units,
        sold_at=paid.recorded_at,
        used_at=at,
        recorded_at=ctx.now,
    )
    ctx.about(voucher, units=units)
    return units
