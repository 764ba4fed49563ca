"""Reads about the e-mail club: where a member stands, who gets a letter, what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from loyalty.commands.models import Command
from loyalty.common.errors import DomainError, NotFound
from loyalty.tenancy.models import Programme
from loyalty.web.discovery import modules_named
from members.messaging.models import Delivery, Newsletter, Subscription
from members.messaging.rules import ADVERTISING, MARKETING, MOST_A_DAY
from members.profiles.models import Consent, Identifier, Member

STALE = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class ClubFigures:
    """How many asked, are in the club, left, and cannot be written to."""

    asked: int
    confirmed: int
    left: int
    stopped: int


@dataclass(frozen=True, kw_only=True)
class LetterFigures:
    """What became of a newsletter: how many wait, were sent, failed, were left out, and then left."""

    waiting: int
    sent: int
    failed: int
    skipped: int
    left: int


@cache
def _engine() -> Any:
    """The engine's end of this port (``loyalty/engine/recipients.py``): it stands above this app."""
    (found,) = modules_named("recipients")
    return found


def segments() -> dict[Any, str]:
    """Segments a newsletter can be for, by code."""
    found: dict[Any, str] = _engine().segments()
    return found


def audience_faults(audience: Sequence[Mapping[str, Any]]) -> list[DomainError]:
    """What is wrong with the conditions of a newsletter."""
    found: list[DomainError] = _engine().audience_faults(audience)
    return found


def audience_texts(audience: Sequence[Mapping[str, Any]], *, currency: str) -> list[str]:
    """The conditions of a newsletter in words."""
    found: list[str] = _engine().audience_texts(audience, currency=currency)
    return found


def subscription_of(member: Member) -> Subscription | None:
    """Where a member stands with the club; ``None`` for who never asked."""
    return Subscription.objects.filter(member=member).first()


def living(public_id: str) -> Member | None:
    """The member of an id, or the card theirs was merged into; ``None`` where nobody is left."""
    row = Member.objects.select_related("merged_into").filter(public_id=public_id).first()
    if row is not None and row.state == Member.State.MERGED:
        row = row.merged_into
    return row if row is not None and row.state != Member.State.ERASED else None


def was_confirmed(member: Member, *, address_hash: str) -> bool:
    """Did this person, or whoever had this address, ever confirm before? Erased cards count too."""
    mine = Q(member=member) | Q(member__merged_into=member) | Q(address_hash=address_hash)
    rows = Consent.objects.filter(mine, purpose=MARKETING, granted=True, channel="email")
    return bool(rows.exists())


def email_of(member: Member) -> str:
    """The address a member can be reached by: a proven one first."""
    rows = Identifier.objects.filter(member=member, kind=Identifier.Kind.EMAIL)
    found = sorted(rows, key=lambda row: (row.verified_at is None, row.pk))
    return found[0].value if found else ""


def service_address(member: Member) -> str:
    """Where a letter about what a member has goes; empty for no address, or one that takes no letters."""
    address = email_of(member) if member.state == Member.State.ACTIVE else ""
    stopped = Subscription.objects.filter(address=address, stopped_why="bounce")
    return "" if not address or stopped.exists() else address


def wants(member: Member, topic: str) -> bool:
    """Did a member say nothing against letters about a topic? Who left the club wants none of them."""
    known = subscription_of(member)
    if known is None or known.state == Subscription.State.ASKED:
        return True
    return known.state == Subscription.State.CONFIRMED and topic in known.topics


def was_noted(key: str) -> bool:
    """Did the letter of this key leave before?"""
    return bool(Command.objects.filter(key=key).exists())


def reachable(topic: str) -> QuerySet[Subscription]:
    """Who may be written to about a topic: confirmed, not stopped, still agreeing, address unchanged."""
    last = Consent.objects.filter(member=OuterRef("member"), purpose=MARKETING).order_by("-pk")
    held = Identifier.objects.filter(
        member=OuterRef("member"), kind=Identifier.Kind.EMAIL, value=OuterRef("address")
    )
    rows: QuerySet[Subscription] = Subscription.objects.filter(
        state=Subscription.State.CONFIRMED,
        stopped_at=None,
        member__state=Member.State.ACTIVE,
        # JSON containment is not to be had on SQLite; topics stand in quotation marks.
        topics__icontains=f'"{topic}"',
    )
    return rows.annotate(
        agrees=Subquery(last.values("granted")[:1]), held=Subquery(held.values("value")[:1])
    ).filter(agrees=True, held__isnull=False)


def recipients(row: Newsletter, *, programme: Programme, at: datetime) -> list[int]:
    """The members a newsletter is for now, by primary key."""
    able = set(reachable(row.topic).values_list("member", flat=True))
    if not row.audience:
        return sorted(able)
    found: list[int] = _engine().members_in(row.audience, among=able, programme=programme, at=at)
    return sorted(found)


def why_not(rows: Iterable[Delivery], *, topic: str, at: datetime) -> dict[int, str]:
    """Of letters about to be sent those that must not be any more, with the reason, by primary key."""
    rows = list(rows)
    people = [one.member_id for one in rows]
    able = set(reachable(topic).filter(member__in=people).values_list("member", flat=True))
    recent = Delivery.objects.filter(
        member__in=people,
        state=Delivery.State.SENT,
        sent_at__gt=at - timedelta(days=1),
        newsletter__topic__in=ADVERTISING,
    )
    counted = dict(recent.order_by().values_list("member").annotate(n=Count("id")))
    found = {}
    for one in rows:
        if one.member_id not in able:
            found[one.pk] = "no_consent"
        elif topic in ADVERTISING and counted.get(one.member_id, 0) >= MOST_A_DAY:
            found[one.pk] = "too_many_a_day"
    return found


def addresses(members: Iterable[int]) -> dict[int, str]:
    """The confirmed address of each member."""
    rows = Subscription.objects.filter(member__in=list(members))
    return dict(rows.values_list("member", "address"))


def newsletters() -> QuerySet[Newsletter]:
    """All newsletters, newest first."""
    return Newsletter.objects.order_by("-id")


def access_newsletter(public_id: str) -> Newsletter:
    """A newsletter. Raises ``NotFound``."""
    row = Newsletter.objects.filter(public_id=public_id).first()
    if row is None:
        raise NotFound(
            "newsletter_not_found", _("There is no such newsletter."), field="newsletter"
        )
    return row


def letter_figures(row: Newsletter) -> LetterFigures:
    """What became of a newsletter so far. Two queries."""
    rows = row.deliveries.order_by()
    n = dict(rows.values_list("state").annotate(n=Count("id")))
    return LetterFigures(
        waiting=n.get("waiting", 0) + n.get("sending", 0),
        sent=n.get("sent", 0),
        failed=n.get("failed", 0),
        skipped=n.get("skipped", 0),
        left=rows.filter(left_at__isnull=False).count(),
    )


def club_figures() -> ClubFigures:
    """The club as it stands. Two queries."""
    rows = Subscription.objects.order_by()
    n = dict(rows.values_list("state").annotate(n=Count("id")))
    return ClubFigures(
        asked=n.get("asked", 0),
        confirmed=n.get("confirmed", 0),
        left=n.get("left", 0),
        stopped=rows.filter(stopped_at__isnull=False).count(),
    )


def unfinished() -> list[Newsletter]:
    """Newsletters on their way, oldest first."""
    return list(Newsletter.objects.filter(state=Newsletter.State.SENDING).order_by("id"))
