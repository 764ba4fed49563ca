"""What a draft would have done: the shop's real past sales, played through memory worlds twice.

Once with the rules as they are, once with the draft in the place of what it would replace. Nothing
is written: the rows only pretend inside a transaction that is rolled back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from loyalty.engine.activity import PURCHASE, ActivityData, Sale
from loyalty.engine.database import member_view, terms_of
from loyalty.engine.effects import Applied, LowerPrice
from loyalty.engine.memory import MemoryGrants, MemoryWorld
from loyalty.engine.models import AppliedEffect, Rule
from loyalty.engine.plug import Phase, mechanics
from loyalty.engine.run import Loaded, run
from loyalty.engine.selectors import get_rule
from loyalty.engine.status import Status
from loyalty.engine.statuses import load_statuses
from loyalty.ledger.assets import AssetView, asset_view_of
from loyalty.sales.models import Purchase, PurchaseLine
from loyalty.sales.selectors import sale_of
from loyalty.tenancy.models import Programme
from members.profiles.models import Member
from rewards.catalog.selectors import reward_names

MAX_SALES = 1_000
TOP = 10
OFF = AssetView(
    code="discounts",
    kind="money",
    name_vi="giảm giá",
    name_en="discounts",
    value_minor=1,
    value_units=1,
)


@dataclass(frozen=True, kw_only=True)
class MemberChange:
    """What one member would have been given, before and after."""

    member: str
    name: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        """What the draft adds (or takes)."""
        return self.after - self.before


@dataclass(frozen=True, kw_only=True)
class AssetChange:
    """What of one asset would have been issued, before and after, with its worth in money.

    ``discounts`` stands for what would have been off the prices. Amounts of what ``is_money`` are
    minor units.
    """

    asset: str
    name_vi: str
    name_en: str
    is_money: bool
    before: int
    after: int
    before_minor: int
    after_minor: int
    gaining: int
    losing: int
    same: int
    winners: tuple[MemberChange, ...]
    losers: tuple[MemberChange, ...]

    @property
    def is_felt(self) -> bool:
        """Does the rule make a difference to anybody?"""
        return self.before != self.after or bool(self.gaining or self.losing)


@dataclass(frozen=True, kw_only=True)
class RewardChange:
    """How many vouchers of one reward full cards and other rules would have given."""

    reward: str
    name: str
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A draft on past sales: how many, from when to when, and what would have changed."""

    rule: str
    sales: int
    members: int
    first_at: datetime | None
    last_at: datetime | None
    assets: tuple[AssetChange, ...]
    rewards: tuple[RewardChange, ...]


@dataclass
class _Player:
    """One member in both worlds, and what each gave."""

    member: Member
    before: MemoryWorld
    after: MemoryWorld
    gifts: tuple[MemoryGrants, MemoryGrants]
    given: dict[str, list[int]] = field(default_factory=dict)

    def count(self, which: int, effects: Iterable[Applied]) -> None:
        for one in effects:
            if one.kind == LowerPrice.kind:
                self.given.setdefault(OFF.code, [0, 0])[which] += one.amount
            elif one.entry is not None and one.entry.amount > 0:
                self.given.setdefault(one.asset, [0, 0])[which] += one.amount


def preview(programme: Programme, *, rule: str) -> Preview:
    """Play the newest thousand sales. Raises ``NotFound`` where there is no such rule."""
    draft = get_rule(rule)
    before, after = _load_both(programme, draft)
    sales = list(_past_sales())
    off = _taken_off(sales) if _prices(draft) else {}
    statuses = load_statuses({purchase.member_id for purchase in sales})
    players: dict[int, _Player] = {}
    for purchase in reversed(sales):
        player = players.get(purchase.member_id)
        if player is None:
            player = _player(programme, purchase.member, draft, statuses[purchase.member_id])
            players[purchase.member_id] = player
        activity = _activity(purchase, off)
        for which, (world, loaded) in enumerate(((player.before, before), (player.after, after))):
            world.advance(activity.happened_at)
            player.count(which, run(world, activity, loaded).effects)
            world.remember(activity)
    return Preview(
        rule=rule,
        sales=len(sales),
        members=len(players),
        first_at=sales[-1].happened_at if sales else None,
        last_at=sales[0].happened_at if sales else None,
        assets=tuple(_changes(list(players.values()), draft)),
        rewards=tuple(_rewards(list(players.values()))),
    )


def _load_both(programme: Programme, draft: Rule) -> tuple[Loaded, Loaded]:
    """All mechanics' rules, without and with the draft. From PAY nothing is asked again, and from
    PRICE only for a draft that prices: otherwise the sales stand as they were priced and paid.
    """
    settled = {Phase.PAY} if _prices(draft) else {Phase.PRICE, Phase.PAY}
    older = _older(draft)
    model: Any = type(draft)
    now_live = older[:1] if older and older[0].state != Rule.State.ENDED else []
    with _pretending(model, live=now_live, out=[draft, *older]):
        before = _load(programme, settled)
    with _pretending(model, live=[draft], out=[draft, *older]):
        after = _load(programme, settled)
    return before, after


@contextmanager
def _pretending(model: Any, *, live: Sequence[Rule], out: Sequence[Rule]) -> Iterator[None]:
    with transaction.atomic():
        model.objects.filter(pk__in=[row.pk for row in out]).update(state=Rule.State.PAUSED)
        model.objects.filter(pk__in=[row.pk for row in live]).update(
            state=Rule.State.LIVE, starts_at=None, ends_at=None
        )
        yield
        transaction.set_rollback(True)


def _load(programme: Programme, settled: set[Phase]) -> Loaded:
    pairs = [(one, one.load(programme.pk)) for one in mechanics() if one.phase not in settled]
    return [(mechanic, rules) for mechanic, rules in pairs if rules]


def _prices(draft: Rule) -> bool:
    """Does the draft's mechanic lower prices?"""
    app = draft._meta.app_config.name
    return any(
        one.phase == Phase.PRICE and type(one).__module__.startswith(f"{app}.")
        for one in mechanics()
    )


def _taken_off(sales: Sequence[Purchase]) -> dict[int, Counter[int]]:
    """What rules took off each line that day, by activity. One query."""
    found: dict[int, Counter[int]] = {}
    rows = AppliedEffect.objects.filter(
        kind=LowerPrice.kind, activity__in=[one.activity_id for one in sales]
    )
    for activity, basis in rows.values_list("activity", "basis"):
        found.setdefault(activity, Counter()).update(dict(basis))
    return found


def _before(sale: Sale, off: Mapping[int, int]) -> Sale:
    """The sale as it was rung up: without what rules took off it."""
    lines = (
        replace(
            line,
            net_minor=line.net_minor + off[line.number],
            discount_minor=line.discount_minor - off[line.number],
            earning_minor=line.earning_minor + off[line.number] if line.earning_minor else 0,
        )
        for line in sale.lines
    )
    return replace(sale, lines=tuple(lines), settled=False)


def _older(rule: Rule) -> list[Rule]:
    found, row = [], rule.replaces
    while row is not None:
        found.append(row)
        row = row.replaces
    return found


def _past_sales() -> Iterable[Purchase]:
    lines = Prefetch("lines", PurchaseLine.objects.order_by("number"))
    rows = Purchase.objects.select_related("member", "location").prefetch_related(lines)
    return rows.order_by("-happened_at", "-id")[:MAX_SALES]


def _activity(purchase: Purchase, off: Mapping[int, Mapping[int, int]]) -> ActivityData:
    sale = sale_of(purchase, purchase.lines.all())
    return ActivityData(
        type=PURCHASE,
        key=purchase.public_id,
        public_id=purchase.public_id,
        happened_at=purchase.happened_at,
        location=purchase.location.public_id if purchase.location else "",
        sale=_before(sale, off.get(purchase.activity_id, Counter())),
    )


def _player(
    programme: Programme, member: Member, draft: Rule, statuses: Mapping[str, Status]
) -> _Player:
    """A member as they stand today: what they held on the day of each sale is not played anew."""
    terms, view = terms_of(programme), member_view(member)
    gifts = MemoryGrants(), MemoryGrants()
    before, after = (
        MemoryWorld(terms=terms, member=view, now=member.joined_at, grants=one, statuses=statuses)
        for one in gifts
    )
    if draft.budget is not None:
        after.budgets[draft.public_id] = draft.budget
    return _Player(member=member, before=before, after=after, gifts=gifts)


def _rewards(players: Sequence[_Player]) -> Iterator[RewardChange]:
    before, after = (
        Counter(
            gift["reward"]
            for player in players
            for gift in player.gifts[which].issued.values()
            if gift["state"] != "void"
        )
        for which in range(2)
    )
    names = reward_names(before | after)
    for reward in sorted(before | after, key=lambda one: names.get(one, one)):
        yield RewardChange(
            reward=reward,
            name=names.get(reward, reward),
            before=before[reward],
            after=after[reward],
        )


def _changes(players: Sequence[_Player], draft: Rule) -> Iterator[AssetChange]:
    # What a draft will count in is opened when it is published: until then it knows by itself.
    own = {one.code: one for one in (*draft.terms().counted_in(), OFF)}
    for code in sorted({asset for player in players for asset in player.given}):
        asset = own.get(code) or asset_view_of(code)
        changes = [
            MemberChange(
                member=player.member.public_id,
                name=player.member.name,
                before=player.given.get(code, [0, 0])[0],
                after=player.given.get(code, [0, 0])[1],
            )
            for player in players
        ]
        yield _change(asset, sorted(changes, key=lambda one: (one.difference, one.member)))


def _change(asset: AssetView, changes: Sequence[MemberChange]) -> AssetChange:
    before, after = sum(one.before for one in changes), sum(one.after for one in changes)
    gaining = [one for one in reversed(changes) if one.difference > 0]
    losing = [one for one in changes if one.difference < 0]
    return AssetChange(
        asset=asset.code,
        name_vi=asset.name_vi,
        name_en=asset.name_en,
        is_money=asset.kind == "money",
        before=before,
        after=after,
        before_minor=before * asset.value_minor // asset.value_units,
        after_minor=after * asset.value_minor // asset.value_units,
        gaining=len(gaining),
        losing=len(losing),
        same=len(changes) - len(gaining) - len(losing),
        winners=tuple(gaining[:TOP]),
        losers=tuple(losing[:TOP]),
    )
