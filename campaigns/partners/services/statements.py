"""A month between a partner and us is closed once, and settled once."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Partner, Redemption, Statement
from campaigns.partners.services.partners import partner_to_lock
from campaigns.partners.services.presenting import statement_view
from campaigns.partners.services.results import StatementView
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.clock import local_day, start_of_day
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.engine.validity import add
from loyalty.outbox.services import publish


@command(
    "partners.close_month",
    label=_("Partner's month closed"),
    permission="partners:transfer",
    lock=lambda *, partner, **_rest: partner_to_lock(partner),
)
def close_month(ctx: Context, *, partner: str, month: date) -> StatementView:
    """Close a local month with a partner; closed before, it is answered as it was closed.

    On it stands what was redeemed until its end and on no statement yet, less what earlier
    statements had and was taken back since. Raises ``NotFound``, ``Refused`` (``month_not_over``,
    ``later_closed``).
    """
    row = ctx.the_locked(Partner, code="partner_not_found", field="partner")
    first = month.replace(day=1)
    closed = Statement.objects.filter(partner=row, month=first).first()
    if closed is not None:
        return statement_view(closed)
    following = add(first, 1, "month")
    if local_day(ctx.now, ctx.programme.timezone) < following:
        raise Refused("month_not_over", _("This month is not over yet."), field="month")
    if Statement.objects.filter(partner=row, month__gt=first).exists():
        raise Refused("later_closed", _("A later month is closed already."), field="month")
    end = start_of_day(following, ctx.programme.timezone)
    fresh = Redemption.objects.filter(partner=row, statement=None, redeemed_at__lt=end)
    # Taken back before its month was closed it was never owed, and stands nowhere.
    fresh = fresh.filter(voided_at=None)
    fallen = Redemption.objects.filter(
        partner=row, statement__isnull=False, voided_at__isnull=False, void_statement=None
    )
    # Fixed before they are summed: what is taken back meanwhile stands on the next statement.
    fresh, fallen = _fixed(fresh), _fixed(fallen)
    ours, theirs = _sums(fresh)
    ours_back, theirs_back = _sums(fallen)
    made: Statement = Statement.objects.create(
        programme=ctx.programme,
        partner=row,
        month=first,
        redeemed=fresh.count(),
        voided=fallen.count(),
        we_owe_minor=ours - ours_back,
        they_owe_minor=theirs - theirs_back,
        closed_by=ctx.actor.label[:200],
        closed_at=ctx.now,
    )
    fallen.update(void_statement=made)
    fresh.update(statement=made)
    _tell(ctx, made, "partner.statement_closed")
    return statement_view(made)


def _fixed(rows: QuerySet[Redemption]) -> QuerySet[Redemption]:
    return Redemption.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))


def _sums(rows: QuerySet[Redemption]) -> tuple[int, int]:
    found = rows.aggregate(ours=Sum("we_pay_minor"), theirs=Sum("they_pay_minor"))
    return found["ours"] or 0, found["theirs"] or 0


@command(
    "partners.settle_statement",
    label=_("Partner's month settled"),
    permission="partners:transfer",
    lock=lambda *, statement, **_rest: Lock(rows=Statement.objects.filter(public_id=statement)),
)
def settle_statement(ctx: Context, *, statement: str, reference: str) -> StatementView:
    """Say that what a statement owes was paid, by the reference of the payment; once.

    Raises ``NotFound``, ``Invalid`` (reference), ``Conflict`` (``settled_before``).
    """
    if not ctx.locked:
        raise NotFound("statement_not_found", _("There is no such statement."), field="statement")
    row = Statement.objects.select_related("partner").get(public_id=statement)
    text = reference.strip()
    if not 1 <= len(text) <= 80 or not text.isprintable():
        raise Invalid("required", _("Give 1 to 80 printable characters."), field="reference")
    if row.settled_at is not None:
        if row.reference == text:
            return statement_view(row)
        raise Conflict(
            "settled_before",
            _("It was settled before, by another reference."),
            field="reference",
            params={"reference": row.reference},
        )
    row.settled_at, row.settled_by, row.reference = ctx.now, ctx.actor.label[:200], text
    row.save(update_fields=["settled_at", "settled_by", "reference"])
    _tell(ctx, row, "partner.statement_settled")
    return statement_view(row)


def _tell(ctx: Context, row: Statement, event: str) -> None:
    told = {
        "statement": row.public_id,
        "partner": row.partner.public_id,
        "month": f"{row.month:%Y-%m}",
        "net_minor": row.net_minor,
    }
    publish(ctx, event, subject=row.partner.public_id, data=told)
    ctx.about(row.public_id, **told)
