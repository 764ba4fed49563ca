"""The world of plain values, for previews, back-tests and property tests: it forgets all in the end."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.common.public_ids import new_id
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import EFFECTS, Applied
from loyalty.engine.status import Status
from loyalty.engine.world import (
    WINDOWS,
    Bought,
    Deed,
    Grants,
    MemberView,
    Terms,
    Usage,
    VoucherView,
    World,
)
from loyalty.ledger.book import Book
from loyalty.ledger.source import MemorySource


@dataclass
class MemoryGrants:
    """Vouchers as a list."""

    issued: dict[str, dict[str, Any]] = field(default_factory=dict)
    vouchers: dict[str, VoucherView] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)

    def issue(self, *, reward: str, rule: str, reason: str, details: Mapping[str, Any]) -> str:
        voucher = new_id("vou")
        self.issued[voucher] = {"reward": reward, "rule": rule, "state": "issued"}
        return voucher

    def unused(self, *, rule: str) -> list[str]:
        found = [
            voucher
            for voucher, row in self.issued.items()
            if row["rule"] == rule and row["state"] in ("issued", "void")
        ]
        return found[::-1]

    def revoke(self, voucher: str) -> bool:
        row = self.issued[voucher]
        if row["state"] not in ("issued", "void"):
            return False
        row["state"] = "void"
        return True

    def find(self, code: str) -> VoucherView:
        view = self.vouchers.get(code)
        if view is None:
            raise NotFound("voucher_not_found", _("There is no such voucher."), field="vouchers")
        return view

    def use(self, voucher: str, *, cause: str) -> None:
        self.used[voucher] = cause
        self._move(voucher, "used")

    def restore(self, voucher: str) -> None:
        self.used.pop(voucher, None)
        self._move(voucher, "issued")

    def take_news(self) -> list[tuple[str, dict[str, Any]]]:
        return []

    def _move(self, voucher: str, state: str) -> None:
        if voucher in self.issued:
            self.issued[voucher]["state"] = state


class _Hits:
    """What a rule did for a member, by when: late receipts stand in their place."""

    __slots__ = ("applied", "at")

    def __init__(self) -> None:
        self.at: list[datetime] = []
        self.applied: list[Applied] = []

    def add(self, at: datetime, applied: Applied) -> None:
        if not self.at or self.at[-1] <= at:
            self.at.append(at)
            self.applied.append(applied)
            return
        place = bisect_right(self.at, at)
        self.at.insert(place, at)
        self.applied.insert(place, applied)

    def since(self, instant: datetime | None) -> list[Applied]:
        """From an instant on, itself included."""
        return self.applied if instant is None else self.applied[bisect_left(self.at, instant) :]


class MemoryWorld(World):
    """A world of plain values: starts from what it is given, forgets everything in the end."""

    def __init__(
        self,
        *,
        terms: Terms,
        member: MemberView,
        now: datetime,
        book: Book | None = None,
        grants: Grants | None = None,
        facts: Mapping[str, Any] | None = None,
        statuses: Mapping[str, Status] | None = None,
    ) -> None:
        super().__init__(
            terms=terms,
            member=member,
            book=book or Book(accounts=(), source=MemorySource(), now=now),
            grants=grants or MemoryGrants(),
            now=now,
        )
        self.facts = dict(facts or {})
        self._statuses = dict(statuses or {})
        self.budgets: dict[str, int] = {}
        self.noted: list[tuple[datetime, Applied]] = []
        self._looked_at = 0
        self._followed: dict[str, _Hits] = {}
        self.done: list[Deed] = []

    def advance(self, now: datetime) -> None:
        """Let time pass."""
        self.now = self.book.now = now

    def remember(self, activity: ActivityData) -> None:
        """It is done: what comes after knows of it."""
        net = activity.sale.net_minor if activity.sale else 0
        self.done.append(Deed(activity.happened_at, activity.type, activity.key, net))

    def refunded(self, key: str, *, amount_minor: int, of_minor: int) -> None:
        """So much altogether of a sale came back, of what all its lines came to."""
        is_back = 0 < amount_minor >= of_minor
        self.done = [
            one._replace(refunded_minor=amount_minor, is_back=is_back) if one.key == key else one
            for one in self.done
        ]

    def load_bought(self) -> Mapping[int, Bought]:
        sales = (one for one in self.done if one.type == PURCHASE and not one.is_back)
        before = [one for one in sales if one.at <= self.happened_at]
        found = {}
        for days in WINDOWS:
            since = self.happened_at - timedelta(days=days)
            within = [one for one in before if not days or one.at >= since]
            last_at = max((one.at for one in within), default=None)
            worth = sum(max(one.net_minor - one.refunded_minor, 0) for one in within)
            found[days] = Bought(len(within), worth, last_at)
        return found

    def used(self, *rules: str, since: datetime | None) -> Usage:
        count = amount = 0
        for rule in rules:
            for one in self._hits_of(rule).since(since):
                if one.undone < one.amount:
                    count += 1
                    amount += one.amount - one.undone
        return Usage(count, amount)

    def used_by_all(self, *rules: str, since: datetime | None) -> Usage:
        return self.used(*rules, since=since)

    def budget_left(self, rule: str) -> int | None:
        return self.budgets.get(rule)

    def activities(self, type: str, *, since: datetime | None) -> int:
        return sum(
            1 for one in self.done if one.type == type and (since is None or one.at >= since)
        )

    def note(self, applied: Applied, *, at: datetime) -> None:
        self.noted.append((at, applied))
        if self.budgets and applied.details.get("budgeted") and applied.rule in self.budgets:
            self.budgets[applied.rule] -= applied.amount

    def _hits_of(self, rule: str) -> _Hits:
        """What a rule did, followed from when it is first asked for: most rules have no limit."""
        followed = self._followed
        hits = followed.get(rule)
        if hits is None:
            hits = followed[rule] = _Hits()
            for at, applied in self.noted[: self._looked_at]:
                if applied.rule == rule and EFFECTS[applied.kind].counts:
                    hits.add(at, applied)
        if self._looked_at < len(self.noted):
            for at, applied in self.noted[self._looked_at :]:
                if applied.rule in followed and EFFECTS[applied.kind].counts:
                    followed[applied.rule].add(at, applied)
            self._looked_at = len(self.noted)
        return hits

    def note_undone(self, applied: Applied, amount: int) -> None:
        super().note_undone(applied, amount)
        if applied.details.get("budgeted") and applied.rule in self.budgets:
            self.budgets[applied.rule] += amount

    def standing(self, *, kind: str, asset: str) -> list[Applied]:
        return [
            applied
            for _at, applied in reversed(self.noted)
            if (applied.kind, applied.asset) == (kind, asset) and applied.undone < applied.amount
        ]

    def granted(self, voucher: str) -> Applied | None:
        return next((one for _at, one in self.noted if one.memo.get("voucher") == voucher), None)
