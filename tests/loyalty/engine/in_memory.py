"""One member's life in memory: what the database's commands do, on nothing but plain values.

The same mechanics, the same effects, the same refusals.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from loyalty.commands.actor import Actor
from loyalty.common.errors import Refused
from loyalty.engine.database import member_view, terms_of
from loyalty.engine.effects import Applied, Undone
from loyalty.engine.memory import MemoryGrants, MemoryWorld
from loyalty.engine.run import run, undo
from loyalty.engine.validity import NO_WAIT, expiry_from, lot_terms
from loyalty.engine.world import VoucherView
from loyalty.ledger.states import EntryState
from loyalty.sales.rules import LineRefund, LineState, plan_refund
from loyalty.sales.services import SaleInput, prepare, refuse_unclaimed
from rewards.catalog.rules import expires_at
from rewards.points.selectors import settings_of
from tests.loyalty.engine.busy_shop import (
    BUDGET,
    DAYS,
    GIFT_COST,
    GIFTS,
    LATTE_COST,
    START,
    BusyShop,
)


@dataclass
class ModelGrants(MemoryGrants):
    """Vouchers with lifetimes; a code is the voucher's own id."""

    busy: BusyShop | None = None
    now: datetime = START
    dies: dict[str, datetime | None] = field(default_factory=dict)

    def issue(self, *, reward: str, rule: str, reason: str, details: Any) -> str:
        assert self.busy is not None
        voucher = super().issue(reward=reward, rule=rule, reason=reason, details=details)
        days = DAYS[self.busy.views[reward].name]
        self.dies[voucher] = expires_at(
            validity="days" if days else "unlimited",
            days=days,
            until=None,
            now=self.now,
            zone="Asia/Ho_Chi_Minh",
        )
        return voucher

    def state(self, voucher: str) -> str:
        """As a till reads it: a day that is over is over before a job says so."""
        dies, state = self.dies[voucher], str(self.issued[voucher]["state"])
        return "expired" if state == "issued" and dies and dies <= self.now else state

    def revoke(self, voucher: str) -> bool:
        if self.issued[voucher]["state"] not in ("issued", "expired"):
            return False
        self.issued[voucher]["state"] = "void"
        return True

    def find(self, code: str) -> VoucherView:
        assert self.busy is not None
        if self.state(code) != "issued":
            raise Refused(f"voucher_{self.state(code)}", "")
        return replace(self.busy.views[self.issued[code]["reward"]], public_id=code)

    def restore(self, voucher: str) -> None:
        super().restore(voucher)
        self.issued[voucher]["state"] = self.state(voucher)


@dataclass
class Bought:
    """A purchase as the model knows it."""

    activity: Any
    effects: tuple[Applied, ...]
    lines: dict[int, LineState]


class Model:
    """Ana's life in memory."""

    def __init__(self, busy: BusyShop, actor: Actor) -> None:
        self.busy, self.actor = busy, actor
        self.member = busy.people[0]
        self.grants = ModelGrants(busy=busy)
        self.world = MemoryWorld(
            terms=terms_of(actor.programme),
            member=member_view(self.member),
            now=START,
            grants=self.grants,
        )
        self.world.budgets = {busy.budgeted: BUDGET}
        self.bought: dict[str, Bought] = {}
        self.paid: dict[str, EntryState] = {}
        self.gifts = GIFTS

    @property
    def now(self) -> datetime:
        return self.world.now

    def advance(self, now: datetime) -> None:
        self.world.advance(now)
        self.grants.now = now

    def buy(self, key: str, sale: SaleInput) -> Bought:
        prepared = prepare(sale, actor=self.actor, member=self.member, now=self.now)
        outcome = run(self.world, prepared.activity)
        refuse_unclaimed(sale, outcome)
        assert outcome.activity.sale is not None
        self.world.remember(outcome.activity)
        lines = {
            line.number: LineState(
                number=line.number,
                kind=line.kind,
                quantity_milli=line.quantity_milli,
                net_minor=line.net_minor,
                refunded_milli=0,
                refunded_minor=0,
            )
            for line in outcome.activity.sale.lines
        }
        self.bought[key] = Bought(outcome.activity, outcome.effects, lines)
        return self.bought[key]

    def refund(
        self, key: str, lines: tuple[LineRefund, ...], amount_minor: int | None
    ) -> list[Undone]:
        one = self.bought[key]
        states = list(one.lines.values())
        after = plan_refund(states, requested=lines, amount_minor=amount_minor)
        one.lines |= after
        back = sum(line.refunded_minor for line in one.lines.values())
        worth = sum(line.net_minor for line in one.lines.values())
        self.world.refunded(one.activity.key, amount_minor=back, of_minor=worth)
        self.world.about(f"ref-{key}", self.now)
        portions = {number: state.portion for number, state in one.lines.items()}
        return undo(self.world, one.effects, one.activity.sale, portions)

    def redeem(self, name: str, *, reserve: bool) -> str:
        if name == "gift" and not self.gifts:
            raise Refused("out_of_stock", "")
        cost = LATTE_COST if name == "latte" else GIFT_COST
        self.world.about(f"redeem-{len(self.paid)}", self.now)
        post = self.world.transaction("redemption")
        entry = self.world.book.debit(post, "points", cost, reason="reward_redeemed")
        voucher = self.grants.issue(reward=self.busy.rewards[name], rule="", reason="", details={})
        self.grants.issued[voucher] |= {"cost": cost}
        if reserve:
            self.grants.issued[voucher]["state"] = "reserved"
        self.gifts -= name == "gift"
        self.paid[voucher] = entry
        return voucher

    def void(self, voucher: str) -> None:
        row = self.grants.issued[voucher]
        if row["state"] not in ("issued", "reserved"):
            raise Refused(f"voucher_{row['state']}", "")
        if voucher in self.paid:
            self.world.about(f"void-{voucher}", self.now)
            post = self.world.transaction("restore")
            self.world.book.give_back(post, self.paid[voucher], row["cost"], reason="voided")
        self.gifts += row["reward"] == self.busy.rewards["gift"]
        row["state"] = "void"

    def use(self, voucher: str) -> None:
        self.grants.find(voucher)
        self.grants.use(voucher, cause="till")

    def adjust(self, amount: int) -> None:
        book = self.world.book
        post = book.begin("adjustment", cause="adj", happened_at=self.now)
        if amount < 0:
            book.debit(post, "points", -amount, pot="adjusted", reason="adjusted")
            return
        expiry = settings_of("points").expiry
        zone = self.world.terms.timezone
        terms = lot_terms(wait=NO_WAIT, expiry=expiry, at=self.now, zone=zone)
        book.credit(post, "points", amount, pot="adjusted", reason="adjusted", terms=terms)

    def send(self, amount: int) -> None:
        book = self.world.book
        post = book.begin("transfer", cause="trf", happened_at=self.now)
        book.debit(post, "points", amount, pot="transfer", reason="sent")

    def confirm(self, key: str) -> None:
        book, cause = self.world.book, self.bought[key].activity.public_id
        book.settle("points")
        lots = [
            lot
            for entry in book.entries
            if (lot := entry.lot) is not None
            and lot.asset == "points"
            and lot.is_pending
            and lot.waits_for
            and lot.remaining
            and entry.transaction.cause == cause
        ]
        if not lots:
            raise Refused("nothing_waits", "")
        for lot in lots:
            died = expiry_from(lot.expiry_term).instant(self.now, self.world.terms.timezone)
            book.ripen(lot, expires_at=died)

    def figures(self) -> dict[str, tuple[int, ...]]:
        """Balance, available, pending, debt, earned and spent of every asset."""
        book = self.world.book
        for asset in list(book.accounts):
            book.settle(asset)
        return {
            one.asset: (one.balance, one.available, one.pending, one.debt, one.earned, one.spent)
            for one in book.accounts.values()
        }
