"""What would this basket earn, and what can be used? The same mechanics, no lock, no write."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.agreement import agree, moves_of
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.run import run
from loyalty.sales.results import (
    PurchaseResult,
    balance_views,
    effect_views,
    on_top_minor,
    priced_lines,
)
from loyalty.sales.services import SaleInput, prepare, refuse_unclaimed
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member


def quote(*, actor: Actor, member: str, sale: SaleInput) -> PurchaseResult:
    """The answer ``record_purchase`` would give now; nothing is kept.

    Raises what ``record_purchase`` raises.
    """
    actor.require("purchases:read")
    now = clock_now()
    with in_programme(actor.programme):
        row = Member.objects.select_related("holder").filter(public_id=member).first()
        if row is None:
            raise NotFound("member_not_found", _("Not found in this programme."), field="member")
        prepared = prepare(sale, actor=actor, member=row, now=now)
        # The world reads the database lazily and is never written: a quote leaves no trace.
        world = DatabaseWorld(
            programme=actor.programme,
            member=row,
            now=now,
            merchant_id=actor.merchant_id,
            location_id=prepared.location_id,
        )
        outcome = run(world, prepared.activity)
        refuse_unclaimed(sale, outcome)
        agree(actor.programme, moves_of([world], actor.programme, now, is_quote=True))
        sold = outcome.activity.sale
        assert sold is not None
        total = sum(line.net_minor for line in sold.lines)
        effects = effect_views(outcome.effects)
        return PurchaseResult(
            purchase="",
            member=member,
            receipt=sale.receipt,
            currency=sold.currency,
            total_minor=total,
            discount_minor=sold.discount_minor,
            points_paid_minor=sold.paid_with_points_minor,
            vouchers_paid_minor=sold.paid_with_vouchers_minor,
            credit_paid_minor=sold.paid_with_credit_minor,
            to_pay_minor=total - sold.paid_minor,
            happened_at=prepared.activity.happened_at,
            effects=effects,
            balances=balance_views(world.book),
            lines=priced_lines(sold),
            on_top_minor=on_top_minor(effects),
        )
