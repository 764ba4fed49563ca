"""Prepaid blocks: bought, warned of when they run out, and the rest paid back to who leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns.coalition import rules, selectors
from campaigns.coalition.models import PrepaidAccount, PrepaidBlock
from campaigns.coalition.services.terms import MAX_POINTS, merchant_to_lock, the_merchant
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Conflict, Invalid, Refused
from loyalty.common.money import check_minor
from loyalty.outbox.services import publish
from loyalty.tenancy.models import Merchant


@dataclass(frozen=True, kw_only=True)
class PrepaidBought:
    """A block (or, with negative points, its rest paid back), and the points left after it."""

    id: str
    merchant: str
    points: int
    price_minor: int
    bought_on: date
    reference: str
    points_left: int


@dataclass(frozen=True, kw_only=True)
class LowNotice:
    """What is left of a merchant's prepaid points, and whether this was told just now."""

    merchant: str
    points_left: int
    told: bool


def view_of(row: PrepaidBlock, *, merchant: Merchant, points_left: int) -> PrepaidBought:
    """A block as a value."""
    return PrepaidBought(
        id=row.public_id,
        merchant=merchant.public_id,
        points=row.points,
        price_minor=row.price_minor,
        bought_on=row.bought_on,
        reference=row.reference,
        points_left=points_left,
    )


def _same_block(
    call: Call,
    error: IntegrityError,
    *,
    merchant: str,
    reference: str,
    points: int,
    price_minor: int,
    **_rest: Any,
) -> PrepaidBought:
    """The same block again is the same block; another one needs its own reference."""
    row = PrepaidBlock.objects.select_related("merchant").filter(
        merchant__public_id=merchant, reference=reference.strip()
    )
    found = row.first()
    if found is None:
        raise error
    if (found.points, found.price_minor) != (points, price_minor):
        raise Conflict(
            "reference_used",
            _("A block with this reference is recorded already, with other figures."),
            field="reference",
            params={"block": found.public_id},
        )
    account = PrepaidAccount.objects.get(merchant=found.merchant)
    return view_of(found, merchant=found.merchant, points_left=account.left)


@command(
    "coalition.buy_block",
    label=_("Prepaid block bought"),
    permission="coalition:write",
    lock=merchant_to_lock,
    recover=_same_block,
)
def buy_block(
    ctx: Context,
    *,
    merchant: str,
    points: int,
    price_minor: int,
    reference: str,
    bought_on: date | None = None,
) -> PrepaidBought:
    """Record a block of points that a merchant paid for in advance.

    Args:
        price_minor: what it paid in all. ``reference``: of the payment, once for each merchant.

    Raises ``NotFound``, ``Invalid`` by field, ``Conflict`` (``reference_used``), ``Refused``
    (``merchant_left``).
    """
    row = the_merchant(ctx)
    last = selectors.terms_of(row).first()
    today = local_day(ctx.now, ctx.programme.timezone)
    if last is not None and last.billing == rules.LEFT and last.starts_on <= today:
        text = _("This merchant has left: it could not use a block. Give it new terms first.")
        raise Refused("merchant_left", text, field="merchant")
    check_minor(points, field="points", minimum=1, maximum=MAX_POINTS)
    check_minor(price_minor, field="price_minor")
    return _keep(ctx, row, points, price_minor, reference, bought_on)


@command(
    "coalition.refund_rest",
    label=_("Rest of prepaid blocks paid back"),
    permission="coalition:write",
    lock=merchant_to_lock,
)
def refund_rest(
    ctx: Context, *, merchant: str, reference: str, paid_on: date | None = None
) -> PrepaidBought:
    """Record that a merchant who left got back what is left of its blocks, at what they had cost.

    Raises ``NotFound``, ``Invalid``, ``Conflict`` (``reference_used``), ``Refused`` (``not_left``,
    ``nothing_left``).
    """
    row = the_merchant(ctx)
    text = reference.strip()
    again = PrepaidBlock.objects.filter(merchant=row, reference=text, points__lt=0).first()
    if again is not None:
        return view_of(again, merchant=row, points_left=0)
    if PrepaidBlock.objects.filter(merchant=row, reference=text).exists():
        raise Conflict(
            "reference_used",
            _("A block with this reference is recorded already, with other figures."),
            field="reference",
        )
    today = local_day(ctx.now, ctx.programme.timezone)
    every = [one.terms() for one in selectors.terms_of(row)]
    now_in_force = rules.in_force(every, row.pk, today)
    if now_in_force is None or now_in_force.is_open:
        raise Refused(
            "not_left",
            _("Only who has left the coalition gets the rest back. Set the day it leaves first."),
            field="merchant",
        )
    shown = selectors.blocks_of(row)
    rest = sum(one.left for one in shown)
    if rest <= 0:
        raise Refused("nothing_left", _("Nothing is left of its blocks."), field="merchant")
    blocks = [
        rules.Block(points=one.row.points, price_minor=one.row.price_minor)
        for one in shown
        if one.row.points > 0
    ]
    return _keep(ctx, row, -rest, -rules.worth_of_rest(blocks, rest), text, paid_on)


@command(
    "coalition.warn_when_low",
    label=_("Prepaid points run out"),
    permission="coalition:settle",
    lock=lambda *, merchant, **_rest: Lock(
        rows=PrepaidAccount.objects.select_related("merchant").filter(merchant__public_id=merchant)
    ),
)
def warn_when_low(ctx: Context, *, merchant: str, minimum: int) -> LowNotice:
    """Tell once for each block that no more than the minimum is left. Raises ``NotFound``."""
    row = ctx.the_locked(PrepaidAccount, code="merchant_not_found", field="merchant")
    told = row.left <= minimum and row.warned_at_bought != row.bought
    if told:
        row.warned_at_bought = row.bought
        row.save(update_fields=["warned_at_bought"])
        publish(
            ctx,
            "coalition.prepaid_low",
            subject=merchant,
            data={"merchant": merchant, "points_left": row.left, "minimum": minimum},
            merchant_id=row.merchant_id,
        )
    ctx.about(merchant, points_left=row.left, told=told)
    return LowNotice(merchant=merchant, points_left=row.left, told=told)


def _keep(
    ctx: Context, merchant: Merchant, points: int, price: int, reference: str, day: date | None
) -> PrepaidBought:
    text = reference.strip()
    if not 1 <= len(text) <= 80 or not text.isprintable():
        raise Invalid("required", _("Give 1 to 80 printable characters."), field="reference")
    today = local_day(ctx.now, ctx.programme.timezone)
    if day is not None and day > today:
        raise Invalid("in_the_future", _("This day lies in the future."), field="bought_on")
    row = PrepaidBlock(
        programme=ctx.programme,
        merchant=merchant,
        points=points,
        price_minor=price,
        bought_on=day or today,
        reference=text,
        recorded_by=ctx.actor.label[:200],
        recorded_at=ctx.now,
    )
    row.save(force_insert=True)
    account, _made = PrepaidAccount.objects.get_or_create(
        merchant=merchant, defaults={"programme": ctx.programme}
    )
    PrepaidAccount.objects.filter(pk=account.pk).update(bought=F("bought") + points)
    account.refresh_from_db()
    told = {"merchant": merchant.public_id, "block": row.public_id, "points": points}
    publish(
        ctx,
        "coalition.block_bought" if points > 0 else "coalition.rest_refunded",
        subject=merchant.public_id,
        data=told,
        merchant_id=merchant.pk,
    )
    ctx.about(merchant.public_id, **told, price_minor=price)
    return view_of(row, merchant=merchant, points_left=account.left)
