"""A code is taken up at the partner: exactly once, by one conditional update; and taken back."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Desk, OfferCode, Partner, Redemption
from campaigns.partners.rules.codes import is_ours, plain_code
from campaigns.partners.rules.offers import (
    END_OF_PERIOD,
    OfferTerms,
    costs_of,
    end_of_month,
    needs_bill,
)
from campaigns.partners.selectors.codes import (
    access_redemption,
    already_used,
    bearer_of,
    check_usable,
    find_code,
)
from campaigns.partners.selectors.offers import facts_of, holds
from campaigns.partners.selectors.partners import DESK, meant_partner, partner_of
from campaigns.partners.services.attempts import count_miss, slow_down
from campaigns.partners.services.presenting import redemption_view, voidable_until
from campaigns.partners.services.results import RedemptionView
from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.outbox.services import publish
from members.profiles.models import Member

State = OfferCode.State
_REDEEM = ("partner_codes:write", "desk:redeem")


def _bearer_to_lock(code: str) -> Lock:
    key = plain_code(code[:200]) or "-"
    known = Q(offer_codes__lookup=key) | Q(offer_codes__public_id=code.strip()[:40])
    found = Member.objects.filter(known).values("pk")
    rows = Member.objects.select_related("holder").filter(pk__in=found)
    return Lock(rows=rows, of=("self", "holder"))


def look_at_code(*, actor: Actor, code: str, partner: str = "") -> OfferCode:
    """The claim of a code that can be used now, for a desk that looks before it redeems.

    Raises ``NotFound``, and ``Refused`` with the reason (and after too many unknown codes).
    """
    slow_down(actor.id)
    try:
        claim = find_code(code, meant_partner(actor, partner))
    except NotFound:
        _count(actor, code)
        raise
    at = clock_now()
    check_usable(claim, claim.offer.terms(), at=at, facts=facts_of(bearer_of(claim), at=at))
    return claim


@command(
    "partners.redeem_code",
    label=_("Partner's offer redeemed"),
    permission=_REDEEM,
    lock=lambda *, code, **_rest: _bearer_to_lock(code),
)
def redeem_code(
    ctx: Context, *, code: str, partner: str = "", bill_minor: int | None = None
) -> RedemptionView:
    """Take a code up at its partner: of several desks at once exactly one does.

    Args:
        code: as it was typed or scanned. ``partner``: whose, for a caller that serves several.
        bill_minor: what the member paid for before the offer, where what is given hangs on it.

    Raises ``NotFound`` (``code_not_found``), ``Refused`` (``code_used`` with ``used_at``,
    ``code_expired``, ``code_void``, ``offer_ended``, ``code_not_yet``, ``too_many_attempts``),
    ``Invalid`` (bill).
    """
    slow_down(ctx.actor.id)
    own = meant_partner(ctx.actor, partner)
    try:
        claim = find_code(code, own)
    except NotFound:
        _count(ctx.actor, code)
        raise
    terms = claim.offer.terms()
    if bill_minor is not None:
        check_minor(bill_minor, field="bill_minor")
    elif needs_bill(terms):
        text = _("Give the bill: what is shared hangs on it.")
        raise Invalid("required", text, field="bill_minor")
    facts = facts_of(bearer_of(claim), at=ctx.now)
    check_usable(claim, terms, at=ctx.now, facts=facts)
    values: dict[str, Any] = {"state": State.USED, "used_at": ctx.now}
    if _lost_meanwhile(claim, terms, facts):
        values["ends_at"] = end_of_month(ctx.now, ctx.programme.timezone)
    if not OfferCode.objects.filter(pk=claim.pk, state=State.READY).update(**values):
        claim.refresh_from_db()
        raise already_used(claim)
    row = _keep(ctx, claim, terms, bill_minor)
    _tell(ctx, row, "offer.redeemed")
    return redemption_view(row)


def _lost_meanwhile(claim: OfferCode, terms: OfferTerms, facts: Any) -> bool:
    """Did its condition go unseen so far, and does the benefit end with the month for that?"""
    watched = terms.when_lost == END_OF_PERIOD and claim.ends_at is None
    return watched and not holds(terms.audience, facts)


def _keep(ctx: Context, claim: OfferCode, terms: OfferTerms, bill_minor: int | None) -> Redemption:
    costs = costs_of(terms, bill_minor=bill_minor)
    desk = None
    if ctx.actor.kind == DESK:
        desk = Desk.objects.get(public_id=ctx.actor.id)
        Desk.objects.filter(pk=desk.pk).update(last_used_at=ctx.now)
    row: Redemption = Redemption.objects.create(
        programme=ctx.programme,
        claim=claim,
        partner=claim.partner,
        offer=claim.offer,
        desk=desk,
        redeemed_by=ctx.actor.label[:200],
        redeemed_at=ctx.now,
        bill_minor=bill_minor,
        given_minor=costs.given_minor,
        we_pay_minor=costs.we_pay_minor,
        they_pay_minor=costs.they_pay_minor,
    )
    return row


def _redemption_to_lock(redemption: str) -> Lock:
    found = Redemption.objects.filter(public_id=redemption).values("claim__member")
    rows = Member.objects.select_related("holder").filter(pk__in=found)
    return Lock(rows=rows, of=("self", "holder"))


@command(
    "partners.void_redemption",
    label=_("Redemption at a partner taken back"),
    permission=(*_REDEEM, "partners:approve"),
    lock=lambda *, redemption, **_rest: _redemption_to_lock(redemption),
)
def void_redemption(ctx: Context, *, redemption: str, reason: str = "") -> RedemptionView:
    """Take a redemption back: the code can be used again, and nobody pays for it.

    A desk or a system has the partner's ``void_minutes`` for it; whoever may approve has no limit.
    After its month is closed it stands on the next statement. Raises ``NotFound``, ``Refused``
    (``void_time_over``, ``already_void``).
    """
    if not ctx.locked:
        access_redemption("", None)
    row = access_redemption(redemption, partner_of(ctx.actor))
    if row.voided_at is not None:
        raise Refused("already_void", _("It was taken back before."), field="redemption")
    is_ours = ctx.actor.kind in ("staff", "job") and ctx.actor.may("partners:approve")
    if not is_ours and ctx.now > voidable_until(row):
        text = _("It can be taken back for %(minutes)s minutes only. Ask the shop.") % {
            "minutes": row.partner.void_minutes
        }
        params = {"minutes": row.partner.void_minutes}
        raise Refused("void_time_over", text, field="redemption", params=params)
    row.voided_at, row.voided_by = ctx.now, ctx.actor.label[:200]
    row.void_reason = reason.strip()[:200]
    row.save(update_fields=["voided_at", "voided_by", "void_reason"])
    OfferCode.objects.filter(pk=row.claim_id, state=State.USED).update(
        state=State.READY, used_at=None
    )
    OfferCode.objects.filter(pk=row.claim_id, state=State.ENDED).update(used_at=None)
    _tell(ctx, row, "offer.redemption_voided")
    return redemption_view(row)


def _claim_to_lock(claim: str) -> Lock:
    rows = Member.objects.select_related("holder").filter(offer_codes__public_id=claim)
    return Lock(rows=rows, of=("self", "holder"))


@command(
    "partners.cancel_code",
    label=_("Code of a partner's offer cancelled"),
    permission="partners:approve",
    lock=lambda *, claim, **_rest: _claim_to_lock(claim),
)
def cancel_code(ctx: Context, *, claim: str, reason: str = "") -> str:
    """Cancel a code that is not used; the member may take the offer anew. Answers its state.

    Raises ``NotFound``, ``Refused`` (``code_used`` …).
    """
    if not ctx.locked:
        raise NotFound("code_not_found", _("There is no such code here. Check it."), field="claim")
    row = OfferCode.objects.select_related("partner", "member").get(public_id=claim)
    if row.state == State.USED:
        raise already_used(row)
    if row.state == State.READY:
        OfferCode.objects.filter(pk=row.pk).update(state=State.VOID, reason=reason.strip()[:200])
        told = {"claim": row.public_id, "offer": row.family, "partner": row.partner.public_id}
        publish(ctx, "offer.code_cancelled", subject=row.member.public_id, data=told)
    ctx.about(row.public_id, reason=reason[:200])
    return str(State.VOID if row.state == State.READY else row.state)


def _count(actor: Actor, code: str) -> None:
    # What looks like a code of ours and has a wrong check sign is a typing mistake and no guess.
    key = plain_code(code)
    if len(key) != 12 or is_ours(key):
        count_miss(actor.id)


def _tell(ctx: Context, row: Redemption, event: str) -> None:
    partner: Partner = row.partner
    told = {
        "redemption": row.public_id,
        "claim": row.claim.public_id,
        "offer": row.claim.family,
        "partner": partner.public_id,
    }
    publish(ctx, event, subject=row.claim.member.public_id, data=told)
    ctx.about(row.public_id, partner=partner.public_id)
