"""Everything members and staff do, as random steps through the real commands, and what must be true."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from loyalty.commands.actor import staff_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import played_at
from loyalty.common.errors import DomainError
from loyalty.engine.models import AppliedEffect, RuleBudget
from loyalty.engine.tasks import settle_due
from loyalty.ledger.models import Account, Entry, Lot
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.sales.models import Purchase
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from rewards.catalog.models import Reward, Voucher
from rewards.catalog.services import redeem_reward, use_voucher, void_voucher
from rewards.catalog.tasks import expire_vouchers, release_reservations
from rewards.points.services import (
    adjust_points,
    confirm_waiting,
    receive_transfer,
    transfer_points,
)
from tests.loyalty.engine.busy_shop import BUDGET, CATEGORIES, PRICES, START, BusyShop
from tests.loyalty.engine.in_memory import Model

WHICH = st.integers(min_value=0, max_value=50)
LINE = st.tuples(st.sampled_from(list(PRICES)), st.integers(min_value=1, max_value=4))
BASKET = st.lists(LINE, min_size=1, max_size=3)
_KEYS = count()


class Shopping(RuleBasedStateMachine):
    """Everything members and staff do."""

    busy: ClassVar[BusyShop]

    @initialize(
        refunds=st.sampled_from(["debt", "debt", "write_off"]),
        spent=st.sampled_from(["proportional", "proportional", "none"]),
        stacking=st.sampled_from(["best", "sum", "product"]),
        partial=st.sampled_from(["share", "recount"]),
    )
    def open(self, refunds: str, spent: str, stacking: str, partial: str) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        shop = self.busy.shop
        Programme.objects.filter(pk=shop.programme.pk).update(
            refund_policy=refunds,
            spent_points_policy=spent,
            multiplier_stacking=stacking,
            partial_refund_policy=partial,
        )
        self.programme = Programme.objects.get(pk=shop.programme.pk)
        self.actor = replace(staff_actor(shop.staff), programme=self.programme)
        self.scope = in_programme(self.programme)
        self.scope.__enter__()
        self.now = START
        self.people = [one.public_id for one in self.busy.people][: self.number_of_people]
        self.purchases: list[str] = []
        self.given = 0
        self.mirror: dict[str, str] = {}
        self.model = Model(self.busy, self.actor) if self.number_of_people == 1 else None

    number_of_people: ClassVar[int] = 1

    def do(self, command: Any, mirror: Callable[[Model], Any] | None = None, **kwargs: Any) -> Any:
        """Run a command, and the same in memory: both refuse for the same reason, or neither."""
        call = Call(self.actor, f"histories-{next(_KEYS)}")
        with played_at(self.now):
            try:
                answer = command(call, **kwargs)
            except DomainError as error:
                refused = error.code
            else:
                return answer, mirror(self.model) if self.model and mirror else None
            if self.model and mirror:
                with pytest.raises(DomainError, check=lambda same: same.code == refused):
                    mirror(copy.deepcopy(self.model))
            return None

    def one(self, which: int, of: list[str]) -> str:
        return of[which % len(of)]

    # --- sales --------------------------------------------------------------------------------

    @rule(
        who=WHICH,
        basket=BASKET,
        discount=st.sampled_from([0, 0, 7_001]),
        points=st.sampled_from([0, 0, 0, 6, 11, 30]),
        credit=st.sampled_from([0, 0, 301, 2_000, 9_999]),
        voucher=st.sampled_from([None, None, 0, 1, 2]),
        days_ago=st.sampled_from([0, 0, 0, 2, 11]),
    )
    def buy(
        self,
        who: int,
        basket: list[tuple[str, int]],
        discount: int,
        points: int,
        credit: int,
        voucher: int | None,
        days_ago: int,
    ) -> None:
        lines = tuple(
            LineInput(
                sku=sku,
                category=CATEGORIES[sku],
                net_minor=PRICES[sku] * units,
                quantity_milli=1000 * units,
            )
            for sku, units in basket
        )
        sale = SaleInput(
            lines=lines,
            discount_minor=discount,
            happened_at=self.now - timedelta(days=days_ago) if days_ago else None,
        )
        use = {"points": points, "store_credit": credit}
        self.sell(self.one(who, self.people), sale, use, voucher)

    @rule(who=WHICH, total=st.integers(min_value=1, max_value=400_000))
    def buy_for(self, who: int, total: int) -> None:
        self.sell(self.one(who, self.people), SaleInput(total_minor=total), {}, None)

    def sell(self, member: str, sale: SaleInput, paid: dict[str, int], voucher: int | None) -> None:
        mine = list(Voucher.objects.filter(member__public_id=member).order_by("id"))
        chosen = mine[-1 - voucher % len(mine)] if mine and voucher is not None else None
        use: dict[str, Any] = {name: amount for name, amount in paid.items() if amount}
        theirs = replace(sale, use=use | ({"vouchers": [chosen.code]} if chosen else {}))

        def mirror(model: Model) -> Any:
            codes = {"vouchers": [self.mirror[chosen.public_id]]} if chosen else {}
            return model.buy(f"bought-{len(self.purchases)}", replace(sale, use=use | codes))

        done = self.do(record_purchase, mirror, member=member, sale=theirs)
        if done is None:
            return
        if done[1] is not None:
            rows = AppliedEffect.objects.filter(activity__key=done[0].purchase).order_by("id")
            for row, applied in zip(rows, done[1].effects, strict=True):
                assert (row.kind, row.rule, row.amount) == (
                    applied.kind,
                    applied.rule,
                    applied.amount,
                )
                if "voucher" in row.memo and row.kind != "use_voucher":
                    self.mirror[row.memo["voucher"]] = applied.memo["voucher"]
        self.purchases.append(done[0].purchase)

    def take_back(self, which: int, **what: Any) -> None:
        index = which % len(self.purchases)
        self.do(
            refund_purchase,
            lambda model: model.refund(
                f"bought-{index}", what.get("lines", ()), what.get("amount_minor")
            ),
            purchase=self.purchases[index],
            **what,
        )

    @precondition(lambda self: self.purchases)
    @rule(which=WHICH)
    def refund_the_rest(self, which: int) -> None:
        self.take_back(which)

    @precondition(lambda self: self.purchases)
    @rule(which=WHICH, line=st.integers(1, 3), units=st.integers(1, 4))
    def refund_units(self, which: int, line: int, units: int) -> None:
        self.take_back(which, lines=(LineRefund(number=line, quantity_milli=1000 * units),))

    @precondition(lambda self: self.purchases)
    @rule(which=WHICH, line=st.integers(1, 3))
    def refund_line(self, which: int, line: int) -> None:
        self.take_back(which, lines=(LineRefund(number=line),))

    @precondition(lambda self: self.purchases)
    @rule(which=WHICH, percent=st.integers(1, 110))
    def refund_amount(self, which: int, percent: int) -> None:
        purchase = Purchase.objects.get(public_id=self.one(which, self.purchases))
        self.take_back(which, amount_minor=max(purchase.total_minor * percent // 100, 1))

    # --- rewards ------------------------------------------------------------------------------

    @rule(who=WHICH, name=st.sampled_from(["latte", "gift"]), reserve=st.booleans())
    def redeem(self, who: int, name: str, reserve: bool) -> None:
        done = self.do(
            redeem_reward,
            lambda model: model.redeem(name, reserve=reserve),
            member=self.one(who, self.people),
            reward=self.busy.rewards[name],
            reserve=reserve,
        )
        if done and done[1]:
            self.mirror[done[0].voucher] = done[1]

    def any_voucher(self, which: int) -> Voucher | None:
        found = list(Voucher.objects.order_by("-id"))
        return found[which % len(found)] if found else None

    @rule(which=WHICH)
    def void(self, which: int) -> None:
        voucher = self.any_voucher(which)
        if voucher:
            known = voucher.public_id
            self.do(void_voucher, lambda model: model.void(self.mirror[known]), voucher=known)

    @rule(which=WHICH)
    def use(self, which: int) -> None:
        voucher = self.any_voucher(which)
        if voucher:
            known = voucher.public_id
            self.do(use_voucher, lambda model: model.use(self.mirror[known]), code=voucher.code)

    # --- points by hand -----------------------------------------------------------------------

    @rule(who=WHICH, amount=st.sampled_from([-9, -3, 4, 15]))
    def adjust(self, who: int, amount: int) -> None:
        done = self.do(
            adjust_points,
            lambda model: model.adjust(amount),
            member=self.one(who, self.people),
            amount=amount,
            text="Because",
        )
        self.given += amount if done else 0

    @rule(who=WHICH, amount=st.integers(1, 25))
    def send(self, who: int, amount: int) -> None:
        sender = self.one(who, self.people)
        receiver = next(one.public_id for one in self.busy.people if one.public_id != sender)
        done = self.do(
            transfer_points,
            lambda model: model.send(amount),
            member=sender,
            receiver=receiver,
            amount=amount,
        )
        if done:
            self.do(receive_transfer, transfer=done[0].transfer)

    @precondition(lambda self: self.purchases)
    @rule(which=WHICH)
    def deliver(self, which: int) -> None:
        index = which % len(self.purchases)
        purchase = Purchase.objects.get(public_id=self.purchases[index])
        self.do(
            confirm_waiting,
            lambda model: model.confirm(f"bought-{index}"),
            member=purchase.member.public_id,
            cause=purchase.public_id,
            event="delivered",
        )

    # --- time ---------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 5, 24, 24, 48, 72, 120, 240]))
    def pass_time(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        if self.model:
            self.model.advance(self.now)

    @rule()
    def night(self) -> None:
        """The periodic jobs. In memory only reservations need one: the rest is told by the date."""
        with played_at(self.now):
            late = Voucher.objects.filter(state="reserved", reserved_until__lt=self.now)
            released = list(late.order_by("id").values_list("public_id", flat=True))
            settle_due()
            release_reservations()
            expire_vouchers()
            for voucher in released if self.model else ():
                self.model.void(self.mirror[voucher])

    # --- what must be true --------------------------------------------------------------------

    @invariant()
    def it_adds_up(self) -> None:
        if not hasattr(self, "purchases"):
            return
        assert verify().findings == []
        assert not Reward.objects.filter(stock_left__lt=0).exists()
        uses = AppliedEffect.objects.filter(kind="use_voucher", undone=0)
        used = [one["voucher"] for one in uses.values_list("memo", flat=True)]
        assert len(used) == len(set(used))
        if self.model:
            self.it_is_as_in_memory(self.model)

    def it_is_as_in_memory(self, model: Model) -> None:
        theirs = {
            one.asset: (one.balance, one.available, one.pending, one.debt, one.earned, one.spent)
            for one in balances(holder_id=self.busy.people[0].holder_id, at=self.now)
        }
        mine = model.figures()
        assert {k: v for k, v in mine.items() if any(v)} == {
            k: v for k, v in theirs.items() if any(v)
        }
        for voucher in Voucher.objects.all():
            over = voucher.state == "issued" and voucher.expires_at
            state = "expired" if over and voucher.expires_at <= self.now else voucher.state
            assert state == model.grants.state(self.mirror[voucher.public_id])
        gifts = Reward.objects.get(public_id=self.busy.rewards["gift"])
        assert gifts.stock_left == model.gifts
        spent = RuleBudget.objects.get(rule=self.busy.budgeted).spent
        assert spent == BUDGET - model.world.budgets[self.busy.budgeted]

    def teardown(self) -> None:
        if not hasattr(self, "scope"):
            return
        try:
            if sys.exc_info()[0] is None:
                self.everything_comes_back()
        finally:
            self.scope.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def everything_comes_back(self) -> None:
        for which in range(len(self.purchases)):
            self.take_back(which)
        self.it_adds_up()
        goods = AppliedEffect.objects.filter(
            kind__in=["earn_points", "stamp_card", "accrue", "lower_price"]
        )
        assert not goods.exclude(undone=F("amount")).exists()
        issued = Entry.objects.filter(pot="issued").aggregate(n=Sum("amount"))["n"] or 0
        died = Lot.objects.filter(entry__pot="issued").aggregate(n=Sum("expired_offset"))["n"]
        assert issued == (died or 0), "what purchases issued is gone, but for what died by itself"
        assert sum(Account.objects.values_list("earned", flat=True)) == issued
        if self.programme.refund_policy == "debt":
            granted = Voucher.objects.filter(cost_entry__isnull=True, state="issued")
            assert not granted.exists()
            paid = Voucher.objects.exclude(state="void").aggregate(n=Sum("cost_amount"))["n"] or 0
            points = Account.objects.filter(asset__code="points")
            held = sum(points.values_list("balance", flat=True))
            assert held + paid <= max(self.given, 0) or self.given_back()
            stamps = Account.objects.filter(asset__kind="stamps")
            assert all(one.balance <= 0 for one in stamps)

    def given_back(self) -> bool:
        """Points that left by themselves or by hand explain a difference; nothing else does."""
        entries = Entry.objects.filter(account__asset__code="points")
        by_pot = {
            one["pot"]: one["n"]
            for one in entries.values("pot").order_by("pot").annotate(n=Sum("amount"))
        }
        held = sum(by_pot.values())
        redeemed = -by_pot.get("redeemed", 0)
        return held + redeemed <= by_pot.get("adjusted", 0) + by_pot.get("transfer", 0)
