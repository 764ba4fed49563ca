"""The overview: how the programme does, at a glance."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from loyalty.common import clock
from loyalty.engine.selectors import get_rule
from loyalty.insight import figures, selectors, services
from loyalty.insight.preview import OFF, preview
from loyalty.insight.rules import Period, change_bp, fill, period_of
from loyalty.ledger import figures as ledger_figures
from loyalty.ledger.figures import AssetInfo
from loyalty.web import formats
from loyalty.web.charts import Chart, Series, Tone
from loyalty.web.navigation import MenuItem, home_url, render_panels
from loyalty.web.pages import DashboardView, TillView

PERIODS = {
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
    "90d": gettext_lazy("90 days"),
    "12m": gettext_lazy("12 months"),
}


class OverviewView(DashboardView):
    """`/dashboard/<programme>/`: figures, charts, and what other apps add."""

    template_name = "insight/overview.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if not self.may("reports:read") and self.may(TillView.permission):
            # Nothing of this is for the counter: who works there is led to the till.
            return HttpResponseRedirect(home_url("till", self.programme.slug))
        services.refresh(self.programme)
        today = clock.local_day(clock.now(), self.programme.timezone)
        name = request.GET.get("period", "")
        name = name if name in PERIODS else "30d"
        period = period_of(name, today=today)
        shell = self.shell()
        context = {
            "periods": [
                {"label": label, "url": f"?period={key}", "active": key == name}
                for key, label in PERIODS.items()
            ],
            "period_label": PERIODS[name],
            "shows_figures": self.may("reports:read"),
            "panels": render_panels(
                "overview",
                actor=self.actor,
                subject=self.programme,
                request=request,
                shared=shell,
            ),
        }
        if self.may("reports:read"):
            context |= self.figures(period)
        return self.page(context)

    def figures(self, period: Period) -> dict[str, Any]:
        """Tiles and charts of a period."""
        before, zone = period.before(), self.programme.timezone
        sales, old_sales = (selectors.total(figures.SALES, p) for p in (period, before))
        count, old_count = (selectors.total(figures.PURCHASES, p) for p in (period, before))
        joined, old_joined = (selectors.total(figures.JOINED, p) for p in (period, before))
        loyal = selectors.loyal(period, zone=zone)
        assets = [one for one in ledger_figures.assets() if one.kind == "points" or one.is_money]
        members = selectors.member_count()
        return {
            "members": members,
            "is_new": not members and not count,
            "tiles": [
                _tile(_("Sales to members"), self.money(sales), "cash", sales, old_sales),
                _tile(_("Visits"), formats.number_text(count), "receipt", count, old_count),
                _tile(
                    _("New members"), formats.number_text(joined), "user-plus", joined, old_joined
                ),
                {
                    "label": _("Came back"),
                    "value": formats.percent_text(loyal.repeat_bp),
                    "icon": "repeat",
                    "delta_bp": None,
                    "hint": _("%(repeat)s of %(buyers)s buyers came twice or more")
                    % {
                        "repeat": formats.number_text(loyal.repeat),
                        "buyers": formats.number_text(loyal.buyers),
                    },
                },
            ],
            "charts": self.charts(period, before),
            "points": [self.points(asset, period) for asset in assets],
            "at_one_merchant": self.actor.confined_to is not None,
            "locations": self.locations(period),
        }

    def charts(self, period: Period, before: Period) -> list[Chart]:
        """Sales and new members over the period, beside the period before."""
        now, old = _filled(figures.SALES, period), _filled(figures.SALES, before)
        labels = _labels(period)
        return [
            Chart(
                id="chart-sales",
                title=_("Sales to members"),
                labels=labels,
                kind="area",
                currency=self.programme.currency,
                series=(
                    Series(_("This period"), now),
                    Series(_("The period before"), _aligned(old, len(now)), tone="accent"),
                ),
            ),
            Chart(
                id="chart-members",
                title=_("New members"),
                labels=labels,
                kind="bar",
                series=(Series(_("Joined"), _filled(figures.JOINED, period)),),
            ),
        ]

    def points(self, asset: AssetInfo, period: Period) -> dict[str, Any]:
        """Points or store credit: given, used and expired; what members hold and what it is worth."""
        unit = ledger_figures.unit_of(asset)
        word = unit.word
        held = selectors.outstanding(asset.code, on=period.last)
        ends = [min(_end(bucket, period), period.last) for bucket in period.buckets()]
        worth = asset.worth_minor(held.units)
        gone = held.redeemed + held.expired
        return {
            "word": word,
            "held": unit.text(held.units),
            "worth": self.money(worth) if asset.value_minor and not asset.is_money else "",
            "redeemed": formats.percent_text(10_000 * held.redeemed // max(held.issued, 1)),
            "gone": gone,
            "chart": Chart(
                id=f"chart-{asset.code}",
                title=_("%(points)s given and used") % {"points": word.capitalize()},
                labels=_labels(period),
                kind="bar",
                currency=unit.currency,
                unit="" if unit.currency else word,
                series=tuple(
                    Series(str(label), _moved(asset.code, pot, period), tone=tone)
                    for pot, label, tone in _POTS
                ),
            ),
            "liability": Chart(
                id=f"chart-held-{asset.code}",
                title=_("%(points)s in members' hands") % {"points": word.capitalize()},
                labels=_labels(period),
                kind="line",
                currency=self.programme.currency if asset.value_minor else "",
                unit="" if asset.value_minor else word,
                summary=_("What members could still spend, at its worth to them.")
                if asset.value_minor
                else _("What members could still spend."),
                series=(
                    Series(
                        _("Outstanding"),
                        tuple(
                            asset.worth_minor(units) if asset.value_minor else units
                            for units in selectors.outstanding_by(asset.code, days=ends)
                        ),
                    ),
                ),
            ),
        }

    def locations(self, period: Period) -> Chart | None:
        """Sales by branch, where there are several."""
        rows = selectors.by_location(figures.SALES, period)
        if len(rows) < 2:
            return None
        shown = rows[:6]
        return Chart(
            id="chart-locations",
            title=_("Sales by location"),
            labels=tuple(name or _("No location") for name, _value in shown),
            kind="doughnut",
            currency=self.programme.currency,
            series=(Series(_("Sales"), tuple(value for _name, value in shown)),),
        )

    def money(self, amount_minor: int) -> str:
        """An amount in the programme's currency."""
        return formats.money_text(amount_minor, currency=self.programme.currency)


_POTS: tuple[tuple[str, Promise, Tone], ...] = (
    ("issued", gettext_lazy("Given"), "brand"),
    ("redeemed", gettext_lazy("Used"), "accent"),
    ("expired", gettext_lazy("Expired"), "calm"),
)


def _tile(label: str, value: str, icon: str, now: int, before: int) -> dict[str, Any]:
    return {"label": label, "value": value, "icon": icon, "delta_bp": change_bp(now, before)}


def _filled(figure: str, period: Period) -> tuple[int, ...]:
    return fill(period.buckets(), selectors.daily(figure, period), period.step)


def _moved(asset: str, pot: str, period: Period) -> tuple[int, ...]:
    return fill(period.buckets(), selectors.moved(asset, pot, period), period.step)


def _aligned(values: tuple[int, ...], length: int) -> tuple[int, ...]:
    """As many as the other series has; the newest stay."""
    return (0,) * (length - len(values)) + values[len(values) - min(length, len(values)) :]


def _end(bucket: date, period: Period) -> date:
    following = [other for other in period.buckets() if other > bucket]
    return following[0] - timedelta(1) if following else period.last


def _labels(period: Period) -> tuple[str, ...]:
    pattern = "MMM y" if period.step == "month" else "d/M"
    return tuple(format_date(day, pattern, locale=formats.locale()) for day in period.buckets())


class PreviewView(DashboardView):
    """What a draft would have done on the shop's past sales."""

    permission = "rules:read"
    template_name = "insight/preview.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rule = get_rule(self.kwargs["rule"])
        found = preview(self.programme, rule=rule.public_id)
        language = get_language() or "en"
        assets: list[dict[str, Any]] = [
            {
                "change": change,
                "unit": formats.Unit(
                    change.name_vi if language.startswith("vi") else change.name_en,
                    self.programme.currency if change.is_money else "",
                ),
                "is_discount": change.asset == OFF.code,
            }
            for change in found.assets
        ]
        moved = [one for one in assets if one["change"].is_felt]
        same = [str(one["unit"].word) for one in assets if not one["change"].is_felt]
        rewards = [one for one in found.rewards if one.before != one.after]
        context = {"assets": moved, "same": same, "rewards": rewards}
        return self.page({"rule": rule, "preview": found, **context})


routes = [
    path("", OverviewView.as_view(), name="overview"),
    path("rules/<str:rule>/preview/", PreviewView.as_view(), name="rule_preview"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Overview"),
        route="overview",
        icon="layout-dashboard",
        order=0,
        permission="reports:read",
    ),
)
