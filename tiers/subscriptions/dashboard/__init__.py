"""Subscriptions in the dashboard: what goes out on which day, who subscribes, what is offered."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.web.navigation import MenuItem, Panel
from members.profiles.models import Member
from tiers.subscriptions import selectors
from tiers.subscriptions.dashboard import offers, orders, subscribers


def _to_pack(actor: Actor) -> int:
    return selectors.count_to_pack(merchant_id=actor.merchant_id)


def _of_member(actor: Actor, member: Member) -> dict[str, Any] | None:
    rows = selectors.subscriptions_of(member, with_ended=True)
    if actor.merchant_id is not None:
        rows = [row for row in rows if row.merchant_id == actor.merchant_id]
    found = selectors.offers_on_sale() if actor.may("subscriptions:write") else []
    if not rows and not found:
        return None
    return {"rows": [(row, selectors.upcoming_of(row)) for row in rows[:5]], "offers": found}


routes = [
    path("subscription-orders/", orders.DaysView.as_view(), name="subscription_orders"),
    path(
        "subscription-orders/day/<str:day>/",
        orders.DayView.as_view(),
        name="subscription_day",
    ),
    path(
        "subscription-orders/day/<str:day>/pick-list.csv",
        orders.DayFileView.as_view(),
        name="subscription_day_file",
    ),
    path(
        "subscription-orders/<str:order>/",
        orders.OrderView.as_view(),
        name="subscription_order",
    ),
    path("subscriptions/", subscribers.SubscribersView.as_view(), name="subscriptions"),
    path(
        "subscriptions/<str:subscription>/",
        subscribers.SubscriptionView.as_view(),
        name="subscription",
    ),
    path(
        "members/<str:member>/subscribe/<str:offer>/",
        subscribers.SubscribeView.as_view(),
        name="member_subscribe",
    ),
    path("subscription-offers/", offers.OffersView.as_view(), name="subscription_offers"),
    path("subscription-offers/new/", offers.NewOfferView.as_view(), name="subscription_offer_new"),
    path(
        "subscription-offers/<str:offer>/",
        offers.OfferView.as_view(),
        name="subscription_offer",
    ),
    path(
        "subscription-offers/<str:offer>/edit/",
        offers.EditOfferView.as_view(),
        name="subscription_offer_edit",
    ),
]
menu = (
    MenuItem(
        label=_("Subscriptions"),
        route="subscription_orders",
        icon="repeat",
        section="programme",
        order=45,
        permission="orders:read",
        count=_to_pack,
    ),
)
panels = (
    Panel(
        place="member",
        template="subscriptions/member_panel.html",
        context=_of_member,
        order=16,
        permission="subscriptions:read",
        column="side",
    ),
)
