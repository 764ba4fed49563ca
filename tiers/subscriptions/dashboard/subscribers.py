"""Who subscribes: the list, one subscription with everything staff can do, a new one for a member."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError, Forbidden
from loyalty.tenancy.models import Location
from loyalty.web.forms import show_errors
from loyalty.web.lists import newest_first
from loyalty.web.pages import DashboardView
from members.profiles.selectors import member_of_id
from tiers.subscriptions import selectors, services
from tiers.subscriptions.dashboard.tabs import tabs
from tiers.subscriptions.forms.acts import act
from tiers.subscriptions.forms.basket import BasketForm
from tiers.subscriptions.forms.shown import page_of, quote_of
from tiers.subscriptions.models import Offer, Subscription
from tiers.subscriptions.rules.schedule import first_possible

_SHOWN = ("active", "waiting", "paused", "ended")


class SubscribersView(DashboardView):
    """All subscriptions by state."""

    permission = "subscriptions:read"
    template_name = "subscriptions/subscribers.html"
    partial_name = "subscriptions/subscriber_rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        state = request.GET.get("state", "")
        mine = selectors.subscriptions(merchant_id=self.staff.merchant_id)
        rows = mine.filter(state__in=[state] if state in _SHOWN else _SHOWN[:-1])
        counts = dict(mine.order_by().values_list("state").annotate(Count("id")))
        chips: list[dict[str, Any]] = [
            {"label": _("All running"), "url": "?", "active": state not in _SHOWN, "count": None}
        ]
        for one in _SHOWN:
            label, count = Subscription.State(one).label, counts.get(one, 0)
            chips.append(
                {"label": label, "url": f"?state={one}", "active": one == state, "count": count}
            )
        page = newest_first(rows, request)
        following = selectors.next_days(page.rows)
        context = {
            "tabs": tabs(self, "subscriptions"),
            "chips": chips,
            "list": page,
            "rows": [(row, following.get(row.pk)) for row in page.rows],
        }
        return self.page(context)


class SubscriptionView(DashboardView):
    """One subscription; a button or field does one thing to it."""

    permission = "subscriptions:read"
    write_permission = "subscriptions:write"
    template_name = "subscriptions/subscription.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        context = page_of(self._row())
        return self.page({**context, "may_write": self.may("subscriptions:write")})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = self._row()
        return self.go("subscription", row.public_id, text=act(self.call(), row, request.POST))

    def _row(self) -> Subscription:
        return selectors.access_subscription(
            self.kwargs["subscription"], merchant_id=self.staff.merchant_id
        )


class SubscribeView(DashboardView):
    """A subscription for a member, as they told it at the counter or on the phone."""

    permission = "subscriptions:write"
    template_name = "subscriptions/subscribe.html"
    partial_name = "subscriptions/quote.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member, offer = self._whose(), self._offer()
        if self.is_partial:
            return self.page(quote_of(offer, self._form(offer, request.GET)))
        context = {"member": member, "offer": offer, "form": self._form(offer)}
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member, offer = self._whose(), self._offer()
        form = self._form(offer, request.POST)
        if form.is_valid():
            try:
                done = services.subscribe(
                    self.call(),
                    member=member.public_id,
                    chosen=form.chosen(offer.public_id),
                    **form.place(),
                )
            except Forbidden:
                raise
            except DomainError as error:
                show_errors(form, error)
            else:
                return self.go("subscription", done.id, text=_("The subscription has begun."))
        context = {"member": member, "offer": offer, "form": form}
        return self.page(
            context, template=self.template_name, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )

    def _whose(self) -> Any:
        return member_of_id(self.kwargs["member"])

    def _offer(self) -> Offer:
        return selectors.offer_to_join(self.kwargs["offer"])

    def _form(self, offer: Offer, data: Any = None) -> BasketForm:
        terms = offer.terms()
        places = Location.objects.filter(is_active=True, merchant=self.staff.merchant_id)
        return BasketForm(
            data,
            terms=terms,
            products=selectors.offered_products(terms.family, only_open=True),
            locations=list(places.order_by("name")),
            first=first_possible(terms, now=clock_now(), zone=self.programme.timezone),
        )
