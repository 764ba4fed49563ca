"""Reads of the catalogue: rewards and what they cost a member, vouchers, the next reward."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound, Refused
from loyalty.engine.conditions import parse
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.promises import whom
from loyalty.engine.world import VoucherView
from loyalty.ledger.assets import asset as asset_of
from loyalty.ledger.selectors import balances
from loyalty.tenancy.scope import current_programme
from loyalty.tenancy.statements import Read
from members.profiles.models import Member
from rewards.catalog.models import ExternalCode, Reward, RewardKind, RewardTerms, Voucher
from rewards.catalog.rules import normal_code, worth_minor

HELD_STATES = (Voucher.State.RESERVED, Voucher.State.ISSUED, Voucher.State.USED)
_BILL_KINDS = {
    RewardKind.FREE_PRODUCT: "product",
    RewardKind.AMOUNT_OFF: "amount",
    RewardKind.PERCENT_OFF: "percent",
}


@dataclass(frozen=True, kw_only=True)
class OfferedReward:
    """A live reward as rules see it: what it costs, nothing that stock could change."""

    public_id: str
    costs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All live rewards; there is always one catalogue, so that its mechanic always runs."""

    rewards: tuple[OfferedReward, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Price:
    """One price of a reward for one member; ``worth_minor`` is 0 where the asset has no worth."""

    asset: str
    unit: str
    amount: int
    available: int
    worth_minor: int

    @property
    def missing(self) -> int:
        """How much the member lacks."""
        return max(self.amount - max(self.available, 0), 0)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A live reward before one member: prices, and why it cannot be had (empty: it can).

    ``reserved_for`` says for whom it is, where it is not for this member.
    """

    reward: Reward
    terms: RewardTerms
    prices: tuple[Price, ...]
    blocked: str = ""
    reserved_for: str = ""

    @property
    def best(self) -> Price:
        """The price the member is closest to."""
        return min(
            self.prices, key=lambda price: (price.missing * 10_000 // price.amount, price.amount)
        )

    @property
    def is_affordable(self) -> bool:
        """Can the member have it now?"""
        return not self.blocked and any(price.missing == 0 for price in self.prices)


@dataclass(frozen=True, kw_only=True)
class NextReward:
    """The nearest reward a member cannot afford yet: "100 points to your free coffee"."""

    reward: str
    name: str
    asset: str
    unit: str
    amount: int
    available: int
    missing: int


def catalogue() -> list[Catalogue]:
    """The live rewards of the programme in scope, for the engine. One query."""
    rows = Reward.objects.filter(state=Reward.State.LIVE, terms__isnull=False).select_related(
        "terms"
    )
    return [
        Catalogue(
            rewards=tuple(
                OfferedReward(
                    public_id=row.public_id,
                    costs=tuple((cost["asset"], cost["amount"]) for cost in row.terms.costs),
                )
                for row in rows.order_by("position", "id")
            )
        )
    ]


def rewards(*, states: Iterable[str] = ()) -> QuerySet[Reward]:
    """Rewards with their terms, in the order of the list."""
    rows: QuerySet[Reward] = Reward.objects.select_related("terms", "draft")
    if states:
        rows = rows.filter(state__in=list(states))
    return rows.order_by("position", "id")


def reward_choices() -> list[tuple[str, str]]:
    """The live rewards by public id, with their names in the reader's language. One query."""
    return [(row.public_id, str(row)) for row in rewards(states=("live",)).order_by("-pk")]


_BY_ID: Read[Reward] = Read(lambda reward: rewards().filter(public_id=reward))


def access_reward(public_id: str) -> Reward:
    """A reward of the programme. Raises ``NotFound``."""
    found = _BY_ID(reward=public_id)
    if not found:
        raise NotFound("reward_not_found", _("There is no such reward."), field="reward")
    return found[0]


def reward_names(public_ids: Iterable[str]) -> dict[str, str]:
    """What rewards are called in the active language, by public id. One query."""
    return {row.public_id: str(row) for row in rewards().filter(public_id__in=list(public_ids))}


def offers(member: Member, *, at: datetime | None = None) -> list[Offer]:
    """Every live reward that can be bought, with this member's prices. Four queries at most, and
    what the facts take that rewards are reserved by.
    """
    at = at or clock_now()
    live = [row for row in rewards(states=[Reward.State.LIVE]) if row.terms and row.terms.costs]
    if not live:
        return []
    have = {one.asset: one.available for one in balances(holder_id=member.holder_id, at=at)}
    held = _held([row.pk for row in live if row.terms and row.terms.per_member], member)
    pools = code_pools([row.pk for row in live if row.terms and row.terms.kind == "external_code"])
    facts = _facts(member, at) if any(row.terms and row.terms.audience for row in live) else None
    return [_offer(row, have, held, pools, facts) for row in live]


def is_for(terms: RewardTerms, facts: Facts) -> bool:
    """May a member buy it, by what is known of them?"""
    return all(one.holds(facts.__getitem__) for one in parse(terms.audience))


def _facts(member: Member, at: datetime) -> Facts:
    return Facts(DatabaseWorld(programme=current_programme(), member=member, now=at))


def reserved_for(terms: RewardTerms) -> str:
    """Whom a reward is for, as members may read it."""
    return whom(parse(terms.audience))


def rewards_affordable(member: Member, *, at: datetime | None = None) -> list[Offer]:
    """The rewards a member can have now, dearest first."""
    found = [offer for offer in offers(member, at=at) if offer.is_affordable]
    return sorted(found, key=lambda offer: -offer.best.amount)


def next_reward(member: Member, *, at: datetime | None = None) -> NextReward | None:
    """The reward with the least missing among those not affordable yet, if there is one."""
    found = [
        (price.missing, offer, price)
        for offer in offers(member, at=at)
        if not offer.blocked and not offer.is_affordable
        for price in offer.prices
    ]
    if not found:
        return None
    missing, offer, price = min(found, key=lambda one: (one[0], one[2].amount))
    return NextReward(
        reward=offer.reward.public_id,
        name=offer.terms.name,
        asset=price.asset,
        unit=price.unit,
        amount=price.amount,
        available=price.available,
        missing=missing,
    )


def _offer(
    row: Reward,
    have: Mapping[str, int],
    held: Mapping[int, int],
    pools: Mapping[int, int],
    facts: Facts | None,
) -> Offer:
    assert row.terms is not None
    prices = tuple(
        _price(cost["asset"], cost["amount"], have.get(cost["asset"], 0))
        for cost in row.terms.costs
    )
    blocked = ""
    if row.stock_left == 0 or (row.terms.kind == "external_code" and not pools.get(row.pk)):
        blocked = "out_of_stock"
    elif row.terms.per_member is not None and held.get(row.pk, 0) >= row.terms.per_member:
        blocked = "member_limit"
    reserved = ""
    if facts is not None and not is_for(row.terms, facts):
        blocked, reserved = "reserved", reserved_for(row.terms)
    return Offer(reward=row, terms=row.terms, prices=prices, blocked=blocked, reserved_for=reserved)


def _price(code: str, amount: int, available: int) -> Price:
    asset = asset_of(code)
    return Price(
        asset=code,
        unit=asset.name_en if (get_language() or "vi").startswith("en") else asset.name_vi,
        amount=amount,
        available=available,
        worth_minor=worth_minor(
            amount, value_minor=asset.value_minor, value_units=asset.value_units
        ),
    )


def _held(reward_ids: list[int], member: Member) -> dict[int, int]:
    if not reward_ids:
        return {}
    rows = Voucher.objects.filter(
        reward__in=reward_ids, member=member, state__in=HELD_STATES, cost_amount__gt=0
    )
    return {row["reward"]: row["n"] for row in rows.values("reward").annotate(n=Count("id"))}


def code_pools(reward_ids: list[int]) -> dict[int, int]:
    """How many codes nobody has yet, by the reward's key; none where there are none. One query."""
    if not reward_ids:
        return {}
    rows = ExternalCode.objects.filter(reward__in=reward_ids, voucher__isnull=True)
    return {row["reward"]: row["n"] for row in rows.values("reward").annotate(n=Count("id"))}


def held(reward: Reward, member: Member) -> int:
    """How many of a reward a member has bought and not given back."""
    return _held([reward.pk], member).get(reward.pk, 0)


def external_code_of(voucher: Voucher) -> str:
    """The partner's code that came with a voucher; empty while it waits for one."""
    found = ExternalCode.objects.filter(voucher=voucher).values_list("code", flat=True).first()
    return found or ""


def codes_left(reward: Reward) -> int:
    """How many outside codes wait in a reward's pool."""
    return ExternalCode.objects.filter(reward=reward, voucher__isnull=True).count()


def owned_by(member: Member) -> Q:
    """Vouchers a member may use: their own, their household's, those of a card merged into it."""
    return Q(member__holder=member.holder_id) | Q(member__merged_into=member.pk)


def vouchers_of(member: Member) -> QuerySet[Voucher]:
    """All vouchers of a member, newest first."""
    rows: QuerySet[Voucher] = Voucher.objects.filter(owned_by(member))
    return rows.select_related("terms", "reward", "external_code").order_by("-id")


def vouchers_usable(member: Member, *, at: datetime | None = None) -> list[Voucher]:
    """The vouchers a member can use now, soonest expiry first."""
    at = at or clock_now()
    rows = vouchers_of(member).filter(state=Voucher.State.ISSUED)
    usable = rows.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at))
    return list(usable.order_by(F("expires_at").asc(nulls_last=True), "id")[:100])


def access_voucher(*, code: str = "", public_id: str = "") -> Voucher:
    """A voucher of the programme by its code (however typed) or id. Raises ``NotFound``."""
    stored = normal_code(code) if code else ""
    rows = Voucher.objects.select_related("terms", "reward", "member", "external_code")
    if public_id:
        found = rows.filter(public_id=public_id).first()
    else:
        # A code with a typing mistake is told apart without asking the database.
        found = rows.filter(code=stored).first() if stored else None
    if found is None:
        raise no_such_voucher()
    return found


def no_such_voucher(field: str = "code") -> NotFound:
    """The refusal of an unknown code; another programme's code is unknown too."""
    return NotFound(
        "voucher_not_found", _("There is no such voucher. Check the code."), field=field
    )


def check_usable(voucher: Voucher, *, at: datetime, field: str = "code") -> None:
    """Raises ``Refused`` with the reason where a voucher cannot be used at an instant."""
    state = voucher.state
    if state == Voucher.State.ISSUED and voucher.expires_at and voucher.expires_at <= at:
        state = Voucher.State.EXPIRED
    if state == Voucher.State.ISSUED:
        return
    texts = {
        Voucher.State.RESERVED: _("This voucher is reserved and not confirmed yet."),
        Voucher.State.USED: _("This voucher was used already. Each voucher counts once."),
        Voucher.State.VOID: _("This voucher was cancelled."),
        Voucher.State.EXPIRED: _("This voucher has expired."),
    }
    raise Refused(
        f"voucher_{state}",
        texts[Voucher.State(state)],
        field=field,
        params={
            "voucher": voucher.public_id,
            "used_at": voucher.used_at.isoformat() if voucher.used_at else None,
            "expires_at": voucher.expires_at.isoformat() if voucher.expires_at else None,
        },
    )


def bill_view(voucher: Voucher) -> VoucherView:
    """What a voucher does on a bill, by the terms it was issued under."""
    terms = voucher.terms
    kind = _BILL_KINDS.get(RewardKind(terms.kind), "gift")
    return VoucherView(
        public_id=voucher.public_id,
        reward=voucher.reward.public_id,
        name=terms.name,
        kind=kind,
        value_minor=terms.value_minor,
        value_bp=terms.value_bp,
        cap_minor=(terms.value_minor or None) if kind != "amount" else None,
        skus=tuple(terms.skus),
        categories=tuple(terms.categories),
        minimum_minor=terms.minimum_minor,
    )


def all_vouchers(*, member: str = "", reward: str = "", state: str = "") -> QuerySet[Voucher]:
    """Vouchers of the programme by member, reward (public ids) or state."""
    rows: QuerySet[Voucher] = Voucher.objects.select_related("terms", "reward", "member")
    if member:
        rows = rows.filter(member__public_id=member)
    if reward:
        rows = rows.filter(reward__public_id=reward)
    if state:
        rows = rows.filter(state=state)
    return rows


@dataclass(frozen=True, kw_only=True)
class ShownReward:
    """A reward with the terms a page shows, their prices with worth, and whether an edit waits."""

    reward: Reward
    terms: RewardTerms
    prices: tuple[Price, ...]
    has_edit: bool


def shown(row: Reward) -> ShownReward:
    """A reward as staff see it: by its published terms, else by its draft."""
    terms = row.terms or row.draft
    assert terms is not None
    return ShownReward(
        reward=row,
        terms=terms,
        prices=tuple(_price(one["asset"], one["amount"], 0) for one in terms.costs),
        has_edit=row.terms_id is not None and row.draft_id is not None,
    )


def voucher_figures(reward: Reward) -> dict[str, int]:
    """How many vouchers of a reward stand in each state."""
    rows = Voucher.objects.filter(reward=reward).values("state").annotate(n=Count("id"))
    found = {row["state"]: row["n"] for row in rows}
    return {state: found.get(state, 0) for state in Voucher.State.values}
