"""What becomes of codes by themselves: conditions lost and found again, ends reached, households joined."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import OfferCode
from campaigns.partners.rules.offers import KEEPS, OfferTerms, end_after_loss
from campaigns.partners.selectors.codes import bearer_of
from campaigns.partners.selectors.offers import LOST, claims_of, facts_of, holds, owned_by
from loyalty.commands.decorator import Context, command
from loyalty.engine.facts import Facts
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

State = OfferCode.State
HOUSEHOLD = "household_has_one"


@command(
    "partners.review_member",
    label=_("Partners' offers of a member looked at"),
    permission="partners:review",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def review_member(ctx: Context, *, member: str) -> int:
    """Let happen what is due for a member's codes; answers how many changed.

    Raises ``NotFound``.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    claims = [one for one in claims_of(row) if one.state in (State.READY, State.USED)]
    if not claims:
        return 0
    # Of a card that was merged it is the other one that conditions are about.
    bearer = bearer_of(claims[0])
    facts = facts_of(bearer, at=ctx.now)
    terms = {one.offer_id: one.offer.terms() for one in claims}
    done = sum(
        _review(ctx, one, terms[one.offer_id], facts, gone=bearer.state == Member.State.ERASED)
        for one in claims
    )
    done += _one_for_each_household(ctx, row, claims, terms)
    ctx.about(row.public_id, changed=done)
    return done


def _review(ctx: Context, claim: OfferCode, terms: OfferTerms, facts: Facts, *, gone: bool) -> int:
    if claim.state == State.USED and not terms.goes_on:
        return 0
    if gone:
        return _end(ctx, claim, at=ctx.now, reason="erased")
    is_ready = claim.state == State.READY
    if is_ready and claim.expires_at is not None and claim.expires_at <= ctx.now:
        return _change(ctx, claim, "offer.expired", state=State.EXPIRED)
    if claim.ends_at is not None and claim.ends_at <= ctx.now:
        return _end(ctx, claim, at=claim.ends_at, reason=LOST)
    if terms.when_lost == KEEPS or not terms.audience:
        return 0
    return _watch(ctx, claim, terms, is_met=holds(terms.audience, facts))


def _watch(ctx: Context, claim: OfferCode, terms: OfferTerms, *, is_met: bool) -> int:
    """A condition lost sets an end; found again before it, it is as if nothing had been."""
    if is_met:
        return _change(ctx, claim, "offer.kept", ends_at=None) if claim.ends_at else 0
    if claim.ends_at is not None:
        return 0
    ends_at = end_after_loss(terms.when_lost, at=ctx.now, zone=ctx.programme.timezone)
    assert ends_at is not None
    if ends_at <= ctx.now:
        return _end(ctx, claim, at=ctx.now, reason=LOST)
    return _change(ctx, claim, "offer.ending", ends_at=ends_at)


def _end(ctx: Context, claim: OfferCode, *, at: datetime, reason: str) -> int:
    return _change(ctx, claim, "offer.ended", state=State.ENDED, ends_at=at, reason=reason)


def _change(ctx: Context, claim: OfferCode, event: str, **values: object) -> int:
    written = OfferCode.objects.filter(pk=claim.pk, state=claim.state).update(**values)
    if not written:
        return 0
    for name, value in values.items():
        setattr(claim, name, value)
    told = {
        "claim": claim.public_id,
        "offer": claim.family,
        "partner": claim.partner.public_id,
        "ends_at": claim.ends_at.isoformat() if claim.ends_at else None,
    }
    publish(ctx, event, subject=claim.member.public_id, data=told)
    return written


def _one_for_each_household(
    ctx: Context, member: Member, claims: list[OfferCode], terms: dict[int, OfferTerms]
) -> int:
    """Two who came together and had one each: the one taken up, else the elder one, stays."""
    done = 0
    for claim in claims:
        if claim.state != State.READY or not terms[claim.offer_id].per_household:
            continue
        rivals = OfferCode.objects.filter(owned_by(member), family=claim.family)
        rivals = rivals.filter(state__in=(State.READY, State.USED)).exclude(pk=claim.pk)
        if any(one.state == State.USED or one.pk < claim.pk for one in rivals):
            done += _end(ctx, claim, at=ctx.now, reason=HOUSEHOLD)
    return done
