"""The owner's charts say what the ledger and the sales say, today and after any correction."""

from __future__ import annotations

from datetime import date, timedelta

from django.test import Client

from loyalty.common.clock import now, played_at
from loyalty.insight import figures, selectors, services
from loyalty.insight.models import DayFigure, LedgerDay
from loyalty.insight.rules import Period, bucket_of, change_bp, fill, period_of
from loyalty.ledger.verification import verify
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from rewards.points.services import adjust_points
from tests.world import Shop


def _sell(shop: Shop, total: int, *, days_ago: int = 0) -> str:
    at = now() - timedelta(days=days_ago)
    sale = SaleInput(total_minor=total, happened_at=at)
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale).purchase


def _rows() -> list[str]:
    day = DayFigure.objects.values_list("day", "figure", "merchant", "location", "value")
    moved = LedgerDay.objects.values_list("day", "asset", "pot", "kind", "credited", "debited")
    return sorted([*map(str, day), *map(str, moved)])


def test_refreshing_as_sales_come_in_equals_summing_everything(shop: Shop) -> None:
    first = _sell(shop, 100_000, days_ago=3)
    services.refresh(shop.programme)
    _sell(shop, 50_000, days_ago=3)
    _sell(shop, 70_000)
    services.refresh(shop.programme)
    refund_purchase(shop.call(), purchase=first, amount_minor=40_000)
    services.refresh(shop.programme)
    with in_programme(shop.programme):
        kept = _rows()
        services.rebuild(shop.programme)
        assert _rows() == kept
        month = period_of("30d", today=now().date() + timedelta(1))
        assert selectors.total(figures.SALES, month) == 220_000
        assert selectors.total(figures.REFUNDED, month) == 40_000
        assert selectors.total(figures.JOINED, month) == 1
        assert selectors.loyal(month, zone="Asia/Ho_Chi_Minh").repeat_bp == 10_000


def test_after_a_clock_was_set_back_nothing_is_missed(shop: Shop) -> None:
    def thanks(points: int) -> None:
        adjust_points(shop.call(), member=shop.member.public_id, amount=points, text="Thanks")

    ahead = now() + timedelta(days=40)
    for at in (now(), ahead, ahead + timedelta(hours=1)):
        with played_at(at):
            thanks(100)
            services.refresh(shop.programme)
    _sell(shop, 70_000, days_ago=2)
    services.refresh(shop.programme)
    thanks(5)
    services.refresh(shop.programme)
    with in_programme(shop.programme):
        assert verify().findings == []
        kept = _rows()
        services.rebuild(shop.programme)
        assert _rows() == kept


def test_without_news_nothing_is_written(shop: Shop) -> None:
    _sell(shop, 100_000)
    assert services.refresh(shop.programme) > 0
    assert services.refresh(shop.programme) == 0


def test_another_programme_sees_none_of_it(shop: Shop, other_shop: Shop) -> None:
    _sell(shop, 100_000)
    services.refresh(shop.programme)
    services.refresh(other_shop.programme)
    with in_programme(other_shop.programme):
        assert not DayFigure.objects.filter(figure=figures.SALES).exists()


def test_periods_have_no_gaps_and_fill_empty_days() -> None:
    year = period_of("12m", today=date(2026, 3, 31))
    assert year.first == date(2025, 4, 1)
    assert len(year.buckets()) == 12
    week = Period(date(2026, 2, 26), date(2026, 3, 4), "day")
    assert fill(week.buckets(), [(date(2026, 3, 1), 5)], "day") == (0, 0, 0, 5, 0, 0, 0)
    assert week.before().last == date(2026, 2, 25)
    assert bucket_of(date(2026, 3, 4), "week") == date(2026, 3, 2)
    assert change_bp(150, 100) == 5_000
    assert change_bp(150, 0) is None


def test_the_overview_opens_with_and_without_sales(shop: Shop, client: Client) -> None:
    client.force_login(shop.staff.user)
    assert "Your programme is ready" not in client.get("/dashboard/cafe/").content.decode()
    _sell(shop, 1_234_000)
    page = client.get("/dashboard/cafe/?period=12m").content.decode()
    assert "₫1,234,000" in page
