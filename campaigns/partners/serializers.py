"""Shapes of the partners API."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.partners.models import Offer, Statement
from campaigns.partners.rules.codes import MAX_POOL_CODE, MAX_POOL_CODES
from campaigns.partners.selectors.offers import OfferFor, Stock
from campaigns.partners.selectors.statements import lines_of
from campaigns.partners.services.presenting import statement_view
from campaigns.partners.services.results import StatementLine, StatementView
from loyalty.web.api import Body, Day, Flag, Instant, ItemList, Money, PublicId, Query, Text, Whole


class PartnerChangeBody(Body):
    """What of a partner is to change; what is left out stays."""

    name = Text(maximum=120, required=False)
    about_vi = Text(maximum=1_000, lines=True, required=False)
    about_en = Text(maximum=1_000, lines=True, required=False)
    website = Text(maximum=200, required=False)
    contact_email = Text(maximum=254, required=False)
    void_minutes = Whole(minimum=0, maximum=10_080, required=False)
    is_active = Flag(required=False)


class PartnerBody(Body):
    """A new partner."""

    code = Text(maximum=40, help_text="Short name, such as `bookshop`.")
    name = Text(maximum=120)
    about_vi = Text(maximum=1_000, lines=True, required=False)
    about_en = Text(maximum=1_000, lines=True, required=False)
    website = Text(maximum=200, required=False)
    contact_email = Text(maximum=254, required=False)
    void_minutes = Whole(minimum=0, maximum=10_080, required=False)


class DeskBody(Body):
    """A counter to invite."""

    name = Text(maximum=60)
    email = Text(maximum=254, required=False, help_text="Where the link is sent; optional.")


class PartnerKeyBody(Body):
    """An API key to make a partner's own."""

    api_key = PublicId(prefix="key")


class PoolBody(Body):
    """A list of codes for an offer."""

    codes = ItemList(
        child=Text(maximum=MAX_POOL_CODE, allow_blank=True), minimum=1, maximum=MAX_POOL_CODES
    )


class OfferClaimBody(Body):
    """Which offer."""

    offer = PublicId(prefix="rul")


class RedeemBody(Body):
    """A code at the partner's counter."""

    code = Text(maximum=200)
    partner = Text(maximum=40, required=False, help_text="Not needed with a partner's own key.")
    bill_minor = Money(minimum=0, required=False)


class TakeBackBody(Body):
    """Why a redemption is taken back, or a code cancelled."""

    reason = Text(maximum=200, required=False)


class MonthBody(Body):
    """Which month."""

    month = Text(maximum=7, help_text="Such as 2026-11.")


class SettleBody(Body):
    """How a statement was paid."""

    reference = Text(maximum=80)


class PartnerCardBody(Body):
    """A member's card at a partner, by the partner's own reference: never its number."""

    member = PublicId(prefix="mem")
    reference = Text(maximum=80)
    opened_on = Day(required=False)
    person = Text(maximum=80, required=False, help_text="The partner's id of the person.")


class TransactionBody(Body):
    """A payment with a partner's card."""

    transaction = Text(maximum=60)
    card = Text(maximum=80)
    amount_minor = Money(minimum=1)
    happened_at = Instant(required=False)


class ChargebackBody(Body):
    """What of a payment came back; all that is left without an amount."""

    transaction = Text(maximum=60)
    of = Text(maximum=60)
    amount_minor = Money(minimum=1, required=False)
    happened_at = Instant(required=False)


class SettlementBody(Body):
    """A settlement file."""

    csv = Text(maximum=200_000, lines=True)


class RedemptionQuery(Query):
    """Whose redemptions."""

    partner = PublicId(prefix="prt", required=False)


@dataclass(frozen=True)
class MissingView:
    """A condition that does not hold; ``have`` where what the member has is a number."""

    text: str
    have: int | None


@dataclass(frozen=True)
class OfferView:
    """An offer as one member sees it. ``missing`` says why it is locked, ``block`` why else not.

    ``cap_minor``: the most a percentage takes off one redemption; null: no end.
    ``left``: codes that can still be had; null: any number. ``codes`` are ids of their claims.
    """

    id: str
    name: str
    text: str
    partner: str
    partner_name: str
    gives: str
    value_bp: int
    cap_minor: int | None
    value_minor: int
    worth_minor: int
    can_claim: bool
    missing: list[MissingView]
    block: str
    left: int | None
    codes: list[str]


@dataclass(frozen=True)
class OfferStockView:
    """An offer with what was taken of it, for its shop. Without a pool the stock is null."""

    id: str
    rule: str
    name: str
    state: str
    partner: str
    claimed: int
    pool_total: int | None
    pool_left: int | None
    is_low: bool


@dataclass(frozen=True)
class StatementDetail:
    """A statement with its lines."""

    statement: StatementView
    lines: list[StatementLine]


def present_offer(one: OfferFor) -> OfferView:
    """An offer for the API."""
    row, terms = one.offer, one.terms
    return OfferView(
        id=terms.family,
        name=row.name,
        text=row.text,
        partner=terms.partner,
        partner_name=terms.partner_name,
        gives=terms.gives,
        value_bp=terms.value_bp,
        cap_minor=terms.cap_minor,
        value_minor=terms.value_minor,
        worth_minor=terms.worth_minor,
        can_claim=one.can_claim,
        missing=[MissingView(text=each.text, have=each.have) for each in one.missing],
        block=one.block,
        left=one.left,
        codes=[each.public_id for each in one.claims],
    )


def present_stock(row: Offer, *, claimed: int, stock: Stock | None) -> OfferStockView:
    """An offer for its shop."""
    assert row.partner is not None
    return OfferStockView(
        id=row.family,
        rule=row.public_id,
        name=row.name,
        state=str(row.state),
        partner=row.partner.public_id,
        claimed=claimed,
        pool_total=stock.total if stock else None,
        pool_left=stock.left if stock else None,
        is_low=bool(stock and stock.is_low),
    )


def present_statement(row: Statement) -> StatementDetail:
    """A statement with its lines for the API."""
    return StatementDetail(
        statement=statement_view(row),
        lines=[
            StatementLine(
                redemption=one.redemption.public_id,
                offer=one.redemption.claim.family,
                redeemed_at=one.redemption.redeemed_at,
                sign=one.sign,
                given_minor=one.sign * one.redemption.given_minor,
                we_pay_minor=one.we_pay_minor,
                they_pay_minor=one.they_pay_minor,
            )
            for one in lines_of(row)
        ],
    )
