"""A member takes an offer: a code, while the conditions hold, the limits allow and the pool has one."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Offer, OfferCode, OfferTally, PoolCode
from campaigns.partners.rules.codes import new_code, plain_code
from campaigns.partners.rules.offers import POOL, OfferTerms, life_of
from campaigns.partners.selectors.offers import (
    access_offer,
    claims_of,
    facts_of,
    is_open,
    limit_fault,
    missing,
    resumable,
    stocks,
)
from campaigns.partners.services.presenting import claim_view
from campaigns.partners.services.results import ClaimView
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Refused
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

State = OfferCode.State
_TRIES = 50


@command(
    "partners.claim_offer",
    label=_("Partner's offer taken"),
    permission=("partner_offers:claim", "self:offers"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def claim_offer(ctx: Context, *, member: str, offer: str) -> ClaimView:
    """Give a member a code of an offer. A benefit that ended with its condition goes on instead.

    Raises ``NotFound`` (member, offer), ``Refused``: ``offer_closed``, ``offer_locked`` (with what
    is ``missing``), ``member_limit``, ``household_limit``, ``out_of_stock``, ``member_not_active``.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    wanted = access_offer(offer)
    if not is_open(wanted, at=ctx.now):
        raise Refused("offer_closed", _("This offer is closed."), field="offer")
    terms = wanted.terms()
    _is_for(terms, row, at=ctx.now)
    claims = list(claims_of(row, household=True).filter(family=terms.family))
    ended = resumable(claims, row)
    if ended is not None and (ended.expires_at is None or ended.expires_at > ctx.now):
        return _resume(ctx, ended)
    _within_limits(terms, row, claims)
    claim = _new_claim(ctx, wanted, terms, row)
    _count(ctx, terms)
    _tell(ctx, claim, "offer.claimed")
    return claim_view(claim, at=ctx.now)


def _is_for(terms: OfferTerms, member: Member, *, at: datetime) -> None:
    lacks = missing(terms, facts_of(member, at=at))
    if lacks:
        told = ", ".join(one.text for one in lacks)
        raise Refused(
            "offer_locked",
            _("This offer is not open to this member yet: %(missing)s.") % {"missing": told},
            field="offer",
            params={"missing": [one.text for one in lacks]},
        )


def _within_limits(terms: OfferTerms, member: Member, claims: list[OfferCode]) -> None:
    fault = limit_fault(terms, member, claims)
    if fault == "household_limit":
        raise Refused(
            "household_limit",
            _("There is one for each household, and yours has it already."),
            field="offer",
        )
    if fault:
        most = 1 if terms.per_household else terms.per_member
        raise Refused(
            "member_limit",
            _("At most %(maximum)s for each member.") % {"maximum": most},
            field="offer",
            params={"maximum": most},
        )


def _new_claim(ctx: Context, offer: Offer, terms: OfferTerms, member: Member) -> OfferCode:
    pool = _from_pool(ctx, terms) if terms.codes == POOL else None
    code = pool.code if pool else new_code()
    life = life_of(terms, at=ctx.now, zone=ctx.programme.timezone)
    if life.expires_at is not None and life.expires_at <= ctx.now:
        raise Refused("offer_closed", _("This offer is closed."), field="offer")
    claim = OfferCode.objects.create(
        programme=ctx.programme,
        offer=offer,
        family=terms.family,
        partner=offer.partner,
        member=member,
        code=code,
        lookup=plain_code(code),
        state=State.READY,
        claimed_at=ctx.now,
        usable_from=life.usable_from,
        expires_at=life.expires_at,
    )
    if pool is not None:
        PoolCode.objects.filter(pk=pool.pk).update(claim=claim)
        _tell_when_low(ctx, offer)
    return claim


def _from_pool(ctx: Context, terms: OfferTerms) -> PoolCode:
    """The next free code: two claims may see the same one, the condition gives it to one of them."""
    free = PoolCode.objects.filter(family=terms.family, taken_at__isnull=True)
    for _try in range(_TRIES):
        found = free.order_by("id").first()
        if found is None:
            break
        if free.filter(pk=found.pk).update(taken_at=ctx.now):
            assert isinstance(found, PoolCode)
            return found
    raise _out_of_stock()


def _count(ctx: Context, terms: OfferTerms) -> None:
    """One conditional update, done last: of two claims for the last one, one is refused."""
    OfferTally.objects.get_or_create(programme=ctx.programme, family=terms.family)
    rows = OfferTally.objects.filter(family=terms.family)
    if terms.total is not None:
        rows = rows.filter(claimed__lt=terms.total)
    if not rows.update(claimed=F("claimed") + 1):
        raise _out_of_stock()


def _out_of_stock() -> Refused:
    return Refused("out_of_stock", _("All codes of this offer are taken for now."), field="offer")


def _tell_when_low(ctx: Context, offer: Offer) -> None:
    stock = stocks([offer])[offer.family]
    if stock.left in (0, stock.low_at):
        told = {"offer": offer.family, "left": stock.left}
        publish(ctx, "partner_offer.stock_low", subject=offer.family, data=told)


def _resume(ctx: Context, claim: OfferCode) -> ClaimView:
    """The condition holds again: the same code goes on, so there is still one of it."""
    state = State.USED if claim.used_at is not None else State.READY
    written = OfferCode.objects.filter(pk=claim.pk, state=State.ENDED).update(
        state=state, ends_at=None, reason=""
    )
    assert written == 1  # its member is locked
    claim.state, claim.ends_at, claim.reason = state, None, ""
    _tell(ctx, claim, "offer.resumed")
    return claim_view(claim, at=ctx.now)


def _tell(ctx: Context, claim: OfferCode, event: str) -> None:
    told = {
        "claim": claim.public_id,
        "offer": claim.family,
        "partner": claim.partner.public_id,
        "member": claim.member.public_id,
    }
    publish(ctx, event, subject=claim.member.public_id, data=told)
    ctx.about(claim.public_id, offer=claim.family, state=str(claim.state))
