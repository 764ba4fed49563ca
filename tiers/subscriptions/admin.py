"""Offers, subscriptions and deliveries in the support view."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from tiers.subscriptions.models import Item, Offer, OfferedProduct, Order, OrderLine, Subscription


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "code", "state", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name", "code")
    ordering = ("-pk",)


@admin.register(OfferedProduct)
class OfferedProductAdmin(ReadOnlyAdmin):
    list_display = ("product", "programme", "family", "state", "most")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "product")
    search_fields = ("product__sku", "product__name", "family")
    ordering = ("-pk",)


class _Rows(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


class Items(_Rows):
    model = Item
    fields = readonly_fields = ("offered", "quantity", "held_minor")


class Orders(_Rows):
    model = Order
    fields = readonly_fields = (
        "public_id",
        "slot_on",
        "deliver_on",
        "cutoff_at",
        "state",
        "because",
        "total_minor",
        "charge",
        "paid_at",
        "delivered_at",
    )
    ordering = ("-slot_on",)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "member", "offer", "state", "due_at")
    list_filter = ("state", "pays", "programme")
    list_select_related = ("programme", "member", "offer")
    search_fields = ("public_id", "member__public_id", "charge")
    ordering = ("-pk",)
    inlines = (Items, Orders)


class Lines(_Rows):
    model = OrderLine
    fields = readonly_fields = (
        "number",
        "sku",
        "name",
        "quantity",
        "price_minor",
        "discount_minor",
        "net_minor",
        "missing",
    )


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "member", "deliver_on", "state", "total_minor")
    list_filter = ("state", "pays", "programme")
    list_select_related = ("programme", "member")
    search_fields = ("public_id", "member__public_id", "charge")
    date_hierarchy = "deliver_on"
    ordering = ("-pk",)
    inlines = (Lines,)
