"""Partners in the dashboard: who they are, their offers and counters, what is owed, card payments."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy

from campaigns.partners.dashboard import money, offers, partners
from campaigns.partners.models import Offer
from campaigns.partners.selectors.offers import claims_of, low_pools
from loyalty.commands.actor import Actor
from loyalty.web.navigation import MenuItem, Panel
from members.profiles.models import Member


def _codes(actor: Actor, member: Member) -> dict[str, Any] | None:
    codes = list(claims_of(member)[:5])
    return {"codes": codes} if codes else None


def _offer(actor: Actor, rule: Any) -> dict[str, Any] | None:
    return {"offer": rule} if isinstance(rule, Offer) and rule.published_at else None


routes = [
    path("partners/", partners.PartnersView.as_view(), name="partners"),
    path("partners/new/", partners.NewPartnerView.as_view(), name="partner_new"),
    path("partners/<str:partner>/", partners.PartnerView.as_view(), name="partner"),
    path("partners/<str:partner>/edit/", partners.EditPartnerView.as_view(), name="partner_edit"),
    path("partners/<str:partner>/desks/", partners.InviteView.as_view(), name="partner_invite"),
    path("partners/<str:partner>/keys/", partners.KeyView.as_view(), name="partner_key"),
    path("partners/<str:partner>/close/", money.CloseView.as_view(), name="partner_close"),
    path(
        "partners/<str:partner>/settlement/",
        money.SettlementView.as_view(),
        name="partner_settlement",
    ),
    path("partner-desks/<str:desk>/", partners.DeskView.as_view(), name="partner_desk"),
    path("partner-offers/<str:offer>/", offers.OfferView.as_view(), name="partner_offer"),
    path(
        "partner-redemptions/<str:redemption>/void/",
        offers.VoidView.as_view(),
        name="partner_redemption_void",
    ),
    path(
        "partner-statements/<str:statement>/",
        money.StatementView.as_view(),
        name="partner_statement",
    ),
    path(
        "partner-statements/<str:statement>/<str:kind>/",
        money.StatementFileView.as_view(),
        name="partner_statement_file",
    ),
]
menu = (
    MenuItem(
        label=gettext_lazy("Partners"),
        route="partners",
        icon="building-store",
        section="programme",
        order=65,
        permission="partners:read",
        count=lambda actor: low_pools(),
    ),
)
panels = (
    Panel(
        place="member",
        template="partners/member_panel.html",
        context=_codes,
        order=66,
        permission="partners:read",
    ),
    Panel(
        place="rule",
        template="partners/rule_panel.html",
        context=_offer,
        order=20,
        permission="partners:read",
        column="side",
    ),
)
