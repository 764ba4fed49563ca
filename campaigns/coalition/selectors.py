"""Reads about the coalition. All in the programme in scope, and of one merchant where it is narrowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.coalition import rules
from campaigns.coalition.models import (
    ClearingRun,
    ClearingSettings,
    HonouredReward,
    MerchantTerms,
    PrepaidAccount,
    PrepaidBlock,
    Statement,
    StatementLine,
)
from campaigns.coalition.rules import Honoured, Moved, Sheet, Terms
from loyalty.common.clock import local_day, now, start_of_day
from loyalty.common.errors import NotFound
from loyalty.ledger.clearing import PeriodMove, period_moves
from loyalty.tenancy.models import Location, Merchant
from loyalty.tenancy.scope import at_every_merchant, current_merchant, current_programme


@dataclass(frozen=True, kw_only=True)
class Partner:
    """A merchant of the coalition as it stands today."""

    merchant: Merchant
    terms: Terms | None
    later: Terms | None
    account: PrepaidAccount | None

    @property
    def is_prepaid(self) -> bool:
        """Does it buy its points in advance?"""
        return self.terms is not None and self.terms.billing == rules.PREPAID

    @property
    def left(self) -> int:
        """Prepaid points left."""
        return self.account.left if self.account else 0

    @property
    def is_low(self) -> bool:
        """Is it time for another block?"""
        return self.is_prepaid and self.terms is not None and self.left <= self.terms.minimum

    @property
    def state(self) -> str:
        """``none``, ``left`` or ``active``."""
        if self.terms is None:
            return "none"
        return "active" if self.terms.is_open else "left"


@dataclass(frozen=True, kw_only=True)
class BlockShown:
    """A block with what is left of it."""

    row: PrepaidBlock
    left: int


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A merchant as members see it."""

    name: str
    places: tuple[str, ...]


def settings() -> ClearingSettings:
    """How the coalition clears; the defaults where nothing was set."""
    found: ClearingSettings | None = ClearingSettings.objects.first()
    return found or ClearingSettings(programme=current_programme())


def all_terms(programme_id: int) -> tuple[Terms, ...]:
    """Every merchant's terms, oldest first; none outside of coalitions. Two queries at most.

    The engine keeps the answer for everybody, so it is never narrowed to who happens to look.
    """
    with at_every_merchant():
        rows = MerchantTerms.objects.select_related("merchant").filter(programme=programme_id)
        found = list(rows.order_by("starts_on", "pk"))
        asset = settings().asset if found else ""
    return tuple(row.terms(asset=asset) for row in found)


def open_today(terms: Sequence[Terms]) -> list[Terms]:
    """The terms in force today of merchants that give and take points, by name."""
    day = today()
    every = {one.merchant_id for one in terms}
    current = [rules.in_force(terms, merchant_id, day) for merchant_id in every]
    found = [one for one in current if one is not None and one.is_open]
    return sorted(found, key=lambda one: one.merchant_name)


def today() -> date:
    """The local day of the programme."""
    return local_day(now(), current_programme().timezone)


def merchants() -> list[Merchant]:
    """The merchants whoever looks may see: all, or one's own."""
    rows = Merchant.objects.filter(is_active=True).order_by("pk")
    own = current_merchant()
    return list(rows if own is None else rows.filter(pk=own))


def merchant_of_id(public_id: str) -> Merchant:
    """A merchant; another's own business is not found. Raises ``NotFound``."""
    found = next((one for one in merchants() if one.public_id == public_id), None)
    if found is None:
        raise NotFound("merchant_not_found", _("There is no such merchant."), field="merchant")
    return found


def partners() -> list[Partner]:
    """Every merchant with its terms and prepaid points. Three queries."""
    terms = [row.terms() for row in MerchantTerms.objects.select_related("merchant")]
    accounts = {row.merchant_id: row for row in PrepaidAccount.objects.all()}
    day = today()
    return [
        Partner(
            merchant=one,
            terms=rules.in_force(terms, one.pk, day),
            later=min(
                (t for t in terms if t.merchant_id == one.pk and t.starts_on > day),
                key=lambda t: t.starts_on,
                default=None,
            ),
            account=accounts.get(one.pk),
        )
        for one in merchants()
    ]


def partner_of_id(public_id: str) -> Partner:
    """One merchant. Raises ``NotFound``."""
    merchant = merchant_of_id(public_id)
    return next(one for one in partners() if one.merchant.pk == merchant.pk)


def terms_of(merchant: Merchant) -> QuerySet[MerchantTerms]:
    """All terms a merchant ever had, newest first."""
    rows: QuerySet[MerchantTerms] = MerchantTerms.objects.select_related("merchant")
    return rows.filter(merchant=merchant).order_by("-starts_on")


def blocks_of(merchant: Merchant) -> list[BlockShown]:
    """A merchant's blocks as they were bought, with what is left of each: earliest used first."""
    rows = list(PrepaidBlock.objects.filter(merchant=merchant).order_by("bought_on", "pk"))
    account = PrepaidAccount.objects.filter(merchant=merchant).first()
    refunded = -sum(row.points for row in rows if row.points < 0)
    used = (account.used if account else 0) + refunded
    bought = [(row.public_id, row.points) for row in rows if row.points > 0]
    left = rules.left_in_blocks(bought, used)
    return [BlockShown(row=row, left=left.get(row.public_id, 0)) for row in rows]


def runs() -> QuerySet[ClearingRun]:
    """The months that were cleared, newest first."""
    rows: QuerySet[ClearingRun] = ClearingRun.objects.order_by("-month")
    return rows if current_merchant() is None else rows.filter(state=ClearingRun.State.CLOSED)


def run_of_id(public_id: str) -> ClearingRun:
    """A month by its id. Raises ``NotFound``."""
    found: ClearingRun | None = runs().filter(public_id=public_id).first()
    if found is None:
        raise NotFound("run_not_found", _("This month was not cleared."), field="run")
    return found


def statements(*, run: ClearingRun | None = None) -> QuerySet[Statement]:
    """Statements, newest month first; a merchant sees its own, once the month is closed."""
    rows: QuerySet[Statement] = Statement.objects.select_related("run", "merchant", "payment")
    if run is not None:
        rows = rows.filter(run=run)
    if current_merchant() is not None:
        rows = rows.exclude(state=Statement.State.DRAFT)
    return rows.order_by("-run__month", "merchant_id")


def statement_of_id(public_id: str) -> Statement:
    """One statement. Raises ``NotFound``."""
    found: Statement | None = statements().filter(public_id=public_id).first()
    if found is None:
        raise NotFound("statement_not_found", _("There is no such statement."), field="statement")
    return found


def lines_of(statement: Statement) -> list[StatementLine]:
    """The lines in their order."""
    return list(StatementLine.objects.filter(statement=statement).order_by("number"))


def shops() -> list[Shop]:
    """Where the card is good, with the open places. Two queries, none outside of coalitions."""
    if not current_programme().has_several_merchants:
        return []
    named = {one.merchant_id: one for one in open_today(all_terms(current_programme().pk))}
    places: dict[int, list[str]] = {}
    for row in Location.objects.filter(merchant__in=named, is_active=True).order_by("name"):
        places.setdefault(row.merchant_id, []).append(row.name)
    return [
        Shop(name=one.merchant_name, places=tuple(places.get(key, ())))
        for key, one in named.items()
    ]


def month_instants(month: str, zone: str) -> tuple[datetime, datetime]:
    """When a month begins and ends in a zone."""
    first, after = rules.month_bounds(month)
    return start_of_day(first, zone), start_of_day(after, zone)


def moves(*, asset: str, since: datetime, until: datetime, zone: str) -> list[Moved]:
    """What moved of the cleared asset in a period, as the maths take it."""
    found = period_moves(asset=asset, since=since, until=until, zone=zone)
    elsewhere = honoured(asset=asset, since=since, until=until, zone=zone)
    return [
        *(move for one in elsewhere for move in one.moves()),
        *_of_ledger(found),
    ]


def _of_ledger(found: Iterable[PeriodMove]) -> list[Moved]:
    return [
        Moved(
            merchant_id=one.merchant_id,
            pot=one.pot,
            origin=one.origin,
            units=one.units,
            reverses=one.reverses,
            cause=one.cause,
        )
        for one in found
    ]


def honoured(*, asset: str, since: datetime, until: datetime, zone: str) -> list[Honoured]:
    """Rewards used at another merchant than they were bought at, recorded in a period. One query."""
    rows = HonouredReward.objects.filter(
        asset=asset, recorded_at__gte=since, recorded_at__lt=until
    ).exclude(units=0)
    return [
        Honoured(
            voucher=row.voucher,
            merchant_id=row.merchant_id,
            seller_id=row.seller_id,
            units=row.units,
            sold_on=local_day(row.sold_at, zone),
            used_on=local_day(row.used_at, zone),
            sold_before=row.sold_at < since,
            used_before=row.used_at < since,
        )
        for row in rows.order_by("pk")
    ]


def covered_before(month: str) -> dict[int, int]:
    """Points that each merchant's blocks paid for in the months closed before one."""
    rows = Statement.objects.filter(
        run__month__lt=month, run__state=ClearingRun.State.CLOSED, merchant__isnull=False
    )
    summed = rows.values("merchant").annotate(sum=Sum("covered")).order_by()
    return {row["merchant"]: row["sum"] for row in summed}


def bought_until(moment: datetime) -> dict[int, int]:
    """Points of all blocks recorded before an instant, those paid back taken off."""
    rows = PrepaidBlock.objects.filter(recorded_at__lt=moment)
    summed = rows.values("merchant").annotate(sum=Sum("points")).order_by()
    return {row["merchant"]: row["sum"] for row in summed}


def sheets_of(month: str, *, breakage_to: str, asset: str) -> list[Sheet]:
    """The statements of a month, made from the ledger and the blocks as they stand now."""
    programme = current_programme()
    since, until = month_instants(month, programme.timezone)
    covered, bought = covered_before(month), bought_until(until)
    return rules.sheets(
        moves(asset=asset, since=since, until=until, zone=programme.timezone),
        all_terms(programme.pk),
        breakage_to=breakage_to,
        available={key: points - covered.get(key, 0) for key, points in bought.items()},
        covered_before=covered,
    )


def low_accounts() -> list[Partner]:
    """Merchants whose prepaid points run out."""
    return [one for one in partners() if one.is_low]


def unsettled() -> Q:
    """What waits for a payment."""
    return Q(state=Statement.State.OPEN)
