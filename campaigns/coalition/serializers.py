"""Shapes of the coalition API. Prices are minor units for 1,000 points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from campaigns.coalition import rules
from campaigns.coalition.models import PrepaidBlock, Statement, StatementLine
from campaigns.coalition.selectors import BlockShown, Partner
from campaigns.coalition.services import ClearingPaymentView, MerchantTermsView
from campaigns.coalition.services.payments import view_of as payment_view
from loyalty.web.api import Body, Choice, Day, Money, Query, Text, Whole

_PRICE = "Minor units for 1,000 points; rounded once for each line of a statement, half to even."


class MerchantTermsBody(Body):
    """What a merchant pays and gets from a day on."""

    starts_on = Day(required=False, help_text="Tomorrow; the first terms of a merchant: today.")
    billing = Choice(choices=[rules.POSTPAID, rules.PREPAID], required=False)
    issue_price_minor = Money(minimum=0, required=False, help_text=_PRICE)
    redeem_price_minor = Money(minimum=0, required=False, help_text=_PRICE)
    when_empty = Choice(
        choices=[rules.REFUSE, rules.BILL],
        required=False,
        help_text="Prepaid: what happens to a whole sale that the blocks do not suffice for.",
    )
    minimum = Whole(
        minimum=0, maximum=10**12, required=False, help_text="Points left at which to warn."
    )


class MerchantLeaveBody(Body):
    """When a merchant leaves."""

    leaves_on = Day(required=False, help_text="The first day without it; tomorrow unless told.")


class PrepaidBlockBody(Body):
    """A block of points paid for in advance."""

    points = Whole(minimum=1, maximum=10**12)
    price_minor = Money(minimum=0, help_text="What was paid for all of it.")
    reference = Text(maximum=80)
    bought_on = Day(required=False)


class PrepaidRestBody(Body):
    """The rest of the blocks, paid back."""

    reference = Text(maximum=80)
    paid_on = Day(required=False)


class ClearingMonthBody(Body):
    """Which month."""

    month = Text(maximum=7, help_text="Such as 2026-10.")


class ClearingBody(Body):
    """How the coalition clears; what is left out stays."""

    asset = Text(maximum=60, required=False)
    breakage_to = Choice(choices=[rules.OPERATOR, rules.ISSUER], required=False)


class ClearingPaymentBody(Body):
    """Money handed over for a statement: exactly what is due."""

    amount_minor = Money(minimum=1)
    reference = Text(maximum=80)
    paid_on = Day(required=False)


class ClearingStatementQuery(Query):
    """Filters of the list of statements."""

    month = Text(maximum=7, required=False, help_text="Such as 2026-10.")
    state = Choice(choices=Statement.State.values, required=False)


@dataclass(frozen=True, kw_only=True)
class CoalitionMerchantView:
    """A merchant of the coalition today. ``state`` is ``none``, ``active`` or ``left``;
    ``points_left`` are prepaid points, negative where more was issued than bought.
    """

    merchant: str
    name: str
    state: str
    terms: MerchantTermsView | None
    later_terms: MerchantTermsView | None
    points_left: int
    is_low: bool


@dataclass(frozen=True, kw_only=True)
class PrepaidBlockView:
    """A block, and what is left of it; negative points are the rest paid back."""

    id: str
    points: int
    price_minor: int
    points_left: int
    bought_on: date
    reference: str
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class ClearingStatementLineView:
    """Points at one price. ``amount_minor`` is what the merchant gets (negative: pays).

    An adjustment names the ``original`` of an earlier month that it corrects.
    """

    kind: str
    points: int
    price_minor: int
    amount_minor: int
    terms: str
    original: str
    original_on: date | None


@dataclass(frozen=True, kw_only=True)
class ClearingStatementView:
    """What a merchant gets (positive) or pays for a month; without a merchant: the programme's own."""

    id: str
    run: str
    month: str
    merchant: str | None
    state: str
    currency: str
    position_minor: int
    issued: int
    redeemed: int
    expired: int
    prepaid: int
    billed: int
    payment: ClearingPaymentView | None
    lines: list[ClearingStatementLineView]


def present_terms(one: rules.Terms) -> MerchantTermsView:
    """Terms as a value of the API."""
    return MerchantTermsView(
        id=one.public_id,
        merchant=one.merchant,
        starts_on=one.starts_on,
        billing=one.billing,
        issue_price_minor=one.issue_price_minor,
        redeem_price_minor=one.redeem_price_minor,
        when_empty=one.when_empty,
        minimum=one.minimum,
    )


def present_partner(one: Partner) -> CoalitionMerchantView:
    """A merchant of the coalition."""
    return CoalitionMerchantView(
        merchant=one.merchant.public_id,
        name=one.merchant.name,
        state=one.state,
        terms=present_terms(one.terms) if one.terms else None,
        later_terms=present_terms(one.later) if one.later else None,
        points_left=one.left,
        is_low=one.is_low,
    )


def present_block(one: BlockShown) -> PrepaidBlockView:
    """A block with its rest."""
    row: PrepaidBlock = one.row
    return PrepaidBlockView(
        id=row.public_id,
        points=row.points,
        price_minor=row.price_minor,
        points_left=one.left,
        bought_on=row.bought_on,
        reference=row.reference,
        recorded_at=row.recorded_at,
    )


def present_line(row: StatementLine) -> ClearingStatementLineView:
    """A line."""
    return ClearingStatementLineView(
        kind=row.kind,
        points=row.units,
        price_minor=row.price_minor,
        amount_minor=row.amount_minor,
        terms=row.terms,
        original=row.original,
        original_on=row.original_on,
    )


def present_statement(
    row: Statement, *, currency: str, lines: list[StatementLine] | None = None
) -> ClearingStatementView:
    """A statement (with run, merchant and payment loaded); its lines where it is read alone."""
    payment = getattr(row, "payment", None)
    return ClearingStatementView(
        id=row.public_id,
        run=row.run.public_id,
        month=row.run.month,
        merchant=row.merchant.public_id if row.merchant else None,
        state=row.state,
        currency=currency,
        position_minor=row.position_minor,
        issued=row.issued,
        redeemed=row.redeemed,
        expired=row.expired,
        prepaid=row.covered,
        billed=row.billed,
        payment=payment_view(payment) if payment is not None else None,
        lines=[present_line(one) for one in lines or ()],
    )
