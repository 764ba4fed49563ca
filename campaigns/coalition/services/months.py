"""Clearing a month: drawn up as often as one likes, closed once, and then never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns.coalition import rules, selectors
from campaigns.coalition.models import (
    ClearingRun,
    MerchantTerms,
    PrepaidAccount,
    Statement,
    StatementLine,
)
from campaigns.coalition.rules import Sheet
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.clock import local_day, start_of_day
from loyalty.common.errors import Conflict, Invalid, Refused
from loyalty.ledger.clearing import period_moves
from loyalty.outbox.services import publish
from loyalty.tenancy.scope import current_merchant

# A sale begun before midnight may commit a little after it; the longest request is far shorter.
GRACE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class ClearingMonthView:
    """A month: its state and what it came to, as far as who asks may see it.

    Who sees all merchants: how many there are and ``sum_minor``, all their positions with the
    programme's own, which is zero. A merchant: itself alone, ``position_minor`` (what it gets; less
    than zero: what it pays), and no sum. What is not theirs to see is null.
    """

    id: str
    month: str
    state: str
    merchants: int
    sum_minor: int | None
    position_minor: int | None


def view_of(run: ClearingRun) -> ClearingMonthView:
    """A month as a value."""
    found = list(run.statements.values_list("merchant", "position_minor"))
    whole, sees_all = sum(position for _merchant, position in found), current_merchant() is None
    return ClearingMonthView(
        id=run.public_id,
        month=run.month,
        state=run.state,
        merchants=sum(1 for merchant, _position in found if merchant is not None),
        sum_minor=whole if sees_all else None,
        position_minor=None if sees_all else whole,
    )


def _at_once(call: Call, error: IntegrityError, **_rest: Any) -> NoReturn:
    raise Conflict(
        "run_at_once", _("This month is being drawn up by somebody else. Try again."), field="month"
    ) from error


def _month_to_lock(*, month: str, **_rest: object) -> Lock:
    return Lock(rows=ClearingRun.objects.filter(month=month))


@command(
    "coalition.run_month",
    label=_("Month of the coalition drawn up"),
    permission="coalition:transfer",
    lock=_month_to_lock,
    recover=_at_once,
)
def run_month(ctx: Context, *, month: str) -> ClearingMonthView:
    """Draw up the statements of a month (``2026-10``) from the ledger; a closed one stays as it is.

    What was recorded in the month counts, in the programme's time zone. A month under way is a
    preview. Raises ``Invalid`` (month) and ``Refused`` (``no_terms``).
    """
    first = _checked(month)
    if first > local_day(ctx.now, ctx.programme.timezone):
        raise Invalid("in_the_future", _("This month has not begun."), field="month")
    return view_of(_drawn_up(ctx, month))


def _run_to_lock(*, run: str, **_rest: object) -> Lock:
    return Lock(rows=ClearingRun.objects.filter(public_id=run))


@command(
    "coalition.close_month",
    label=_("Month of the coalition closed"),
    permission="coalition:transfer",
    lock=_run_to_lock,
)
def close_month(ctx: Context, *, run: str) -> ClearingMonthView:
    """Draw a month up for the last time and close it; closing a closed one changes nothing.

    Months are closed in their order. Statements of nothing are settled at once.
    Raises ``NotFound`` and ``Refused`` (``month_not_over``, ``earlier_month_open``).
    """
    row = ctx.the_locked(ClearingRun, code="run_not_found", field="run")
    if row.state == ClearingRun.State.CLOSED:
        return view_of(row)
    _since, until = selectors.month_instants(row.month, ctx.programme.timezone)
    if ctx.now < until + GRACE:
        raise Refused(
            "month_not_over",
            _("This month is not over. It can be closed ten minutes after its end."),
            field="run",
        )
    _check_earlier_months(ctx, row.month)
    row = _drawn_up(ctx, row.month)
    row.state, row.closed_at = ClearingRun.State.CLOSED, ctx.now
    row.closed_by = ctx.actor.label[:200]
    row.save(update_fields=["state", "closed_at", "closed_by"])
    for statement in row.statements.select_related("merchant"):
        done = statement.position_minor == 0 or statement.merchant_id is None
        statement.state = Statement.State.SETTLED if done else Statement.State.OPEN
        statement.save(update_fields=["state"])
        if statement.merchant is not None:
            data = {
                "statement": statement.public_id,
                "merchant": statement.merchant.public_id,
                "month": row.month,
                "position_minor": statement.position_minor,
            }
            publish(
                ctx,
                "coalition.statement_ready",
                subject=statement.public_id,
                data=data,
                merchant_id=statement.merchant_id,
            )
    _set_accounts_right(ctx, row)
    ctx.about(row.public_id, month=row.month)
    return view_of(row)


def _checked(month: str) -> Any:
    try:
        return rules.month_bounds(month)[0]
    except ValueError as error:
        raise Invalid("bad_month", _("Give a month such as 2026-10."), field="month") from error


def _drawn_up(ctx: Context, month: str) -> ClearingRun:
    """The month's draft as the ledger has it now."""
    if not MerchantTerms.objects.exists():
        raise Refused(
            "no_terms", _("No merchant has terms yet, so there is nothing to clear."), field="month"
        )
    settings = selectors.settings()
    run = ClearingRun.objects.filter(month=month).first()
    if run is not None and run.state == ClearingRun.State.CLOSED:
        return run
    if run is None:
        run = ClearingRun(programme=ctx.programme, month=month)
    run.asset, run.breakage_to, run.made_at = settings.asset, settings.breakage_to, ctx.now
    run.save()
    found = selectors.sheets_of(month, breakage_to=run.breakage_to, asset=run.asset)
    known = {row.merchant_id: row for row in Statement.objects.filter(run=run)}
    StatementLine.objects.filter(statement__run=run).delete()
    for sheet in found:
        row = known.get(sheet.merchant_id) or Statement(
            programme=ctx.programme, run=run, merchant_id=sheet.merchant_id
        )
        _fill(row, sheet)
    ctx.about(run.public_id, month=month)
    return run


def _fill(row: Statement, sheet: Sheet) -> None:
    row.position_minor = sheet.position_minor
    row.issued = sheet.units(rules.ISSUED, rules.TAKEN_BACK, rules.LATE_ISSUE)
    row.redeemed = -sheet.units(*rules.REDEEM_KINDS)
    row.expired = -sheet.units(rules.EXPIRED)
    row.covered, row.billed = sheet.covered, sheet.billed
    row.save()
    StatementLine.objects.bulk_create(
        StatementLine(
            programme_id=row.programme_id,
            statement=row,
            number=number,
            kind=line.kind,
            units=line.units,
            price_minor=line.price_minor,
            amount_minor=line.amount_minor,
            terms=line.terms,
            original=line.original,
            original_on=line.original_on,
        )
        for number, line in enumerate(sheet.lines, 1)
    )


def _check_earlier_months(ctx: Context, month: str) -> None:
    """Every month since the first terms must be closed before the next one."""
    first = MerchantTerms.objects.order_by("starts_on").values_list("starts_on", flat=True).first()
    if first is None:
        return
    closed = set(
        ClearingRun.objects.filter(state=ClearingRun.State.CLOSED).values_list("month", flat=True)
    )
    at = first.replace(day=1)
    while rules.month_of(at) < month:
        if rules.month_of(at) not in closed:
            raise Refused(
                "earlier_month_open",
                _("Close %(month)s first: months are closed in their order.")
                % {"month": rules.month_of(at)},
                field="run",
                params={"month": rules.month_of(at)},
            )
        at = rules.next_month(at)


def _set_accounts_right(ctx: Context, run: ClearingRun) -> None:
    """What tills ask of prepaid points follows the closed statements and the ledger since.

    What was billed because blocks were empty is paid for, so it no longer counts as used. The
    update first: it waits for sales under way, and later ones wait for this.
    """
    accounts = PrepaidAccount.objects.all()
    accounts.update(used=F("used"))
    zone = ctx.programme.timezone
    _since, until = selectors.month_instants(run.month, zone)
    day_after = local_day(ctx.now, zone) + timedelta(days=1)
    terms = selectors.all_terms(ctx.programme.pk)
    since_then: dict[int, int] = {}
    for move in period_moves(
        asset=run.asset, since=until, until=start_of_day(day_after, zone), zone=zone
    ):
        own = rules.in_force(terms, move.merchant_id, move.origin)
        if own is not None and own.billing == rules.PREPAID and move.pot in rules.ISSUE_POTS:
            since_then[own.merchant_id] = since_then.get(own.merchant_id, 0) + move.units
    after = rules.month_of(rules.next_month(rules.month_bounds(run.month)[0]))
    covered = selectors.covered_before(after)
    for row in accounts:
        used = covered.get(row.merchant_id, 0) + since_then.get(row.merchant_id, 0)
        # Points paid back with the rest are out of `bought` too.
        row.used = used
        row.save(update_fields=["used"])
