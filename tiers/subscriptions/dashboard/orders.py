"""What goes out: day by day, the pick list of a day on paper and as a file, one delivery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import Invalid
from loyalty.payments.selectors import missing_of
from loyalty.web.lists import csv_file
from loyalty.web.pages import DashboardView
from tiers.subscriptions import selectors, services
from tiers.subscriptions.dashboard.tabs import tabs
from tiers.subscriptions.results import DayList

DAYS_AHEAD = 30


class DaysView(DashboardView):
    """The next thirty days, and what is late."""

    permission = "orders:read"
    template_name = "subscriptions/days.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        today = local_day(clock_now(), self.programme.timezone)
        merchant_id = self.staff.merchant_id
        context = {
            "tabs": tabs(self, "subscription_orders"),
            "today": today,
            "late": selectors.late_orders(before=today, merchant_id=merchant_id),
            "days": selectors.days_ahead(today, days=DAYS_AHEAD, merchant_id=merchant_id),
        }
        return self.page(context)


class _DayView(DashboardView):
    permission = "orders:read"

    def day(self) -> date:
        """The day of the address. Raises ``Http404``."""
        try:
            return date.fromisoformat(self.kwargs["day"])
        except ValueError as error:
            raise Http404 from error

    def found(self) -> DayList:
        """What goes out on it."""
        return selectors.day_list(self.day(), merchant_id=self.staff.merchant_id)


class DayView(_DayView):
    """The pick list of a day: products in all, then each delivery with what to do next."""

    template_name = "subscriptions/day.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        found = self.found()
        people = selectors.people_of(found.orders)
        missing = missing_of(one.charge for one in found.orders)
        context = {
            "day": found.on,
            "products": found.products,
            "orders": [
                (one, people[one.member], missing.get(one.charge, 0)) for one in found.orders
            ],
            "may_write": self.may("orders:write"),
        }
        return self.page(context)


class DayFileView(_DayView):
    """The same as a file, one line for each product of each delivery."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        found = self.found()
        header = ["day", "order", "state", "member", "way", "address", "note", "sku", "product"]
        return csv_file(
            f"pick-list-{found.on.isoformat()}",
            header=[*header, "quantity"],
            rows=_lines(found),
            programme=self.programme,
        )


def _lines(found: DayList) -> Iterator[list[object]]:
    people = selectors.people_of(found.orders)
    for one in found.orders:
        for line in one.lines:
            if not line.missing:
                yield [
                    found.on.isoformat(),
                    one.id,
                    one.state,
                    people[one.member],
                    one.way,
                    one.address,
                    one.note,
                    line.sku,
                    line.name,
                    line.quantity,
                ]


class OrderView(DashboardView):
    """One delivery: pack it, hand it over, cancel it."""

    permission = "orders:read"
    write_permission = "orders:write"
    template_name = "subscriptions/order.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_order(self.kwargs["order"], merchant_id=self.staff.merchant_id)
        context = {
            "order": selectors.shown(row),
            "row": row,
            "missing": missing_of([row.charge]).get(row.charge, 0),
            "may_write": self.may("orders:write"),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_order(self.kwargs["order"], merchant_id=self.staff.merchant_id)
        act = request.POST.get("act", "")
        acts: dict[str, tuple[Any, dict[str, Any], str]] = {
            "pack": (services.pack_order, {}, _("Packed.")),
            "deliver": (services.deliver_order, {}, _("Handed over.")),
            "cash": (services.deliver_order, {"cash": True}, _("Paid and handed over.")),
            "cancel": (
                services.cancel_order,
                {"reason": request.POST.get("reason", "")[:300]},
                _("Cancelled. What was paid goes back."),
            ),
        }
        if act not in acts:
            raise Invalid("unknown_action", _("This page has no such button."))
        command, more, text = acts[act]
        command(self.call(), order=row.public_id, **more)
        if request.POST.get("back") == "day":
            return self.go("subscription_day", row.deliver_on.isoformat(), text=text)
        return self.go("subscription_order", row.public_id, text=text)
