"""A member's baskets: what comes next, change it, leave it out, put it off, pause, leave."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError, Forbidden, NotFound
from loyalty.payments.selectors import charge as charge_view
from loyalty.tenancy.models import Location
from loyalty.web.forms import show_errors
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member
from tiers.subscriptions import selectors, services
from tiers.subscriptions.forms.acts import act
from tiers.subscriptions.forms.basket import BasketForm
from tiers.subscriptions.forms.shown import card_of, page_of, quote_of
from tiers.subscriptions.models import Offer, Subscription
from tiers.subscriptions.rules.schedule import first_possible
from tiers.subscriptions.rules.words import rhythms_text


class SubscriptionsView(PortalView):
    """My baskets, and what I can subscribe to."""

    template_name = "subscriptions/portal_list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        mine = [card_of(row) for row in selectors.subscriptions_of(self.member)]
        return self.page({"mine": mine, "offers": shown_offers(self.member)})


class NewSubscriptionView(PortalView):
    """Choose the products and how they come; the price beside it follows every choice."""

    template_name = "subscriptions/portal_new.html"
    partial_name = "subscriptions/quote.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        offer = self._offer()
        if self.is_partial:
            form = self._form(offer, request.GET)
            return self.page(quote_of(offer, form))
        return self.page(self._context(offer, self._form(offer)))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        offer = self._offer()
        form = self._form(offer, request.POST)
        if form.is_valid():
            try:
                done = services.subscribe(
                    self.call(),
                    member=self.member.public_id,
                    chosen=form.chosen(offer.public_id),
                    **form.place(),
                )
            except Forbidden:
                raise
            except DomainError as error:
                show_errors(form, error)
            else:
                if done.charge:
                    return self.redirect(charge_view(done.charge).pay_path)
                return self.go("subscription", done.id, text=_("It is on its way to you."))
        context = self._context(offer, form)
        return self.page(
            context, template=self.template_name, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )

    def _offer(self) -> Offer:
        return selectors.offer_to_join(self.kwargs["offer"])

    def _form(self, offer: Offer, data: Any = None) -> BasketForm:
        terms = offer.terms()
        return BasketForm(
            data,
            terms=terms,
            products=selectors.offered_products(terms.family, only_open=True),
            locations=list(Location.objects.filter(is_active=True).order_by("name")),
            first=first_possible(terms, now=clock_now(), zone=self.programme.timezone),
        )

    def _context(self, offer: Offer, form: BasketForm) -> dict[str, Any]:
        priced = quote_of(offer, form) if form.is_bound else {}
        return {"offer": offer, "terms": offer.terms(), "form": form, **priced}


class SubscriptionPage(PortalView):
    """One basket; a button or field does one thing to it."""

    template_name = "subscriptions/portal_one.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page(page_of(self._row()))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = self._row()
        return self.go("subscription", row.public_id, text=act(self.call(), row, request.POST))

    def _row(self) -> Subscription:
        row = selectors.access_subscription(self.kwargs["subscription"])
        if row.member_id != self.member.pk:
            raise NotFound("subscription_not_found", "", field="subscription")
        return row


def shown_offers(member: Member) -> list[dict[str, Any]]:
    """The offers on sale that have something to choose which is in no basket of the member's yet."""
    found, chosen = [], selectors.products_chosen(member)
    for offer in selectors.offers_on_sale():
        products = [
            one
            for one in selectors.offered_products(offer.family, only_open=True)
            if one.pk not in chosen
        ]
        if products:
            terms = offer.terms()
            found.append(
                {
                    "offer": offer,
                    "terms": terms,
                    "rhythms": rhythms_text(terms),
                    "products": products,
                    "from_minor": min(one.product.price_minor for one in products),
                    "best_bp": max(
                        [terms.discount_bp]
                        + [step.discount_bp for step in (*terms.commitments, *terms.by_products)]
                    ),
                }
            )
    return found


def _home(_actor: Actor, member: Member) -> dict[str, Any] | None:
    mine = [card_of(row) for row in selectors.subscriptions_of(member)]
    if mine:
        return {"mine": mine, "found": None}
    offers = shown_offers(member)
    return {"mine": [], "found": offers[0]} if offers else None


routes = [
    path("subscriptions/", SubscriptionsView.as_view(), name="subscriptions"),
    path("subscriptions/new/<str:offer>/", NewSubscriptionView.as_view(), name="subscription_new"),
    path("subscriptions/<str:subscription>/", SubscriptionPage.as_view(), name="subscription"),
]
panels = (Panel(place="home", template="subscriptions/portal_home.html", context=_home, order=30),)
