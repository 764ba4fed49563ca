"""A coalition for the stories: Ben runs it and has the café, Eve a bakery, Gus a bookshop.

Time is told by the stories: Hanoi time, the autumn of 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.coalition.models import ClearingRun, Statement, StatementLine
from campaigns.coalition.services import ClearingMonthView, close_month, run_month, set_terms
from loyalty.common.clock import played_at
from loyalty.ledger.services import describe_asset
from loyalty.sales.results import PurchaseResult
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from rewards.points.services.settings import change_settings
from tests.rewards.points.rules_of import earning
from tests.world import Shop, add_shop

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@contextmanager
def on(day: str, hour: int = 12) -> Iterator[None]:
    """What happens on a day of the story."""
    with played_at(datetime.fromisoformat(f"{day}T{hour:02}:00:00").replace(tzinfo=HANOI)):
        yield


@dataclass
class Coalition:
    """Three shops and their member."""

    cafe: Shop
    bakery: Shop
    books: Shop

    @property
    def shops(self) -> tuple[Shop, ...]:
        return (self.cafe, self.bakery, self.books)

    def sell(self, shop: Shop, total: int, **more: Any) -> PurchaseResult:
        """Ana buys at a shop: a point for each 1,000."""
        return record_purchase(
            shop.call(),
            member=shop.member.public_id,
            sale=SaleInput(total_minor=total, **more),
        )

    def burn(self, shop: Shop, points: int, total: int = 500_000) -> PurchaseResult:
        """Ana pays a part with points."""
        return self.sell(shop, total, use={"points": points})

    def terms(self, shop: Shop, **values: Any) -> None:
        """Terms of a shop, set by Ben."""
        values = {"issue_price_minor": 10_000, "redeem_price_minor": 9_000, **values}
        set_terms(self.cafe.call(), merchant=shop.merchant.public_id, **values)

    def run(self, month: str) -> ClearingMonthView:
        return run_month(self.cafe.call(), month=month)

    def close(self, month: str) -> ClearingMonthView:
        """Close a month, and those since September that come before it."""
        for earlier in ("2026-09", "2026-10", "2026-11"):
            if earlier < month:
                self.close_alone(earlier)
        return self.close_alone(month)

    def close_alone(self, month: str) -> ClearingMonthView:
        return close_month(self.cafe.call(), run=self.run(month).id)

    def statement(self, shop: Shop | None, month: str) -> Statement:
        """The statement of a shop, or the programme's own."""
        with in_programme(self.cafe.programme):
            rows = Statement.objects.select_related("run", "merchant")
            wanted = shop.merchant.pk if shop else None
            return rows.get(run__month=month, merchant=wanted)

    def lines(self, shop: Shop | None, month: str) -> list[tuple[str, int, int]]:
        """Kind, points and amount of each line."""
        with in_programme(self.cafe.programme):
            rows = StatementLine.objects.filter(statement=self.statement(shop, month))
            return [(one.kind, one.units, one.amount_minor) for one in rows.order_by("number")]

    def positions(self, month: str) -> list[int]:
        """What everyone gets, the programme last; it sums to zero."""
        with in_programme(self.cafe.programme):
            run = ClearingRun.objects.get(month=month)
            rows = run.statements.order_by("merchant_id").values_list("merchant", "position_minor")
            found = sorted(rows, key=lambda row: (row[0] is None, row[0]))
        return [position for _merchant, position in found]


def make_coalition(shop: Shop, *, with_terms: bool = True) -> Coalition:
    """Ben's programme with three shops; one point per 1,000, worth 1 each at any till."""
    with on("2026-09-01"):
        earning(shop, per_minor=1_000)
        change_settings(shop.call(), values={"pay_enabled": True, "pay_cap_bp": 10_000})
        _worth(shop)
        found = Coalition(
            shop,
            add_shop(shop, "Tiệm bánh", owner="eve@example.com"),
            add_shop(shop, "Nhà sách", owner="gus@example.com"),
        )
        if with_terms:
            for one in found.shops:
                found.terms(one)
    shop.programme.refresh_from_db()
    return found


def _worth(shop: Shop) -> None:
    describe_asset(
        shop.call(), code="points", name_vi="điểm", name_en="points", value_minor=1, value_units=1
    )
