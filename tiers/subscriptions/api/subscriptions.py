"""Offers, subscriptions and their baskets."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.web.api import ApiView, operation
from tiers.subscriptions import selectors, services
from tiers.subscriptions import serializers as shapes
from tiers.subscriptions.results import (
    BasketQuote,
    LeavingQuote,
    OfferedView,
    SubscriptionView,
)

_TAG = "Subscriptions"
_BASKET = {
    "offer": "beans",
    "items": [{"sku": "BEANS-250", "quantity": 1}],
    "every": 1,
    "unit": "month",
    "commit_months": 6,
}
_MEMBER = "mem_01m83t9zbd6gkp1s0jj2rx8n5v"


def chosen_of(body: dict[str, Any]) -> services.Chosen:
    """The choice in a body, taken out of it."""
    items = tuple((one["sku"], one["quantity"]) for one in body.pop("items"))
    names = ("offer", "every", "unit", "commit_months", "first_on", "pays")
    return services.Chosen(items=items, **{name: body.pop(name) for name in names if name in body})


class Offers(ApiView):
    """The offers people can subscribe to now."""

    permission = "subscriptions:read"

    @operation("List subscription offers", tag=_TAG, answer=list[shapes.SubscriptionOfferView])
    def get(self, request: Request) -> Response:
        found = []
        for row in selectors.offers_on_sale():
            offered = selectors.offered_products(row.family, only_open=True)
            products = [services.offered_view(one) for one in offered]
            found.append(shapes.present_offer(row, products))
        return self.ok(found)


class OfferProducts(ApiView):
    """What an offer has."""

    permission = {"GET": "subscriptions:read", "POST": "subscriptions:write"}

    @operation("List the products of an offer", tag=_TAG, answer=list[OfferedView])
    def get(self, request: Request, offer: str) -> Response:
        family = selectors.access_offer(offer).family
        rows = selectors.offered_products(family)
        return self.ok([services.offered_view(one) for one in rows])

    @operation(
        "Offer a product for subscription",
        tag=_TAG,
        body=shapes.OfferProductBody,
        example={"sku": "BEANS-250", "most": 5},
        answer=OfferedView,
        description=(
            "A product of the catalogue, by its code; sent again, it is changed. `out` and "
            "`withdrawn` products stay in baskets and are left out of deliveries, unpaid."
        ),
    )
    def post(self, request: Request, offer: str) -> Response:
        body = self.read(shapes.OfferProductBody)
        return self.created(services.offer_product(self.call(), offer=offer, **body))


class Quote(ApiView):
    """What a basket would cost."""

    permission = "subscriptions:read"

    @operation(
        "Price a basket",
        tag=_TAG,
        body=shapes.BasketBody,
        example=_BASKET,
        answer=BasketQuote,
        status=200,
        description="Writes nothing. `total_minor` is for all deliveries of the committed time.",
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.BasketBody)
        return self.ok(services.quote_basket(chosen_of(body), **body))


class Subscriptions(ApiView):
    """All subscriptions."""

    permission = {"GET": "subscriptions:read", "POST": "subscriptions:write"}

    @operation(
        "List subscriptions",
        tag=_TAG,
        answer=SubscriptionView,
        query=shapes.SubscriptionQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.SubscriptionQuery)
        states = [wanted["state"]] if "state" in wanted else ()
        rows = selectors.subscriptions(states=states, merchant_id=self.actor.merchant_id)
        if "member" in wanted:
            rows = rows.filter(member__public_id=wanted["member"])
        book, today = selectors.TermsBook(), local_day(clock_now(), self.programme.timezone)
        return self.page(
            selectors.ready_to_show(rows),
            present=lambda row: services.subscription_view(row, on=today, book=book),
        )

    @operation(
        "Subscribe a member",
        tag=_TAG,
        body=shapes.SubscribeBody,
        example={**_BASKET, "member": _MEMBER, "way": "collect"},
        answer=SubscriptionView,
        description="Paid ahead, it begins once its bill (`charge`) is paid.",
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.SubscribeBody)
        done = services.subscribe(self.call(), chosen=chosen_of(body), **body)
        location = f"/api/v1/subscriptions/{done.id}/"
        return self.created(done, location=location, revision=done.revision)


class OneSubscription(ApiView):
    """One subscription."""

    permission = {"GET": "subscriptions:read", "PATCH": "subscriptions:write"}

    @operation("Read a subscription", tag=_TAG, answer=SubscriptionView)
    def get(self, request: Request, subscription: str) -> Response:
        row = selectors.access_subscription(subscription, merchant_id=self.actor.merchant_id)
        today = local_day(clock_now(), self.programme.timezone)
        return self.ok(services.subscription_view(row, on=today), revision=row.revision)

    @operation(
        "Change a subscription",
        tag=_TAG,
        body=shapes.ChangeSubscriptionBody,
        example={"every": 1, "unit": "month"},
        answer=SubscriptionView,
        description="Counts from `next_on`; a delivery that is closed (`closed_order`) stays.",
    )
    def patch(self, request: Request, subscription: str) -> Response:
        body = self.read(shapes.ChangeSubscriptionBody)
        done = services.change_subscription(
            self.call(), subscription=subscription, revision=self.if_match(), **body
        )
        return self.ok(done, revision=done.revision)


class Items(ApiView):
    """What is in a basket."""

    permission = "subscriptions:write"

    @operation(
        "Put a product into a basket",
        tag=_TAG,
        body=shapes.BasketItemBody,
        example={"sku": "BEANS-250", "quantity": 2},
        answer=SubscriptionView,
        status=200,
    )
    def post(self, request: Request, subscription: str) -> Response:
        body = self.read(shapes.BasketItemBody)
        done = services.put_item(self.call(), subscription=subscription, **body)
        return self.ok(done, revision=done.revision)


class OneItem(ApiView):
    """One product of a basket."""

    permission = "subscriptions:write"

    @operation(
        "Change how many",
        tag=_TAG,
        body=shapes.QuantityBody,
        example={"quantity": 3},
        answer=SubscriptionView,
    )
    def patch(self, request: Request, subscription: str, sku: str) -> Response:
        body = self.read(shapes.QuantityBody)
        done = services.put_item(
            self.call(), subscription=subscription, sku=sku, revision=self.if_match(), **body
        )
        return self.ok(done, revision=done.revision)

    @operation("Take a product out", tag=_TAG, answer=SubscriptionView, status=200)
    def delete(self, request: Request, subscription: str, sku: str) -> Response:
        revision = self.if_match() if "If-Match" in request.headers else None
        done = services.remove_item(
            self.call(), subscription=subscription, sku=sku, revision=revision
        )
        return self.ok(done, revision=done.revision)


class _Act(ApiView):
    permission = "subscriptions:write"

    def act(self, command: Any, subscription: str, **values: Any) -> Response:
        """Run a command; If-Match is heeded where it is sent."""
        revision = self.if_match() if "If-Match" in self.request.headers else None
        done = command(self.call(), subscription=subscription, revision=revision, **values)
        return self.ok(done, revision=done.revision)


class Swap(_Act):
    """One product for another."""

    @operation(
        "Swap a product",
        tag=_TAG,
        body=shapes.SwapBody,
        example={"sku": "BEANS-250", "to": "BEANS-500"},
        answer=SubscriptionView,
        status=200,
    )
    def post(self, request: Request, subscription: str) -> Response:
        return self.act(services.swap_item, subscription, **self.read(shapes.SwapBody))


class Pause(_Act):
    """Nothing comes for a while."""

    @operation(
        "Pause a subscription",
        tag=_TAG,
        body=shapes.PauseBody,
        example={"until": "2026-12-24"},
        answer=SubscriptionView,
        status=200,
    )
    def post(self, request: Request, subscription: str) -> Response:
        return self.act(services.pause_subscription, subscription, **self.read(shapes.PauseBody))


class Resume(_Act):
    """It goes on."""

    @operation("Resume a subscription", tag=_TAG, answer=SubscriptionView, status=200)
    def post(self, request: Request, subscription: str) -> Response:
        return self.act(services.resume_subscription, subscription)


class Leaving(ApiView):
    """What leaving would mean."""

    permission = "subscriptions:read"

    @operation("See what cancelling now would cost", tag=_TAG, answer=LeavingQuote)
    def get(self, request: Request, subscription: str) -> Response:
        row = selectors.access_subscription(subscription, merchant_id=self.actor.merchant_id)
        return self.ok(selectors.leaving(row))


class Cancel(_Act):
    """It ends."""

    @operation(
        "Cancel a subscription",
        tag=_TAG,
        body=shapes.EndSubscriptionBody,
        example={},
        answer=SubscriptionView,
        status=200,
        description="What leaving early costs or gives back: `charged_minor`, `refunded_minor`.",
    )
    def post(self, request: Request, subscription: str) -> Response:
        body = self.read(shapes.EndSubscriptionBody)
        return self.act(services.cancel_subscription, subscription, **body)


class Keep(_Act):
    """It goes on after the committed time."""

    @operation("Take an end back", tag=_TAG, answer=SubscriptionView, status=200)
    def post(self, request: Request, subscription: str) -> Response:
        return self.act(services.keep_subscription, subscription)
