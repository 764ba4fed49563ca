"""Shapes of the catalogue's API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loyalty.engine.sent import Conditions
from loyalty.web.api import (
    Body,
    Choice,
    Day,
    Flag,
    ItemList,
    Money,
    PublicId,
    Query,
    Text,
    Whole,
)
from rewards.catalog.models import Reward, RewardKind, RewardTerms, Voucher
from rewards.catalog.rules import MAX_CONDITIONS, MAX_COSTS, Cost, TermsInput, shown_code
from rewards.catalog.selectors import Offer


class CostBody(Body):
    """One price of a reward, in units of an asset."""

    asset = Text(maximum=60)
    amount = Whole(minimum=1)


class RewardBody(Body):
    """The terms of a reward. Amounts in the currency's smallest unit, shares in basis points."""

    name_vi = Text(maximum=120, required=False)
    name_en = Text(maximum=120, required=False)
    description_vi = Text(maximum=2_000, lines=True, required=False)
    description_en = Text(maximum=2_000, lines=True, required=False)
    kind = Choice(choices=RewardKind.values)
    value_minor = Money(
        required=False,
        help_text="The amount off; or the most a percentage or a free product takes off.",
    )
    value_bp = Whole(maximum=10_000, required=False, help_text="1250 is 12.5%.")
    skus = ItemList(child=Text(maximum=60), maximum=500, required=False)
    categories = ItemList(child=Text(maximum=60), maximum=100, required=False)
    minimum_minor = Money(required=False)
    costs = ItemList(
        child=CostBody(),
        maximum=MAX_COSTS,
        required=False,
        help_text="A member pays any one of them; none: only rules give it.",
    )
    per_member = Whole(minimum=1, required=False, allow_null=True)
    audience = Conditions(
        maximum=MAX_CONDITIONS,
        required=False,
        help_text="Who may buy it: each is `fact`, `op` and `value`; all must hold.",
    )
    validity = Choice(choices=RewardTerms.Validity.values, required=False)
    valid_days = Whole(required=False, allow_null=True)
    valid_until_on = Day(required=False, allow_null=True)


class NewRewardBody(RewardBody):
    """A new reward."""

    stock = Whole(required=False, allow_null=True, help_text="Missing: as many as are asked for.")


class StockBody(Body):
    """How many can still be had; ``null`` for as many as are asked for."""

    stock = Whole(allow_null=True)


class CodesBody(Body):
    """Codes of a partner."""

    codes = ItemList(child=Text(maximum=200), minimum=1, maximum=5_000)


class RewardQuery(Query):
    """Which rewards."""

    state = Choice(choices=Reward.State.values, required=False)


class RedemptionBody(Body):
    """Who gets which reward, and how it is paid."""

    member = PublicId(prefix="mem")
    reward = PublicId(prefix="rwd")
    asset = Text(maximum=60, required=False, help_text="Which price is paid; the first if missing.")
    reserve = Flag(required=False, help_text="Hold it for 15 minutes: capture or release it then.")
    hand_over = Flag(
        required=False, help_text="It is handed over now: the voucher is used at once."
    )


class RedemptionQuery(Query):
    """Which vouchers."""

    member = PublicId(prefix="mem", required=False)
    reward = PublicId(prefix="rwd", required=False)
    state = Choice(choices=Voucher.State.values, required=False)


class UseBody(Body):
    """Who shows the voucher, where that is known."""

    member = PublicId(prefix="mem", required=False)


class VoidBody(Body):
    """Why it is cancelled."""

    reason = Text(maximum=200, required=False)


@dataclass(frozen=True)
class CostView:
    """One price of a reward."""

    asset: str
    amount: int


@dataclass(frozen=True)
class RewardView:
    """A reward by its published terms, or those of its draft while it has none.

    ``has_draft``: an edit waits to be published.
    """

    id: str
    state: str
    edition: int
    has_draft: bool
    name_vi: str
    name_en: str
    description_vi: str
    description_en: str
    kind: str
    value_minor: int
    value_bp: int
    skus: list[str]
    categories: list[str]
    minimum_minor: int
    costs: list[CostView]
    per_member: int | None
    audience: list[dict[str, Any]]
    validity: str
    valid_days: int | None
    valid_until_on: date | None
    stock_left: int | None


@dataclass(frozen=True)
class VoucherView:
    """A voucher: what it is for, whose it is, and what became of it."""

    id: str
    code: str
    state: str
    reward: str
    name: str
    kind: str
    member: str
    cost_asset: str
    cost_amount: int
    source: str
    issued_at: datetime
    reserved_until: datetime | None
    expires_at: datetime | None
    used_at: datetime | None
    used_cause: str
    value_minor: int
    value_bp: int
    skus: list[str]
    minimum_minor: int


@dataclass(frozen=True)
class PriceView:
    """A price before a member: what they have, what is missing, what it is worth in money."""

    asset: str
    amount: int
    available: int
    missing: int
    worth_minor: int


@dataclass(frozen=True)
class OfferView:
    """A reward before a member. ``blocked`` says why it cannot be had, whatever they have;
    ``reserved_for`` whom it is for where that is why.
    """

    reward: str
    name: str
    kind: str
    prices: list[PriceView]
    affordable: bool
    blocked: str
    reserved_for: str


def terms_of(body: Mapping[str, Any]) -> TermsInput:
    """The terms of a body, for the command."""
    values = {name: value for name, value in body.items() if name != "stock"}
    for name in ("skus", "categories", "audience"):
        values[name] = tuple(values.get(name, ()))
    values["costs"] = tuple(Cost(**cost) for cost in values.get("costs", ()))
    return TermsInput(**values)


def present_reward(row: Reward) -> RewardView:
    """A reward for the API."""
    terms = row.terms or row.draft
    assert terms is not None
    return RewardView(
        id=row.public_id,
        state=str(row.state),
        edition=terms.edition,
        has_draft=row.terms_id is not None and row.draft_id is not None,
        name_vi=terms.name_vi,
        name_en=terms.name_en,
        description_vi=terms.description_vi,
        description_en=terms.description_en,
        kind=str(terms.kind),
        value_minor=terms.value_minor,
        value_bp=terms.value_bp,
        skus=list(terms.skus),
        categories=list(terms.categories),
        minimum_minor=terms.minimum_minor,
        costs=[CostView(one["asset"], one["amount"]) for one in terms.costs],
        per_member=terms.per_member,
        audience=list(terms.audience),
        validity=str(terms.validity),
        valid_days=terms.valid_days,
        valid_until_on=terms.valid_until_on,
        stock_left=row.stock_left,
    )


def present_voucher(row: Voucher) -> VoucherView:
    """A voucher for the API, with its reward, terms and member loaded."""
    return VoucherView(
        id=row.public_id,
        code=shown_code(row.code),
        state=str(row.state),
        reward=row.reward.public_id,
        name=row.terms.name,
        kind=str(row.terms.kind),
        member=row.member.public_id,
        cost_asset=row.cost_asset,
        cost_amount=row.cost_amount,
        source=row.source,
        issued_at=row.issued_at,
        reserved_until=row.reserved_until,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_cause=row.used_cause,
        value_minor=row.terms.value_minor,
        value_bp=row.terms.value_bp,
        skus=list(row.terms.skus),
        minimum_minor=row.terms.minimum_minor,
    )


def present_offer(offer: Offer) -> OfferView:
    """An offer for the API."""
    return OfferView(
        reward=offer.reward.public_id,
        name=offer.terms.name,
        kind=str(offer.terms.kind),
        prices=[
            PriceView(one.asset, one.amount, one.available, one.missing, one.worth_minor)
            for one in offer.prices
        ],
        affordable=offer.is_affordable,
        blocked=offer.blocked,
        reserved_for=offer.reserved_for,
    )
