"""Where the card is good, for members; nothing of it where there is one shop."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path

from campaigns.coalition import selectors
from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView


class ShopsView(PortalView):
    """All shops with their places, open to everyone."""

    needs_member: ClassVar[bool] = False
    template_name = "coalition/portal.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page({"shops": selectors.shops()})


def _shops(actor: Actor, subject: Any) -> dict[str, Any] | None:
    found = selectors.shops()
    return {"shops": found} if found else None


routes = [path("shops/", ShopsView.as_view(), name="shops")]
panels = tuple(
    Panel(place=place, template="coalition/portal_panel.html", context=_shops, order=65)
    for place in ("home", "landing")
)
