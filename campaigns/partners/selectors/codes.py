"""Reads about codes: the one that was typed, whether it can be used, what was redeemed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import OfferCode, Partner, Redemption
from campaigns.partners.rules.codes import plain_code
from campaigns.partners.rules.offers import KEEPS, OfferTerms
from campaigns.partners.selectors.offers import facts_of, holds
from loyalty.common.errors import Conflict, NotFound, Refused
from loyalty.engine.facts import Facts
from loyalty.web import formats
from members.profiles.models import Member

State = OfferCode.State


def bearer_of(claim: OfferCode) -> Member:
    """Whose it is now: the card it was claimed with, or the one that was merged into."""
    member: Member = claim.member
    while member.merged_into is not None:
        member = member.merged_into
    return member


def find_code(text: str, partner: Partner | None) -> OfferCode:
    """The claim a code belongs to, however it was typed, by its code or its public id.

    Another partner's code is not found. Raises ``NotFound``, and ``Conflict``
    (``several_partners``) where a code without a partner is known to two of them.
    """
    typed = text.strip()[:200]
    rows: QuerySet[OfferCode] = OfferCode.objects.select_related(
        "offer__partner", "partner", "member__holder"
    )
    if partner is not None:
        rows = rows.filter(partner=partner)
    key = plain_code(typed)
    found = list(rows.filter(Q(lookup=key) | Q(public_id=typed))[:2]) if key else []
    if not found:
        raise no_such_code()
    if len(found) > 1:
        raise Conflict(
            "several_partners",
            _("Two partners have this code. Say which partner it is for."),
            field="partner",
        )
    return found[0]


def no_such_code() -> NotFound:
    """What is told of a code nobody has, or that is another partner's."""
    return NotFound("code_not_found", _("There is no such code here. Check it."), field="code")


def check_usable(claim: OfferCode, terms: OfferTerms, *, at: datetime, facts: Facts) -> None:
    """Raises ``Refused`` with the reason where a code cannot be used at an instant."""
    if claim.state == State.USED:
        raise already_used(claim)
    if claim.state == State.VOID:
        raise Refused("code_void", _("This code was cancelled."), field="code")
    is_over = claim.expires_at is not None and claim.expires_at <= at
    if claim.state == State.EXPIRED or is_over:
        when = formats.day_text(claim.expires_at or at)
        text = _("This code expired before %(when)s.") % {"when": when}
        raise Refused("code_expired", text, field="code")
    if claim.state == State.ENDED or (claim.ends_at is not None and claim.ends_at <= at):
        raise _ended()
    if claim.usable_from > at:
        when = formats.instant_text(claim.usable_from)
        text = _("This code can be used from %(when)s on.") % {"when": when}
        raise Refused("code_not_yet", text, field="code")
    if bearer_of(claim).state != Member.State.ACTIVE:
        raise _ended()
    if terms.when_lost == "at_once" and not holds(terms.audience, facts):
        raise _ended()


def already_used(claim: OfferCode) -> Refused:
    """What the second of two desks reads."""
    assert claim.used_at is not None
    return Refused(
        "code_used",
        _("This code was already used: %(when)s.") % {"when": formats.instant_text(claim.used_at)},
        field="code",
        params={"used_at": claim.used_at.isoformat()},
    )


def _ended() -> Refused:
    return Refused(
        "offer_ended",
        _("The member is no longer entitled to this. The code has ended."),
        field="code",
    )


def is_entitled(claim: OfferCode, *, at: datetime) -> bool:
    """Is the benefit there at this instant: to be used, or (where it goes on) in use?"""
    if claim.state not in (State.READY, State.USED) or (claim.ends_at and claim.ends_at <= at):
        return False
    if claim.state == State.READY and claim.expires_at and claim.expires_at <= at:
        return False
    if claim.state == State.USED and not claim.offer.goes_on:
        return False
    terms = claim.offer.terms()
    if terms.when_lost == KEEPS or not terms.audience or claim.ends_at is not None:
        return True
    return terms.when_lost != "at_once" or holds(terms.audience, facts_of(bearer_of(claim), at=at))


def redemptions(*, partner: Partner | None = None) -> QuerySet[Redemption]:
    """What was redeemed, newest first."""
    rows: QuerySet[Redemption] = Redemption.objects.select_related(
        "claim", "partner", "offer", "desk", "statement"
    )
    if partner is not None:
        rows = rows.filter(partner=partner)
    return rows.order_by("-id")


def access_redemption(redemption: str, partner: Partner | None) -> Redemption:
    """A redemption, of this partner where one is given. Raises ``NotFound``."""
    found = redemptions(partner=partner).filter(public_id=redemption).first()
    if found is None:
        raise NotFound(
            "redemption_not_found", _("There is no such redemption."), field="redemption"
        )
    return found


def to_watch() -> QuerySet[OfferCode]:
    """Codes something may still happen to by itself: not used up, or in use for good."""
    rows: QuerySet[OfferCode] = OfferCode.objects.filter(
        Q(state=State.READY) | Q(state=State.USED, offer__goes_on=True)
    )
    return rows


def due_members(*, at: datetime, after: int, limit: int) -> list[tuple[int, str]]:
    """Members with a code to look at: an end that is reached, or a condition that may be lost."""
    watched = ~Q(offer__audience=[]) & ~Q(offer__when_lost=KEEPS)
    over = Q(expires_at__lte=at, state=State.READY) | Q(ends_at__lte=at)
    rows = to_watch().filter(watched | over, member__pk__gt=after)
    found = rows.order_by("member").values_list("member", "member__public_id").distinct()
    return list(found[:limit])


def redeemed_in_all(families: Iterable[str]) -> dict[str, int]:
    """How often each offer was redeemed, what was taken back apart. One query."""
    rows = Redemption.objects.filter(claim__family__in=list(families), voided_at=None)
    counted = rows.order_by().values("claim__family").annotate(n=Count("pk"))
    return {row["claim__family"]: row["n"] for row in counted}
