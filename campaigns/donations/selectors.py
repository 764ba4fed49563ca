"""Reads about causes: what they were given, what they are owed, what a member gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from campaigns.donations.models import Cause, Donation, Payout
from campaigns.donations.rules import (
    MONEY_PURSES,
    PURSES,
    CauseTerms,
    DonationTerms,
    asset_of,
)
from loyalty.common.clock import local_day, start_of_day
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.explain import explain
from loyalty.engine.selectors import counting_rules
from loyalty.engine.statuses import load_statuses
from loyalty.ledger.figures import moved_through
from loyalty.ledger.selectors import lines_of
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member
from members.profiles.selectors import holders_of

STATUS, POT = "donations", "donated"
MAX_LINES = 2_000


@dataclass(frozen=True, kw_only=True)
class CauseFigures:
    """A cause with its running total, in minor units of money, and what of it is still owed to it.

    A negative ``owed_minor`` or ``owed_items`` is what refunds took back after it was paid out.
    """

    cause: Cause
    by_shop_minor: int
    by_members_minor: int
    by_points_minor: int
    items: int
    paid_minor: int
    paid_items: int

    @property
    def given_minor(self) -> int:
        """All money given so far."""
        return self.by_shop_minor + self.by_members_minor + self.by_points_minor

    @property
    def owed_minor(self) -> int:
        """Money given and not paid out."""
        return self.given_minor - self.paid_minor

    @property
    def owed_items(self) -> int:
        """Things given and not handed over."""
        return self.items - self.paid_items

    @property
    def reached_percent(self) -> int:
        """How much of its goal is reached, at most 100; 0 without a goal."""
        goal = self.cause.goal_minor
        return min(self.given_minor * 100 // goal, 100) if goal else 0


@dataclass(frozen=True, kw_only=True)
class GivenLine:
    """One line of a member's receipt, in minor units of money, or things where ``purse`` is items."""

    happened_at: datetime
    cause: str
    purse: str
    amount: int
    text: str
    transaction: str


@dataclass(frozen=True, kw_only=True)
class GivenPage:
    """A page of a receipt; ``next_before`` asks for the page of older lines, 0 where there is none."""

    lines: list[GivenLine]
    next_before: int = 0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a member wishes: their cause (``None``: the shop's choice), and bills rounded up."""

    cause: Cause | None
    round_up: bool


def counting() -> list[CauseTerms | DonationTerms]:
    """Everything the mechanic reads: causes (closed ones have an end), then ways of giving."""
    causes = [row for row in counting_rules(Cause) if row.state != Cause.State.ENDED]
    ways = counting_rules(Donation)
    return [*(row.terms() for row in causes), *(row.terms() for row in ways)]


def causes(*, open_only: bool = False) -> QuerySet[Cause]:
    """The newest version of each published cause, newest first."""
    published = Cause.objects.exclude(state=Cause.State.DRAFT)
    replaced = published.filter(replaces__isnull=False).values("replaces")
    rows = published.exclude(pk__in=replaced)
    if open_only:
        rows = rows.filter(state=Cause.State.LIVE)
    return rows.order_by("-priority", "-id")


def with_versions(rows: Iterable[Cause]) -> list[Cause]:
    """Causes that know all their earlier versions, so that ``family`` asks nothing. One query, at most."""
    found = list(rows)
    if any(row.replaces_id for row in found):
        earlier = Cause.objects.only("public_id", "replaces").in_bulk()
        for row in (*earlier.values(), *found):
            if row.replaces_id:
                row.replaces = earlier[row.replaces_id]
    return found


def is_open(cause: Cause) -> bool:
    """Does it take anything now?"""
    at = clock_now()
    return bool(
        cause.state == Cause.State.LIVE
        and (cause.starts_at is None or cause.starts_at <= at)
        and (cause.ends_at is None or at < cause.ends_at)
    )


def access_cause(public_id: str) -> Cause:
    """The newest version of a cause, by the id of any of its versions. Raises ``NotFound``."""
    named = Cause.objects.filter(public_id=public_id).first()
    newest = {one.family: one for one in with_versions(causes())} if named else {}
    found = newest.get(with_versions([named])[0].family) if named else None
    if found is None:
        raise NotFound("cause_not_found", _("There is no such cause."), field="cause")
    return found


def begun_on(cause: Cause) -> date:
    """The local day a cause was first written down."""
    row: Any = cause
    while row.replaces is not None:
        row = row.replaces
    return local_day(row.created_at, current_programme().timezone)


def figures(causes: Iterable[Cause]) -> list[CauseFigures]:
    """Causes with their totals. Four queries with the causes' own, however many there are."""
    rows = with_versions(causes)
    families = [row.family for row in rows]
    codes = [asset_of(family, purse) for family in families for purse in PURSES]
    given = moved_through(POT, assets=codes)
    paid = _paid(families)
    return [
        CauseFigures(
            cause=row,
            by_shop_minor=given.get(asset_of(family, "shop"), 0),
            by_members_minor=given.get(asset_of(family, "member"), 0),
            by_points_minor=given.get(asset_of(family, "points"), 0),
            items=given.get(asset_of(family, "items"), 0),
            paid_minor=paid.get(family, (0, 0))[0],
            paid_items=paid.get(family, (0, 0))[1],
        )
        for row, family in zip(rows, families, strict=True)
    ]


def figures_of(cause: Cause) -> CauseFigures:
    """One cause with its totals."""
    return figures([cause])[0]


def _paid(families: list[str]) -> dict[str, tuple[int, int]]:
    """What was handed over less what was forgiven, by family."""
    rows = Payout.objects.filter(family__in=families).order_by().values("family", "kind")
    found: dict[str, tuple[int, int]] = {}
    for row in rows.annotate(minor=Sum("amount_minor"), n=Sum("items")):
        sign = 1 if row["kind"] == Payout.Kind.PAID else -1
        minor, n = found.get(row["family"], (0, 0))
        found[row["family"]] = (minor + sign * row["minor"], n + sign * row["n"])
    return found


def payouts(*, cause: Cause | None = None) -> QuerySet[Payout]:
    """What was handed over, newest first."""
    rows: QuerySet[Payout] = Payout.objects.order_by("-id")
    return rows.filter(family=cause.family) if cause else rows


def wish_of(member: Member) -> Wish:
    """What a member wishes. A cause that is closed by now is no wish any more."""
    status = load_statuses([member.pk])[member.pk].get(STATUS)
    if status is None:
        return Wish(cause=None, round_up=False)
    is_chosen = (one for one in with_versions(causes(open_only=True)) if one.family == status.value)
    chosen = next(is_chosen, None)
    return Wish(cause=chosen, round_up=bool(status.data.get("round_up")))


def rounds_up() -> bool:
    """Is there a live way of rounding up at all?"""
    rows = Donation.objects.filter(state=Donation.State.LIVE, way=Donation.Way.ROUND_UP)
    return bool(rows.exists())


def ways_to(cause: Cause) -> list[Donation]:
    """The ways of giving that name this cause, in their newest versions, live ones first."""
    published = Donation.objects.exclude(state=Donation.State.DRAFT)
    replaced = published.filter(replaces__isnull=False).values("replaces")
    rows = published.exclude(pk__in=replaced).select_related("cause").order_by("-priority", "-id")
    with_versions(row.cause for row in rows if row.cause is not None)
    found = [row for row in rows if row.cause is not None and row.cause.family == cause.family]
    return sorted(found, key=lambda row: row.state != Donation.State.LIVE)


def given_by(
    member: Member, *, year: int | None = None, before: int = 0, limit: int = MAX_LINES
) -> GivenPage:
    """What a member gave, or the shop for their purchases, newest first; of one year in the
    programme's time zone, the same in the portal, on paper and over the API.

    Args:
        before: the ``next_before`` of the page above.
    """
    rows = _given(member, year)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-id")[: limit + 1])
    more = found[limit - 1].pk if len(found) > limit else 0
    return GivenPage(lines=[_line(row) for row in found[:limit]], next_before=more)


def given_sums(member: Member, *, year: int | None = None) -> dict[str, int]:
    """All a member gave by purse, and ``money`` over all purses of money, however many lines it is."""
    rows = _given(member, year).order_by().values_list("account__asset__code")
    sums: dict[str, int] = dict.fromkeys(PURSES, 0)
    for code, total in rows.annotate(total=Sum("amount")):
        sums[code.rpartition(":")[2]] += total
    return {**sums, "money": sum(sums[purse] for purse in MONEY_PURSES)}


def given_years(member: Member) -> list[int]:
    """The years in which a member gave, or the shop for their purchases, newest first."""
    zone = ZoneInfo(current_programme().timezone)
    years = _given(member, None).annotate(year=ExtractYear("transaction__happened_at", tzinfo=zone))
    return sorted(years.order_by().values_list("year", flat=True).distinct(), reverse=True)


def _given(member: Member, year: int | None) -> QuerySet[Any]:
    # What was given with a card stays in its book when the card is merged into another.
    rows = lines_of(holder_id=member.holder_id, others=holders_of(member)).filter(
        account__asset__code__startswith="donated:", pot=POT
    )
    if year is not None:
        zone = current_programme().timezone
        begins, ends = (start_of_day(date(one, 1, 1), zone) for one in (year, year + 1))
        rows = rows.filter(transaction__happened_at__gte=begins, transaction__happened_at__lt=ends)
    return rows


def _line(row: Any) -> GivenLine:
    return GivenLine(
        happened_at=row.transaction.happened_at,
        cause=str(row.details.get("cause", "")),
        purse=row.account.asset.code.rpartition(":")[2],
        amount=row.amount,
        text=explain(row.reason, row.details),
        transaction=row.transaction.public_id,
    )
