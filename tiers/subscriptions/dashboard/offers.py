"""Offers: written, published, and what they have on the shelf."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loyalty.common.errors import Invalid
from loyalty.engine import publishing
from loyalty.engine.selectors import open_successor
from loyalty.web.pages import DashboardView, FormView, saved
from tiers.subscriptions import selectors, services
from tiers.subscriptions.dashboard.tabs import tabs
from tiers.subscriptions.forms.offer import OfferForm, initial_of
from tiers.subscriptions.models import Offer, OfferedProduct
from tiers.subscriptions.rules.words import rhythms_text

KIND = "subscriptions.offer"


class OffersView(DashboardView):
    """All offers, with how many subscribe."""

    permission = "subscriptions:read"
    template_name = "subscriptions/offers.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        counts = selectors.running_by_family()
        found = [
            {
                "offer": row,
                "rhythms": rhythms_text(row.terms()),
                "products": len(selectors.offered_products(row.family, only_open=True)),
                "subscribers": counts.get(row.family, 0),
            }
            for row in selectors.offers_shown()
        ]
        context = {
            "tabs": tabs(self, "subscription_offers"),
            "offers": found,
            "may_write": self.may("rules:write"),
        }
        return self.page(context)


class OfferFormView(FormView):
    """What a new and a known offer share."""

    permission = "subscriptions:read"
    write_permission = "rules:write"
    template_name = "subscriptions/offer_edit.html"
    form_class = OfferForm

    def form_options(self) -> dict[str, Any]:
        return {"currency": self.programme.currency}


class NewOfferView(OfferFormView):
    """A new offer; its products and publishing it are the next steps."""

    def initial(self) -> dict[str, Any]:
        return initial_of(Offer())

    def act(self, form: Any) -> HttpResponse:
        made = publishing.create_rule(self.call(), kind=KIND, values=form.values())
        text = _("Saved as a draft. Choose its products, then publish it.")
        return self.go("subscription_offer", made.rule, text=text)


class EditOfferView(OfferFormView):
    """A draft, or the successor of a live offer."""

    def offer(self) -> Offer:
        """The offer of the address. Raises ``NotFound``."""
        return selectors.access_offer(self.kwargs["offer"])

    def initial(self) -> dict[str, Any]:
        return initial_of(self.offer())

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "offer": self.offer()}

    def act(self, form: Any) -> HttpResponse:
        made = publishing.edit_rule(
            self.call(),
            rule=self.offer().public_id,
            values=form.values(),
            revision=form.cleaned_data["revision"],
        )
        return self.go("subscription_offer", made.rule, text=saved())


class OfferView(DashboardView):
    """An offer's page: its life, and its products."""

    permission = "subscriptions:read"
    template_name = "subscriptions/offer.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        offer = selectors.access_offer(self.kwargs["offer"])
        family = offer.family
        context = {
            "offer": offer,
            "terms": offer.terms(),
            "rhythms": rhythms_text(offer.terms()),
            "products": selectors.offered_products(family),
            "states": OfferedProduct.State.choices,
            "to_offer": selectors.products_to_offer(family),
            "subscribers": selectors.running_by_family().get(family, 0),
            "draft": open_successor(offer),
            "may_write": self.may("rules:write"),
            "may_stock": self.may("subscriptions:write"),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        offer = selectors.access_offer(self.kwargs["offer"]).public_id
        act = request.POST.get("act", "")
        if act == "product":
            return self._product(offer)
        if act == "discard":
            publishing.discard_draft(self.call(), rule=offer)
            return self.go("subscription_offers", text=_("The draft is gone."))
        acts: dict[str, tuple[Any, str]] = {
            "publish": (publishing.publish_rule, _("The offer is live.")),
            "pause": (publishing.pause_rule, _("Paused: nobody new until you go on.")),
            "resume": (publishing.resume_rule, _("The offer is live again.")),
            "end": (publishing.end_rule, _("Ended. Who subscribes keeps getting it.")),
        }
        if act not in acts:
            raise Invalid("unknown_action", _("This page has no such button."))
        command, text = acts[act]
        command(self.call(), rule=offer)
        return self.go("subscription_offer", offer, text=text)

    def _product(self, offer: str) -> HttpResponse:
        sent = self.request.POST
        most = sent.get("most", "10")
        done = services.offer_product(
            self.call(),
            offer=offer,
            sku=sent.get("sku", "")[:60],
            most=int(most) if most.isascii() and most.isdigit() and len(most) < 6 else 0,
            state=sent.get("state", "offered")[:10],
        )
        return self.go(
            "subscription_offer", offer, text=_("“%(name)s” is saved.") % {"name": done.name}
        )
