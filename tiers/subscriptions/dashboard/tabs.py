"""The tabs all pages about subscriptions share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from loyalty.web.pages import DashboardView


def tabs(view: DashboardView, active: str) -> list[dict[str, object]]:
    """Deliveries, subscribers, offers: those the person here may see."""
    found = (
        ("subscription_orders", _("What goes out"), "orders:read"),
        ("subscriptions", _("Subscribers"), "subscriptions:read"),
        ("subscription_offers", _("Offers"), "subscriptions:read"),
    )
    return [
        {"label": label, "url": view.url(name), "active": name == active}
        for name, label, permission in found
        if view.may(permission)
    ]
