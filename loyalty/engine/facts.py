"""Facts: what rules may ask about the member and the moment. Lazy, and read-only.

A fact is ``"tier"``, ``"member.tags"``, ``"purchases.count"``. Mechanics offer facts by name; an
unknown name is a mistake in a rule and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from loyalty.common.clock import local_day
from loyalty.engine.activity import ActivityData
from loyalty.engine.effects import Applied
from loyalty.engine.memory import MemoryWorld
from loyalty.engine.plug import Multiplier, PriceOffer, mechanics, namer_of
from loyalty.engine.status import Status
from loyalty.engine.world import Usage, VoucherView, World
from loyalty.ledger.holding import alive
from loyalty.ledger.states import LotState

Value = TypeVar("Value")

_COMMON: dict[str, Callable[[World], Any]] = {
    "member.tags": lambda world: list(world.member.tags),
    "member.gender": lambda world: world.member.gender,
    "member.language": lambda world: world.member.language,
    "member.days": lambda world: (world.now - world.member.joined_at).days,
    "member.birthday_month": lambda world: bool(
        world.member.birthday
        and world.member.birthday.month == local_day(world.now, world.terms.timezone).month
    ),
    "purchases.count": lambda world: world.activities("purchase", since=None),
}


class _Known(dict[str, Callable[[World], Any]]):
    """Facts by name; those that programmes name for themselves are found, and not listed."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and namer_of(name) is not None)

    def __missing__(self, name: str) -> Callable[[World], Any]:
        namer = namer_of(name)
        if namer is None:
            raise KeyError(name)
        return lambda world: namer.named_fact(world, name)


@cache
def known_facts() -> dict[str, Callable[[World], Any]]:
    """Every fact by name: the engine's own and those mechanics offer."""
    found = _Known(_COMMON)
    for mechanic in mechanics():
        found.update(mechanic.facts)
    return found


class Facts:
    """The read-only face of a world for one activity."""

    def __init__(
        self,
        world: World,
        multipliers: Sequence[Multiplier] = (),
        offers: Sequence[PriceOffer] = (),
        done: Sequence[Applied] = (),
    ) -> None:
        self._world = world
        # The programme's policies, the member, the instant of the command.
        self.terms, self.member, self.now = world.terms, world.member, world.now
        self._known: dict[str, Any] = {}
        self._worked_out: dict[Any, Any] = {}
        self._multipliers = multipliers
        self._offers = offers
        # What this activity has had for effects so far, in order.
        self.done = done

    def forget(self) -> None:
        """A phase is over: what was known before it may have changed."""
        if self._known:
            self._known = {}
        if self._worked_out:
            self._worked_out = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            world = self._world
            if isinstance(world, MemoryWorld) and name in world.facts:
                self._known[name] = world.facts[name]
            else:
                self._known[name] = known_facts()[name](world)
        return self._known[name]

    def once(self, key: Any, work_out: Callable[[], Value]) -> Value:
        """What a mechanic works out of these facts, kept as long as they hold."""
        if key not in self._worked_out:
            self._worked_out[key] = work_out()
        found: Value = self._worked_out[key]
        return found

    def lasting(self, key: Any, work_out: Callable[[], Value]) -> Value:
        """The same of what holds all along an activity, until a status changes."""
        kept = self._world.lasting
        if key not in kept:
            kept[key] = work_out()
        found: Value = kept[key]
        return found

    def available(self, asset: str) -> int:
        """What the holder can spend of an asset now."""
        return self._world.book.available(asset)

    def balance(self, asset: str) -> int:
        """The holder's balance of an asset, pending included."""
        return self._world.book.settle(asset).balance

    def counts(self, asset: str) -> tuple[int, int, int]:
        """The holder's balance of an asset, what they ever earned of it, and what they spent."""
        account = self._world.book.settle(asset)
        return account.balance, account.earned, account.spent

    def alive(self, asset: str, *, since: datetime) -> list[LotState]:
        """Every lot of an asset that was alive at or after an instant. One query."""
        return alive(self._world.book, asset, since=since)

    def first_expiry(self, asset: str) -> datetime | None:
        """When the first of what the holder can spend of an asset dies. One query."""
        book = self._world.book
        book.source.load_spendable(book, asset, max(book.available(asset), 1))
        first = None
        for lot in book.lots.get(asset, {}).values():
            if lot.remaining and not lot.is_pending:
                at = lot.expires_at
                if at is not None and (first is None or at < first):
                    first = at
        return first

    def standing(self, *, kind: str, asset: str) -> list[Applied]:
        """The holder's effects of a kind on an asset that are not undone, newest first."""
        return self._world.standing(kind=kind, asset=asset)

    def voucher(self, code: str) -> VoucherView:
        """The voucher of a code, usable now by this member. Raises ``Refused``, ``NotFound``."""
        return self._world.grants.find(code)

    def used(self, *rules: str, since: datetime | None, by_all: bool = False) -> Usage:
        """How often and how much a rule (in all its versions) gave since an instant."""
        if by_all:
            return self._world.used_by_all(*rules, since=since)
        return self._world.used(*rules, since=since)

    def budget_left(self, rule: str) -> int | None:
        """What a rule may still give in all; ``None`` where it has no budget."""
        return self._world.budget_left(rule)

    def multipliers(self, asset: str) -> list[Multiplier]:
        """The factors that apply to an asset for this activity."""
        return [one for one in self._multipliers if one.asset == asset] if self._multipliers else []

    def price_offers(self) -> Sequence[PriceOffer]:
        """The better prices all mechanics hold out for this sale."""
        return self._offers

    def status(self, name: str) -> Status | None:
        """Where the member stands with a mechanic (their level, their plan); one query for all."""
        return self._world.status(name)

    def unused_grants(self, rule: str) -> list[str]:
        """Vouchers a rule granted this member that are not used yet, newest first."""
        return self._world.grants.unused(rule=rule)


# Facts of the activity itself, by name, of it and the programme's zone.
OF_ACTIVITY: dict[str, Callable[[ActivityData, str], Any]] = {
    "activity.type": lambda activity, _zone: activity.type,
    "at.weekday": lambda activity, zone: local_day(activity.happened_at, zone).isoweekday(),
    "location": lambda activity, _zone: activity.location,
    "merchant": lambda activity, _zone: activity.merchant,
    "sale.total_minor": lambda activity, _zone: activity.sale.net_minor if activity.sale else 0,
    "sale.earning_minor": lambda activity, _zone: (
        activity.sale.earning_minor if activity.sale else 0
    ),
    "sale.skus": lambda activity, _zone: (
        [line.sku for line in activity.sale.lines] if activity.sale else []
    ),
}
