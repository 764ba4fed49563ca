"""Reads about offers: which are on, for whom, what is missing, how many codes are left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Offer, OfferCode, OfferTally, PoolCode, SignupBonus
from campaigns.partners.rules.bonus import BonusTerms
from campaigns.partners.rules.offers import POOL, OfferTerms
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.activity import ActivityData
from loyalty.engine.conditions import Condition
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.fact_info import fact_infos
from loyalty.engine.facts import Facts
from loyalty.engine.promises import whom
from loyalty.engine.rules import applies
from loyalty.engine.selectors import counting_rules
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member

LOOK = "offer.looked_at"


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A condition that does not hold: in words, with what the member has where that is a number."""

    text: str
    have: int | None


@dataclass(frozen=True, kw_only=True)
class OfferFor:
    """An offer as one member sees it. ``missing`` says why it is locked; ``block`` why else not."""

    offer: Offer
    terms: OfferTerms
    claims: tuple[OfferCode, ...]
    missing: tuple[Missing, ...]
    block: str
    left: int | None

    @property
    def can_claim(self) -> bool:
        """May the member take it now?"""
        return not self.missing and not self.block


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Codes of a pool: in all, and still free. ``is_low``: time to ask the partner for more."""

    total: int
    left: int
    low_at: int

    @property
    def is_low(self) -> bool:
        """Are so few left that somebody should know?"""
        return self.left <= self.low_at


def counting() -> list[OfferTerms | BonusTerms]:
    """Everything the mechanic reads: bonuses that count, then offers that are promised."""
    bonuses = counting_rules(SignupBonus)
    offers = [
        row
        for row in counting_rules(Offer)
        if row.state != Offer.State.ENDED and row.partner and row.partner.is_active
    ]
    return [*(row.terms() for row in bonuses), *(row.terms() for row in offers)]


def offers(*, partner: Any = None) -> QuerySet[Offer]:
    """The newest published version of each offer, newest first."""
    published = Offer.objects.exclude(state=Offer.State.DRAFT)
    replaced = published.filter(replaces__isnull=False).values("replaces")
    rows: QuerySet[Offer] = published.exclude(pk__in=replaced).select_related("partner")
    if partner is not None:
        rows = rows.filter(partner=partner)
    return rows.order_by("-priority", "-id")


def open_offers(*, at: datetime) -> list[Offer]:
    """Offers that can be claimed now, conditions aside."""
    rows = offers().filter(state__in=(Offer.State.LIVE, Offer.State.PILOT), partner__is_active=True)
    rows = rows.filter(Q(starts_at__isnull=True) | Q(starts_at__lte=at))
    return list(rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)))


def is_open(offer: Offer, *, at: datetime) -> bool:
    """Can it be claimed at an instant, conditions aside?"""
    return bool(
        offer.state in (Offer.State.LIVE, Offer.State.PILOT)
        and offer.partner is not None
        and offer.partner.is_active
        and (offer.starts_at is None or offer.starts_at <= at)
        and (offer.ends_at is None or at < offer.ends_at)
    )


def access_offer(offer: str) -> Offer:
    """The newest version of an offer, by the id of any of its versions. Raises ``NotFound``."""
    named = Offer.objects.filter(public_id=offer).exclude(state=Offer.State.DRAFT).first()
    found = named and next((one for one in offers() if one.family == named.family), None)
    if found is None:
        raise NotFound("offer_not_found", _("There is no such offer."), field="offer")
    return found


def owned_by(member: Member) -> Q:
    """Claims of a member: their own, their household's, those of a card merged into it."""
    return Q(member__holder=member.holder_id) | Q(member__merged_into=member.pk)


def own_of(member: Member) -> Q:
    """Claims of the person alone: on this card, or on one merged into it."""
    return Q(member=member.pk) | Q(member__merged_into=member.pk)


def claims_of(member: Member, *, household: bool = False) -> QuerySet[OfferCode]:
    """The codes of a member, newest first."""
    rows: QuerySet[OfferCode] = OfferCode.objects.filter(
        owned_by(member) if household else own_of(member)
    )
    return rows.select_related("offer", "partner", "member").order_by("-id")


def facts_of(member: Member, *, at: datetime) -> Facts:
    """What rules may ask about a member, outside a command."""
    return Facts(DatabaseWorld(programme=current_programme(), member=member, now=at))


def holds(conditions: Iterable[Condition], facts: Facts) -> bool:
    """Do all of these conditions hold for the member?"""
    return all(one.holds(facts.__getitem__) for one in conditions)


def is_for(terms: OfferTerms, facts: Facts) -> bool:
    """May the member have it now: conditions, pilot group, hold-out and hours?"""
    look = ActivityData(type=LOOK, key=facts.member.public_id, happened_at=facts.now)
    return applies(terms, look, facts)


def missing(terms: OfferTerms, facts: Facts) -> tuple[Missing, ...]:
    """What a member lacks, in their language; empty where it is for them."""
    if is_for(terms, facts):
        return ()
    failing = [one for one in terms.audience if not one.holds(facts.__getitem__)]
    found = tuple(
        Missing(text=_told(one), have=_number(facts[one.fact]) if _is_told(one) else None)
        for one in failing
    )
    return found or (Missing(text=gettext("It cannot be taken at this moment."), have=None),)


def _told(condition: Condition) -> str:
    return whom([condition]) or gettext("chosen members")


def _is_told(condition: Condition) -> bool:
    info = fact_infos().get(condition.fact)
    return bool(info and info.promise and info.promise(condition.op, condition.value))


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    return value if isinstance(value, int) else (0 if value is None else None)


def claimed_in_all(families: Iterable[str]) -> dict[str, int]:
    """How many codes of each offer were claimed. One query."""
    rows = OfferTally.objects.filter(family__in=list(families))
    return dict(rows.values_list("family", "claimed"))


def stocks(rows: Sequence[Offer]) -> dict[str, Stock]:
    """The pools of these offers by family; offers whose codes we make have none. One query."""
    pools = {row.family: row for row in rows if row.codes == POOL}
    if not pools:
        return {}
    counted = PoolCode.objects.filter(family__in=list(pools)).order_by().values("family")
    found = {
        row["family"]: (row["all"], row["free"])
        for row in counted.annotate(all=Count("pk"), free=Count("pk", filter=Q(taken_at=None)))
    }
    return {
        family: Stock(
            total=found.get(family, (0, 0))[0],
            left=found.get(family, (0, 0))[1],
            low_at=row.low_at,
        )
        for family, row in pools.items()
    }


def offers_for(member: Member, *, at: datetime | None = None) -> list[OfferFor]:
    """Every open offer as a member sees it, those they can claim first."""
    at = at or clock_now()
    rows = open_offers(at=at)
    facts, own = facts_of(member, at=at), list(claims_of(member, household=True))
    stock = stocks(rows)
    tally = claimed_in_all(row.family for row in rows if row.total is not None)
    found = []
    for row in rows:
        terms = row.terms()
        if terms.pilot and not is_for(terms, facts):
            continue
        claims = tuple(one for one in own if one.family == terms.family)
        pool = stock.get(terms.family)
        left = pool.left if pool else None
        if terms.total is not None:
            room = max(terms.total - tally.get(terms.family, 0), 0)
            left = room if left is None else min(left, room)
        lacks = missing(terms, facts)
        block = _block(terms, member, claims, left)
        found.append(
            OfferFor(offer=row, terms=terms, claims=claims, missing=lacks, block=block, left=left)
        )
    return sorted(found, key=lambda one: (not one.can_claim, bool(one.missing)))


def _block(terms: OfferTerms, member: Member, claims: Sequence[OfferCode], left: int | None) -> str:
    fault = limit_fault(terms, member, claims)
    if fault:
        return fault
    return "out_of_stock" if left == 0 and not resumable(claims, member) else ""


def is_own(claim: OfferCode, member: Member) -> bool:
    """Is it this person's, and not another one's of the household?"""
    return member.pk in (claim.member_id, claim.member.merged_into_id)


def resumable(claims: Sequence[OfferCode], member: Member) -> OfferCode | None:
    """A benefit of the member that ended with its condition, and goes on when it holds again."""
    ended = (one for one in claims if one.state == OfferCode.State.ENDED)
    return next((one for one in ended if one.reason == LOST and is_own(one, member)), None)


LOST = "condition_lost"


def limit_fault(terms: OfferTerms, member: Member, claims: Sequence[OfferCode]) -> str:
    """Why a member may not have one more: ``household_limit``, ``member_limit``; empty: they may."""
    counted = [one for one in claims if one.state != OfferCode.State.VOID]
    if resumable(counted, member) is not None:
        return ""
    others = [one for one in counted if not is_own(one, member)]
    if terms.per_household and others:
        return "household_limit"
    mine = len(counted) - len(others)
    most = 1 if terms.per_household else terms.per_member
    return "member_limit" if most is not None and mine >= most else ""


def reader_language() -> str:
    """The language of whoever reads."""
    return get_language() or "vi"


def low_pools() -> int:
    """How many offers that are on run out of codes. Two queries, one where none has a pool."""
    rows = list(offers().filter(state=Offer.State.LIVE, codes=POOL))
    return sum(one.is_low for one in stocks(rows).values())
