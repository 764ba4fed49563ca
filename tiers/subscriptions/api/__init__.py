"""Product subscriptions over the API. Offers are written as rules of the kind ``subscriptions.offer``."""

from __future__ import annotations

from django.urls import path

from tiers.subscriptions.api import orders, subscriptions

routes = [
    path("subscription-offers/", subscriptions.Offers.as_view()),
    path("subscription-offers/<str:offer>/products/", subscriptions.OfferProducts.as_view()),
    path("subscriptions/", subscriptions.Subscriptions.as_view()),
    path("subscriptions/quote/", subscriptions.Quote.as_view()),
    path("subscriptions/<str:subscription>/", subscriptions.OneSubscription.as_view()),
    path("subscriptions/<str:subscription>/items/", subscriptions.Items.as_view()),
    path("subscriptions/<str:subscription>/items/<str:sku>/", subscriptions.OneItem.as_view()),
    path("subscriptions/<str:subscription>/swap/", subscriptions.Swap.as_view()),
    path("subscriptions/<str:subscription>/pause/", subscriptions.Pause.as_view()),
    path("subscriptions/<str:subscription>/resume/", subscriptions.Resume.as_view()),
    path("subscriptions/<str:subscription>/leaving/", subscriptions.Leaving.as_view()),
    path("subscriptions/<str:subscription>/cancel/", subscriptions.Cancel.as_view()),
    path("subscriptions/<str:subscription>/keep/", subscriptions.Keep.as_view()),
    path("subscription-orders/", orders.Orders.as_view()),
    path("subscription-orders/pick-list/", orders.PickList.as_view()),
    path("subscription-orders/<str:order>/", orders.OneOrder.as_view()),
    path("subscription-orders/<str:order>/skip/", orders.Skip.as_view()),
    path("subscription-orders/<str:order>/unskip/", orders.Unskip.as_view()),
    path("subscription-orders/<str:order>/reschedule/", orders.Reschedule.as_view()),
    path("subscription-orders/<str:order>/pack/", orders.Pack.as_view()),
    path("subscription-orders/<str:order>/deliver/", orders.Deliver.as_view()),
    path("subscription-orders/<str:order>/cancel/", orders.CancelOrder.as_view()),
]
