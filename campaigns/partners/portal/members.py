"""What partners give me: offers I can take, those still locked and what is missing, my codes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.partners.models import OfferCode
from campaigns.partners.rules.codes import shown_code
from campaigns.partners.selectors.codes import is_entitled, no_such_code
from campaigns.partners.selectors.offers import claims_of, offers_for, open_offers
from campaigns.partners.services.claiming import claim_offer
from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import DomainError
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member

_OLD = 20


class OffersView(PortalView):
    """All offers for me, and my codes."""

    template_name = "partners/portal.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        at = now()
        codes = [(row, is_entitled(row, at=at)) for row in claims_of(self.member)[:100]]
        found = offers_for(self.member, at=at)
        context = {
            "ready": [row for row, is_on in codes if is_on],
            "old": [row for row, is_on in codes if not is_on][:_OLD],
            "open": [one for one in found if one.can_claim],
            "locked": [one for one in found if one.missing],
            "taken": [one for one in found if one.block and not one.missing],
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        offer = request.POST.get("offer", "")[:40]
        try:
            done = claim_offer(self.call(), member=self.member.public_id, offer=offer)
        except DomainError as error:
            return self.go("partner_offers", text=str(error.message), tone="error")
        return self.go("partner_code", done.id, text=_("It is yours. Show the code there."))


class CodeView(PortalView):
    """One code of mine, with its QR."""

    template_name = "partners/portal_code.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = claims_of(self.member).filter(public_id=self.kwargs["claim"]).first()
        if row is None:
            raise no_such_code()
        at = now()
        is_on = is_entitled(row, at=at)
        is_usable = is_on and row.state == OfferCode.State.READY and row.usable_from <= at
        context = {
            "claim": row,
            "code": shown_code(row.code),
            "is_entitled": is_on,
            "is_usable": is_usable,
            "is_early": row.usable_from > at,
        }
        return self.page(context)


def _home(actor: Actor, member: Member | None) -> dict[str, Any] | None:
    at = now()
    rows = open_offers(at=at)
    if member is None or not rows:
        return None
    found = [one for one in offers_for(member, at=at) if one.can_claim or one.missing]
    ready = [row for row in claims_of(member)[:10] if row.state == OfferCode.State.READY]
    shown = [row for row in ready if is_entitled(row, at=at)][:3]
    return {"offers": found[:3], "codes": shown} if found or shown else None


def _landing(actor: Actor, member: Member | None) -> dict[str, Any] | None:
    rows = [row for row in open_offers(at=now()) if row.state == "live"][:3]
    return {"offers": rows} if rows else None


routes = [
    path("partners/", OffersView.as_view(), name="partner_offers"),
    path("partners/codes/<str:claim>/", CodeView.as_view(), name="partner_code"),
]
panels = (
    Panel(place="home", template="partners/portal_home.html", context=_home, order=55),
    Panel(place="landing", template="partners/portal_landing.html", context=_landing, order=55),
)
